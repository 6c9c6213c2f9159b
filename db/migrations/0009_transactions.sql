-- Bills and returns. Money and quantities are thousandths. A bill keeps the customer that it was made for: bills of the victim
-- of a merge are found through the survivor, so that undoing the merge gives them back.
CREATE TABLE transactions (
  org INTEGER NOT NULL REFERENCES orgs (id),
  id INTEGER NOT NULL,
  customer INTEGER, -- NULL for nobody known
  type TEXT NOT NULL CHECK (type IN ('REGULAR', 'RETURN', 'NOT_INTERESTED', 'NOT_INTERESTED_RETURN')),
  return_type TEXT NOT NULL DEFAULT '' CHECK (return_type IN ('', 'FULL', 'AMOUNT', 'LINE_ITEM', 'CANCELLED')),
  number TEXT NOT NULL CHECK (length(number) BETWEEN 1 AND 50),
  billing_date INTEGER NOT NULL,
  amount INTEGER NOT NULL CHECK (amount BETWEEN 0 AND 1000000000000000),
  gross INTEGER CHECK (gross >= 0),
  discount INTEGER CHECK (discount >= 0),
  -- Of a sale: what was bought with it, before the return lines of a mixed bill; what of that was given back since, and how.
  bought INTEGER NOT NULL DEFAULT 0 CHECK (bought >= 0),
  returned INTEGER NOT NULL DEFAULT 0 CHECK (returned BETWEEN 0 AND bought),
  returned_by TEXT NOT NULL DEFAULT '' CHECK (returned_by IN ('', 'FULL', 'AMOUNT', 'LINE_ITEM', 'CANCELLED')),
  outlier TEXT NOT NULL DEFAULT 'NORMAL',
  delivery TEXT NOT NULL DEFAULT '',
  details TEXT NOT NULL DEFAULT '{}', -- JSON: what is only shown
  custom_fields TEXT NOT NULL DEFAULT '{}',
  extended_fields TEXT NOT NULL DEFAULT '{}',
  store INTEGER NOT NULL,
  till INTEGER NOT NULL, -- whom it counts for
  attributed_on INTEGER NOT NULL,
  created_on INTEGER NOT NULL,
  created_by INTEGER NOT NULL, -- who sent it
  modified_on INTEGER NOT NULL,
  modified_by INTEGER NOT NULL,
  PRIMARY KEY (org, id),
  FOREIGN KEY (org, customer) REFERENCES customers (org, id),
  CHECK ((type IN ('RETURN', 'NOT_INTERESTED_RETURN')) = (return_type <> '')),
  CHECK (returned_by <> '' OR returned = 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX transactions_of ON transactions (org, customer, billing_date, id);
CREATE INDEX transactions_number ON transactions (org, number, billing_date, id);

CREATE TABLE transaction_lines (
  org INTEGER NOT NULL,
  bill INTEGER NOT NULL,
  id INTEGER NOT NULL,
  type TEXT NOT NULL CHECK (type IN ('REGULAR', 'RETURN', 'NOT_INTERESTED', 'NOT_INTERESTED_RETURN')),
  item_code TEXT NOT NULL,
  serial TEXT NOT NULL DEFAULT '',
  quantity INTEGER NOT NULL CHECK (quantity >= 0),
  amount INTEGER NOT NULL CHECK (amount >= 0),
  rate INTEGER CHECK (rate >= 0),
  value INTEGER CHECK (value >= 0),
  discount INTEGER CHECK (discount >= 0),
  returned_quantity INTEGER NOT NULL DEFAULT 0 CHECK (returned_quantity BETWEEN 0 AND quantity),
  returned_amount INTEGER NOT NULL DEFAULT 0 CHECK (returned_amount BETWEEN 0 AND amount),
  details TEXT NOT NULL DEFAULT '{}',
  extended_fields TEXT NOT NULL DEFAULT '{}',
  PRIMARY KEY (org, bill, id),
  FOREIGN KEY (org, bill) REFERENCES transactions (org, id)
) STRICT, WITHOUT ROWID;

-- What one bill, a return or a mixed one, gave back of one sale.
CREATE TABLE transaction_returns (
  org INTEGER NOT NULL,
  sale INTEGER NOT NULL,
  bill INTEGER NOT NULL,
  return_type TEXT NOT NULL CHECK (return_type IN ('FULL', 'AMOUNT', 'LINE_ITEM', 'CANCELLED')),
  amount INTEGER NOT NULL CHECK (amount >= 0),
  PRIMARY KEY (org, sale, bill),
  FOREIGN KEY (org, sale) REFERENCES transactions (org, id),
  FOREIGN KEY (org, bill) REFERENCES transactions (org, id),
  CHECK (sale <> bill)
) STRICT, WITHOUT ROWID;
CREATE INDEX transaction_returns_by ON transaction_returns (org, bill, sale);

-- What a customer has bought and kept. Outliers do not count.
CREATE TABLE purchases (
  org INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  amount INTEGER NOT NULL CHECK (amount >= 0),
  PRIMARY KEY (org, customer),
  FOREIGN KEY (org, customer) REFERENCES customers (org, id)
) STRICT, WITHOUT ROWID;

-- Bills whose points were asked for later. failed names the fault that ended the attempts.
CREATE TABLE loyalty_queue (
  org INTEGER NOT NULL,
  bill INTEGER NOT NULL,
  added_on INTEGER NOT NULL,
  till INTEGER NOT NULL,
  request TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  failed TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (org, bill),
  FOREIGN KEY (org, bill) REFERENCES transactions (org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX loyalty_queue_waiting ON loyalty_queue (added_on) WHERE failed = '';
