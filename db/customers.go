package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/arteriole/arteriole/fault"
)

// firstCustomer is the id that a new org gives first.
const firstCustomer = 1001

// ProfileInput is what a request says of a profile.
type ProfileInput struct {
	FirstName, LastName *string
	Fields              map[string]string
	Identifiers         []Identifier // as sent; types are canonical
	Channels            []ChannelInput
}

// ChannelInput is a way to reach the customer, as sent.
type ChannelInput struct {
	Type, Value                   string
	Primary, Verified, Subscribed *bool
	Meta                          *ChannelMetaInput
	Attributes                    map[string]string
}

// ChannelMetaInput says what is known of a channel, as sent.
type ChannelMetaInput struct {
	Residence, Office *bool
	LastViewedDate    *string // a date or a date and time, "" for none
}

// CustomerInput is the part of a registration or an update that is not about one source.
type CustomerInput struct {
	LoyaltyType    string // "loyalty", "non_loyalty", or "" when not said
	CreateDate     string // as sent, "" when not said
	CreatedBy      string // code of a till, "" when not said
	ExtendedFields map[string]string
	AssociatedWith string // code of a till, "" when not said

	SourceInProfile bool // source and account stand in the body, not in the address
}

func (in *CustomerInput) nothing() bool {
	return in.LoyaltyType == "" && len(in.ExtendedFields) == 0 && in.AssociatedWith == ""
}

// Outcome of a change: the customer who has it now, and what was not as asked.
type Outcome struct {
	ID       int64
	Warnings []*fault.Fault
}

// RegisterCustomer adds a customer, or combines the profile with the one customer who has an identifier of it in another
// source (openapi.yaml, Register Customer). It never changes a profile that exists.
func (s *Store) RegisterCustomer(ctx context.Context, who Who, source, account string, p ProfileInput, in CustomerInput) (Outcome, error) {
	return once(ctx, s, who, func(tx *Tx) (Outcome, error) { return tx.register(who, source, account, p, in) })
}

func (tx *Tx) register(who Who, source, account string, p ProfileInput, in CustomerInput) (out Outcome, err error) {
	o, err := tx.orgToChange(who.Org)
	if err != nil {
		return out, err
	}
	at, src, err := o.place(source, account, fault.SourceInvalid)
	if f, ok := fault.Of(err); ok && in.SourceInProfile {
		return out, f.At("body: profiles[0]." + strings.TrimPrefix(f.Place(), "query: "))
	}
	if err != nil {
		return out, err
	}
	ids, warnings, err := tx.validIdentifiers(o, who.Org, p.Identifiers, "profiles[0].identifiers")
	if err != nil {
		return out, err
	}
	generate := o.givesExternalID(at.Source, p.Identifiers)
	if !(generate && o.PrimaryIdentifier == "externalId") {
		if err := o.needPrimary(p.Identifiers, ids); err != nil {
			return out, err
		}
	}
	if len(ids) == 0 {
		reason := "none of those sent follows the rules of its type"
		if len(p.Identifiers) == 0 {
			reason = "none was sent"
		}
		return out, fault.NoValidIdentifier.With("reason", reason).At("body: profiles[0].identifiers")
	}
	createDate, err := o.createDate(in.CreateDate, tx.now)
	if err != nil {
		return out, err
	}
	createdBy := who.Till
	if in.CreatedBy != "" {
		if createdBy = o.tillID[strings.ToLower(in.CreatedBy)]; createdBy == 0 {
			return out, fault.RegistrationTillInvalid.At("body: loyaltyInfo.attributionV2.createdBy")
		}
	}
	if err := tx.refuseErased(o, who.Org, ids); err != nil {
		return out, err
	}
	holders, err := tx.holders(who.Org, ids, 0)
	if err != nil {
		return out, err
	}
	var failed error
	verdict, err := decideRegistration(at, holders, func(customer int64) bool {
		has, err := tx.hasProfile(who.Org, customer, at)
		failed = errors.Join(failed, err)
		return has
	})
	if failed != nil {
		return out, failed
	}
	if err != nil {
		return out, err
	}
	out.Warnings = append(verdict.warnings, warnings...)
	action := "customer.register"
	var before *Customer
	if out.ID = verdict.combine; out.ID == 0 {
		if out.ID, err = tx.next(who.Org, "customers", firstCustomer); err != nil {
			return out, err
		}
		_, err = tx.Exec(`INSERT INTO customers (org, id, loyalty_type, create_date, created_on, created_by, modified_on, modified_by, created_from)
			VALUES ($1, $2, $3, $4, $5, $6, $5, $6, $7)`,
			who.Org, out.ID, orElse(in.LoyaltyType, "loyalty"), createDate, tx.now, createdBy, strings.ToLower(at.Source))
		if err != nil {
			return out, err
		}
	} else {
		action = "customer.combine"
		if before, err = tx.customer(o, who.Org, out.ID); err != nil {
			return out, err
		}
		if in.LoyaltyType == "non_loyalty" {
			in.LoyaltyType = "" // joining a source takes nobody out of the programme
		}
	}
	if generate && !before.hasExternalID() {
		given, err := tx.generateExternalID(o, who.Org)
		if err != nil {
			return out, err
		}
		ids = append(ids, Identifier{"externalId", given})
	}
	w, err := tx.addProfile(o, who, out.ID, at, src, p, ids, verdict.conflicts)
	if err != nil {
		return out, err
	}
	out.Warnings = append(out.Warnings, w...)
	if before != nil {
		if err := tx.logIdentifiers(who, out.ID, at, "COMBINE", ids); err != nil {
			return out, err
		}
	}
	w, err = tx.updateCustomer(o, who, out.ID, in)
	if err != nil {
		return out, err
	}
	out.Warnings = append(out.Warnings, w...)
	told := toldCustomerRegistered
	if before != nil {
		told = toldCustomerUpdated
	}
	if err := tx.audit(o, who, action, out.ID, before); err != nil {
		return out, err
	}
	return out, tx.tell(o, who, told, out.ID, map[string]any{})
}

