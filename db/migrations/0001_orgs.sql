-- The tenants and what identifies them. `org` comes first in every key and in every WHERE.
-- Times are milliseconds since 1970 (UTC), booleans are 0 or 1, ids are made by the application.

-- One row. config counts the changes of credentials and settings, so that every process drops what it remembered;
-- last_ms is the youngest time ever written: the clock may not run behind it.
CREATE TABLE meta (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  config INTEGER NOT NULL,
  last_ms INTEGER NOT NULL
) STRICT;
INSERT INTO meta (id, config, last_ms) VALUES (1, 1, 0);

-- The last id given out, by org and kind; org 0 holds what is counted over all orgs. Never reused.
CREATE TABLE counters (
  org INTEGER NOT NULL,
  name TEXT NOT NULL,
  last INTEGER NOT NULL CHECK (last BETWEEN 0 AND 9007199254740991),
  PRIMARY KEY (org, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE orgs (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
  demo INTEGER NOT NULL DEFAULT 0 CHECK (demo IN (0, 1)),
  created_on INTEGER NOT NULL
) STRICT;

CREATE TABLE org_settings (
  org INTEGER NOT NULL REFERENCES orgs (id),
  key TEXT NOT NULL,
  value TEXT NOT NULL CHECK (length(value) <= 10000),
  PRIMARY KEY (org, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE stores (
  org INTEGER NOT NULL REFERENCES orgs (id),
  id INTEGER NOT NULL,
  code TEXT NOT NULL CHECK (length(code) BETWEEN 1 AND 100),
  name TEXT NOT NULL DEFAULT '',
  created_on INTEGER NOT NULL,
  PRIMARY KEY (org, id),
  UNIQUE (org, code)
) STRICT, WITHOUT ROWID;

-- A till is a credential: its code is the user name, which alone finds the org, so it is unique on the whole server.
CREATE TABLE tills (
  org INTEGER NOT NULL,
  id INTEGER NOT NULL,
  store INTEGER NOT NULL,
  code TEXT NOT NULL UNIQUE CHECK (length(code) BETWEEN 1 AND 100),
  name TEXT NOT NULL DEFAULT '',
  role TEXT NOT NULL DEFAULT 'till' CHECK (role IN ('till', 'admin', 'read')),
  password TEXT NOT NULL,
  demo INTEGER NOT NULL DEFAULT 0 CHECK (demo IN (0, 1)),
  created_on INTEGER NOT NULL,
  disabled_on INTEGER,
  PRIMARY KEY (org, id),
  FOREIGN KEY (org, store) REFERENCES stores (org, id)
) STRICT, WITHOUT ROWID;

-- The sources that an org has switched on.
CREATE TABLE sources (
  org INTEGER NOT NULL REFERENCES orgs (id),
  source TEXT NOT NULL,
  created_on INTEGER NOT NULL,
  PRIMARY KEY (org, source)
) STRICT, WITHOUT ROWID;

-- The accounts of a source that has several.
CREATE TABLE source_accounts (
  org INTEGER NOT NULL,
  source TEXT NOT NULL,
  account TEXT NOT NULL CHECK (length(account) BETWEEN 1 AND 100),
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  created_on INTEGER NOT NULL,
  PRIMARY KEY (org, source, account),
  FOREIGN KEY (org, source) REFERENCES sources (org, source)
) STRICT, WITHOUT ROWID;

-- Kittens' keys are random, so a plain SHA-256 of them is enough to find them and tells nobody anything.
CREATE TABLE api_keys (
  org INTEGER NOT NULL REFERENCES orgs (id),
  id INTEGER NOT NULL,
  hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
  name TEXT NOT NULL DEFAULT '',
  demo INTEGER NOT NULL DEFAULT 0 CHECK (demo IN (0, 1)),
  created_on INTEGER NOT NULL,
  revoked_on INTEGER,
  PRIMARY KEY (org, id)
) STRICT, WITHOUT ROWID;

-- Who changed what, from which till (0: a command) and request. before and after are JSON objects of field and value, never
-- searched, and hold only the fields that differ (Change in audit.go names them); before is NULL for what is new.
CREATE TABLE audit (
  org INTEGER NOT NULL,
  id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  till INTEGER NOT NULL,
  request TEXT NOT NULL,
  action TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject INTEGER NOT NULL,
  before TEXT,
  after TEXT,
  PRIMARY KEY (org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_of ON audit (org, kind, subject, id);
