-- The till whose credential it was, when it acted for another one: the limit of a till's day holds for it, too.
ALTER TABLE points_redemptions ADD COLUMN sender INTEGER NOT NULL DEFAULT 0;
CREATE INDEX points_redemptions_sender ON points_redemptions (org, sender, at) WHERE sender <> 0;
