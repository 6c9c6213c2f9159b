package db

import (
	"slices"

	"github.com/arteriole/arteriole/fault"
)

// The rules of identity (openapi.yaml, Register Customer and Update Customer Identifiers) as functions of rows.

// Place is where a profile is: a source, and an account if the source has several.
type Place struct {
	Source  string `json:"source"`
	Account string `json:"account,omitempty"` // "" where the source has one
}

// holder is a customer who has one of the identifiers, and where.
type holder struct {
	customer   int64
	place      Place
	mergedFrom int64 // the victim who brought it, 0 for none
}

// registration is the decision on a registration in a place.
type registration struct {
	combine   int64   // the customer who gets the profile; 0: a new one
	conflicts []int64 // others who hold the identifiers, left as they are
	warnings  []*fault.Fault
}

// decideRegistration is the decision table of Register Customer. holders have any of the identifiers anywhere; hasProfile reports
// whether a customer has a profile in the place.
func decideRegistration(at Place, holders []holder, hasProfile func(customer int64) bool) (registration, error) {
	var others []int64
	for _, h := range holders {
		if h.place == at {
			return registration{}, fault.CustomerExists.With("id", h.customer)
		}
		others = append(others, h.customer)
	}
	slices.Sort(others)
	others = slices.Compact(others)
	switch {
	case len(others) == 0:
		return registration{}, nil
	case len(others) > 1:
		return registration{conflicts: others, warnings: []*fault.Fault{fault.RegisterConflict.With("ids", list(others))}}, nil
	case hasProfile(others[0]):
		return registration{}, fault.CannotCombine.With("id", others[0])
	}
	return registration{combine: others[0], warnings: []*fault.Fault{fault.Combined.With("id", others[0])}}, nil
}

// change is the decision on a change of a customer's identifiers in one place.
type change struct {
	survivor int64 // whom the customer is merged into first; 0: nobody
	remove   []Identifier
	add      []Identifier
	warnings []*fault.Fault
}

// decideChange is the decision table of Update Customer Identifiers. Removals come first (our rule 8). mine are all identifiers of
// the customer, in every place; holders returns the other customers who have an identifier; places those where a customer has a
// profile; primary is the org's protected type, "" for none; keeps reports whether a customer has an identifier of a type.
func decideChange(self int64, at Place, mine []placed, add, remove []Identifier, primary string,
	holders func(Identifier) []holder, places func(customer int64) []Place, keeps func(customer int64, typ string) bool) (change, error) {
	var c change
	here := map[Identifier]bool{}
	for _, m := range mine {
		if m.Place == at {
			here[m.Identifier] = true
		}
	}
	for _, id := range remove {
		if !here[id] {
			c.warnings = append(c.warnings, fault.NothingChanged.New())
			continue
		}
		delete(here, id)
		c.remove = append(c.remove, id)
	}
	var others []int64
	for _, id := range add {
		if here[id] {
			c.warnings = append(c.warnings, alreadyOn(id, self))
			continue
		}
		here[id] = true
		if i := slices.Index(c.remove, id); i >= 0 { // removed and added again: it stays as it was
			c.remove = slices.Delete(c.remove, i, i+1)
			continue
		}
		c.add = append(c.add, id)
		for _, h := range holders(id) {
			if h.place == at {
				return change{}, fault.IdentifierTaken.With("type", id.Type, "id", h.customer)
			}
			others = append(others, h.customer)
		}
	}
	slices.Sort(others)
	others = slices.Compact(others)
	if len(others) > 1 {
		return change{}, fault.IdentifierConflict.With("ids", list(others))
	}
	if len(others) == 1 {
		if shared(places(self), places(others[0])) {
			return change{}, fault.CannotCombine.With("id", others[0])
		}
		c.survivor = others[0]
		c.warnings = append([]*fault.Fault{fault.Merged.With("id", others[0])}, c.warnings...)
	}
	if len(c.remove) == 0 && len(c.add) == 0 && !slices.ContainsFunc(c.warnings, func(f *fault.Fault) bool { return f.Code == fault.NothingChanged }) {
		c.warnings = append(c.warnings, fault.NothingChanged.New())
	}
	if len(c.remove) > 0 && !survives(mine, at, c, primary, keeps) {
		return change{}, fault.IdentifierProtected.New()
	}
	return c, nil
}

// survives reports whether the customer keeps an identifier, and one of the org's primary type if there was one (our rule 11). A
// customer who is merged also has what the survivor has.
func survives(mine []placed, at Place, c change, primary string, keeps func(int64, string) bool) bool {
	left, had := len(c.add), false
	has := slices.ContainsFunc(c.add, func(id Identifier) bool { return id.Type == primary })
	for _, m := range mine {
		had = had || m.Type == primary
		if m.Place == at && slices.Contains(c.remove, m.Identifier) {
			continue
		}
		left++
		has = has || m.Type == primary
	}
	if c.survivor != 0 {
		return has || !had || keeps(c.survivor, primary)
	}
	return left > 0 && (has || !had)
}

// alreadyOn is the warning for an identifier that the customer has here already.
func alreadyOn(id Identifier, customer int64) *fault.Fault {
	switch id.Type {
	case "mobile":
		return fault.MobileAlreadyOn.With("id", customer)
	case "email":
		return fault.EmailAlreadyOn.With("id", customer)
	case "externalId":
		return fault.ExternalIDAlreadyOn.With("id", customer)
	}
	return fault.NothingChanged.New()
}

// shared reports whether two customers have a profile in the same place, which forbids a merge (our rule 9).
func shared(a, b []Place) bool {
	for _, p := range a {
		if slices.Contains(b, p) {
			return true
		}
	}
	return false
}

// placed is an identifier with its place.
type placed struct {
	Identifier
	Place
}
