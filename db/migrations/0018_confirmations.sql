-- Codes by which customers confirm redemptions and transfers of points. One code of a customer and a purpose is alive: a new one
-- takes its place. mac is that of the code, by a key that only the running server knows; '' when it was used.
CREATE TABLE confirmations (
  org INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  purpose TEXT NOT NULL CHECK (purpose IN ('redeem', 'transfer')),
  id INTEGER NOT NULL,
  points INTEGER NOT NULL,
  -- Of a transfer; else 0.
  taker INTEGER NOT NULL,
  mac TEXT NOT NULL,
  -- How many codes were made since first_on.
  first_on INTEGER NOT NULL,
  made INTEGER NOT NULL,
  expires_on INTEGER NOT NULL,
  -- That are left; -1: one too many.
  tries INTEGER NOT NULL CHECK (tries >= -1),
  PRIMARY KEY (org, customer, purpose),
  FOREIGN KEY (org, customer) REFERENCES customers (org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX confirmations_old ON confirmations (org, expires_on);

-- What has expired of a customer's points.
CREATE INDEX points_batches_expired ON points_batches (org, customer) WHERE expired > 0;
