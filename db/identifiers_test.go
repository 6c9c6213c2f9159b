package db

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

var india = OrgSettings{CountryCode: "91", NationalLength: 10}

func TestNormalise(t *testing.T) {
	prefixed := OrgSettings{CountryCode: "91", NationalLength: 10, ExternalIDPrefix: "ARTE-", ExternalIDLength: 9}
	never := OrgSettings{CountryCode: "91"}
	for _, c := range []struct {
		o         *OrgSettings
		typ, in   string
		want      string
		wantValid bool
	}{
		{&india, "mobile", "919845000001", "919845000001", true},
		{&india, "mobile", "9845000001", "919845000001", true},
		{&india, "mobile", " +91 (98450) 00-001 ", "919845000001", true},
		{&india, "mobile", "0091 98450 00001", "919845000001", true},
		{&india, "mobile", "+65 6123 4567", "6561234567", true}, // ten digits, but not national
		{&india, "mobile", "006561234567", "6561234567", true},
		{&never, "mobile", "9845000001", "9845000001", true},
		{&india, "mobile", "1234567", "1234567", true},
		{&india, "mobile", "123456", "", false},
		{&india, "mobile", "123456789012345", "123456789012345", true},
		{&india, "mobile", "1234567890123456", "", false},
		{&india, "mobile", "98450x0001", "", false},
		{&india, "mobile", "９８４５００００01", "", false},
		{&india, "mobile", "9845+000001", "", false},
		{&india, "mobile", "", "", false},
		{&india, "email", " Asha.Rao@Example.ORG ", "asha.rao@example.org", true},
		{&india, "email", "a@b", "a@b", true},
		{&india, "email", "a@@b", "", false},
		{&india, "email", "a@b@c", "", false},
		{&india, "email", "@b", "", false},
		{&india, "email", "a@", "", false},
		{&india, "email", "a b@c", "", false},
		{&india, "email", "a\n@c", "", false},
		{&india, "email", "a\u200b@c", "", false}, // a blank that nobody sees
		{&india, "wechat", "o\u202eX", "", false},
		{&india, "externalId", "A\u3164", "", false},
		{&india, "externalId", "A\ufe0f", "", false},
		{&india, "email", "UN\u0130@example.org", "un\u0130@example.org", true}, // not uni@example.org
		{&india, "email", "\u212aelvin@example.org", "", false},                 // canonically a K
		{&india, "email", "e\u0301@example.org", "\u00e9@example.org", true},
		{&india, "email", strings.Repeat("a", 252) + "@b", strings.Repeat("a", 252) + "@b", true},
		{&india, "email", strings.Repeat("a", 253) + "@b", "", false},
		{&india, "externalId", " Arte-1 ", "Arte-1", true},
		{&india, "externalId", "a,b", "", false},
		{&india, "externalId", "a\tb", "", false},
		{&india, "externalId", strings.Repeat("é", 64), strings.Repeat("é", 64), true},
		{&india, "externalId", strings.Repeat("é", 65), "", false},
		{&prefixed, "externalId", "ARTE-0003", "ARTE-0003", true},
		{&prefixed, "externalId", "arte-0003", "", false},
		{&prefixed, "externalId", "ARTE-003", "", false},
		{&india, "wechat", " oQ7x-Asha ", "oQ7x-Asha", true},
		{&india, "wechat", "  ", "", false},
		{&india, "wechat", strings.Repeat("x", 256), "", false},
		{&india, "wechat", "a\x00b", "", false},
		{&india, "wechat", "a\xffb", "", false},
	} {
		got, ok := c.o.normalise(c.typ, c.in)
		if ok != c.wantValid || ok && got != c.want {
			t.Errorf("%s %q: %q %v, want %q %v", c.typ, c.in, got, ok, c.want, c.wantValid)
		}
	}
}

// What is normalised stays as it is when it is normalised again, and fits its column.
func FuzzNormalise(f *testing.F) {
	for _, v := range []string{"9845000001", "+65 6123 4567", "a@b", "ＡＢＣ@ｅｘ", "İ@x", "ARTE-1", "00", "+", "\xff"} {
		for i := range identifierTypes {
			f.Add(uint8(i), v)
		}
	}
	f.Fuzz(func(t *testing.T, typ uint8, value string) {
		name := identifierTypes[int(typ)%len(identifierTypes)]
		v, ok := india.normalise(name, value)
		if !ok {
			return
		}
		if v == "" || !utf8.ValidString(v) || utf8.RuneCountInString(v) > maxIdentifier || hasControl(v) || v != strings.TrimSpace(v) {
			t.Fatalf("%s %q became %q", name, value, v)
		}
		if name == "mobile" {
			if !digits(v, minMobileDigits, maxMobileDigits) {
				t.Fatalf("mobile %q became %q", value, v)
			}
			return // ten digits of another country, written with +, would be read as national without it
		}
		if again, ok := india.normalise(name, v); !ok || again != v {
			t.Fatalf("%s %q became %q, and then %q %v", name, value, v, again, ok)
		}
	})
}

// Of every character that there is, capital and small letters are found by each other, and what is folded stays as it is.
func TestFoldIsStable(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		for _, s := range []string{string(r), string(r) + "a", "a" + string(r)} {
			if folded := fold(s); fold(folded) != folded {
				t.Errorf("%U: %+q becomes %+q, and then %+q", r, s, folded, fold(folded))
			}
		}
	}
	for _, same := range [][2]string{{"\u13ce", "\uab9e"}, {"\u13f0", "\u13f8"}, {"STRASSE", "straße"}, {"ΣΊΣΥΦΟΣ", "σίσυφος"}, {"ＡＢ", "ab"}} {
		if fold(same[0]) != fold(same[1]) {
			t.Errorf("%q and %q are folded to %q and %q", same[0], same[1], fold(same[0]), fold(same[1]))
		}
	}
}

// Whatever begins with what was typed lies between the bounds of the range, and nothing else does.
func FuzzSearchRange(f *testing.F) {
	f.Add("tom", "tomas")
	f.Add("91", "92")
	f.Add("\U0010FFFF", "\U0010FFFF1")
	f.Add("a\uD7FF", "a\uE000")
	f.Add("%", "_")
	f.Fuzz(func(t *testing.T, q, text string) {
		if !utf8.ValidString(q) || !utf8.ValidString(text) || len(q) > 255 || len(text) > 255 {
			return
		}
		p, term := searchPrefix(q), fold(text)
		if p == "" {
			return
		}
		if in := term >= p && term < after(p); in != strings.HasPrefix(term, p) {
			t.Fatalf("%q in the range of %q: %v", term, p, in)
		}
		if again := fold(term); again != term {
			t.Fatalf("fold is not stable: %q, %q", term, again)
		}
	})
}
