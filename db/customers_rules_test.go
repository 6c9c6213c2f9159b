package db

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/arteriole/arteriole/fault"
)

var (
	instore = Place{"INSTORE", ""}
	ecom    = Place{"ECOMMERCE", ""}
	we1     = Place{"WECHAT", "22232"}
	we2     = Place{"WECHAT", "22233"}
)

// codes writes warnings or an error as names, to compare whole.
func codes(err error, ws []*fault.Fault) string {
	if err != nil {
		f, ok := fault.Of(err)
		if !ok {
			return err.Error()
		}
		return "error " + f.Name
	}
	var names []string
	for _, w := range ws {
		names = append(names, w.Name)
	}
	return strings.Join(names, " ")
}

func TestDecideRegistration(t *testing.T) {
	for _, c := range []struct {
		name       string
		at         Place
		holders    []holder
		hasProfile bool
		want       string // combine, conflicts, warnings or error
	}{
		{"nobody", instore, nil, false, "0 [] "},
		{"in the same source", instore, []holder{{customer: 7, place: instore}}, true, "error CustomerExists"},
		{"in the same source and elsewhere", instore, []holder{{customer: 5, place: ecom}, {customer: 7, place: instore}}, true, "error CustomerExists"},
		{"one elsewhere, free here", instore, []holder{{customer: 7, place: ecom}}, false, "7 [] Combined"},
		{"one elsewhere, twice", instore, []holder{{customer: 7, place: ecom}, {customer: 7, place: we1}}, false, "7 [] Combined"},
		{"one elsewhere, has a profile here", instore, []holder{{customer: 7, place: ecom}}, true, "error CannotCombine"},
		{"two elsewhere", instore, []holder{{customer: 9, place: we1}, {customer: 7, place: ecom}}, false, "0 [7 9] RegisterConflict"},
		{"another account is another place", we1, []holder{{customer: 7, place: we2}}, false, "7 [] Combined"},
		{"the same account", we1, []holder{{customer: 7, place: we1}}, true, "error CustomerExists"},
	} {
		r, err := decideRegistration(c.at, c.holders, func(int64) bool { return c.hasProfile })
		got := codes(err, r.warnings)
		if err == nil {
			got = fmt.Sprint(r.combine, " ", r.conflicts, " ", got)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestDecideChange(t *testing.T) {
	mob, mob2 := Identifier{"mobile", "911"}, Identifier{"mobile", "912"}
	mail, ext, fb := Identifier{"email", "a@b"}, Identifier{"externalId", "X"}, Identifier{"fbId", "f"}
	mine := []placed{{mob, instore}, {mail, instore}, {ext, ecom}, {fb, instore}}
	const self = int64(1)
	for _, c := range []struct {
		name        string
		at          Place
		mine        []placed
		add, remove []Identifier
		primary     string
		holders     map[Identifier][]holder
		places      map[int64][]Place
		keeps       string // types that the survivor has
		want        string // survivor, removed, added, warnings or error
	}{
		{name: "add a free one", add: []Identifier{mob2}, want: "0 [] [{mobile 912}] "},
		{name: "remove one", remove: []Identifier{mob}, want: "0 [{mobile 911}] [] "},
		{name: "replace one", remove: []Identifier{mob}, add: []Identifier{mob2}, want: "0 [{mobile 911}] [{mobile 912}] "},
		{name: "already here: mobile", add: []Identifier{mob}, want: "0 [] [] MobileAlreadyOn NothingChanged"},
		{name: "already here: email", add: []Identifier{mail}, want: "0 [] [] EmailAlreadyOn NothingChanged"},
		{name: "already here: external id", at: ecom, add: []Identifier{ext}, want: "0 [] [] ExternalIDAlreadyOn NothingChanged"},
		{name: "already here: another type", add: []Identifier{fb}, want: "0 [] [] NothingChanged"},
		{name: "already here, and a free one", add: []Identifier{mob, mob2}, want: "0 [] [{mobile 912}] MobileAlreadyOn"},
		{name: "one's own of another source is simply added", add: []Identifier{ext}, want: "0 [] [{externalId X}] "},
		{name: "remove what is not there", remove: []Identifier{mob2}, want: "0 [] [] NothingChanged"},
		{name: "remove what is elsewhere", remove: []Identifier{ext}, want: "0 [] [] NothingChanged"},
		{name: "remove and add the same", remove: []Identifier{mob}, add: []Identifier{mob}, want: "0 [] [] NothingChanged",
			holders: map[Identifier][]holder{mob: {{customer: 5, place: ecom}}}},
		{name: "taken here", add: []Identifier{mob2}, holders: map[Identifier][]holder{mob2: {{customer: 5, place: instore}}}, want: "error IdentifierTaken"},
		{name: "taken here wins over all", add: []Identifier{mob2, {"mobile", "913"}, {"mobile", "914"}}, remove: []Identifier{mob, mail, fb}, mine: []placed{{mob, instore}},
			holders: map[Identifier][]holder{mob2: {{customer: 5, place: ecom}}, {"mobile", "913"}: {{customer: 6, place: ecom}}, {"mobile", "914"}: {{customer: 7, place: instore}}},
			want:    "error IdentifierTaken"},
		{name: "held elsewhere: merged, then added", add: []Identifier{mob2}, holders: map[Identifier][]holder{mob2: {{customer: 5, place: ecom}}},
			places: map[int64][]Place{self: {instore}, 5: {ecom}}, want: "5 [] [{mobile 912}] Merged"},
		{name: "a free and a held one", add: []Identifier{{"email", "n@n"}, mob2}, holders: map[Identifier][]holder{mob2: {{customer: 5, place: ecom}}},
			places: map[int64][]Place{self: {instore}, 5: {ecom}}, want: "5 [] [{email n@n} {mobile 912}] Merged"},
		{name: "held elsewhere by one with a profile here", add: []Identifier{mob2}, holders: map[Identifier][]holder{mob2: {{customer: 5, place: ecom}}},
			places: map[int64][]Place{self: {instore}, 5: {ecom, instore}}, want: "error CannotCombine"},
		{name: "held elsewhere, a third source shared", add: []Identifier{mob2}, holders: map[Identifier][]holder{mob2: {{customer: 5, place: ecom}}},
			places: map[int64][]Place{self: {instore, we1}, 5: {ecom, we1}}, want: "error CannotCombine"},
		{name: "other accounts of one source are not shared", add: []Identifier{mob2}, holders: map[Identifier][]holder{mob2: {{customer: 5, place: ecom}}},
			places: map[int64][]Place{self: {instore, we1}, 5: {ecom, we2}}, want: "5 [] [{mobile 912}] Merged"},
		{name: "one identifier of two others", add: []Identifier{mob2}, holders: map[Identifier][]holder{mob2: {{customer: 5, place: ecom}, {customer: 6, place: we1}}}, want: "error IdentifierConflict"},
		{name: "two identifiers of two others", add: []Identifier{mob2, {"email", "n@n"}},
			holders: map[Identifier][]holder{mob2: {{customer: 5, place: ecom}}, {"email", "n@n"}: {{customer: 6, place: ecom}}}, want: "error IdentifierConflict"},
		{name: "the last one", mine: []placed{{mob, instore}}, remove: []Identifier{mob}, want: "error IdentifierProtected"},
		{name: "the last here, not the last", mine: []placed{{mob, instore}, {ext, ecom}}, remove: []Identifier{mob}, want: "0 [{mobile 911}] [] "},
		{name: "the last one replaced", mine: []placed{{mob, instore}}, remove: []Identifier{mob}, add: []Identifier{mob2}, want: "0 [{mobile 911}] [{mobile 912}] "},
		{name: "the last one, merged", mine: []placed{{mob, instore}}, remove: []Identifier{mob}, add: []Identifier{mob2}, holders: map[Identifier][]holder{mob2: {{customer: 5, place: ecom}}},
			places: map[int64][]Place{self: {instore}, 5: {ecom}}, want: "5 [{mobile 911}] [{mobile 912}] Merged"},
		{name: "the primary one", primary: "mobile", remove: []Identifier{mob}, want: "error IdentifierProtected"},
		{name: "the primary one replaced", primary: "mobile", remove: []Identifier{mob}, add: []Identifier{mob2}, want: "0 [{mobile 911}] [{mobile 912}] "},
		{name: "the primary type was never there", primary: "externalId", mine: []placed{{mob, instore}, {mail, instore}}, remove: []Identifier{mob}, want: "0 [{mobile 911}] [] "},
		{name: "the primary one stays elsewhere", primary: "mobile", mine: []placed{{mob, instore}, {mob, ecom}}, remove: []Identifier{mob}, want: "0 [{mobile 911}] [] "},
		{name: "the primary one, the survivor has none", primary: "mobile", remove: []Identifier{mob}, add: []Identifier{{"email", "n@n"}},
			holders: map[Identifier][]holder{{"email", "n@n"}: {{customer: 5, place: ecom}}}, places: map[int64][]Place{self: {instore}, 5: {ecom}}, want: "error IdentifierProtected"},
		{name: "the primary one, the survivor has one", primary: "mobile", remove: []Identifier{mob}, add: []Identifier{{"email", "n@n"}}, keeps: "mobile",
			holders: map[Identifier][]holder{{"email", "n@n"}: {{customer: 5, place: ecom}}}, places: map[int64][]Place{self: {instore}, 5: {ecom}}, want: "5 [{mobile 911}] [{email n@n}] Merged"},
	} {
		if c.at == (Place{}) {
			c.at = instore
		}
		if c.mine == nil {
			c.mine = slices.Clone(mine)
		}
		d, err := decideChange(self, c.at, c.mine, c.add, c.remove, c.primary,
			func(id Identifier) []holder { return c.holders[id] },
			func(id int64) []Place { return c.places[id] },
			func(_ int64, typ string) bool { return typ == c.keeps })
		got := codes(err, d.warnings)
		if err == nil {
			got = fmt.Sprint(d.survivor, " ", d.remove, " ", d.add, " ", got)
		}
		if got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}
