package db

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/arteriole/arteriole/fault"
)

// What one profile and one customer may gather over many requests: each request is bounded by the contract, their sum by this.
const (
	maxFields      = 200
	maxIdentifiers = 100
	maxChannels    = 100
)

func tooMany(what string, most int, place string) error {
	return fault.BadRequest.With("reason", "is too much: there can be at most "+strconv.Itoa(most)+" "+what).At(place)
}

// addProfile stores a new profile with its identifiers, channels and search terms. added has what the audit tells of it.
func (tx *Tx) addProfile(o *orgConfig, who Who, customer int64, at Place, src Source, p ProfileInput, ids []Identifier, conflicts []int64) (added Profile, warnings []*fault.Fault, err error) {
	if err := o.checkFields(p.Fields); err != nil {
		return added, nil, err
	}
	if conflicts == nil {
		conflicts = []int64{}
	}
	added = Profile{Place: at, FirstName: name(p.FirstName, ""), LastName: name(p.LastName, ""), Fields: p.Fields, Conflicts: conflicts}
	_, err = tx.Exec(`INSERT INTO profiles (org, customer, source, account, first_name, last_name, fields, conflicts, created_on, created_by, modified_on, modified_by, position)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9, $10, (SELECT coalesce(max(position), 0) + 1 FROM profiles WHERE org = $1 AND customer = $2))`,
		who.Org, customer, at.Source, at.Account, added.FirstName, added.LastName, fieldsJSON(p.Fields), toJSON(conflicts), tx.now, who.Till)
	if err != nil {
		return added, nil, err
	}
	if err := tx.addIdentifiers(who.Org, customer, at, ids); err != nil {
		return added, nil, err
	}
	for _, id := range ids {
		added.Identifiers = append(added.Identifiers, StoredIdentifier{Identifier: id})
	}
	if err := tx.addTerms(who.Org, customer, at, o.terms(added.FirstName, added.LastName, ids)); err != nil {
		return added, nil, err
	}
	added.Channels, warnings, err = tx.setChannels(o, who.Org, customer, at, src, nil, p.Channels, ids)
	return added, warnings, err
}

// changeProfile stores what a request says anew of a profile.
func (tx *Tx) changeProfile(o *orgConfig, who Who, have Profile, src Source, p ProfileInput) ([]*fault.Fault, error) {
	if err := o.checkFields(p.Fields); err != nil {
		return nil, err
	}
	first, last := name(p.FirstName, have.FirstName), name(p.LastName, have.LastName)
	if first != have.FirstName || last != have.LastName {
		ids := have.identifiers()
		if err := tx.dropTerms(who.Org, have.UserID, have.Place, o.terms(have.FirstName, have.LastName, ids)); err != nil {
			return nil, err
		}
		if err := tx.addTerms(who.Org, have.UserID, have.Place, o.terms(first, last, ids)); err != nil {
			return nil, err
		}
	}
	fields := maps.Clone(have.Fields)
	maps.Copy(fields, p.Fields)
	if len(fields) > maxFields {
		return nil, tooMany("fields in a profile", maxFields, "body: profiles[0].fields")
	}
	_, err := tx.Exec(`UPDATE profiles SET first_name = $5, last_name = $6, fields = $7, modified_on = $8, modified_by = $9
		WHERE org = $1 AND customer = $2 AND source = $3 AND account = $4`,
		who.Org, have.UserID, have.Source, have.Account, first, last, fieldsJSON(fields), tx.now, who.Till)
	if err != nil {
		return nil, err
	}
	_, warnings, err := tx.setChannels(o, who.Org, have.UserID, have.Place, src, have.Channels, p.Channels, nil)
	return warnings, err
}

// name is trimmed; what is not said stays.
func name(sent *string, have string) string {
	if sent == nil {
		return have
	}
	return strings.TrimSpace(*sent)
}

func fieldsJSON(fields map[string]string) string {
	if len(fields) == 0 {
		return "{}"
	}
	return toJSON(fields)
}

// checkFields refuses custom fields that the org has not defined, once it has defined any.
func (o *orgConfig) checkFields(fields map[string]string) error {
	for _, k := range slices.Sorted(maps.Keys(fields)) {
		if !allowed(o.CustomFields, k) {
			return fault.CustomFieldInvalid.With("name", k).At("body: profiles[0].fields")
		}
	}
	return nil
}

