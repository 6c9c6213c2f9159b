-- A merge can be undone for 30 days; then, and once it is undone, undo is empty.
ALTER TABLE merges ADD COLUMN undone_on INTEGER;
ALTER TABLE merges ADD COLUMN undone_by INTEGER CHECK ((undone_on IS NULL) = (undone_by IS NULL));
-- What was kept until now does not suffice.
UPDATE merges SET undo = '';
CREATE INDEX merges_recent ON merges (org, at, id);
CREATE INDEX merges_victim ON merges (org, victim, id);
CREATE INDEX merges_survivor ON merges (org, survivor, id);
CREATE INDEX merges_kept ON merges (at) WHERE undo <> '';
