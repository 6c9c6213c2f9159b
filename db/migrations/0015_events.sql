-- Events: a definition says what an event of its name has; an event is what happened once; a webhook is an address that takes
-- events without credentials, because it is a secret itself.

-- name is as sent, name_key folded for comparing. actions and fields are JSON. A definition is published by its first event;
-- from then on its fields stay. What is disabled stays disabled.
CREATE TABLE event_definitions (
  org INTEGER NOT NULL REFERENCES orgs (id),
  id INTEGER NOT NULL,
  uuid TEXT NOT NULL CHECK (length(uuid) = 36),
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  name_key TEXT NOT NULL CHECK (name_key <> ''),
  label TEXT NOT NULL CHECK (length(label) <= 100),
  description TEXT NOT NULL CHECK (length(description) <= 1000),
  actions TEXT NOT NULL,
  fields TEXT NOT NULL,
  created_on INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  modified_on INTEGER NOT NULL,
  modified_by INTEGER NOT NULL,
  published_on INTEGER,
  disabled_on INTEGER,
  PRIMARY KEY (org, id),
  UNIQUE (org, name_key)
) STRICT, WITHOUT ROWID;

-- hash is the SHA-256 of the secret, in hex: the secret itself is nowhere.
CREATE TABLE event_webhooks (
  org INTEGER NOT NULL REFERENCES orgs (id),
  id INTEGER NOT NULL,
  transformer TEXT NOT NULL,
  till INTEGER NOT NULL,
  hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
  created_on INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  disabled_on INTEGER,
  PRIMARY KEY (org, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX event_webhooks_live ON event_webhooks (org, transformer) WHERE disabled_on IS NULL;

-- event_id is the caller's, or made here. Of several events with one event_id, or with one unique key of a customer, one has
-- an effect (DONE); the others are kept as DUPLICATE. A FAILED one came by a webhook; nothing of what it said is kept.
-- customer is whom it was about when it came: after a merge it leads to the survivor. attributes and trace are JSON.
CREATE TABLE events (
  org INTEGER NOT NULL REFERENCES orgs (id),
  id INTEGER NOT NULL,
  event_id TEXT NOT NULL CHECK (length(event_id) = 36),
  definition INTEGER,
  name TEXT NOT NULL CHECK (length(name) <= 100),
  customer INTEGER,
  at INTEGER NOT NULL,
  received INTEGER NOT NULL,
  source TEXT NOT NULL,
  account TEXT NOT NULL,
  till INTEGER NOT NULL,
  webhook INTEGER,
  attributes TEXT NOT NULL,
  unique_key TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('DONE', 'DUPLICATE', 'FAILED')),
  trace TEXT NOT NULL,
  PRIMARY KEY (org, id),
  FOREIGN KEY (org, definition) REFERENCES event_definitions (org, id),
  FOREIGN KEY (org, customer) REFERENCES customers (org, id),
  CHECK (outcome = 'FAILED' OR definition IS NOT NULL AND customer IS NOT NULL),
  CHECK (outcome <> 'FAILED' OR customer IS NULL AND attributes = '{}')
) STRICT, WITHOUT ROWID;
CREATE INDEX events_id ON events (org, event_id, id);
CREATE UNIQUE INDEX events_once ON events (org, event_id) WHERE outcome = 'DONE';
CREATE UNIQUE INDEX events_unique ON events (org, customer, definition, unique_key) WHERE outcome = 'DONE' AND unique_key <> '';
CREATE INDEX events_of ON events (org, customer, id);
