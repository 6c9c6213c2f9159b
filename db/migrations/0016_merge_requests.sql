-- What somebody says of a request, whether it was approved as it was asked, and the merge that it led to.
ALTER TABLE merge_requests ADD COLUMN comments TEXT NOT NULL DEFAULT '';
ALTER TABLE merge_requests ADD COLUMN one_step INTEGER NOT NULL DEFAULT 0 CHECK (one_step IN (0, 1));
ALTER TABLE merge_requests ADD COLUMN merge INTEGER CHECK (merge IS NULL OR status = 'APPROVED');
CREATE INDEX merge_requests_status ON merge_requests (org, status, id);
