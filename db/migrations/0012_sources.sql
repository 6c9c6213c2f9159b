-- An account has an id, a uuid by which the API names it, and what its administrator says of it. configs is JSON.
CREATE TABLE accounts (
  org INTEGER NOT NULL,
  id INTEGER NOT NULL,
  uuid TEXT NOT NULL CHECK (length(uuid) = 32),
  source TEXT NOT NULL,
  account TEXT NOT NULL CHECK (length(account) BETWEEN 1 AND 100),
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  to_mirror INTEGER NOT NULL DEFAULT 0 CHECK (to_mirror IN (0, 1)),
  configs TEXT NOT NULL DEFAULT '{}',
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  created_on INTEGER NOT NULL,
  modified_on INTEGER NOT NULL,
  PRIMARY KEY (org, id),
  UNIQUE (org, uuid),
  UNIQUE (org, source, account),
  FOREIGN KEY (org, source) REFERENCES sources (org, source)
) STRICT, WITHOUT ROWID;
INSERT INTO accounts (org, id, uuid, source, account, name, active, created_on, modified_on)
  SELECT org, row_number() OVER (PARTITION BY org ORDER BY created_on, source, account), lower(hex(randomblob(16))),
    source, account, account, active, created_on, created_on FROM source_accounts;
DROP TABLE source_accounts;
ALTER TABLE accounts RENAME TO source_accounts;
INSERT INTO counters (org, name, last) SELECT org, 'source_accounts', max(id) FROM source_accounts GROUP BY org;

-- Whether an account is in use, when it is to get another account id.
CREATE INDEX profiles_account ON profiles (org, account, source) WHERE account <> '';
