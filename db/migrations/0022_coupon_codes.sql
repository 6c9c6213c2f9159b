-- Codes that were uploaded for a series and wait to be issued, the oldest first. coupon is the coupon that one became.
CREATE TABLE coupon_codes (
  org INTEGER NOT NULL,
  id INTEGER NOT NULL,
  series INTEGER NOT NULL,
  code TEXT NOT NULL CHECK (length(code) BETWEEN 1 AND 32 AND code = upper(code)),
  added_on INTEGER NOT NULL,
  added_by INTEGER NOT NULL,
  coupon INTEGER,
  PRIMARY KEY (org, id),
  UNIQUE (org, code),
  FOREIGN KEY (org, series) REFERENCES coupon_series (org, id),
  FOREIGN KEY (org, coupon) REFERENCES coupons (org, id)
) STRICT, WITHOUT ROWID;
-- How many wait.
ALTER TABLE coupon_series ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0 CHECK (waiting >= 0);
CREATE INDEX coupon_codes_of ON coupon_codes (org, series, coupon, id);

-- The series whose coupons the file of a job is for, 0 for no such job.
ALTER TABLE ingestion_jobs ADD COLUMN coupon_series INTEGER NOT NULL DEFAULT 0;
