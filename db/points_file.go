package db

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// The file of a points program: what ParseProgram reads and Text writes.

// ProgramFile is a program as its file says it.
type ProgramFile struct {
	Rules ProgramRules
	From  string // the day it begins, as 2026-04-01; "" for now
}

// maxProgramFile bounds the file, the others what it may list.
const (
	maxProgramFile = 64 << 10
	maxTiers       = 50
	maxBillCoupons = 10
)

// ParseProgram reads the file of a program. It is strict: every key is known and stands once, and every value is what it must
// be. The error names the line.
func ParseProgram(text []byte) (f ProgramFile, err error) {
	if len(text) > maxProgramFile {
		return f, Refusal("the program file must be at most 64 KiB")
	}
	var doc yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&doc); errors.Is(err, io.EOF) {
		return f, Refusal("the program file is empty")
	} else if err != nil {
		return f, Refusal("the program file is not valid YAML: " + strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return f, Refusal("the program file must contain a single document")
	}
	r := &programReader{}
	p := &f.Rules
	r.object("", doc.Content[0], map[string]func(string, *yaml.Node){
		"name": func(at string, n *yaml.Node) {
			p.Name = strings.TrimSpace(r.scalar(at, n))
			if l := utf8.RuneCountInString(p.Name); l < 1 || l > 100 || hasControl(p.Name) {
				r.bad(n, at, "1 to 100 characters")
			}
		},
		"from": func(at string, n *yaml.Node) {
			f.From = r.scalar(at, n)
			if _, err := time.Parse(time.DateOnly, f.From); err != nil {
				r.bad(n, at, "a date such as 2026-04-01")
			}
		},
		"earn": func(at string, n *yaml.Node) {
			r.object(at, n, map[string]func(string, *yaml.Node){
				"points-per-unit": func(at string, n *yaml.Node) { p.Rate = r.number(at, n, 6, 1000) },
				"decimals":        func(at string, n *yaml.Node) { p.Decimals = int(r.number(at, n, 0, 3)) },
			}, "points-per-unit")
		},
		"redeem": func(at string, n *yaml.Node) {
			r.object(at, n, map[string]func(string, *yaml.Node){
				"value-of-a-point": func(at string, n *yaml.Node) { p.Value = r.number(at, n, 6, 1_000_000) },
				"minimum":          func(at string, n *yaml.Node) { p.Minimum = r.points(at, n) },
				"maximum":          func(at string, n *yaml.Node) { p.Maximum = r.points(at, n) },
			}, "value-of-a-point")
			if p.Maximum > 0 && p.Maximum < p.Minimum {
				r.bad(n, at+".maximum", "at least the minimum")
			}
		},
		"expire": func(at string, n *yaml.Node) {
			r.object(at, n, map[string]func(string, *yaml.Node){
				"after-days": func(at string, n *yaml.Node) { p.ExpireDays = int(r.number(at, n, 0, 36500)) },
			}, "after-days")
		},
		"tiers": func(at string, n *yaml.Node) {
			if n.Kind != yaml.SequenceNode || len(n.Content) == 0 || len(n.Content) > maxTiers {
				r.bad(n, at, fmt.Sprintf("a list of 1 to %d tiers", maxTiers))
				return
			}
			for i, c := range n.Content {
				r.tier(fmt.Sprintf("%s[%d]", at, i), c, p)
			}
		},
		"coupons": func(at string, n *yaml.Node) {
			if n.Kind != yaml.SequenceNode || len(n.Content) == 0 || len(n.Content) > maxBillCoupons {
				r.bad(n, at, fmt.Sprintf("a list of 1 to %d series", maxBillCoupons))
				return
			}
			for i, c := range n.Content {
				r.coupon(fmt.Sprintf("%s[%d]", at, i), c, p)
			}
		},
	}, "name", "earn", "redeem", "expire", "tiers")
	return f, r.err
}

func (r *programReader) tier(at string, n *yaml.Node, p *ProgramRules) {
	t := Tier{From: -1}
	r.object(at, n, map[string]func(string, *yaml.Node){
		"name": func(at string, n *yaml.Node) {
			t.Name = strings.TrimSpace(r.scalar(at, n))
			if l := utf8.RuneCountInString(t.Name); l < 1 || l > 50 || hasControl(t.Name) {
				r.bad(n, at, "1 to 50 characters")
			}
		},
		"from": func(at string, n *yaml.Node) { t.From = r.points(at, n) },
	}, "name", "from")
	switch last := len(p.Tiers) - 1; {
	case last < 0 && t.From != 0:
		r.bad(n, at+".from", "0, since every customer is in a tier")
	case last >= 0 && t.From <= p.Tiers[last].From:
		r.bad(n, at+".from", "more than that of the tier before")
	}
	p.Tiers = append(p.Tiers, t)
}

