package db

import "encoding/json"

func (c *checker) programs() (n int64, err error) {
	err = c.tx.Each(func(scan func(...any) error) error {
		var org, version int64
		var text string
		if err := scan(&org, &version, &text); err != nil {
			return err
		}
		n++
		var rules ProgramRules
		if err := json.Unmarshal([]byte(text), &rules); err != nil || len(rules.Tiers) == 0 || rules.Decimals < 0 || rules.Decimals > 3 {
			c.problem("org %d: version %d of the program cannot be read", org, version)
		}
		return nil
	}, `SELECT org, version, rules FROM programs`)
	return n, err
}

// ledgers holds the sums against each other: of a customer's rows the balance, of a batch's rows what remains of it.
func (c *checker) ledgers() (int64, error) {
	for _, q := range []struct{ query, format string }{
		{`SELECT a.org, a.customer, a.balance FROM points_accounts a WHERE a.balance <>
			(SELECT coalesce(sum(l.points), 0) FROM points_ledger l WHERE l.org = a.org AND l.customer = a.customer)`,
			"org %d: customer %d has a balance that is not the sum of the ledger: %s thousandths"},
		{`SELECT a.org, a.customer, a.seq FROM points_accounts a WHERE coalesce(a.seq, 0) <>
			(SELECT coalesce(max(l.seq), 0) FROM points_ledger l WHERE l.org = a.org AND l.customer = a.customer)`,
			"org %d: customer %d has an account that stands before the end of its ledger, at row %s"},
		{`SELECT l.org, l.customer, count(*) FROM points_ledger l LEFT JOIN points_accounts a ON a.org = l.org AND a.customer = l.customer
			WHERE a.customer IS NULL GROUP BY l.org, l.customer`, "org %d: customer %d has a ledger without an account, of %s rows"},
		{`SELECT b.org, b.id, b.remaining FROM points_batches b WHERE b.remaining <>
			(SELECT coalesce(sum(l.points), 0) FROM points_ledger l WHERE l.org = b.org AND l.customer = b.customer AND l.batch = b.id)`,
			"org %d: batch %d has a remainder that is not the sum of its rows: %s thousandths"},
	} {
		if err := c.each(q.query, q.format); err != nil {
			return 0, err
		}
	}
	return c.count(`SELECT count(*) FROM points_ledger`)
}