// UpdateCustomer changes what a customer's profile in one place says, and what is said of the customer as a whole. Only
// what is given changes; identifiers only name the profile, they are never changed here.
func (s *Store) UpdateCustomer(ctx context.Context, who Who, id int64, source, account string, p *ProfileInput, in CustomerInput) (Outcome, error) {
	return once(ctx, s, who, func(tx *Tx) (out Outcome, err error) {
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return out, err
		}
		return tx.update(o, who, id, source, account, p, in)
	})
}

// UpdateCustomerByIdentifier is UpdateCustomer for the customer who has an identifier in that place.
func (s *Store) UpdateCustomerByIdentifier(ctx context.Context, who Who, identifier Identifier, source, account string, p *ProfileInput, in CustomerInput) (Outcome, error) {
	return once(ctx, s, who, func(tx *Tx) (out Outcome, err error) {
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return out, err
		}
		found, err := tx.lookup(o, who.Org, source, account, identifier, fault.SourceInvalid)
		if err != nil {
			return out, err
		}
		out, err = tx.update(o, who, found.ID, source, account, p, in)
		out.Warnings = append(found.Warnings, out.Warnings...)
		return out, err
	})
}

func (tx *Tx) update(o *orgConfig, who Who, id int64, source, account string, p *ProfileInput, in CustomerInput) (out Outcome, err error) {
	out.ID = id
	at, src, err := o.place(source, account, fault.SourceInvalid)
	if err != nil {
		return out, err
	}
	before, err := tx.customer(o, who.Org, id)
	if errors.Is(err, ErrNotFound) {
		return out, fault.UpdateCustomerNotFound.With("id", id)
	} else if err != nil {
		return out, err
	}
	if before.MergedInto != 0 {
		return out, fault.MergedCustomer.With("id", id, "survivor", before.MergedInto)
	}
	if in.LoyaltyType == "non_loyalty" && before.LoyaltyType == "loyalty" {
		return out, fault.LoyaltyDowngrade.At("body: loyaltyInfo.loyaltyType")
	}
	if p == nil && in.nothing() {
		return out, nil
	}
	if p != nil {
		holders, err := tx.holders(who.Org, o.knownIdentifiers(p.Identifiers), id)
		if err != nil {
			return out, err
		}
		for _, h := range holders {
			if h.place == at {
				return out, fault.IdentifiersOfOtherProfile.With("id", h.customer).At("body: profiles[0].identifiers")
			}
		}
		if before.profile(at) == nil {
			out.Warnings, err = tx.addProfile(o, who, id, at, src, *p, nil, nil)
		} else {
			out.Warnings, err = tx.changeProfile(o, who, *before.profile(at), src, *p)
		}
		if err != nil {
			return out, err
		}
	}
	w, err := tx.updateCustomer(o, who, id, in)
	if err != nil {
		return out, err
	}
	out.Warnings = append(out.Warnings, w...)
	if err := tx.audit(o, who, "customer.update", id, before); err != nil {
		return out, err
	}
	return out, tx.tell(o, who, toldCustomerUpdated, id, map[string]any{})
}

