package db

func (c *checker) returns() (int64, error) {
	err := c.each(`SELECT t.org, t.id, '' FROM transactions t WHERE t.returned <> coalesce((SELECT sum(r.amount) FROM transaction_returns r WHERE r.org = t.org AND r.sale = t.id), 0)`,
		"org %d: transaction %d has given back another amount than its returns say%s")
	if err != nil {
		return 0, err
	}
	return c.count(`SELECT count(*) FROM transaction_returns`)
}

func (c *checker) purchases() (int64, error) {
	const sums = `(SELECT org, customer, sum(bought - returned) AS kept FROM transactions WHERE type = 'REGULAR' AND outlier = 'NORMAL' AND customer IS NOT NULL GROUP BY org, customer)`
	err := c.each(`SELECT p.org, p.customer, '' FROM purchases p LEFT JOIN `+sums+` s ON s.org = p.org AND s.customer = p.customer WHERE p.amount <> coalesce(s.kept, 0)`,
		"org %d: customer %d has bought another amount than the bills say%s")
	if err != nil {
		return 0, err
	}
	err = c.each(`SELECT s.org, s.customer, '' FROM `+sums+` s LEFT JOIN purchases p ON p.org = s.org AND p.customer = s.customer WHERE s.kept <> coalesce(p.amount, 0) AND p.org IS NULL`,
		"org %d: customer %d has bills and no purchases%s")
	if err != nil {
		return 0, err
	}
	return c.count(`SELECT count(*) FROM transactions`)
}

func (c *checker) loyaltyQueue() (int64, error) {
	err := c.each(`SELECT org, bill, failed FROM loyalty_queue WHERE failed <> ''`, "org %d: transaction %[2]d has no points, since they could not be given: %s; `arteriole loyalty retry --org NAME %[2]d` tries again")
	if err != nil {
		return 0, err
	}
	return c.count(`SELECT count(*) FROM loyalty_queue`)
}
