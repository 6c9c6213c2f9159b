-- The code that says why a job is ERRORED. Until now all had the same.
ALTER TABLE ingestion_jobs ADD COLUMN reason_code INTEGER NOT NULL DEFAULT 0;
UPDATE ingestion_jobs SET reason_code = 9707 WHERE reason <> '';
