package db

import (
	"database/sql"
	"errors"
	"slices"
)

// checkPage is how many customers are held in memory at once.
const checkPage = 500

// searchTerms: what profiles give, recomputed, must all be there. As each term counts once, equal numbers then mean that
// nothing else is there; if they differ, the second pass finds what is too much.
func (c *checker) searchTerms() (int64, error) {
	orgs, err := c.orgs()
	if err != nil {
		return 0, err
	}
	total, err := c.count(`SELECT count(*) FROM customers`)
	if err != nil {
		return 0, err
	}
	var want, done int64
	for _, org := range orgs {
		settings, err := c.orgSettings(org)
		if errors.As(err, new(Refusal)) {
			c.problem("org %d: not checked, since its settings cannot be read", org)
			return 0, nil
		} else if err != nil {
			return 0, err
		}
		for after := int64(0); ; {
			page, last, err := c.termsPage(settings, org, after)
			if err != nil {
				return 0, err
			}
			for _, p := range page {
				for _, t := range p.terms {
					want++
					there, err := c.count(`SELECT count(*) FROM search_terms WHERE org = $1 AND term = $2 AND customer = $3 AND source = $4 AND account = $5 AND kind = $6`,
						org, t.text, p.customer, p.at.Source, p.at.Account, t.kind)
					if err != nil {
						return 0, err
					}
					if there == 0 {
						c.problem("org %d: customer %d is not found by %s in %s", org, p.customer, t.kind, p.at)
					}
				}
			}
			if last == after {
				break
			}
			after = last
			done += checkPage
			c.report.Progress(min(done, total), total)
		}
	}
	have, err := c.count(`SELECT count(*) FROM search_terms`)
	if extra := have - (want - c.bad); err == nil && extra > 0 {
		err = c.extraTerms(extra)
	}
	return have, err
}

func (c *checker) orgSettings(org int64) (OrgSettings, error) {
	values, err := c.tx.settings(org)
	if err != nil {
		return OrgSettings{}, err
	}
	return parseSettings(values)
}

type profileTerms struct {
	customer int64
	at       Place
	first    string
	surname  string
	ids      []Identifier
	terms    []term
}

// termsPage computes the terms of the profiles of the next customers behind after, and the last of these; that is after
// when there are none left.
func (c *checker) termsPage(settings OrgSettings, org, after int64) (page []*profileTerms, last int64, err error) {
	last, err = c.count(`SELECT coalesce(max(id), $2) FROM (SELECT id FROM customers WHERE org = $1 AND id > $2 ORDER BY id LIMIT $3)`, org, after, checkPage)
	if err != nil || last == after {
		return nil, last, err
	}
	type key struct {
		customer int64
		at       Place
	}
	of := map[key]*profileTerms{}
	err = c.tx.Each(func(scan func(...any) error) error {
		p := &profileTerms{}
		err := scan(&p.customer, &p.at.Source, &p.at.Account, &p.first, &p.surname)
		page, of[key{p.customer, p.at}] = append(page, p), p
		return err
	}, `SELECT customer, source, account, first_name, last_name FROM profiles WHERE org = $1 AND customer > $2 AND customer <= $3`, org, after, last)
	if err != nil {
		return nil, 0, err
	}
	err = c.tx.Each(func(scan func(...any) error) error {
		var customer int64
		var at Place
		var id Identifier
		if err := scan(&customer, &at.Source, &at.Account, &id.Type, &id.Value); err != nil {
			return err
		}
		if p := of[key{customer, at}]; p != nil { // one without a profile is told elsewhere
			p.ids = append(p.ids, id)
		}
		return nil
	}, `SELECT customer, source, account, type, value FROM identifiers WHERE org = $1 AND customer > $2 AND customer <= $3`, org, after, last)
	for _, p := range page {
		p.terms = settings.terms(p.first, p.surname, p.ids)
	}
	return page, last, err
}

// extraTerms finds the terms that no profile gives, of which there are n.
func (c *checker) extraTerms(n int64) error {
	type row struct {
		org, customer int64
		at            Place
		term
	}
	var last row
	for n > 0 {
		var page []row
		err := c.tx.Each(func(scan func(...any) error) error {
			var r row
			err := scan(&r.org, &r.text, &r.customer, &r.at.Source, &r.at.Account, &r.kind)
			page = append(page, r)
			return err
		}, `SELECT org, term, customer, source, account, kind FROM search_terms
			WHERE (org, term, customer, source, account, kind) > ($1, $2, $3, $4, $5, $6) ORDER BY org, term, customer, source, account, kind LIMIT $7`,
			last.org, last.text, last.customer, last.at.Source, last.at.Account, last.kind, checkPage)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, r := range page {
			given, err := c.gives(r.org, r.customer, r.at, r.term)
			if err != nil {
				return err
			}
			if !given {
				c.problem("org %d: customer %d is still found by a %s in %s that is not theirs", r.org, r.customer, r.kind, r.at)
				n--
			}
		}
		last = page[len(page)-1]
	}
	return nil
}

// gives says whether a profile that is there gives a term.
func (c *checker) gives(org, customer int64, at Place, t term) (bool, error) {
	settings, err := c.orgSettings(org)
	if err != nil {
		return false, err
	}
	var first, surname string
	err = c.tx.QueryRow(`SELECT first_name, last_name FROM profiles WHERE org = $1 AND customer = $2 AND source = $3 AND account = $4`,
		org, customer, at.Source, at.Account).Scan(&first, &surname)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var ids []Identifier
	err = c.tx.Each(func(scan func(...any) error) error {
		var id Identifier
		err := scan(&id.Type, &id.Value)
		ids = append(ids, id)
		return err
	}, `SELECT type, value FROM identifiers WHERE org = $1 AND customer = $2 AND source = $3 AND account = $4`, org, customer, at.Source, at.Account)
	return slices.Contains(settings.terms(first, surname, ids), t), err
}
