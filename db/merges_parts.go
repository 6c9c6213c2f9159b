package db

import (
	"database/sql"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/arteriole/arteriole/fault"
)

// profilesPart moves profiles with their identifiers, channels and search terms.
var profilesPart = part{name: "profiles", merge: mergeProfiles, undo: undoProfiles, erase: eraseProfiles}

type keptProfiles struct {
	Places  []Place      `json:"places"`
	Shift   int64        `json:"shift"`   // of their positions
	Brought []brought    `json:"brought"` // what the victim itself had from earlier merges
	Changes []keptChange `json:"changes,omitempty"`
	Change  *keptChange  `json:"change,omitempty"` // what merges kept before they could bring several
}

// brought is an identifier that an earlier victim brought.
type brought struct {
	Place
	Identifier
	From int64 `json:"from"`
}

// keptChange is what an identifier change that follows a merge will touch, as it was before.
type keptChange struct {
	Place
	Added    []Identifier    `json:"added"`
	Removed  []identifierRow `json:"removed"`
	Channels []channelRow    `json:"channels"`
	Modified stamp           `json:"modified"` // of the profile
}

type identifierRow struct {
	Identifier
	Position   int64  `json:"position"`
	MergedFrom *int64 `json:"mergedFrom,omitempty"`
	CreatedOn  int64  `json:"createdOn"`
}

type channelRow struct {
	Type       string `json:"type"`
	Value      string `json:"value"`
	Primary    bool   `json:"primary"`
	Verified   bool   `json:"verified"`
	Subscribed bool   `json:"subscribed"`
	Meta       string `json:"meta"`
	Attributes string `json:"attributes"`
	Position   int64  `json:"position"`
}

// mergeProfiles moves each profile of the victim with all that is its own.
func mergeProfiles(tx *Tx, m *merging) (any, error) {
	org, victim, survivor := m.who.Org, m.victim, m.survivor.ID
	k := keptProfiles{Places: victim.places(), Brought: []brought{}}
	for _, p := range victim.Profiles {
		for _, id := range p.Identifiers {
			if id.MergedFrom != 0 {
				k.Brought = append(k.Brought, brought{p.Place, id.Identifier, id.MergedFrom})
			}
		}
		ts := m.o.terms(p.FirstName, p.LastName, p.identifiers())
		if err := tx.dropTerms(org, victim.ID, p.Place, ts); err != nil {
			return nil, err
		}
		if err := tx.addTerms(org, survivor, p.Place, ts); err != nil {
			return nil, err
		}
		if err := tx.logIdentifiers(m.who, survivor, p.Place, "COMBINE", p.identifiers()); err != nil {
			return nil, err
		}
	}
	for _, c := range m.changes {
		kept, err := tx.keepChange(m, c)
		if err != nil {
			return nil, err
		}
		k.Changes = append(k.Changes, kept)
	}
	if _, err := tx.Exec(`UPDATE identifiers SET merged_from = $2 WHERE org = $1 AND customer = $2`, org, victim.ID); err != nil {
		return nil, err
	}
	if err := tx.QueryRow(`SELECT coalesce(max(position), 0) FROM profiles WHERE org = $1 AND customer = $2`, org, survivor).Scan(&k.Shift); err != nil {
		return nil, err
	}
	// Identifiers and channels follow their profiles (ON UPDATE CASCADE).
	_, err := tx.Exec(`UPDATE profiles SET customer = $3, position = position + $4 WHERE org = $1 AND customer = $2`, org, victim.ID, survivor, k.Shift)
	return k, err
}

