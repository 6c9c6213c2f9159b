-- Organizations that visitors were given to try things in. They are thrown away, with all that is in them.
CREATE TABLE sandboxes (
  org INTEGER PRIMARY KEY REFERENCES orgs (id),
  expires_on INTEGER NOT NULL,
  max_changes INTEGER NOT NULL CHECK (max_changes > 0)
) STRICT;
CREATE INDEX sandboxes_expiry ON sandboxes (expires_on);
