package db

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/arteriole/arteriole/fault"
)

func TestActFor(t *testing.T) {
	oneByOne(t)
	s, who := openDemo(t)
	ctx := context.Background()
	must := mustOf(t)
	// Tills 1 and 2 stand in the store "store". The org "other" has everything by the same names.
	must(s.AddStore(ctx, "demo", "North", "Tea & more", "N-1", "", "n 2"))
	must(s.AddStore(ctx, "demo", "south", "Twice", "", "N-1"))
	must(s.AddStore(ctx, "demo", "west", "Twice"))
	must(s.AddStore(ctx, "demo", "empty", "Empty"))
	for _, till := range [][2]string{{"north", "n1"}, {"north", "N2"}, {"north", "n3"}, {"south", "s1"}, {"west", "w1"}} {
		must(s.AddTill(ctx, "demo", till[0], till[1], "till", "-"))
	}
	must(s.SetTillLookup(ctx, "demo", "ERP", "gone", "n1"))
	must(s.DisableTill(ctx, "demo", "n1"))
	must(s.DisableTill(ctx, "demo", "w1"))
	_, err := s.AddOrg(ctx, "other", nil)
	must(err)
	must(s.AddStore(ctx, "other", "far", "Far", "F-1"))
	must(s.AddTill(ctx, "other", "far", "f1", "admin", "-"))
	must(s.SetTillLookup(ctx, "other", "far", "f", "f1"))
	must(s.SetTillLookup(ctx, "other", "erp", "f", "f1"))

	const none, plain = -1, -2
	for _, c := range []struct {
		how  Acting
		till int64
	}{
		{Acting{Lookup: "storeNumber", Value: "0042"}, 2},
		{Acting{Lookup: "STORENUMBER", Value: "0042"}, 2},
		{Acting{Lookup: "storeNumber", Value: "42"}, none},
		{Acting{Lookup: "storeNumber"}, none},
		{Acting{Lookup: "erp", Value: "gone"}, none},
		{Acting{Lookup: "erp", Value: "f"}, none},
		{Acting{Lookup: "far", Value: "f"}, plain},
		{Acting{Entity: "TILL", Value: "store.till1"}, 2},
		{Acting{Entity: "till_code", Value: "Store.Till1"}, 2},
		{Acting{Entity: "STORE", Value: "store.till1"}, 2}, // an unknown type counts as TILL
		{Acting{Entity: "TILL", Value: "store.server"}, 1},
		{Acting{Entity: "TILL", Value: "n1"}, none},
		{Acting{Entity: "TILL", Value: "f1"}, none},
		{Acting{Entity: "TILL", Value: "north"}, none},
		{Acting{Entity: "STORE_CODE", Value: "NORTH"}, 4},
		{Acting{Entity: "STORE_CODE", Value: "store"}, 1}, // the sender's own, though not alone
		{Acting{Entity: "STORE_CODE", Value: "west"}, none},
		{Acting{Entity: "STORE_CODE", Value: "empty"}, none},
		{Acting{Entity: "STORE_CODE", Value: "far"}, none},
		{Acting{Entity: "STORE_NAME", Value: "Tea & more"}, 4},
		{Acting{Entity: "STORE_NAME", Value: "tea & more"}, none},
		{Acting{Entity: "STORE_NAME", Value: "Twice"}, none},
		{Acting{Entity: "STORE_EXTERNAL_ID", Value: "N-1"}, 4},
		{Acting{Entity: "STORE_EXTERNAL_ID", Value: "n-1"}, none},
		{Acting{Entity: "STORE_EXTERNAL_ID_1", Value: "N-1"}, 6},
		{Acting{Entity: "STORE_EXTERNAL_ID_2", Value: "n 2"}, 4},
		{Acting{Entity: "STORE_EXTERNAL_ID", Value: "F-1"}, none},
		{Acting{Entity: "STORE_EXTERNAL_ID_2", Value: ""}, none},
	} {
		got, err := s.ActFor(ctx, who, c.how)
		switch {
		case c.till == none:
			if !fault.Is(err, fault.AttributionTillInvalid) || got.Till != who.Till {
				t.Errorf("%+v: %+v, %v", c.how, got, err)
			}
		case c.till == plain:
			if !fault.Is(err, fault.BadRequest) {
				t.Errorf("%+v: %+v, %v", c.how, got, err)
			}
		case err != nil || got.Till != c.till || (c.till != 1) != (got.Sender == 1) || got.Org != 1:
			t.Errorf("%+v: %+v, %v", c.how, got, err)
		}
	}
	// Of the second till of a store, the store means that one.
	if got, err := s.ActFor(ctx, Who{Org: 1, Till: 5, TillCode: "n3"}, Acting{Entity: "STORE_CODE", Value: "north"}); err != nil || got.Till != 5 || got.Sender != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestTillLookups(t *testing.T) {
	s, who := openDemo(t)
	ctx := context.Background()
	list := func() string {
		all, err := s.TillLookups(ctx, "demo")
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, l := range all {
			fmt.Fprintf(&b, "%s %s %s %v; ", l.Type, l.Value, l.Till, l.Disabled)
		}
		return b.String()
	}
	refused := func(what string, err error) {
		t.Helper()
		var r Refusal
		if !errors.As(err, &r) {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("an unknown till", s.SetTillLookup(ctx, "demo", "x", "y", "nobody"))
	refused("no type", s.SetTillLookup(ctx, "demo", "", "y", "store.till1"))
	refused("no value", s.SetTillLookup(ctx, "demo", "x", "", "store.till1"))
	refused("a blank behind the value", s.SetTillLookup(ctx, "demo", "x", "y ", "store.till1"))
	refused("a value that no header can carry", s.SetTillLookup(ctx, "demo", "x", "ü", "store.till1"))
	refused("a long value", s.SetTillLookup(ctx, "demo", "x", strings.Repeat("y", 101), "store.till1"))
	refused("a long type", s.SetTillLookup(ctx, "demo", strings.Repeat("x", 51), "y", "store.till1"))
	refused("another org's type and value", s.RemoveTillLookup(ctx, "demo", "storeNumber", "42"))
	for _, set := range [][3]string{{"ERP", "B", "store.till1"}, {"erp", "b", "store.server"}, {"Erp", "B", "store.server"}, {"erp", strings.Repeat("y", 100), "store.till1"}} {
		if err := s.SetTillLookup(ctx, "demo", set[0], set[1], set[2]); err != nil {
			t.Fatal(err)
		}
	}
	want := "erp B store.server false; erp b store.server false; erp " + strings.Repeat("y", 100) + " store.till1 false; storenumber 0042 store.till1 false; "
	if got := list(); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if err := s.DisableTill(ctx, "demo", "store.till1"); err != nil {
		t.Fatal(err)
	}
	refused("a disabled till", s.SetTillLookup(ctx, "demo", "x", "y", "store.till1"))
	if err := s.RemoveTillLookup(ctx, "demo", "ERP", strings.Repeat("y", 100)); err != nil {
		t.Fatal(err)
	}
	if got, want := list(), "erp B store.server false; erp b store.server false; storenumber 0042 store.till1 true; "; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if _, err := s.ActFor(ctx, who, Acting{Lookup: "storeNumber", Value: "0042"}); !fault.Is(err, fault.AttributionTillInvalid) {
		t.Errorf("a disabled till: %v", err)
	}
}