// addIdentifiers gives identifiers to a profile. That one of them is taken was decided before; the primary key sees to it
// that the decision holds.
func (tx *Tx) addIdentifiers(org, customer int64, at Place, ids []Identifier) error {
	for _, id := range ids {
		_, err := tx.Exec(`INSERT INTO identifiers (org, type, value, source, account, customer, position, created_on)
			VALUES ($1, $2, $3, $4, $5, $6, (SELECT coalesce(max(position), 0) + 1 FROM identifiers WHERE org = $1 AND customer = $6 AND source = $4 AND account = $5), $7)`,
			org, id.Type, id.Value, at.Source, at.Account, customer, tx.now)
		if taken(err) {
			return fault.IdentifierTaken.With("type", id.Type, "id", customer).Because(err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) removeIdentifiers(org int64, at Place, ids []Identifier) error {
	for _, id := range ids {
		_, err := tx.Exec(`DELETE FROM identifiers WHERE org = $1 AND type = $2 AND value = $3 AND source = $4 AND account = $5`,
			org, id.Type, id.Value, at.Source, at.Account)
		if err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) addTerms(org, customer int64, at Place, ts []term) error {
	for _, t := range ts {
		_, err := tx.Exec(`INSERT INTO search_terms (org, term, customer, source, account, kind) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT DO NOTHING`, org, t.text, customer, at.Source, at.Account, t.kind)
		if err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) dropTerms(org, customer int64, at Place, ts []term) error {
	for _, t := range ts {
		_, err := tx.Exec(`DELETE FROM search_terms WHERE org = $1 AND term = $2 AND customer = $3 AND source = $4 AND account = $5 AND kind = $6`,
			org, t.text, customer, at.Source, at.Account, t.kind)
		if err != nil {
			return err
		}
	}
	return nil
}

// setChannels stores channels by type and value: new ones are added, known ones changed. In INSTORE a mobile number and
// an e-mail address are channels by themselves. stored are those that were added or changed.
func (tx *Tx) setChannels(o *orgConfig, org, customer int64, at Place, src Source, have []Channel, sent []ChannelInput, ids []Identifier) (stored []Channel, warnings []*fault.Fault, err error) {
	known := len(have)
	for i, in := range sent {
		place := "body: profiles[0].commChannels[" + strconv.Itoa(i) + "]"
		value, ok := o.normalise(in.Type, in.Value)
		if !ok || !short(value) {
			switch in.Type {
			case "email":
				warnings = append(warnings, fault.ChannelEmailInvalid.At(place+".value"))
			case "mobile":
				warnings = append(warnings, fault.ChannelMobileInvalid.At(place+".value"))
			default:
				warnings = append(warnings, fault.ChannelInvalid.With("type", in.Type, "source", src.Name).At(place+".value"))
			}
			continue
		}
		if !src.hasChannel(in.Type) {
			warnings = append(warnings, fault.ChannelInvalid.With("type", in.Type, "source", src.Name).At(place+".type"))
		}
		c := Channel{Type: in.Type, Value: value, Subscribed: true}
		if j := slices.IndexFunc(have, func(h Channel) bool { return h.Type == in.Type && h.Value == value }); j >= 0 {
			c = have[j]
		} else if known++; known > maxChannels {
			return nil, nil, tooMany("channels in a profile", maxChannels, place)
		}
		set(&c.Primary, in.Primary)
		set(&c.Verified, in.Verified)
		set(&c.Subscribed, in.Subscribed)
		if in.Meta != nil {
			if c.Meta, err = o.channelMeta(c.Meta, *in.Meta, place+".meta"); err != nil {
				return nil, nil, err
			}
		}
		if in.Attributes != nil {
			c.Attributes = in.Attributes
		}
		if err := tx.putChannel(org, customer, at, c); err != nil {
			return nil, nil, err
		}
		c.Meta = c.Meta.in(o.TimeZone)
		stored = append(slices.DeleteFunc(stored, func(s Channel) bool { return s.Type == c.Type && s.Value == c.Value }), c)
	}
	if at.Source == "INSTORE" {
		derived, err := tx.deriveChannels(org, customer, at, ids)
		return append(stored, derived...), warnings, err
	}
	return stored, warnings, nil
}

// channelMeta changes what is given, and reads the date of the last view in whichever form it came.
func (o *orgConfig) channelMeta(m ChannelMeta, in ChannelMetaInput, place string) (ChannelMeta, error) {
	set(&m.Residence, in.Residence)
	set(&m.Office, in.Office)
	if in.LastViewedDate == nil {
		return m, nil
	}
	if *in.LastViewedDate == "" {
		m.LastViewedDate = nil
		return m, nil
	}
	t, ok := parseTime(*in.LastViewedDate, o.TimeZone)
	if !ok {
		return m, fault.BadRequest.With("reason", "must be a date").At(place + ".lastViewedDate")
	}
	m.LastViewedDate = &t
	return m, nil
}

// deriveChannels makes channels of the identifiers that are one, where there is none yet, and returns those that it made.
func (tx *Tx) deriveChannels(org, customer int64, at Place, ids []Identifier) (made []Channel, err error) {
	for _, id := range ids {
		if id.Type != "mobile" && id.Type != "email" {
			continue
		}
		r, err := tx.Exec(insertChannel+` ON CONFLICT DO NOTHING`, org, customer, at.Source, at.Account, id.Type, id.Value, 0, 0, 1, "{}", "{}")
		if err != nil {
			return nil, err
		}
		if n, err := r.RowsAffected(); err != nil {
			return nil, err
		} else if n > 0 {
			made = append(made, Channel{Type: id.Type, Value: id.Value, Subscribed: true})
		}
	}
	return made, nil
}

const insertChannel = `INSERT INTO channels (org, customer, source, account, type, value, is_primary, verified, subscribed, meta, attributes, position)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, (SELECT coalesce(max(position), 0) + 1 FROM channels WHERE org = $1 AND customer = $2 AND source = $3 AND account = $4))`

func (tx *Tx) putChannel(org, customer int64, at Place, c Channel) error {
	attributes := c.Attributes
	if attributes == nil {
		attributes = map[string]string{}
	}
	meta, err := json.Marshal(c.Meta)
	if err != nil {
		return err
	}
	_, err = tx.Exec(insertChannel+` ON CONFLICT (org, customer, source, account, type, value) DO UPDATE
		SET is_primary = excluded.is_primary, verified = excluded.verified, subscribed = excluded.subscribed, meta = excluded.meta, attributes = excluded.attributes`,
		org, customer, at.Source, at.Account, c.Type, c.Value, bit(c.Primary), bit(c.Verified), bit(c.Subscribed), string(meta), toJSON(attributes))
	return err
}

func set(b *bool, sent *bool) {
	if sent != nil {
		*b = *sent
	}
}
