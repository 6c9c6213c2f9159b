package db

// coupons: the counters of series and coupons are the numbers of their rows, and the rows fit each other.
func (c *checker) coupons() (int64, error) {
	for _, q := range []struct{ query, format string }{
		{`SELECT s.org, s.id, s.issued || ' and not ' || (SELECT count(*) FROM coupons c WHERE c.org = s.org AND c.series = s.id) FROM coupon_series s
			WHERE s.issued <> (SELECT count(*) FROM coupons c WHERE c.org = s.org AND c.series = s.id)`,
			"org %d: series %d says that its coupons are %s"},
		{`SELECT s.org, s.id, s.redeemed FROM coupon_series s
			WHERE s.redeemed <> (SELECT count(*) FROM coupon_redemptions r WHERE r.org = s.org AND r.series = s.id AND r.reversed_on IS NULL)`,
			"org %d: series %d says that its redemptions are %s, which is not so"},
		{`SELECT c.org, c.id, c.uses FROM coupons c
			WHERE c.uses <> (SELECT count(*) FROM coupon_redemptions r WHERE r.org = c.org AND r.coupon = c.id AND r.reversed_on IS NULL)`,
			"org %d: coupon %d says that its redemptions are %s, which is not so"},
		{`SELECT r.org, r.id, c.series FROM coupon_redemptions r JOIN coupons c ON c.org = r.org AND c.id = r.coupon WHERE c.series <> r.series`,
			"org %d: redemption %d of a coupon is in another series than the coupon, which is in %s"},
		{`SELECT e.org, e.series, e.other FROM coupon_exclusions e WHERE NOT EXISTS
			(SELECT 1 FROM coupon_exclusions b WHERE b.org = e.org AND b.series = e.other AND b.other = e.series)`,
			"org %d: series %d excludes series %s, but not the other way round"},
		{`SELECT s.org, s.id, s.waiting FROM coupon_series s
			WHERE s.waiting <> (SELECT count(*) FROM coupon_codes u WHERE u.org = s.org AND u.series = s.id AND u.coupon IS NULL)`,
			"org %d: series %d says that %s codes wait, which is not so"},
		{`SELECT u.org, u.id, u.code FROM coupon_codes u LEFT JOIN coupons c ON c.org = u.org AND c.code = u.code WHERE u.coupon IS NOT c.id OR c.series <> u.series`,
			"org %d: uploaded code %d (%s) does not fit the coupon that has it"},
	} {
		if err := c.each(q.query, q.format); err != nil {
			return 0, err
		}
	}
	return c.count(`SELECT count(*) FROM coupons`)
}
