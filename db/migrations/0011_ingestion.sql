-- Jobs that work through a file of rows. The file lies beside the database while it is needed; what became of each row is
-- written in the same transaction as the row's effect and the job's place in the file, so that each row happens exactly once.
CREATE TABLE ingestion_jobs (
  org INTEGER NOT NULL REFERENCES orgs (id),
  id INTEGER NOT NULL,
  profile TEXT NOT NULL,
  format TEXT NOT NULL CHECK (format IN ('NDJSON', 'CSV')),
  source TEXT NOT NULL,
  account TEXT NOT NULL,
  dry_run INTEGER NOT NULL CHECK (dry_run IN (0, 1)),
  auto_start INTEGER NOT NULL CHECK (auto_start IN (0, 1)),
  external_reference TEXT NOT NULL CHECK (length(external_reference) <= 64),
  csv TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('CREATED', 'QUEUED', 'STARTED', 'FINISHED', 'ERRORED', 'CANCELLED')),
  reason TEXT NOT NULL DEFAULT '',
  retrying INTEGER NOT NULL DEFAULT 0 CHECK (retrying IN (0, 1)),
  till INTEGER NOT NULL,
  created_on INTEGER NOT NULL,
  updated_on INTEGER NOT NULL,
  started_on INTEGER,
  finished_on INTEGER,
  file_name TEXT NOT NULL DEFAULT '',
  file TEXT NOT NULL DEFAULT '',
  -- The columns of a CSV file, as JSON.
  header TEXT NOT NULL DEFAULT '[]',
  total INTEGER NOT NULL DEFAULT 0 CHECK (total >= 0),
  -- The next row, counted from 1, and where it begins in the file.
  next_row INTEGER NOT NULL DEFAULT 1 CHECK (next_row >= 1),
  next_offset INTEGER NOT NULL DEFAULT 0 CHECK (next_offset >= 0),
  succeeded INTEGER NOT NULL DEFAULT 0 CHECK (succeeded >= 0),
  warned INTEGER NOT NULL DEFAULT 0 CHECK (warned BETWEEN 0 AND succeeded),
  failed INTEGER NOT NULL DEFAULT 0 CHECK (failed >= 0),
  PRIMARY KEY (org, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX ingestion_jobs_reference ON ingestion_jobs (org, external_reference) WHERE external_reference <> '';
-- What the server has to do, over all orgs.
CREATE INDEX ingestion_jobs_waiting ON ingestion_jobs (status, org, id) WHERE status IN ('QUEUED', 'STARTED');
CREATE INDEX ingestion_jobs_ended ON ingestion_jobs (finished_on) WHERE finished_on IS NOT NULL;

-- raw is kept of the rows that failed, to be corrected and sent again. errors and warnings are JSON.
CREATE TABLE ingestion_rows (
  org INTEGER NOT NULL,
  job INTEGER NOT NULL,
  row INTEGER NOT NULL CHECK (row >= 1),
  outcome TEXT NOT NULL CHECK (outcome IN ('success', 'warning', 'error')),
  entity INTEGER,
  errors TEXT NOT NULL,
  warnings TEXT NOT NULL,
  raw TEXT NOT NULL,
  PRIMARY KEY (org, job, row),
  FOREIGN KEY (org, job) REFERENCES ingestion_jobs (org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX ingestion_rows_outcome ON ingestion_rows (org, job, outcome, row);
