-- What an org calls its tills elsewhere: a type of lookup (in lower case) and a value (as it is) lead to the till that a request
-- acts for.
CREATE TABLE till_lookups (
  org INTEGER NOT NULL,
  type TEXT NOT NULL CHECK (length(type) BETWEEN 1 AND 50),
  value TEXT NOT NULL CHECK (length(value) BETWEEN 1 AND 100),
  till INTEGER NOT NULL,
  created_on INTEGER NOT NULL,
  PRIMARY KEY (org, type, value),
  FOREIGN KEY (org, till) REFERENCES tills (org, id)
) STRICT, WITHOUT ROWID;

-- Ids that other systems have for a store.
ALTER TABLE stores ADD COLUMN external_id TEXT NOT NULL DEFAULT '' CHECK (length(external_id) <= 100);
ALTER TABLE stores ADD COLUMN external_id_1 TEXT NOT NULL DEFAULT '' CHECK (length(external_id_1) <= 100);
ALTER TABLE stores ADD COLUMN external_id_2 TEXT NOT NULL DEFAULT '' CHECK (length(external_id_2) <= 100);
CREATE UNIQUE INDEX stores_external_id ON stores (org, external_id) WHERE external_id <> '';
CREATE UNIQUE INDEX stores_external_id_1 ON stores (org, external_id_1) WHERE external_id_1 <> '';
CREATE UNIQUE INDEX stores_external_id_2 ON stores (org, external_id_2) WHERE external_id_2 <> '';
CREATE INDEX stores_name ON stores (org, name);
CREATE INDEX tills_of_store ON tills (org, store);

-- Who sent a job, where that is not the till it acts for, and with which OAuth client: its rows are done in their name.
ALTER TABLE ingestion_jobs ADD COLUMN sender INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ingestion_jobs ADD COLUMN client INTEGER NOT NULL DEFAULT 0;
