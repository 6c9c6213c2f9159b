-- An address that an org wants changes sent to.
CREATE TABLE webhooks (
  org INTEGER NOT NULL REFERENCES orgs (id),
  id INTEGER NOT NULL,
  url TEXT NOT NULL CHECK (length(url) BETWEEN 1 AND 2000),
  -- JSON: the kinds of changes.
  events TEXT NOT NULL,
  -- Signs what is sent: it must be known, so a hash would not do.
  secret TEXT NOT NULL,
  created_on INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  disabled_on INTEGER,
  disabled_by INTEGER,
  -- Attempts that failed since one did not, and until when no other is made.
  failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
  rests_until INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (org, id),
  CHECK ((disabled_on IS NULL) = (disabled_by IS NULL))
) STRICT, WITHOUT ROWID;

-- What happened, written with the change itself.
CREATE TABLE webhook_events (
  org INTEGER NOT NULL,
  id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  event TEXT NOT NULL,
  -- 0 for what is no customer's.
  customer INTEGER NOT NULL,
  -- JSON, as it is sent.
  body TEXT NOT NULL,
  PRIMARY KEY (org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_events_old ON webhook_events (at);

CREATE TABLE webhook_deliveries (
  org INTEGER NOT NULL,
  webhook INTEGER NOT NULL,
  event INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('PENDING', 'DELIVERED', 'FAILED')),
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  next_at INTEGER NOT NULL,
  last_at INTEGER,
  -- The last answer's status, 0 for none, and what was wrong.
  answer INTEGER NOT NULL DEFAULT 0,
  problem TEXT NOT NULL DEFAULT '' CHECK (length(problem) <= 300),
  PRIMARY KEY (org, webhook, event),
  FOREIGN KEY (org, webhook) REFERENCES webhooks (org, id),
  FOREIGN KEY (org, event) REFERENCES webhook_events (org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (org, webhook, next_at, event) WHERE status = 'PENDING';
CREATE INDEX webhook_deliveries_of ON webhook_deliveries (org, webhook, customer, event) WHERE status = 'PENDING';
CREATE INDEX webhook_deliveries_status ON webhook_deliveries (org, webhook, status, event);
CREATE INDEX webhook_deliveries_event ON webhook_deliveries (org, event);
