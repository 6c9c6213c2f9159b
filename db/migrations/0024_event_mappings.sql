-- How the names of what is pushed become those of definitions, for each transformer that was told. mapping is JSON.
CREATE TABLE event_mappings (
  org INTEGER NOT NULL REFERENCES orgs (id),
  transformer TEXT NOT NULL,
  mapping TEXT NOT NULL,
  modified_on INTEGER NOT NULL,
  modified_by INTEGER NOT NULL,
  PRIMARY KEY (org, transformer)
) STRICT, WITHOUT ROWID;

-- Whether it was made from the list of standard events.
ALTER TABLE event_definitions ADD COLUMN standard INTEGER NOT NULL DEFAULT 0 CHECK (standard IN (0, 1));
