package db

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/arteriole/arteriole/fault"
)

// MaxSearchTotal is the highest total of a search; beyond it a total means "at least" (our rule 14).
const MaxSearchTotal = 10000

// Match is one customer found by a search.
type Match struct {
	UserID      int64
	Identifiers []MatchedIdentifier
	Profiles    []Profile
}

// MatchedIdentifier is a name or identifier that matched.
type MatchedIdentifier struct {
	Place
	Type, Value string
}

// Matches is one page of a search.
type Matches struct {
	Items    []Match
	Total    int
	Warnings []*fault.Fault
}

// SearchCustomers finds customers with a name or an identifier that begins with q, ordered by what matched, then by id (our rule
// 13). account "" means any. limit and offset count customers, within the first MaxSearchTotal.
func (s *Store) SearchCustomers(ctx context.Context, who Who, q, account string, limit, offset int) (m Matches, err error) {
	// Searches are the longest reads: they must leave connections to others.
	select {
	case s.searches <- struct{}{}:
		defer func() { <-s.searches }()
	case <-ctx.Done():
		return m, unavailable(ctx.Err())
	}
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		if account != "" && !o.hasAccount(account) {
			return fault.AccountInvalid.At("query: accountId")
		}
		prefix := searchPrefix(q)
		if prefix == "" {
			return nil
		}
		end := after(prefix)
		if m.Total, err = tx.countMatches(who.Org, prefix, end, account); err != nil {
			return err
		}
		if m.Total > MaxSearchTotal {
			m.Total = MaxSearchTotal
			m.Warnings = append(m.Warnings, fault.SearchTotalCapped.With("max", MaxSearchTotal))
		}
		ids, err := tx.matchingCustomers(who.Org, prefix, end, account, min(limit, max(0, m.Total-offset)), offset)
		if err != nil {
			return err
		}
		for _, id := range ids {
			c, err := tx.customer(o, who.Org, id)
			if err != nil {
				return err
			}
			m.Items = append(m.Items, o.match(c, prefix, account))
		}
		return nil
	})
	return m, err
}

// hasAccount reports whether any source of the org has this account, enabled.
func (o *orgConfig) hasAccount(account string) bool {
	for _, accounts := range o.accounts {
		if accounts[account] {
			return true
		}
	}
	return false
}

// written removes what people put between the digits of a number.
var written = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "")

// searchPrefix folds the input as the terms are folded. A number in the international form is compared as it is stored.
func searchPrefix(q string) string {
	q = fold(q)
	if rest, ok := strings.CutPrefix(q, "+"); ok {
		bare := written.Replace(rest)
		if bare != "" && strings.Trim(bare, "0123456789") == "" {
			return bare
		}
	}
	return q
}

// after is the least string that sorts after everything with the prefix, or one that sorts after everything stored.
func after(prefix string) string {
	for prefix != "" {
		r, n := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-n]
		switch {
		case r == 0xD7FF:
			return prefix + string(rune(0xE000))
		case r < utf8.MaxRune:
			return prefix + string(r+1)
		}
	}
	return strings.Repeat(string(utf8.MaxRune), 256)
}

// countMatches counts customers, up to one more than MaxSearchTotal.
func (tx *Tx) countMatches(org int64, prefix, end, account string) (n int, err error) {
	if account != "" {
		err = tx.QueryRow(`SELECT count(*) FROM (SELECT DISTINCT customer FROM search_terms
			WHERE org = $1 AND account = $5 AND account <> '' AND term >= $2 AND term < $3 LIMIT $4)`,
			org, prefix, end, MaxSearchTotal+1, account).Scan(&n)
		return n, err
	}
	err = tx.QueryRow(`SELECT count(*) FROM (SELECT DISTINCT customer FROM search_terms WHERE org = $1 AND term >= $2 AND term < $3 LIMIT $4)`,
		org, prefix, end, MaxSearchTotal+1).Scan(&n)
	return n, err
}

// errEnough stops reading rows.
var errEnough = errors.New("enough rows")

// matchingCustomers walks the index in order; a customer counts at their first term.
func (tx *Tx) matchingCustomers(org int64, prefix, end, account string, limit, offset int) (ids []int64, err error) {
	if limit <= 0 {
		return nil, nil
	}
	seen := make(map[int64]bool, offset+limit)
	query, args := `SELECT customer FROM search_terms WHERE org = $1 AND term >= $2 AND term < $3 ORDER BY term, customer`, []any{org, prefix, end}
	if account != "" {
		query = `SELECT customer FROM search_terms WHERE org = $1 AND account = $4 AND account <> '' AND term >= $2 AND term < $3 ORDER BY term, customer`
		args = append(args, account)
	}
	err = tx.Each(func(scan func(...any) error) error {
		var id int64
		if err := scan(&id); err != nil || seen[id] {
			return err
		}
		seen[id] = true
		if len(seen) > offset {
			ids = append(ids, id)
		}
		if len(ids) == limit {
			return errEnough
		}
		return nil
	}, query, args...)
	if err == errEnough {
		err = nil
	}
	return ids, err
}

// match collects what a customer was found by.
func (o *orgConfig) match(c *Customer, prefix, account string) Match {
	m := Match{UserID: c.ID, Profiles: c.Profiles}
	for _, p := range c.Profiles {
		if account != "" && p.Account != account {
			continue
		}
		hit := func(text string) bool { return strings.HasPrefix(text, prefix) }
		if hit(fold(p.FirstName)) {
			m.Identifiers = append(m.Identifiers, MatchedIdentifier{p.Place, "firstName", p.FirstName})
		}
		if hit(fold(p.LastName)) {
			m.Identifiers = append(m.Identifiers, MatchedIdentifier{p.Place, "lastName", p.LastName})
		}
		for _, id := range p.identifiers() {
			for _, t := range o.terms("", "", []Identifier{id}) {
				if hit(t.text) {
					m.Identifiers = append(m.Identifiers, MatchedIdentifier{p.Place, id.Type, id.Value})
					break
				}
			}
		}
	}
	return m
}
