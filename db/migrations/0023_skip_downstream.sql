ALTER TABLE ingestion_jobs ADD COLUMN skip_downstream INTEGER NOT NULL DEFAULT 0 CHECK (skip_downstream IN (0, 1));