// updateCustomer stores what is said of the customer as a whole, and that the customer was changed.
func (tx *Tx) updateCustomer(o *orgConfig, who Who, id int64, in CustomerInput) (warnings []*fault.Fault, err error) {
	var loyalty, extended string
	var associated sql.NullInt64
	err = tx.QueryRow(`SELECT loyalty_type, extended_fields, associated_with FROM customers WHERE org = $1 AND id = $2`, who.Org, id).Scan(&loyalty, &extended, &associated)
	if err != nil {
		return nil, err
	}
	fields := map[string]string{}
	if err := json.Unmarshal([]byte(extended), &fields); err != nil {
		return nil, err
	}
	had := len(fields) // a merge may have united more than one customer could gather
	for _, k := range slices.Sorted(maps.Keys(in.ExtendedFields)) {
		v := in.ExtendedFields[k]
		if !allowed(o.ExtendedFields, k) || v == "" || v == "null" {
			warnings = append(warnings, fault.ExtendedFieldInvalid.With("name", k).At("body: extendedFields"))
			continue
		}
		fields[k] = v
	}
	if len(fields) > maxFields && len(fields) > had {
		return nil, tooMany("extended fields", maxFields, "body: extendedFields")
	}
	if in.AssociatedWith != "" {
		if t := o.tillID[strings.ToLower(in.AssociatedWith)]; t != 0 {
			associated = sql.NullInt64{Int64: t, Valid: true}
		} else {
			warnings = append(warnings, fault.AssociatedTillUnknown.With("till", in.AssociatedWith).At("body: associatedWith"))
		}
	}
	_, err = tx.Exec(`UPDATE customers SET loyalty_type = $3, extended_fields = $4, associated_with = $5, modified_on = $6, modified_by = $7
		WHERE org = $1 AND id = $2`, who.Org, id, orElse(in.LoyaltyType, loyalty), toJSON(fields), associated, tx.now, who.Till)
	if err == nil && in.LoyaltyType == "loyalty" { // said by themselves, whatever a merge has made of them: its undoing leaves it
		_, err = tx.Exec(`UPDATE merges SET undo = json_set(undo, '$.customer.loyaltyType', 'loyalty') WHERE org = $1 AND survivor = $2 AND undone_on IS NULL AND undo <> ''`, who.Org, id)
	}
	return warnings, err
}

// place finds the source and the account that a request names, or says which of them is wrong. invalid is the fault that
// the operation gives for a source.
func (o *orgConfig) place(source, account string, invalid *fault.Code) (Place, Source, error) {
	src, ok := ParseSource(source)
	if !ok || !o.sources[src.Name] {
		reason := "is not enabled in the organization"
		if strings.TrimSpace(source) == "" {
			reason = "is required"
		} else if !ok {
			reason = "is unknown"
		}
		return Place{}, src, invalid.With("reason", reason).At("query: source")
	}
	if !src.Accounts {
		return Place{Source: src.Name}, src, nil
	}
	account = strings.TrimSpace(account)
	if account == "" {
		return Place{}, src, fault.AccountIdMissing.With("source", src.Name).At("query: accountId")
	}
	if !o.accounts[src.Name][account] {
		return Place{}, src, fault.AccountInvalid.With("source", src.Name).At("query: accountId")
	}
	return Place{src.Name, account}, src, nil
}

