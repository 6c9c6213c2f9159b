CREATE TABLE kittens (
  org INTEGER NOT NULL REFERENCES orgs (id),
  id INTEGER NOT NULL,
  name TEXT NOT NULL,
  breed TEXT NOT NULL,
  fluffiness INTEGER NOT NULL CHECK (fluffiness BETWEEN 0 AND 10),
  cuteness INTEGER NOT NULL CHECK (cuteness BETWEEN 0 AND 10),
  is_cat INTEGER NOT NULL DEFAULT 0 CHECK (is_cat IN (0, 1)),
  state TEXT NOT NULL CHECK (state IN ('available', 'adopted', 'hidden', 'removed', 'teapot')),
  PRIMARY KEY (org, id)
) STRICT, WITHOUT ROWID;
