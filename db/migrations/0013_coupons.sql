-- Coupons: a series holds the rules, a coupon is a code given to a customer, a redemption is one use of it. Amounts are
-- thousandths of the currency; -1 is "no limit", NULL "not set".
CREATE TABLE coupon_series (
  org INTEGER NOT NULL REFERENCES orgs (id),
  id INTEGER NOT NULL,
  -- As sent, and folded for comparing; both empty for none.
  code TEXT NOT NULL,
  code_key TEXT NOT NULL,
  description TEXT NOT NULL CHECK (length(description) BETWEEN 1 AND 255),
  discount_code TEXT NOT NULL,
  discount_type TEXT NOT NULL CHECK (discount_type IN ('ABS', 'PERC')),
  discount_value INTEGER NOT NULL CHECK (discount_value >= 0 AND (discount_type = 'ABS' OR discount_value <= 100000)),
  discount_upto INTEGER NOT NULL CHECK (discount_upto >= 0),
  valid_till INTEGER,
  fixed_expiry INTEGER,
  valid_days INTEGER NOT NULL CHECK (valid_days = -1 OR valid_days > 0),
  expiry_strategy TEXT NOT NULL CHECK (expiry_strategy IN ('SERIES_EXPIRY', 'DAYS', 'MONTHS')),
  expiry_value INTEGER NOT NULL CHECK (expiry_strategy = 'SERIES_EXPIRY' OR expiry_value > 0),
  max_create INTEGER NOT NULL CHECK (max_create >= -1),
  max_redeem INTEGER NOT NULL CHECK (max_redeem >= -1),
  max_per_user INTEGER NOT NULL CHECK (max_per_user = -1 OR max_per_user > 0),
  days_between_issues INTEGER NOT NULL CHECK (days_between_issues >= 0),
  max_redeem_per_user INTEGER NOT NULL CHECK (max_redeem_per_user = -1 OR max_redeem_per_user > 0),
  days_between_redemptions INTEGER NOT NULL CHECK (days_between_redemptions >= 0),
  max_redeem_per_coupon INTEGER NOT NULL CHECK (max_redeem_per_coupon = -1 OR max_redeem_per_coupon > 0),
  redemption_valid_from INTEGER,
  redemption_after_days INTEGER NOT NULL CHECK (redemption_after_days >= 0),
  -- JSON: {"dom": [..], "dow": [..], "hours": [..]}, each absent for any.
  redemption_range TEXT NOT NULL,
  min_bill INTEGER NOT NULL CHECK (min_bill = -1 OR min_bill > 0),
  max_bill INTEGER NOT NULL CHECK (max_bill = -1 OR max_bill > 0 AND max_bill >= min_bill),
  any_user INTEGER NOT NULL CHECK (any_user IN (0, 1)),
  same_user_again INTEGER NOT NULL CHECK (same_user_again IN (0, 1)),
  multiple_use INTEGER NOT NULL CHECK (multiple_use IN (0, 1)),
  multiple_per_user INTEGER NOT NULL CHECK (multiple_per_user IN (0, 1)),
  no_resend INTEGER NOT NULL CHECK (no_resend IN (0, 1)),
  -- JSON: ids of stores; [] for every one.
  stores TEXT NOT NULL,
  alphanumeric INTEGER NOT NULL CHECK (alphanumeric IN (0, 1)),
  code_length INTEGER NOT NULL CHECK (code_length BETWEEN 8 AND 32),
  -- JSON: what is kept for the caller and has no meaning here.
  kept TEXT NOT NULL,
  -- Coupons there are, and redemptions that stand.
  issued INTEGER NOT NULL CHECK (issued >= 0 AND (max_create = -1 OR issued <= max_create)),
  redeemed INTEGER NOT NULL CHECK (redeemed >= 0 AND (max_redeem = -1 OR redeemed <= max_redeem)),
  last_issued INTEGER,
  last_redeemed INTEGER,
  created_on INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  modified_on INTEGER NOT NULL,
  modified_by INTEGER NOT NULL,
  PRIMARY KEY (org, id),
  CHECK ((code = '') = (code_key = ''))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX coupon_series_code ON coupon_series (org, code_key) WHERE code_key <> '';

-- Two series whose coupons a customer does not hold at the same time; each pair stands twice.
CREATE TABLE coupon_exclusions (
  org INTEGER NOT NULL,
  series INTEGER NOT NULL,
  other INTEGER NOT NULL,
  PRIMARY KEY (org, series, other),
  FOREIGN KEY (org, series) REFERENCES coupon_series (org, id),
  FOREIGN KEY (org, other) REFERENCES coupon_series (org, id),
  CHECK (series <> other)
) STRICT, WITHOUT ROWID;

-- customer is whom it was issued to: after a merge it leads to the survivor, and an undone merge leads back. How often a coupon
-- can be used, and until when, is settled when it is issued.
CREATE TABLE coupons (
  org INTEGER NOT NULL,
  id INTEGER NOT NULL,
  series INTEGER NOT NULL,
  code TEXT NOT NULL CHECK (length(code) BETWEEN 1 AND 32 AND code = upper(code)),
  customer INTEGER NOT NULL,
  issued_on INTEGER NOT NULL,
  issued_by INTEGER NOT NULL,
  valid_till INTEGER,
  max_uses INTEGER NOT NULL CHECK (max_uses = -1 OR max_uses > 0),
  uses INTEGER NOT NULL CHECK (uses >= 0 AND (max_uses = -1 OR uses <= max_uses)),
  PRIMARY KEY (org, id),
  UNIQUE (org, code),
  FOREIGN KEY (org, series) REFERENCES coupon_series (org, id),
  FOREIGN KEY (org, customer) REFERENCES customers (org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX coupons_of ON coupons (org, customer, series, id);

-- A redemption that was taken back stays, with the time of that. customer is who redeemed.
CREATE TABLE coupon_redemptions (
  org INTEGER NOT NULL,
  id INTEGER NOT NULL,
  coupon INTEGER NOT NULL,
  series INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  at INTEGER NOT NULL,
  created_on INTEGER NOT NULL,
  till INTEGER NOT NULL,
  store INTEGER NOT NULL,
  number TEXT NOT NULL CHECK (length(number) <= 50),
  bill_amount INTEGER NOT NULL CHECK (bill_amount >= 0),
  -- The bill that it was tied to: by the bill itself, or by the caller's word.
  bill INTEGER,
  custom_fields TEXT NOT NULL DEFAULT '{}',
  reversed_on INTEGER,
  reversed_by INTEGER,
  PRIMARY KEY (org, id),
  FOREIGN KEY (org, coupon) REFERENCES coupons (org, id),
  FOREIGN KEY (org, series) REFERENCES coupon_series (org, id),
  FOREIGN KEY (org, customer) REFERENCES customers (org, id),
  CHECK ((reversed_on IS NULL) = (reversed_by IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX coupon_redemptions_coupon ON coupon_redemptions (org, coupon, id);
CREATE INDEX coupon_redemptions_of ON coupon_redemptions (org, customer, series, at) WHERE reversed_on IS NULL;
CREATE INDEX coupon_redemptions_by ON coupon_redemptions (org, customer, id);