// validIdentifiers normalises identifiers, drops the invalid ones with a warning and the repeated ones without. An external
// id that somebody holds from before the org's present rule stays valid: else one person became two.
func (tx *Tx) validIdentifiers(o *orgConfig, org int64, sent []Identifier, where string) (ids []Identifier, warnings []*fault.Fault, err error) {
	for i, id := range sent {
		v, ok := o.normalise(id.Type, id.Value)
		if !ok {
			if v, ok = o.known(id.Type, id.Value); ok {
				holders, err := tx.holders(org, []Identifier{{id.Type, v}}, 0)
				if err != nil {
					return nil, nil, err
				}
				ok = len(holders) > 0
			}
		}
		if !ok {
			warnings = append(warnings, invalidIdentifier(id.Type, "body: "+where+"["+strconv.Itoa(i)+"].value"))
			continue
		}
		id.Value = v
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, warnings, nil
}

// knownIdentifiers are those that can be stored already.
func (o *orgConfig) knownIdentifiers(sent []Identifier) (ids []Identifier) {
	for _, id := range sent {
		if v, ok := o.known(id.Type, id.Value); ok && !slices.Contains(ids, Identifier{id.Type, v}) {
			ids = append(ids, Identifier{id.Type, v})
		}
	}
	return ids
}

// needPrimary refuses a registration without a valid identifier of the org's primary type.
func (o *orgConfig) needPrimary(sent, valid []Identifier) error {
	p := o.PrimaryIdentifier
	is := func(id Identifier) bool { return id.Type == p }
	switch {
	case p == "" || slices.ContainsFunc(valid, is):
		return nil
	case slices.ContainsFunc(sent, is):
		return fault.PrimaryIdentifierInvalid.With("type", p).At("body: profiles[0].identifiers")
	case p == "mobile":
		return fault.MobileRequired.At("body: profiles[0].identifiers")
	case p == "email":
		return fault.EmailRequired.At("body: profiles[0].identifiers")
	}
	return fault.ExternalIDRequired.At("body: profiles[0].identifiers")
}

// createDate reads the date of a registration; not said, it is now.
func (o *orgConfig) createDate(sent string, now int64) (int64, error) {
	if sent == "" {
		return now, nil
	}
	t, ok := parseTime(sent, o.TimeZone)
	if !ok || t.Before(o.CreateDateEarliest) || t.After(time.UnixMilli(now).Add(o.CreateDateAhead)) {
		return 0, fault.RegistrationDateInvalid.At("body: loyaltyInfo.attributionV2.createDate")
	}
	return t.UnixMilli(), nil
}

// parseTime reads the forms of date and time that the vendor's samples use; without an offset they are in zone.
func parseTime(s string, zone *time.Location) (time.Time, bool) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", time.DateTime, "2006-01-02 15:04:05.0", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, t.Year() >= 1 && t.Year() < 9999 // also in another zone it stays within what RFC 3339 can say
		}
	}
	return time.Time{}, false
}

// holders finds who has any of the identifiers, in every place, except the customer being changed.
func (tx *Tx) holders(org int64, ids []Identifier, except int64) (hs []holder, err error) {
	for _, id := range ids {
		err = tx.Each(func(scan func(...any) error) error {
			var h holder
			var from sql.NullInt64
			err := scan(&h.customer, &h.place.Source, &h.place.Account, &from)
			h.mergedFrom = from.Int64
			if h.customer != except {
				hs = append(hs, h)
			}
			return err
		}, `SELECT customer, source, account, merged_from FROM identifiers WHERE org = $1 AND type = $2 AND value = $3 ORDER BY source, account`, org, id.Type, id.Value)
		if err != nil {
			return nil, err
		}
	}
	return hs, nil
}

func (tx *Tx) hasProfile(org, customer int64, at Place) (has bool, err error) {
	err = tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM profiles WHERE org = $1 AND customer = $2 AND source = $3 AND account = $4)`,
		org, customer, at.Source, at.Account).Scan(&has)
	return has, err
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// list writes ids for people: "1001, 1002".
func list(ids []int64) string {
	s := make([]string, len(ids))
	for i, id := range ids {
		s[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(s, ", ")
}

// toJSON writes what cannot fail to be JSON: maps and structs of strings, numbers and times.
func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// short says whether a name or a channel's value may be stored.
func short(s string) bool { return utf8.RuneCountInString(s) <= maxNameOrChannel }
