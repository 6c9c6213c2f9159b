-- A customer whose data was erased stays as a tombstone, so that bills still lead somewhere and the id is never used again.
ALTER TABLE customers ADD COLUMN erased_on INTEGER;
ALTER TABLE customers ADD COLUMN erased_by INTEGER CHECK ((erased_on IS NULL) = (erased_by IS NULL));

-- By these the person is known when they are registered again: an HMAC-SHA-256 of type and value under the org's key.
CREATE TABLE erasure_keys (
  org INTEGER PRIMARY KEY REFERENCES orgs (id),
  key TEXT NOT NULL CHECK (length(key) = 64)
) STRICT;
CREATE TABLE erased_identifiers (
  org INTEGER NOT NULL,
  hash TEXT NOT NULL CHECK (length(hash) = 64),
  customer INTEGER NOT NULL,
  PRIMARY KEY (org, hash),
  FOREIGN KEY (org, customer) REFERENCES customers (org, id)
) STRICT, WITHOUT ROWID;

-- When something was erased of which the file may hold copies in unused space; NULL when it was rewritten since.
ALTER TABLE meta ADD COLUMN rewrite_since INTEGER;

CREATE INDEX merge_requests_by ON merge_requests (org, victim, id);
CREATE INDEX merge_requests_into ON merge_requests (org, survivor, id);
