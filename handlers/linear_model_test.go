package handlers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"
)

// The rules of identity once more, as a sequential specification: written from the decision tables in openapi.yaml (Register
// Customer, Update Customer Identifiers), independently of the store.

// A few places and identifiers, so that everybody meets. Places are in the order of their names.
var linPlaces = [...]struct{ source, account string }{{"ECOMMERCE", ""}, {"INSTORE", ""}, {"MARTJACK", ""}, {"WEBSITE", ""}, {"WECHAT", "22232"}, {"WECHAT", "22233"}}
var linTypes = [...]string{"mobile", "mobile", "email", "externalId"}

const everywhere = -1 // instead of a place

// idSet is a set of identifiers, one bit for each of linTypes.
type idSet uint8

func (s idSet) each(f func(i int)) {
	for i := range linTypes {
		if s>>i&1 == 1 {
			f(i)
		}
	}
}

// ask is one request.
type ask struct {
	op     string // register, change, lookup, details
	place  int
	id     int64 // of change and details
	ids    idSet // to register, to add, to look up (one)
	remove idSet
}

// told is one answer, as far as it is about who is whom.
type told struct {
	status   int
	id       int64  // of the customer answered, 0 for none
	said     string // the codes with the customers that their messages name, sorted: "8051:1009 8070"
	profiles string // of details: places with their identifiers and conflicts
}

// identities is the state of the sequential specification. It is never changed, only copied.
type identities struct {
	first  int64 // the id of people[0]; ids have no gaps
	people []person
}

type person struct {
	into     int64 // the survivor, when this is a victim
	profiles [len(linPlaces)]linProfile
}

type linProfile struct {
	there     bool
	has       idSet
	from      [len(linTypes)]int64 // the victim that brought an identifier in a merge
	conflicts string
}

func (s identities) equal(o identities) bool { return slices.Equal(s.people, o.people) }
func (s identities) clone() identities       { return identities{s.first, slices.Clone(s.people)} }
func (s identities) next() int64             { return s.first + int64(len(s.people)) }
func (s identities) knows(id int64) bool     { return id >= s.first && id < s.next() }
func (s identities) of(id int64) *person     { return &s.people[id-s.first] }

// holder of an identifier in a place, 0 for nobody.
func (s identities) holder(place, i int) int64 {
	for k, p := range s.people {
		if p.profiles[place].has>>i&1 == 1 {
			return s.first + int64(k)
		}
	}
	return 0
}

// others hold any of the identifiers, in any place; except is not one of them.
func (s identities) others(ids idSet, except int64) (who []int64) {
	ids.each(func(i int) {
		for place := range linPlaces {
			if h := s.holder(place, i); h != 0 && h != except {
				who = append(who, h)
			}
		}
	})
	slices.Sort(who)
	return slices.Compact(who)
}

// holderHere is the first who holds any of the identifiers in a place, 0 for nobody; except does not count.
func (s identities) holderHere(place int, ids idSet, except int64) (who int64) {
	ids.each(func(i int) {
		if h := s.holder(place, i); who == 0 && h != except {
			who = h
		}
	})
	return who
}

func refused(status, code int, named ...int64) told {
	return told{status: status, said: say(code, named...)}
}

func say(code int, named ...int64) string {
	slices.Sort(named)
	return strings.TrimSuffix(fmt.Sprint(code, ":", idList(named)), ":")
}

func idList(named []int64) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(named), "[]"), " ", ",")
}

func said(codes []string) string {
	slices.Sort(codes)
	return strings.Join(codes, " ")
}

// answer is the specification: what one request is told, and what holds afterwards.
func (s identities) answer(a ask) (told, identities) {
	switch a.op {
	case "register":
		return s.register(a)
	case "change":
		return s.change(a)
	case "lookup":
		return s.lookup(a), s
	}
	return s.details(a), s
}

func (s identities) register(a ask) (told, identities) {
	if h := s.holderHere(a.place, a.ids, 0); h != 0 {
		return refused(409, 8006, h), s
	}
	others := s.others(a.ids, 0)
	if len(others) == 1 {
		id := others[0]
		if s.of(id).profiles[a.place].there {
			return refused(409, 8066, id), s
		}
		s = s.clone()
		s.of(id).profiles[a.place] = linProfile{there: true, has: a.ids}
		return told{status: 200, id: id, said: say(8050, id)}, s
	}
	id := s.next()
	s = s.clone()
	s.people = append(s.people, person{})
	s.of(id).profiles[a.place] = linProfile{there: true, has: a.ids, conflicts: idList(others)}
	if len(others) > 1 {
		return told{status: 200, id: id, said: say(8052, others...)}, s
	}
	return told{status: 200, id: id}, s
}

