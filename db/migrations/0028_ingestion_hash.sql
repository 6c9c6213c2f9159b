-- What was in the file of a job with an external reference, as SHA-256: another file under the same reference is told by it.
ALTER TABLE ingestion_jobs ADD COLUMN file_hash TEXT NOT NULL DEFAULT '';
