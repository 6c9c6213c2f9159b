-- OAuth clients of an org. key names one on the whole server, as a till's code does; the secret is random, so a plain SHA-256
-- of it is enough to find it right and tells nobody anything. A client acts for its till unless a request names another.
CREATE TABLE clients (
  org INTEGER NOT NULL REFERENCES orgs (id),
  id INTEGER NOT NULL,
  key TEXT NOT NULL UNIQUE CHECK (length(key) BETWEEN 16 AND 64),
  secret TEXT NOT NULL CHECK (length(secret) = 64),
  name TEXT NOT NULL DEFAULT '',
  till INTEGER NOT NULL,
  role TEXT NOT NULL DEFAULT 'till' CHECK (role IN ('till', 'admin', 'read')),
  ttl INTEGER NOT NULL CHECK (ttl BETWEEN 60 AND 3600), -- seconds
  demo INTEGER NOT NULL DEFAULT 0 CHECK (demo IN (0, 1)),
  created_on INTEGER NOT NULL,
  revoked_on INTEGER,
  PRIMARY KEY (org, id),
  FOREIGN KEY (org, till) REFERENCES tills (org, id)
) STRICT, WITHOUT ROWID;

-- The keys that sign access tokens, of the whole server: PKCS #8 in PEM, as secret as this file. The one that is not retired
-- signs; a retired one is good for an hour, the longest life of a token.
CREATE TABLE signing_keys (
  id INTEGER PRIMARY KEY,
  private TEXT NOT NULL,
  created_on INTEGER NOT NULL,
  retired_on INTEGER
) STRICT;
CREATE UNIQUE INDEX signing_keys_one ON signing_keys ((1)) WHERE retired_on IS NULL;

-- A change made for another till names the one whose credential it was (sender, 0: the same), and the client (0: none).
ALTER TABLE audit ADD COLUMN sender INTEGER NOT NULL DEFAULT 0;
ALTER TABLE audit ADD COLUMN client INTEGER NOT NULL DEFAULT 0;
