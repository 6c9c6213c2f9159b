package build

import (
	"regexp"
	"slices"
	"strings"
)

// rule adds the vocabulary and the limits of a schema to f, those of items and choices too.
func (s *spec) rule(f *field, c schema, of string) error {
	values := c.at("x-values")
	if !values.ok() {
		values = c.at("enum")
	}
	for _, v := range values.items() {
		f.Values = append(f.Values, v.text())
	}
	if all := limits(c, len(f.Values) > 0); all != nil {
		f.Rules = append(f.Rules, of+strings.Join(all, ", "))
		if !strings.HasPrefix(of, "each ") { // the text of a list speaks of the list
			all = slices.DeleteFunc(all, func(limit string) bool { return said(f.Source, limit) })
		}
		if len(all) > 0 {
			f.unsaid = append(f.unsaid, of+strings.Join(all, ", "))
		}
	}
	if p := c.at("pattern").text(); p != "" && of == "" {
		f.Rules = append(f.Rules, "matches "+p)
		f.unsaid = append(f.unsaid, "matches "+p)
	}
	if items := c.at("items"); items.ok() {
		d, err := s.schema(items)
		if err != nil {
			return err
		}
		if d.at("type").text() != "array" { // the limits of nested lists are left to the description
			return s.rule(f, d, "each ")
		}
	}
	for _, n := range c.choices() {
		d, err := s.schema(n)
		if err != nil {
			return err
		}
		if len(d.choices()) == 0 && d.at("pattern").text() == "" { // a pattern's form is left to the description
			if err := s.rule(f, d, of+d.at("type").text()+": "); err != nil {
				return err
			}
		}
	}
	return nil
}

// limits says in words how long, large or many a value may be.
func limits(c schema, listed bool) []string {
	var all []string
	span := func(low, high, one, many string) {
		if low, high := c.at(low).text(), c.at(high).text(); low != "" || high != "" {
			all = append(all, between(low, high, one, many))
		}
	}
	if !listed {
		span("minLength", "maxLength", " character", " characters")
	}
	span("minItems", "maxItems", " entry", " entries")
	span("minProperties", "maxProperties", " entry", " entries")
	span("minimum", "maximum", "", "")
	if c.at("exclusiveMinimum").is("true") {
		all = append(all, "the lowest excluded")
	}
	if c.at("exclusiveMaximum").is("true") {
		all = append(all, "the highest excluded")
	}
	if m := c.at("multipleOf").text(); m != "" {
		all = append(all, "a multiple of "+m)
	}
	if c.at("uniqueItems").is("true") {
		all = append(all, "no duplicates")
	}
	return all
}

var (
	thousands = regexp.MustCompile(`(\d),(\d{3})\b`)
	otherUnit = regexp.MustCompile(`^[- ](characters?|letters|digits|decimals|hours|days|percents?)\b|^[%.]\d`)
)

// said says whether a text has a limit in its words. It counts entries by what they are.
func said(text, limit string) bool {
	plain := func(s string) string { return strings.ToLower(thousands.ReplaceAllString(s, "$1$2")) }
	text, limit = plain(text), plain(limit)
	counts := !strings.HasSuffix(limit, " characters") && !strings.HasSuffix(limit, " character")
	limit = strings.TrimSuffix(strings.TrimSuffix(limit, " entries"), " entry")
	for {
		before, after, found := strings.Cut(text, limit)
		if !found {
			return false
		}
		whole := !strings.ContainsAny(lastByte(before)+firstByte(after), "0123456789")
		if whole && !(counts && otherUnit.MatchString(after)) {
			return true
		}
		text = after
	}
}

func firstByte(s string) string { return s[:min(1, len(s))] }
func lastByte(s string) string  { return s[max(0, len(s)-1):] }

func between(low, high, one, many string) string {
	unit := func(n string) string {
		if n == "1" {
			return grouped(n) + one
		}
		return grouped(n) + many
	}
	switch {
	case low == high:
		return "exactly " + unit(low)
	case high == "" && one == "":
		return grouped(low) + " or more"
	case high == "":
		return "at least " + unit(low)
	case low == "" || low == "0" && one != "":
		return "at most " + unit(high)
	}
	return grouped(low) + " to " + unit(high)
}

// grouped writes a whole number with commas between its thousands.
func grouped(n string) string {
	if n == "9007199254740991" {
		return "2⁵³ − 1"
	}
	if strings.Trim(n, "0123456789") != "" {
		return n
	}
	for i := len(n) - 3; i > 0; i -= 3 {
		n = n[:i] + "," + n[i:]
	}
	return n
}

var breaches = map[string]string{
	"any": "", "required": "missing", "type": "wrong type", "enum": "unknown value", "pattern": "malformed",
	"minimum": "too small", "maximum": "too large", "minLength": "too short", "maxLength": "too long",
	"minItems": "too few", "maxItems": "too many", "format": "malformed",
}

// refusals reads an x-fault; what gives the same fault is said together, the rest last.
func (s *spec) refusals(n node) ([]refusal, error) {
	var all []refusal
	for _, p := range n.pairs() {
		f := s.byName[p.val.text()]
		when, known := breaches[p.key]
		if f == nil || !known {
			return nil, p.val.errorf("x-fault: %s: %s", p.key, p.val.text())
		}
		if at := slices.IndexFunc(all, func(r refusal) bool { return r.Fault == f && r.When != "" && when != "" }); at >= 0 {
			all[at].When += " or " + when
			continue
		}
		all = append(all, refusal{when, f})
	}
	slices.SortStableFunc(all, func(a, b refusal) int {
		return boolInt(a.When == "") - boolInt(b.When == "")
	})
	if last := len(all) - 1; last > 0 && all[last].When == "" {
		all[last].When = "otherwise invalid"
		if last == 1 && all[0].Fault == all[1].Fault {
			all = []refusal{{all[0].When + " or invalid", all[0].Fault}}
		}
	}
	return all, nil
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
