package db

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/arteriole/arteriole/fault"
)

// ProfileInput is what a request states of a profile.
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

// ChannelMetaInput is what a request states about a channel, as sent.
type ChannelMetaInput struct {
	Residence, Office *bool
	LastViewedDate    *string // a date or a date and time, "" for none
}

// CustomerInput is the part of a registration or update that is not about one source.
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

// place returns the source and account that a request names. invalid is the operation's fault for a wrong source; the others are
// AccountIdMissing and AccountInvalid.
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

// validIdentifiers normalises identifiers, dropping invalid ones with a warning and repeated ones silently. An external id that
// does not fit the org's present rule, but that somebody already has, stays valid: otherwise one person would become two.
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

// knownIdentifiers are those that may be stored already.
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

// createDate reads the date of a registration; it defaults to now.
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

// short reports whether a name or a channel's value is short enough to be stored.
func short(s string) bool { return utf8.RuneCountInString(s) <= maxNameOrChannel }
