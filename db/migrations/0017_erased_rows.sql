-- How many erasures have not looked through the rows of files yet: one that was cut off is finished later.
ALTER TABLE erasure_keys ADD COLUMN scrubs INTEGER NOT NULL DEFAULT 0 CHECK (scrubs >= 0);
