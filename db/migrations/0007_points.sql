-- Points. All points and amounts are in thousandths.

-- The versions of an org's points program. The one in force at a time is the one that began last before it; of those that
-- begin together, the one with the highest number. rules is JSON.
CREATE TABLE programs (
  org INTEGER NOT NULL REFERENCES orgs (id),
  version INTEGER NOT NULL,
  begins_on INTEGER NOT NULL,
  rules TEXT NOT NULL,
  created_on INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  PRIMARY KEY (org, version)
) STRICT, WITHOUT ROWID;

-- What happened to a customer's points: one row, however many batches it touched.
CREATE TABLE points_events (
  org INTEGER NOT NULL,
  id INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('EARN', 'RETURN', 'REDEEM', 'REVERSE', 'EXPIRE', 'ADJUST', 'TRANSFER_OUT', 'TRANSFER_IN', 'MERGE_OUT', 'MERGE_IN')),
  bill INTEGER,
  -- The bill whose points a return takes.
  sale INTEGER,
  redemption TEXT,
  transfer INTEGER,
  -- The other customer of a transfer or a merge.
  other INTEGER,
  note TEXT NOT NULL DEFAULT '',
  till INTEGER NOT NULL,
  request TEXT NOT NULL,
  PRIMARY KEY (org, id),
  FOREIGN KEY (org, customer) REFERENCES customers (org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX points_events_of ON points_events (org, customer, id);
CREATE INDEX points_events_redemption ON points_events (org, redemption) WHERE redemption IS NOT NULL;

-- Points that came together and expire together. remaining is what the ledger's rows of the batch add up to.
CREATE TABLE points_batches (
  org INTEGER NOT NULL,
  id INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  event INTEGER NOT NULL,
  awarded_on INTEGER NOT NULL,
  -- From then on they are gone; 9007199254740991 is never.
  expires_on INTEGER NOT NULL,
  points INTEGER NOT NULL CHECK (points > 0),
  remaining INTEGER NOT NULL,
  expired INTEGER NOT NULL DEFAULT 0 CHECK (expired >= 0),
  -- The bill that earned them.
  bill INTEGER,
  PRIMARY KEY (org, id),
  FOREIGN KEY (org, event) REFERENCES points_events (org, id),
  FOREIGN KEY (org, customer) REFERENCES customers (org, id),
  CHECK (remaining BETWEEN 0 AND points - expired)
) STRICT, WITHOUT ROWID;
CREATE INDEX points_batches_live ON points_batches (org, customer, expires_on, awarded_on, id) WHERE remaining > 0;
CREATE INDEX points_batches_due ON points_batches (org, expires_on) WHERE remaining > 0;
CREATE INDEX points_batches_bill ON points_batches (org, bill) WHERE bill IS NOT NULL;

-- The ledger: rows are added, never changed. Each says what one event did to one batch, and goes on from the row before it: a
-- balance is the sum of all rows because no row fits that does not add up, and none fits below zero.
CREATE TABLE points_ledger (
  org INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  seq INTEGER NOT NULL CHECK (seq >= 1),
  previous INTEGER,
  opening INTEGER NOT NULL,
  points INTEGER NOT NULL CHECK (points <> 0),
  balance INTEGER NOT NULL CHECK (balance BETWEEN 0 AND 9007199254740991),
  event INTEGER NOT NULL,
  batch INTEGER NOT NULL,
  PRIMARY KEY (org, customer, seq),
  UNIQUE (org, customer, seq, balance),
  FOREIGN KEY (org, customer, previous, opening) REFERENCES points_ledger (org, customer, seq, balance),
  FOREIGN KEY (org, event) REFERENCES points_events (org, id),
  FOREIGN KEY (org, batch) REFERENCES points_batches (org, id),
  CHECK (balance = opening + points),
  CHECK (CASE WHEN seq = 1 THEN previous IS NULL AND opening = 0 ELSE previous IS NOT NULL AND previous = seq - 1 END)
) STRICT, WITHOUT ROWID;
CREATE INDEX points_ledger_event ON points_ledger (org, event);

-- Where a customer's ledger stands, and what it has seen. Its balance is that of a row of the ledger, or nothing fits.
CREATE TABLE points_accounts (
  org INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  seq INTEGER,
  balance INTEGER NOT NULL CHECK (balance >= 0),
  lifetime INTEGER NOT NULL CHECK (lifetime >= 0),
  redeemed INTEGER NOT NULL CHECK (redeemed >= 0),
  expired INTEGER NOT NULL CHECK (expired >= 0),
  returned INTEGER NOT NULL CHECK (returned >= 0),
  -- Adjustments, and what was transferred here less what was transferred away.
  adjusted INTEGER NOT NULL,
  PRIMARY KEY (org, customer),
  FOREIGN KEY (org, customer) REFERENCES customers (org, id),
  FOREIGN KEY (org, customer, seq, balance) REFERENCES points_ledger (org, customer, seq, balance),
  CHECK (balance = lifetime - redeemed - expired - returned + adjusted),
  CHECK (seq IS NOT NULL OR balance = 0)
) STRICT, WITHOUT ROWID;

-- What each bill earned, by which version of the program. kept is what it would earn for what is left of it after returns,
-- taken what returns took back.
CREATE TABLE points_earnings (
  org INTEGER NOT NULL,
  bill INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  version INTEGER NOT NULL,
  billed_on INTEGER NOT NULL,
  amount INTEGER NOT NULL CHECK (amount >= 0),
  raw INTEGER NOT NULL CHECK (raw >= 0),
  awarded INTEGER NOT NULL CHECK (awarded BETWEEN 0 AND raw),
  kept INTEGER NOT NULL CHECK (kept BETWEEN 0 AND awarded),
  taken INTEGER NOT NULL CHECK (taken BETWEEN 0 AND awarded),
  PRIMARY KEY (org, bill),
  FOREIGN KEY (org, version) REFERENCES programs (org, version),
  FOREIGN KEY (org, customer) REFERENCES customers (org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX points_earnings_billed ON points_earnings (org, billed_on);

-- Redemptions. id is what the customer is told. value is in thousandths of the currency.
CREATE TABLE points_redemptions (
  org INTEGER NOT NULL,
  id TEXT NOT NULL CHECK (length(id) = 6),
  customer INTEGER NOT NULL,
  event INTEGER NOT NULL,
  at INTEGER NOT NULL,
  points INTEGER NOT NULL CHECK (points > 0),
  value INTEGER NOT NULL CHECK (value >= 0),
  reversed INTEGER NOT NULL DEFAULT 0 CHECK (reversed BETWEEN 0 AND points),
  number TEXT NOT NULL DEFAULT '',
  reference TEXT,
  -- The bill that it belongs to.
  bill INTEGER,
  note TEXT NOT NULL DEFAULT '',
  fields TEXT NOT NULL DEFAULT '{}',
  till INTEGER NOT NULL,
  PRIMARY KEY (org, id),
  FOREIGN KEY (org, customer) REFERENCES customers (org, id),
  FOREIGN KEY (org, event) REFERENCES points_events (org, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX points_redemptions_reference ON points_redemptions (org, reference) WHERE reference IS NOT NULL;
CREATE INDEX points_redemptions_of ON points_redemptions (org, customer, at);
CREATE INDEX points_redemptions_till ON points_redemptions (org, till, at);

CREATE TABLE points_transfers (
  org INTEGER NOT NULL,
  id INTEGER NOT NULL,
  giver INTEGER NOT NULL,
  taker INTEGER NOT NULL,
  at INTEGER NOT NULL,
  points INTEGER NOT NULL CHECK (points > 0),
  note TEXT NOT NULL DEFAULT '',
  till INTEGER NOT NULL,
  PRIMARY KEY (org, id),
  FOREIGN KEY (org, giver) REFERENCES customers (org, id),
  FOREIGN KEY (org, taker) REFERENCES customers (org, id),
  CHECK (giver <> taker)
) STRICT, WITHOUT ROWID;
CREATE INDEX points_transfers_giver ON points_transfers (org, giver, id);
CREATE INDEX points_transfers_taker ON points_transfers (org, taker, id);