func (s identities) change(a ask) (told, identities) {
	if !s.knows(a.id) {
		return refused(404, 8009, a.id), s
	}
	self := s.of(a.id)
	if self.into != 0 {
		return refused(409, 8067, a.id, self.into), s
	}
	if !self.profiles[a.place].there {
		return refused(404, 8065), s
	}
	here := self.profiles[a.place].has
	var codes []string
	(a.remove &^ here).each(func(int) { codes = append(codes, say(8070)) })
	removed := a.remove & here
	(a.ids & (here &^ removed)).each(func(i int) { codes = append(codes, say([...]int{8071, 8071, 8072, 8073}[i])) })
	add := a.ids &^ (here &^ removed)
	removed, add = removed&^a.ids, add&^removed // what is taken away and given again stays as it was
	if h := s.holderHere(a.place, add, a.id); h != 0 {
		return refused(409, 8007, h), s
	}
	others := s.others(add, a.id)
	if len(others) > 1 {
		return refused(409, 8053, others...), s
	}
	owner := a.id
	if len(others) == 1 {
		owner = others[0]
		for place, p := range s.of(owner).profiles {
			if p.there && self.profiles[place].there {
				return refused(409, 8066, owner), s
			}
		}
		codes = append(codes, say(8051, owner))
	}
	if removed|add == 0 && !slices.Contains(codes, say(8070)) {
		codes = append(codes, say(8070))
	}
	left := add | here&^removed
	for place, p := range self.profiles {
		if place != a.place {
			left |= p.has
		}
	}
	if owner == a.id && removed != 0 && left == 0 {
		return refused(409, 91005), s
	}
	s = s.clone()
	if owner != a.id {
		s.merge(a.id, owner)
	}
	p := &s.of(owner).profiles[a.place]
	p.has = p.has&^removed | add
	(removed | add).each(func(i int) { p.from[i] = 0 })
	return told{status: 200, id: owner, said: said(codes)}, s
}

// merge moves all that the victim has to the survivor; who pointed at the victim points at the survivor. s is a copy.
func (s identities) merge(victim, survivor int64) {
	for place, p := range s.of(victim).profiles {
		if p.there {
			p.has.each(func(i int) { p.from[i] = victim })
			s.of(survivor).profiles[place] = p
		}
	}
	*s.of(victim) = person{into: survivor}
	for k := range s.people {
		if s.people[k].into == victim {
			s.people[k].into = survivor
		}
	}
}

func (s identities) lookup(a ask) told {
	all := s.others(a.ids, 0)
	if len(all) == 0 {
		return refused(404, 8015)
	}
	var id, from int64
	a.ids.each(func(i int) {
		for place := range linPlaces {
			if h := s.holder(place, i); h != 0 && (a.place == everywhere || a.place == place) && (id == 0 || h < id) {
				id, from = h, s.of(h).profiles[place].from[i] // of several places of one customer, the first by name speaks
			}
		}
	})
	if id == 0 {
		return refused(404, 8065)
	}
	var codes []string
	if a.place == everywhere && len(all) > 1 {
		codes = append(codes, say(8074))
	}
	if from != 0 {
		codes = append(codes, say(8069, from, id))
	}
	return told{status: 200, id: id, said: said(codes)}
}

func (s identities) details(a ask) told {
	if !s.knows(a.id) {
		return refused(404, 8015, a.id)
	}
	t := told{status: 200, id: a.id}
	if into := s.of(a.id).into; into != 0 {
		t.id, t.said = into, say(8069, a.id, into)
	}
	for place, p := range s.of(t.id).profiles {
		if p.there && (a.place == everywhere || a.place == place) {
			t.profiles += fmt.Sprintf("%d=%b(%s) ", place, p.has, p.conflicts)
		}
	}
	if t.profiles == "" {
		return refused(404, 8065)
	}
	return t
}

// identityModel is the specification for porcupine. Everything is tied to everything by merges, so a history is not
// partitioned; it is short instead.
func identityModel(first int64) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return identities{first: first} },
		Step: func(state, input, output any) (bool, any) {
			want, next := state.(identities).answer(input.(ask))
			return want == output.(told), next
		},
		Equal:             func(a, b any) bool { return a.(identities).equal(b.(identities)) },
		DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v → %+v", in, out) },
		DescribeState:     func(s any) string { return fmt.Sprintf("%+v", s) },
	}
}
