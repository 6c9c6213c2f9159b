-- Who was erased and is still looked for in the rows of files: by what, as JSON, until that is done. It takes longer than who asked for
-- the erasure waits, and goes on after a crash.
CREATE TABLE erasure_scrubs (
  org INTEGER NOT NULL REFERENCES orgs (id),
  customer INTEGER NOT NULL,
  sought TEXT NOT NULL,
  PRIMARY KEY (org, customer)
) STRICT, WITHOUT ROWID;
-- How many erasures there were: rows that a job has read before one are read anew.
ALTER TABLE erasure_keys ADD COLUMN erasures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE erasure_keys DROP COLUMN scrubs;