func (tx *Tx) keepChange(m *merging, c RequestedChange) (keptChange, error) {
	at := c.Place
	p := m.victim.profile(at)
	k := keptChange{Place: at, Added: c.Add, Removed: []identifierRow{}, Channels: []channelRow{}, Modified: stamp{p.ModifiedOn.UnixMilli(), p.ModifiedBy.ID}}
	err := tx.Each(func(scan func(...any) error) error {
		var r identifierRow
		err := scan(&r.Type, &r.Value, &r.Position, &r.MergedFrom, &r.CreatedOn)
		if slices.Contains(c.Remove, r.Identifier) {
			k.Removed = append(k.Removed, r)
		}
		return err
	}, `SELECT type, value, position, merged_from, created_on FROM identifiers WHERE org = $1 AND customer = $2 AND source = $3 AND account = $4`,
		m.who.Org, m.victim.ID, at.Source, at.Account)
	if err != nil {
		return k, err
	}
	return k, tx.Each(func(scan func(...any) error) error {
		var r channelRow
		err := scan(&r.Type, &r.Value, &r.Primary, &r.Verified, &r.Subscribed, &r.Meta, &r.Attributes, &r.Position)
		if id := (Identifier{r.Type, r.Value}); slices.Contains(c.Remove, id) || slices.Contains(c.Add, id) {
			k.Channels = append(k.Channels, r)
		}
		return err
	}, `SELECT type, value, is_primary, verified, subscribed, meta, attributes, position FROM channels WHERE org = $1 AND customer = $2 AND source = $3 AND account = $4`,
		m.who.Org, m.victim.ID, at.Source, at.Account)
}

// undoProfiles takes the change back that followed the merge, and gives the profiles back as they are now.
func undoProfiles(tx *Tx, m *merging, kept []byte) error {
	var k keptProfiles
	if err := json.Unmarshal(kept, &k); err != nil {
		return err
	}
	org, victim, survivor := m.who.Org, m.victim.ID, m.survivor.ID
	for _, at := range k.Places {
		p := m.survivor.profile(at)
		if err := tx.dropTerms(org, survivor, at, m.o.terms(p.FirstName, p.LastName, p.identifiers())); err != nil {
			return err
		}
	}
	if k.Change != nil {
		k.Changes = append(k.Changes, *k.Change)
	}
	for i := range k.Changes {
		if err := tx.undoChange(m, &k.Changes[i]); err != nil {
			return err
		}
	}
	for _, at := range k.Places {
		_, err := tx.Exec(`UPDATE profiles SET customer = $5, position = position - $6 WHERE org = $1 AND customer = $2 AND source = $3 AND account = $4`,
			org, survivor, at.Source, at.Account, victim, k.Shift)
		if err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`UPDATE identifiers SET merged_from = NULL WHERE org = $1 AND customer = $2 AND merged_from = $2`, org, victim); err != nil {
		return err
	}
	for _, b := range k.Brought {
		_, err := tx.Exec(`UPDATE identifiers SET merged_from = $7 WHERE org = $1 AND type = $2 AND value = $3 AND source = $4 AND account = $5 AND customer = $6`,
			org, b.Type, b.Value, b.Source, b.Account, victim, b.From)
		if err != nil {
			return err
		}
	}
	return tx.finishParting(m)
}