func (r *programReader) coupon(at string, n *yaml.Node, p *ProgramRules) {
	var c BillCoupon
	r.object(at, n, map[string]func(string, *yaml.Node){
		"series":         func(at string, n *yaml.Node) { c.Series = r.number(at, n, 0, 1_000_000_000_000) },
		"minimum-amount": func(at string, n *yaml.Node) { c.Minimum = r.points(at, n) },
	}, "series")
	if slices.ContainsFunc(p.Coupons, func(have BillCoupon) bool { return have.Series == c.Series }) {
		r.bad(n, at+".series", "one that the list does not have yet")
	}
	p.Coupons = append(p.Coupons, c)
}

// programReader keeps the first error.
type programReader struct{ err error }

func (r *programReader) bad(n *yaml.Node, at, want string) {
	if r.err == nil {
		r.err = Refusal(fmt.Sprintf("line %d: %s must be %s", n.Line, at, want))
	}
}

// object reads a mapping whose keys are all known and stand once each.
func (r *programReader) object(at string, n *yaml.Node, known map[string]func(at string, n *yaml.Node), required ...string) {
	dot := at
	if dot != "" {
		dot += "."
	}
	if n.Kind != yaml.MappingNode {
		r.bad(n, cmp.Or(at, "the file"), "keys with values")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		read := known[key.Value]
		switch {
		case r.err != nil:
			return
		case key.Kind != yaml.ScalarNode || read == nil:
			r.err = Refusal(fmt.Sprintf("line %d: %s%s is not a key of a program", key.Line, dot, key.Value))
			return
		case seen[key.Value]:
			r.err = Refusal(fmt.Sprintf("line %d: %s%s is given twice", key.Line, dot, key.Value))
			return
		}
		seen[key.Value] = true
		read(dot+key.Value, n.Content[i+1])
	}
	for _, key := range required {
		if !seen[key] && r.err == nil {
			r.err = Refusal(fmt.Sprintf("line %d: %s%s is missing", n.Line, dot, key))
		}
	}
}

func (r *programReader) scalar(at string, n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		r.bad(n, at, "a single value")
		return ""
	}
	return n.Value
}

// points reads points or an amount, into thousandths.
func (r *programReader) points(at string, n *yaml.Node) int64 {
	return r.number(at, n, 3, 1_000_000_000_000)
}

var plainNumber = regexp.MustCompile(`^[0-9]{1,13}(\.[0-9]{1,6})?$`)

// number reads a decimal from 0 to most with at most so many decimals, of which the last one counts 1 in what is given back.
func (r *programReader) number(at string, n *yaml.Node, decimals int, most int64) int64 {
	unit := int64(1)
	for range decimals {
		unit *= 10
	}
	v, ok := fixed(r.scalar(at, n), decimals)
	if !ok || v > most*unit {
		want := fmt.Sprintf("a number from 0 to %d with at most %d decimals", most, decimals)
		if decimals == 0 {
			want = fmt.Sprintf("a whole number from 0 to %d", most)
		}
		r.bad(n, at, want)
	}
	return v
}

// fixed reads a plain decimal into an integer of its smallest part.
func fixed(s string, decimals int) (int64, bool) {
	if !plainNumber.MatchString(s) {
		return 0, false
	}
	whole, rest, _ := strings.Cut(s, ".")
	if len(rest) > decimals {
		if strings.Trim(rest[decimals:], "0") != "" {
			return 0, false
		}
		rest = rest[:decimals]
	}
	v, err := strconv.ParseInt(whole+rest+strings.Repeat("0", decimals-len(rest)), 10, 64)
	return v, err == nil
}

// Text writes the program as its file: ParseProgram reads the same again.
func (f ProgramFile) Text() string {
	var b strings.Builder
	p := f.Rules
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	set := func(key string, thousandths int64) {
		if thousandths > 0 {
			line("  %s: %s", key, Decimal(thousandths))
		}
	}
	line("name: %s", strconv.Quote(p.Name))
	if f.From != "" {
		line("from: %s", f.From)
	}
	line("earn:\n  points-per-unit: %s", millionths(p.Rate))
	if p.Decimals > 0 {
		line("  decimals: %d", p.Decimals)
	}
	line("redeem:\n  value-of-a-point: %s", millionths(p.Value))
	set("minimum", p.Minimum)
	set("maximum", p.Maximum)
	line("expire:\n  after-days: %d\ntiers:", p.ExpireDays)
	for _, t := range p.Tiers {
		line("  - {name: %s, from: %s}", strconv.Quote(t.Name), Decimal(t.From))
	}
	if len(p.Coupons) > 0 {
		line("coupons:")
	}
	for _, c := range p.Coupons {
		line("  - {series: %d, minimum-amount: %s}", c.Series, Decimal(c.Minimum))
	}
	return b.String()
}

func millionths(n int64) string {
	s := fmt.Sprintf("%d.%06d", n/1_000_000, n%1_000_000)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}
