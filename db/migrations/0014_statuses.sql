-- Whether a customer wants to be written to on a channel, by the profile and the kind of message. It follows its profile in a
-- merge. What has no row here is as the channels of the profile say.
CREATE TABLE subscriptions (
  org INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  source TEXT NOT NULL,
  account TEXT NOT NULL,
  channel TEXT NOT NULL CHECK (channel IN ('SMS', 'EMAIL', 'WECHAT', 'WHATSAPP', 'IOS', 'ANDROID', 'LINE')),
  priority TEXT NOT NULL CHECK (priority IN ('TRANS', 'BULK')),
  opted_in INTEGER NOT NULL CHECK (opted_in IN (0, 1)),
  modified_on INTEGER NOT NULL,
  modified_by INTEGER NOT NULL,
  PRIMARY KEY (org, customer, source, account, channel, priority),
  FOREIGN KEY (org, customer, source, account) REFERENCES profiles (org, customer, source, account) ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;

-- Each change of one. The rows of a merge's victim stay the victim's, and are read with the survivor's.
CREATE TABLE subscription_log (
  org INTEGER NOT NULL,
  id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  source TEXT NOT NULL,
  account TEXT NOT NULL,
  channel TEXT NOT NULL,
  priority TEXT NOT NULL,
  opted_in INTEGER NOT NULL CHECK (opted_in IN (0, 1)),
  reason TEXT NOT NULL,
  till INTEGER NOT NULL,
  PRIMARY KEY (org, id),
  FOREIGN KEY (org, customer) REFERENCES customers (org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscription_log_of ON subscription_log (org, customer, id);

-- The statuses that a customer has had; the last one counts, and without any it is Active. The rows of a merge's victim stay the
-- victim's, and are read with the survivor's.
CREATE TABLE customer_statuses (
  org INTEGER NOT NULL,
  id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  label TEXT NOT NULL CHECK (length(label) BETWEEN 1 AND 100),
  status TEXT NOT NULL CHECK (status IN ('ACTIVE', 'SUSPENDED', 'DELETED')),
  fraud INTEGER NOT NULL CHECK (fraud IN (0, 1)),
  previous TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_on INTEGER NOT NULL,
  till INTEGER NOT NULL,
  PRIMARY KEY (org, id),
  FOREIGN KEY (org, customer) REFERENCES customers (org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_statuses_of ON customer_statuses (org, customer, id);
