-- Old jobs are looked for by org, since each says for itself how long they are kept.
DROP INDEX ingestion_jobs_ended;
CREATE INDEX ingestion_jobs_ended ON ingestion_jobs (org, finished_on) WHERE finished_on IS NOT NULL;

-- External ids that the server made, by what is said of them: whoever had one may be erased.
CREATE INDEX audit_generated ON audit (org, after) WHERE action = 'external id.generate';

-- Files that wait or are at work.
CREATE INDEX ingestion_jobs_files ON ingestion_jobs (org, id) WHERE file <> '' AND finished_on IS NULL;
