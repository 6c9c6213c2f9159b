CREATE TABLE customers (
  org INTEGER NOT NULL REFERENCES orgs (id),
  id INTEGER NOT NULL,
  loyalty_type TEXT NOT NULL CHECK (loyalty_type IN ('loyalty', 'non_loyalty')),
  create_date INTEGER NOT NULL,
  extended_fields TEXT NOT NULL DEFAULT '{}',
  associated_with INTEGER,
  created_on INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  modified_on INTEGER NOT NULL,
  modified_by INTEGER NOT NULL,
  created_from TEXT NOT NULL,
  -- A victim of a merge stays as a tombstone that points at the survivor, never at another victim.
  merged_into INTEGER,
  merged_on INTEGER,
  merged_by INTEGER,
  PRIMARY KEY (org, id),
  FOREIGN KEY (org, merged_into) REFERENCES customers (org, id),
  CHECK ((merged_into IS NULL) = (merged_on IS NULL)),
  CHECK (merged_into <> id)
) STRICT, WITHOUT ROWID;
CREATE INDEX customers_merged_into ON customers (org, merged_into) WHERE merged_into IS NOT NULL;

-- A customer in one source (and account, '' where the source has one): at most one each.
CREATE TABLE profiles (
  org INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  source TEXT NOT NULL,
  account TEXT NOT NULL,
  first_name TEXT NOT NULL,
  last_name TEXT NOT NULL,
  fields TEXT NOT NULL DEFAULT '{}',
  conflicts TEXT NOT NULL DEFAULT '[]',
  -- The order in which the customer got their profiles; those that a merge brought come last.
  position INTEGER NOT NULL,
  created_on INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  modified_on INTEGER NOT NULL,
  modified_by INTEGER NOT NULL,
  PRIMARY KEY (org, customer, source, account),
  FOREIGN KEY (org, customer) REFERENCES customers (org, id)
) STRICT, WITHOUT ROWID;

-- The primary key is the rule of uniqueness: nobody else in this source and account has this type and value.
-- Read by its first three columns it is the lookup over all sources.
CREATE TABLE identifiers (
  org INTEGER NOT NULL,
  type TEXT NOT NULL,
  value TEXT NOT NULL CHECK (length(value) BETWEEN 1 AND 255),
  source TEXT NOT NULL,
  account TEXT NOT NULL,
  customer INTEGER NOT NULL,
  position INTEGER NOT NULL,
  -- The victim that brought it in a merge.
  merged_from INTEGER,
  created_on INTEGER NOT NULL,
  PRIMARY KEY (org, type, value, source, account),
  FOREIGN KEY (org, customer, source, account) REFERENCES profiles (org, customer, source, account) ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX identifiers_of ON identifiers (org, customer, source, account);

CREATE TABLE channels (
  org INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  source TEXT NOT NULL,
  account TEXT NOT NULL,
  type TEXT NOT NULL,
  value TEXT NOT NULL CHECK (length(value) BETWEEN 1 AND 255),
  is_primary INTEGER NOT NULL CHECK (is_primary IN (0, 1)),
  verified INTEGER NOT NULL CHECK (verified IN (0, 1)),
  subscribed INTEGER NOT NULL CHECK (subscribed IN (0, 1)),
  meta TEXT NOT NULL DEFAULT '{}',
  attributes TEXT NOT NULL DEFAULT '{}',
  position INTEGER NOT NULL,
  PRIMARY KEY (org, customer, source, account, type, value),
  FOREIGN KEY (org, customer, source, account) REFERENCES profiles (org, customer, source, account) ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;

-- What the search compares: folded names, identifiers, and mobiles without their country code too.
-- The order of the key is the order of the answer.
CREATE TABLE search_terms (
  org INTEGER NOT NULL,
  term TEXT NOT NULL,
  customer INTEGER NOT NULL,
  source TEXT NOT NULL,
  account TEXT NOT NULL,
  kind TEXT NOT NULL,
  PRIMARY KEY (org, term, customer, source, account, kind)
) STRICT, WITHOUT ROWID;

-- The same for the search within one account.
CREATE INDEX search_terms_account ON search_terms (org, account, term, customer) WHERE account <> '';

-- The vendor's log of identifier changes: ADD, REMOVE, COMBINE. identifiers is JSON.
CREATE TABLE identifier_log (
  org INTEGER NOT NULL,
  id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  source TEXT NOT NULL,
  account TEXT NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('ADD', 'REMOVE', 'COMBINE')),
  identifiers TEXT NOT NULL,
  till INTEGER NOT NULL,
  PRIMARY KEY (org, id),
  FOREIGN KEY (org, customer) REFERENCES customers (org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX identifier_log_of ON identifier_log (org, customer, id);

-- Each merge, with what undoing it needs (undo is JSON).
CREATE TABLE merges (
  org INTEGER NOT NULL,
  id INTEGER NOT NULL,
  victim INTEGER NOT NULL,
  survivor INTEGER NOT NULL,
  at INTEGER NOT NULL,
  till INTEGER NOT NULL,
  request TEXT NOT NULL,
  undo TEXT NOT NULL,
  PRIMARY KEY (org, id),
  FOREIGN KEY (org, victim) REFERENCES customers (org, id),
  FOREIGN KEY (org, survivor) REFERENCES customers (org, id),
  CHECK (victim <> survivor)
) STRICT, WITHOUT ROWID;

-- Merges that wait for approval, in an org whose merge-mode is approve. change is the identifier change asked for, as JSON.
CREATE TABLE merge_requests (
  org INTEGER NOT NULL,
  id INTEGER NOT NULL,
  victim INTEGER NOT NULL,
  survivor INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('PENDING', 'APPROVED', 'REJECTED')),
  change TEXT NOT NULL,
  added_on INTEGER NOT NULL,
  added_by INTEGER NOT NULL,
  updated_on INTEGER NOT NULL,
  updated_by INTEGER NOT NULL,
  PRIMARY KEY (org, id),
  FOREIGN KEY (org, victim) REFERENCES customers (org, id),
  FOREIGN KEY (org, survivor) REFERENCES customers (org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX merge_requests_survivor ON merge_requests (org, survivor) WHERE status = 'PENDING';
CREATE UNIQUE INDEX merge_requests_pending ON merge_requests (org, victim, survivor) WHERE status = 'PENDING';
