package db

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/arteriole/arteriole/fault"
)

// Identifier is what tells a customer from all others within a source: a type and its normalised value.
type Identifier struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

const (
	minMobileDigits  = 7
	maxMobileDigits  = 15
	maxEmail         = 254
	maxExternalID    = 64
	maxIdentifier    = 255
	maxNameOrChannel = 255
)

// normalise gives the form of a value that is stored and compared, or false when the value is not valid
// (our rule 1). typ is canonical.
func (o *OrgSettings) normalise(typ, value string) (string, bool) {
	if !utf8.ValidString(value) {
		return "", false
	}
	switch typ {
	case "mobile":
		return o.normaliseMobile(value)
	case "email":
		return normaliseEmail(value)
	case "externalId":
		return o.normaliseExternalID(value)
	}
	v := strings.TrimSpace(value)
	return v, v != "" && utf8.RuneCountInString(v) <= maxIdentifier && !hasControl(v)
}

// known is normalise for a value that may be stored already: an external id of before the org's present rule is still found.
func (o *OrgSettings) known(typ, value string) (string, bool) {
	any := *o
	any.ExternalIDPrefix, any.ExternalIDLength = "", 0
	return any.normalise(typ, value)
}

// normaliseMobile strips what people write between digits. A number of the national length takes the country code,
// unless it was written in the international form: +65 6123 4567 has ten digits and is not Indian.
func (o *OrgSettings) normaliseMobile(value string) (string, bool) {
	var b strings.Builder
	v := strings.TrimSpace(value)
	international := strings.HasPrefix(v, "+")
	for _, r := range strings.TrimPrefix(v, "+") {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '-' || r == '(' || r == ')' || unicode.IsSpace(r):
		default:
			return "", false
		}
	}
	d := b.String()
	if !international && strings.HasPrefix(d, "00") {
		d, international = d[2:], true
	}
	if !international && o.NationalLength > 0 && len(d) == o.NationalLength {
		d = o.CountryCode + d
	}
	return d, len(d) >= minMobileDigits && len(d) <= maxMobileDigits
}

func normaliseEmail(value string) (string, bool) {
	// Two mailboxes never become one: letters of other scripts whose lower case is an ASCII letter stay as they are.
	v := strings.Map(func(r rune) rune {
		if l := unicode.ToLower(r); r < utf8.RuneSelf || l >= utf8.RuneSelf {
			return l
		}
		return r
	}, norm.NFC.String(strings.TrimSpace(value)))
	local, domain, ok := strings.Cut(v, "@")
	if !ok || local == "" || domain == "" || strings.Contains(domain, "@") || len(v) > maxEmail {
		return "", false
	}
	return v, !hasControl(v) && !strings.ContainsFunc(v, unicode.IsSpace) && !strings.ContainsAny(value, "\u212a\u037e\u1fef")
}

func (o *OrgSettings) normaliseExternalID(value string) (string, bool) {
	v := strings.TrimSpace(value)
	n := utf8.RuneCountInString(v)
	return v, n > 0 && n <= maxExternalID && !strings.Contains(v, ",") && !hasControl(v) &&
		strings.HasPrefix(v, o.ExternalIDPrefix) && (o.ExternalIDLength == 0 || n == o.ExternalIDLength)
}

// hasControl finds characters that nobody sees: two identifiers that look alike must be alike.
func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == 0x2800 || unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
	})
}

// invalidIdentifier is the warning for a value that was dropped.
func invalidIdentifier(typ, place string) *fault.Fault {
	switch typ {
	case "mobile":
		return fault.MobileInvalid.At(place)
	case "email":
		return fault.EmailInvalid.At(place)
	}
	return fault.ExternalIDInvalid.At(place)
}

// fold makes names and identifiers comparable for the search: compatibility forms and case do not count.
// Folded twice is folded once. cases.Fold makes small Cherokee letters capital, as Unicode has it, but capital ones small.
func fold(s string) string {
	folded := cases.Fold().String(strings.TrimSpace(norm.NFKC.String(s)))
	return norm.NFKC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cherokee, r) {
			return unicode.ToUpper(r)
		}
		return r
	}, folded))
}

// term is one thing that the search finds a profile by.
type term struct {
	text string // folded
	kind string // firstName, lastName or an identifier's type
}

// terms of a profile, each once. Mobiles are found with and without the country code.
func (o *OrgSettings) terms(firstName, lastName string, ids []Identifier) []term {
	ts := make([]term, 0, 2+2*len(ids))
	add := func(text, kind string) {
		if text == "" {
			return
		}
		t := term{text, kind}
		for _, have := range ts {
			if have == t {
				return
			}
		}
		ts = append(ts, t)
	}
	add(fold(firstName), "firstName")
	add(fold(lastName), "lastName")
	for _, id := range ids {
		add(fold(id.Value), id.Type)
		if id.Type == "mobile" && len(id.Value) == len(o.CountryCode)+o.NationalLength && strings.HasPrefix(id.Value, o.CountryCode) {
			add(id.Value[len(o.CountryCode):], id.Type)
		}
	}
	return ts
}
