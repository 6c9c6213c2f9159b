-- What a request with an Idempotency-Key was answered, kept for 24 hours so that a repeat gets the same. hash is that of the
-- request's query and body; answer is JSON: the store's result, or the fault when failed is 1. request is the id of the first.
CREATE TABLE idempotency (
  org INTEGER NOT NULL REFERENCES orgs (id),
  key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  hash TEXT NOT NULL CHECK (length(hash) = 64),
  at INTEGER NOT NULL,
  request TEXT NOT NULL,
  failed INTEGER NOT NULL CHECK (failed IN (0, 1)),
  answer TEXT NOT NULL,
  PRIMARY KEY (org, key, method, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_at ON idempotency (at);