// undoChange takes away what the change has added and is still there, and gives back what it has taken away.
func (tx *Tx) undoChange(m *merging, k *keptChange) error {
	org, survivor, at := m.who.Org, m.survivor.ID, k.Place
	had := func(id Identifier) bool {
		return slices.ContainsFunc(k.Channels, func(c channelRow) bool { return Identifier{c.Type, c.Value} == id })
	}
	for _, id := range k.Added {
		_, err := tx.Exec(`DELETE FROM identifiers WHERE org = $1 AND type = $2 AND value = $3 AND source = $4 AND account = $5 AND customer = $6`,
			org, id.Type, id.Value, at.Source, at.Account, survivor)
		if err != nil {
			return err
		}
		if at.Source != "INSTORE" || had(id) {
			continue
		}
		_, err = tx.Exec(`DELETE FROM channels WHERE org = $1 AND customer = $2 AND source = $3 AND account = $4 AND type = $5 AND value = $6`,
			org, survivor, at.Source, at.Account, id.Type, id.Value)
		if err != nil {
			return err
		}
	}
	for _, r := range k.Removed {
		var holder int64
		err := tx.QueryRow(`SELECT customer FROM identifiers WHERE org = $1 AND type = $2 AND value = $3 AND source = $4 AND account = $5`,
			org, r.Type, r.Value, at.Source, at.Account).Scan(&holder)
		switch {
		case err == nil && holder == survivor: // it was added again
			continue
		case err == nil:
			return fault.MergeIdentifierTaken.With("id", m.id, "holder", holder, "type", r.Type)
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		_, err = tx.Exec(`INSERT INTO identifiers (org, type, value, source, account, customer, position, merged_from, created_on) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			org, r.Type, r.Value, at.Source, at.Account, survivor, r.Position, r.MergedFrom, r.CreatedOn)
		if err != nil {
			return err
		}
	}
	for _, c := range k.Channels {
		_, err := tx.Exec(`INSERT INTO channels (org, customer, source, account, type, value, is_primary, verified, subscribed, meta, attributes, position)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING`,
			org, survivor, at.Source, at.Account, c.Type, c.Value, bit(c.Primary), bit(c.Verified), bit(c.Subscribed), c.Meta, c.Attributes, c.Position)
		if err != nil {
			return err
		}
	}
	_, err := tx.Exec(`UPDATE profiles SET modified_on = $7, modified_by = $8 WHERE org = $1 AND customer = $2 AND source = $3 AND account = $4 AND modified_on = $5 AND modified_by = $6`,
		org, survivor, at.Source, at.Account, m.at, m.by, k.Modified.On, k.Modified.By)
	return err
}

// finishParting brings search and log in step with the profiles that the victim has again. Nobody may be left without an
// identifier.
func (tx *Tx) finishParting(m *merging) error {
	victim, err := tx.customer(m.o, m.who.Org, m.victim.ID)
	if err != nil {
		return err
	}
	survivor, err := tx.customer(m.o, m.who.Org, m.survivor.ID)
	if err != nil {
		return err
	}
	for _, c := range []*Customer{victim, survivor} {
		if len(c.placed()) == 0 {
			return fault.MergeLeavesNothing.With("id", m.id, "customer", c.ID)
		}
	}
	for _, p := range victim.Profiles {
		ids := p.identifiers()
		if err := tx.addTerms(m.who.Org, victim.ID, p.Place, m.o.terms(p.FirstName, p.LastName, ids)); err != nil {
			return err
		}
		if err := tx.logIdentifiers(m.who, survivor.ID, p.Place, "REMOVE", ids); err != nil {
			return err
		}
		if err := tx.logIdentifiers(m.who, victim.ID, p.Place, "ADD", ids); err != nil {
			return err
		}
	}
	return nil
}

// customerPart makes a tombstone of the victim, and the survivor what both were. Chains collapse: whoever pointed at the victim
// points at the survivor.
var customerPart = part{name: "customer", merge: mergeCustomer, undo: undoCustomer, erase: eraseCustomer, export: exportCustomer}

type keptCustomer struct {
	Followers      []int64           `json:"followers"` // earlier victims of the victim
	Victim         stamp             `json:"victim"`    // when the two were changed last
	Survivor       stamp             `json:"survivor"`
	LoyaltyType    string            `json:"loyaltyType"`              // of the survivor; updateCustomer changes it when it is said anew
	ExtendedFields map[string]string `json:"extendedFields"`           // that the victim alone had
	AssociatedWith int64             `json:"associatedWith,omitempty"` // the till of the victim, where the survivor had none
}

func mergeCustomer(tx *Tx, m *merging) (any, error) {
	org, victim, survivor := m.who.Org, m.victim, m.survivor
	followers, err := tx.victimsOf(org, victim.ID)
	if err != nil {
		return nil, err
	}
	k := keptCustomer{Followers: append([]int64{}, followers...), ExtendedFields: map[string]string{}, LoyaltyType: survivor.LoyaltyType,
		Victim:   stamp{victim.ModifiedOn.UnixMilli(), victim.ModifiedBy.ID},
		Survivor: stamp{survivor.ModifiedOn.UnixMilli(), survivor.ModifiedBy.ID}}
	if _, err := tx.Exec(`UPDATE customers SET merged_into = $3 WHERE org = $1 AND merged_into = $2`, org, victim.ID, survivor.ID); err != nil {
		return nil, err
	}
	_, err = tx.Exec(`UPDATE customers SET merged_into = $3, merged_on = $4, merged_by = $5, modified_on = $4, modified_by = $5 WHERE org = $1 AND id = $2`,
		org, victim.ID, survivor.ID, tx.now, m.who.Till)
	if err != nil {
		return nil, err
	}
	loyalty := survivor.LoyaltyType
	if victim.LoyaltyType == "loyalty" {
		loyalty = "loyalty"
	}
	err = tx.QueryRow(`SELECT coalesce(v.associated_with, 0) FROM customers v JOIN customers s ON s.org = v.org AND s.id = $3
		WHERE v.org = $1 AND v.id = $2 AND s.associated_with IS NULL`, org, victim.ID, survivor.ID).Scan(&k.AssociatedWith)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	extended := maps.Clone(survivor.ExtendedFields) // the survivor's word stands
	for name, value := range victim.ExtendedFields {
		if _, has := extended[name]; !has {
			extended[name], k.ExtendedFields[name] = value, value
		}
	}
	_, err = tx.Exec(`UPDATE customers SET loyalty_type = $3, extended_fields = $4, modified_on = $5, modified_by = $6, associated_with = coalesce(associated_with, $7)
		WHERE org = $1 AND id = $2`,
		org, survivor.ID, loyalty, toJSON(extended), tx.now, m.who.Till, orNull(k.AssociatedWith))
	return k, err
}

// undoCustomer gives both what was theirs; what was said of the survivor since stands.
func undoCustomer(tx *Tx, m *merging, kept []byte) error {
	var k keptCustomer
	if err := json.Unmarshal(kept, &k); err != nil {
		return err
	}
	org, survivor := m.who.Org, m.survivor
	_, err := tx.Exec(`UPDATE customers SET merged_into = NULL, merged_on = NULL, merged_by = NULL, modified_on = $3, modified_by = $4 WHERE org = $1 AND id = $2`,
		org, m.victim.ID, k.Victim.On, k.Victim.By)
	if err != nil {
		return err
	}
	for _, id := range k.Followers {
		if _, err := tx.Exec(`UPDATE customers SET merged_into = $3 WHERE org = $1 AND id = $2`, org, id, m.victim.ID); err != nil {
			return err
		}
	}
	extended := maps.Clone(survivor.ExtendedFields)
	maps.DeleteFunc(extended, func(name, value string) bool { was, brought := k.ExtendedFields[name]; return brought && was == value })
	now := stamp{survivor.ModifiedOn.UnixMilli(), survivor.ModifiedBy.ID}
	if now == (stamp{m.at, m.by}) {
		now = k.Survivor
	}
	if k.LoyaltyType != survivor.LoyaltyType { // the merge brought them in
		own, err := tx.readAccount(org, survivor.ID) // without what came with the victim: points are parted before
		if err != nil {
			return err
		}
		if own.totals() != (totals{}) {
			k.LoyaltyType = survivor.LoyaltyType // or they could not spend what they earned since
		}
	}
	_, err = tx.Exec(`UPDATE customers SET loyalty_type = $3, extended_fields = $4, modified_on = $5, modified_by = $6,
		associated_with = CASE WHEN associated_with = $7 THEN NULL ELSE associated_with END WHERE org = $1 AND id = $2`,
		org, survivor.ID, k.LoyaltyType, toJSON(extended), now.On, now.By, k.AssociatedWith)
	return err
}

// What follows leads to the survivor when it is read, and stays where it is.
var (
	identifierLogPart = part{name: "identifierLog", erase: eraseIdentifierLog, export: exportIdentifierLog}
	mergesPart        = part{name: "merges", erase: eraseMerges, export: exportMerges}
	answersPart       = part{name: "answers", erase: eraseAnswers}
	auditPart         = part{name: "audit", erase: eraseAudit, export: exportAudit}
)
