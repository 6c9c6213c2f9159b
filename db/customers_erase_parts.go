package db

import (
	"slices"
	"strings"

	"github.com/arteriole/arteriole/fault"
)

// What erasing a person takes away, by resource.

func eraseProfiles(tx *Tx, e *erasing) error {
	org, id := e.who.Org, e.customer.ID
	for _, p := range e.customer.Profiles {
		if err := tx.dropTerms(org, id, p.Place, e.o.terms(p.FirstName, p.LastName, p.identifiers())); err != nil {
			return err
		}
	}
	for _, q := range []string{`DELETE FROM channels WHERE org = $1 AND customer = $2`, `DELETE FROM identifiers WHERE org = $1 AND customer = $2`,
		`DELETE FROM profiles WHERE org = $1 AND customer = $2`} {
		if _, err := tx.Exec(q, org, id); err != nil {
			return err
		}
	}
	return nil
}

// eraseCustomer leaves a tombstone for each id: when it came and went, and nothing of who it was.
func eraseCustomer(tx *Tx, e *erasing) error {
	for _, id := range e.ids {
		_, err := tx.Exec(`UPDATE customers SET extended_fields = '{}', associated_with = NULL, modified_on = $3, modified_by = $4, erased_on = $3, erased_by = $4
			WHERE org = $1 AND id = $2`, e.who.Org, id, tx.now, e.who.Till)
		if err != nil {
			return err
		}
	}
	return nil
}

func eraseIdentifierLog(tx *Tx, e *erasing) error {
	for _, id := range e.ids {
		if _, err := tx.Exec(`DELETE FROM identifier_log WHERE org = $1 AND customer = $2`, e.who.Org, id); err != nil {
			return err
		}
	}
	return tx.eachParted(e, func(p parted) error {
		_, err := tx.Exec(`DELETE FROM identifier_log WHERE org = $1 AND customer = $2 AND at >= $3 AND at <= $4`, e.who.Org, p.survivor, p.from, p.to)
		return err
	})
}

// eraseMerges empties what is kept to undo merges; that they were stays.
func eraseMerges(tx *Tx, e *erasing) error {
	for _, id := range e.ids {
		if _, err := tx.Exec(`UPDATE merges SET undo = '' WHERE org = $1 AND victim = $2`, e.who.Org, id); err != nil { // the survivor's are those of the others
			return err
		}
	}
	return nil
}

// eraseMergeRequests empties what was asked. Who asked for the identifier of this person has it in their audit trail.
func eraseMergeRequests(tx *Tx, e *erasing) error {
	for _, id := range e.ids {
		_, err := tx.Exec(`UPDATE audit SET before = NULL, after = '{}' WHERE org = $1 AND kind = 'customer' AND action = 'customer.mergeRequested'
			AND subject IN (SELECT victim FROM merge_requests WHERE org = $1 AND survivor = $2)`, e.who.Org, id)
		if err != nil {
			return err
		}
		for _, q := range []string{
			`UPDATE merge_requests SET change = '[]', comments = '', status = CASE WHEN status = 'PENDING' THEN 'REJECTED' ELSE status END WHERE org = $1 AND victim = $2`,
			`UPDATE merge_requests SET change = '[]', comments = '', status = CASE WHEN status = 'PENDING' THEN 'REJECTED' ELSE status END WHERE org = $1 AND survivor = $2`,
		} {
			if _, err := tx.Exec(q, e.who.Org, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// eraseAudit leaves who did what and when, and takes away what it was.
func eraseAudit(tx *Tx, e *erasing) error {
	for _, id := range e.ids {
		_, err := tx.Exec(`UPDATE audit SET before = NULL, after = '{}' WHERE org = $1 AND kind IN `+auditOfCustomer+` AND subject = $2`, e.who.Org, id)
		if err != nil {
			return err
		}
	}
	for _, p := range e.customer.placed() { // the number that the server made for them, before it was anybody's
		if p.Type != "externalId" {
			continue
		}
		_, err := tx.Exec(`UPDATE audit SET after = '{}' WHERE org = $1 AND action = 'external id.generate' AND after = $2`, e.who.Org, generated(p.Value))
		if err != nil {
			return err
		}
	}
	return tx.eachParted(e, func(p parted) error {
		_, err := tx.Exec(`UPDATE audit SET before = NULL, after = '{}' WHERE org = $1 AND kind = 'customer' AND subject = $2 AND at >= $3 AND at <= $4`,
			e.who.Org, p.survivor, p.from, p.to)
		return err
	})
}

// eraseAnswers throws away answers kept for repeats that tell of the person. (They go by themselves after 24 hours.) Refusals, and
// those within answers, have what was typed.
func eraseAnswers(tx *Tx, e *erasing) error {
	var values []string
	add := func(v string) {
		if len(v) > 3 { // less is not told from anything else
			values = append(values, toJSON(v)[1:len(toJSON(v))-1])
		}
	}
	for _, p := range e.customer.Profiles {
		add(p.FirstName)
		add(p.LastName)
		for _, id := range p.Identifiers {
			add(id.Value)
		}
		for _, c := range p.Channels {
			add(c.Value)
		}
	}
	p := soughtPeople(e.o, personOf(e.customer, e.ids))
	typed := func(answer string) bool {
		v, ok := readJSON(answer)
		return ok && slices.ContainsFunc(valuesOf(v, "", "", nil), func(t told) bool { return len(t.text) > 3 && p.is(told{"anything", t.text}) })
	}
	type key struct{ key, method, path string }
	var kept []key
	err := tx.Each(func(scan func(...any) error) error {
		var k key
		var answer string
		err := scan(&k.key, &k.method, &k.path, &answer)
		if slices.ContainsFunc(values, func(v string) bool { return strings.Contains(answer, v) }) || strings.Contains(answer, fault.HasValues) && typed(answer) {
			kept = append(kept, k)
		}
		return err
	}, `SELECT key, method, path, answer FROM idempotency WHERE org = $1`, e.who.Org)
	if err != nil {
		return err
	}
	for _, k := range kept {
		if _, err := tx.Exec(`DELETE FROM idempotency WHERE org = $1 AND key = $2 AND method = $3 AND path = $4`, e.who.Org, k.key, k.method, k.path); err != nil {
			return err
		}
	}
	return nil
}

// parted is a customer whom a person was merged into, at once or through others, until that was undone: for so long the rows of
// that customer told of the person. Times are in milliseconds.
type parted struct{ survivor, from, to int64 }

func (tx *Tx) eachParted(e *erasing, f func(parted) error) error {
	var all []parted
	for _, id := range e.ids {
		all = append(all, parted{id, 0, tx.now})
	}
	seen := map[parted]bool{}
	for i := 0; i < len(all); i++ {
		err := tx.Each(func(scan func(...any) error) error {
			var p parted
			err := scan(&p.survivor, &p.from, &p.to)
			if !seen[p] {
				seen[p] = true
				all = append(all, p)
			}
			return err
		}, `SELECT survivor, at, undone_on FROM merges WHERE org = $1 AND victim = $2 AND undone_on IS NOT NULL AND at >= $3 AND at <= $4`,
			e.who.Org, all[i].survivor, all[i].from, all[i].to)
		if err != nil {
			return err
		}
	}
	for _, p := range all[len(e.ids):] {
		if err := f(p); err != nil {
			return err
		}
	}
	return nil
}
