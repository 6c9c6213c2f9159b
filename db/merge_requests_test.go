package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/arteriole/arteriole/fault"
)

// requestWorld is a demo organization whose merges wait.
type requestWorld struct {
	t   *testing.T
	s   *Store
	who Who
}

func newRequestWorld(t *testing.T) *requestWorld {
	s, who := openDemo(t)
	w := &requestWorld{t, s, who}
	w.mode("approve")
	return w
}

func (w *requestWorld) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *requestWorld) mode(mode string) {
	w.t.Helper()
	w.must(w.s.SetOrg(context.Background(), "demo", "merge-mode", mode))
}

// change asks for an identifier change; identifiers are written as "mobile:919845000001".
func (w *requestWorld) change(id int64, source, add, remove string) (Outcome, error) {
	return w.s.ChangeIdentifiers(context.Background(), w.who, id, source, "", IdentifierChange{Add: ids(add), Remove: ids(remove)})
}

func (w *requestWorld) changed(id int64, source, add, remove string) int64 {
	w.t.Helper()
	out, err := w.change(id, source, add, remove)
	w.must(err)
	return out.ID
}

func (w *requestWorld) registered(source, identifiers string) int64 {
	w.t.Helper()
	out, err := w.s.RegisterCustomer(context.Background(), w.who, source, "", ProfileInput{Identifiers: ids(identifiers)}, CustomerInput{})
	w.must(err)
	return out.ID
}

func ids(s string) (all []Identifier) {
	for _, f := range strings.Fields(s) {
		typ, value, _ := strings.Cut(f, ":")
		all = append(all, Identifier{typ, value})
	}
	return all
}

func (w *requestWorld) ask(victim, survivor int64, approve bool) (MergeRequest, error) {
	w.t.Helper()
	return w.one(w.s.RequestMerges(context.Background(), w.who, []MergeAsk{{Victim: victim, Survivor: survivor}}, approve))
}

func (w *requestWorld) decide(id int64, status string) (MergeRequest, error) {
	w.t.Helper()
	return w.one(w.s.DecideMerges(context.Background(), w.who, []MergeDecision{{ID: id, Status: status}}))
}

func (w *requestWorld) one(items []Item[MergeRequest], err error) (MergeRequest, error) {
	w.t.Helper()
	w.must(err)
	if items[0].Fault != nil {
		return MergeRequest{}, items[0].Fault
	}
	return items[0].Value, nil
}

func (w *requestWorld) status(id int64) string {
	w.t.Helper()
	p, err := w.s.MergeRequests(context.Background(), w.who, 0, MergeRequestFilter{FirstID: id, LastID: id, Limit: 10})
	w.must(err)
	return p.Items[0].Status
}

func (w *requestWorld) everybody() (all []string) {
	w.t.Helper()
	for id := int64(1001); ; id++ {
		f, err := w.s.Customer(context.Background(), w.who, id, "", "")
		if fault.Is(err, fault.CustomerNotFound) {
			return all
		}
		w.must(err)
		all = append(all, toJSON(f))
	}
}

// A merge that is approved is a merge as any other: what waited for it is done, in every place, and undoing it leaves everybody
// as they were, byte for byte.
func TestApprovedMergesAreMerges(t *testing.T) {
	oneByOne(t)
	for name, row := range map[string]struct {
		ask  func(w *requestWorld) int64 // gives the id of the request
		has  string                      // what the survivor holds then, by profile
		asks int
	}{
		"by itself": {func(w *requestWorld) int64 {
			r, err := w.ask(1002, 1001, false)
			w.must(err)
			return r.ID
		}, "INSTORE mobile:919845000001 email:asha.rao@example.org; ECOMMERCE email:ravi.menon@example.org", 0},
		"at once": {func(w *requestWorld) int64 {
			r, err := w.ask(1002, 1001, true)
			w.must(err)
			return r.ID
		}, "INSTORE mobile:919845000001 email:asha.rao@example.org; ECOMMERCE email:ravi.menon@example.org", 0},
		"for a change": {func(w *requestWorld) int64 {
			w.changed(1002, "ECOMMERCE", "mobile:919845000001 mobile:919000000001", "email:ravi.menon@example.org")
			return 1
		}, "INSTORE mobile:919845000001 email:asha.rao@example.org; ECOMMERCE mobile:919845000001 mobile:919000000001", 1},
		"for changes in two places, one of which takes another back": {func(w *requestWorld) int64 {
			w.changed(1002, "ECOMMERCE", "mobile:919845000001 mobile:919000000001", "")
			w.changed(1002, "ECOMMERCE", "email:asha.rao@example.org", "mobile:919000000001")
			w.changed(1002, "WEBSITE", "mobile:919845000001 mobile:919000000002", "")
			return 1
		}, "INSTORE mobile:919845000001 email:asha.rao@example.org; ECOMMERCE email:ravi.menon@example.org mobile:919845000001 email:asha.rao@example.org; WEBSITE mobile:919845000001 mobile:919000000002", 3},
	} {
		t.Run(name, func(t *testing.T) {
			w := newRequestWorld(t)
			ctx := context.Background()
			if strings.HasPrefix(name, "for changes") { // what is said before the request is no part of the comparison
				_, err := w.s.UpdateCustomer(ctx, w.who, 1002, "WEBSITE", "", &ProfileInput{}, CustomerInput{})
				w.must(err)
			}
			before := w.everybody()
			id := row.ask(w)
			if name != "at once" {
				if !slices.Equal(before, w.everybody()) {
					t.Error("asking has changed somebody")
				}
				r, err := w.decide(id, RequestApproved)
				w.must(err)
				if r.Status != RequestApproved || r.Merge != 2 || r.OneStep || len(r.Asked) != row.asks {
					t.Errorf("%+v", r)
				}
			} else if p, _ := w.s.MergeRequests(ctx, w.who, 1001, MergeRequestFilter{Limit: 10}); p.Total != 1 || !p.Items[0].OneStep || p.Items[0].Merge != 2 {
				t.Errorf("%+v", p)
			}
			f, err := w.s.Customer(ctx, w.who, 1002, "", "")
			w.must(err)
			var has []string
			for _, p := range f.Profiles {
				line := p.Place.String()
				for _, i := range p.Identifiers {
					line += " " + i.Type + ":" + i.Value
				}
				has = append(has, line)
			}
			if got := strings.Join(has, "; "); f.ID != 1001 || got != row.has {
				t.Errorf("customer %d has\n%s\nwant\n%s", f.ID, got, row.has)
			}
			if _, err := w.decide(id, RequestPending); !fault.Is(err, fault.MergeRequestState) {
				t.Errorf("an approved one was opened: %v", err)
			}
			_, err = w.s.UndoMerge(ctx, w.who, 2)
			w.must(err)
			if after := w.everybody(); !slices.Equal(before, after) {
				t.Errorf("before %s\nafter  %s", before, after)
			}
			w.must(errors.Join(checkSound(t, w.s)...))
		})
	}
}

// What happens while a request waits, and what becomes of it.
func TestWhatHappensMeanwhile(t *testing.T) {
	oneByOne(t)
	ctx := context.Background()
	for name, row := range map[string]struct {
		add, remove string // of the change of 1002 that waits for 1001; none for a merge by itself
		meanwhile   func(w *requestWorld)
		status      string      // of the request then
		approve     *fault.Code // why it cannot be approved then, nil when it can
		reopen      *fault.Code // why it cannot wait again, of one that is closed
	}{
		"nothing":               {"", "", func(w *requestWorld) {}, RequestPending, nil, nil},
		"nothing, for a change": {"mobile:919845000001", "", func(w *requestWorld) {}, RequestPending, nil, nil},
		"the victim is merged into another": {"", "", func(w *requestWorld) {
			w.mode("auto")
			w.changed(1002, "ECOMMERCE", "martjackId:MJ-1005", "")
		}, RequestRejected, fault.MergeRequestState, fault.MergeVictimMerged},
		"the survivor is merged into another": {"mobile:919845000001", "", func(w *requestWorld) {
			w.mode("auto")
			w.changed(1001, "INSTORE", "martjackId:MJ-1005", "")
		}, RequestRejected, fault.MergeRequestState, fault.MergeSurvivorMerged},
		"the survivor is merged into the victim": {"", "", func(w *requestWorld) {
			w.mode("auto")
			w.changed(1001, "INSTORE", "email:ravi.menon@example.org", "")
		}, RequestRejected, fault.MergeRequestState, fault.MergeSurvivorMerged},
		"they are merged": {"", "", func(w *requestWorld) {
			w.mode("auto")
			w.changed(1002, "ECOMMERCE", "mobile:919845000001", "")
		}, RequestApproved, fault.MergeRequestState, fault.MergeRequestState},
		"they are merged, and that is undone": {"", "", func(w *requestWorld) {
			w.mode("auto")
			w.changed(1002, "ECOMMERCE", "mobile:919845000001", "")
			_, err := w.s.UndoMerge(ctx, w.who, 2)
			w.must(err)
		}, RequestApproved, fault.MergeRequestState, fault.MergeRequestState},
		"the victim is merged into another, and that is undone": {"mobile:919845000001", "", func(w *requestWorld) {
			w.mode("auto")
			w.changed(1002, "ECOMMERCE", "martjackId:MJ-1005", "")
			_, err := w.s.UndoMerge(ctx, w.who, 2)
			w.must(err)
		}, RequestRejected, fault.MergeRequestState, nil},
		"the victim takes somebody in": {"mobile:919845000001", "", func(w *requestWorld) {
			w.mode("auto")
			w.changed(1005, "MARTJACK", "email:ravi.menon@example.org", "")
		}, RequestPending, nil, nil},
		"the survivor takes somebody in": {"mobile:919845000001", "", func(w *requestWorld) {
			w.mode("auto")
			w.changed(1005, "MARTJACK", "mobile:919845000001", "")
		}, RequestPending, nil, nil},
		"the data of the victim is erased": {"", "", func(w *requestWorld) {
			_, err := w.s.EraseCustomer(ctx, w.who, 1002)
			w.must(err)
		}, RequestRejected, fault.MergeRequestState, fault.CustomerErased},
		"the data of the survivor is erased": {"mobile:919845000001", "", func(w *requestWorld) {
			_, err := w.s.EraseCustomer(ctx, w.who, 1001)
			w.must(err)
		}, RequestRejected, fault.MergeRequestState, fault.CustomerErased},
		"the victim joins a source of the survivor": {"mobile:919845000001", "", func(w *requestWorld) {
			_, err := w.s.UpdateCustomer(ctx, w.who, 1002, "INSTORE", "", &ProfileInput{}, CustomerInput{})
			w.must(err)
		}, RequestPending, fault.CannotCombine, nil},
		"the survivor loses the identifier": {"mobile:919845000001", "", func(w *requestWorld) {
			w.changed(1001, "INSTORE", "", "mobile:919845000001")
		}, RequestPending, fault.MergeRequestOutdated, nil},
		"the survivor loses one of two identifiers": {"mobile:919845000001 email:asha.rao@example.org", "", func(w *requestWorld) {
			w.changed(1001, "INSTORE", "", "mobile:919845000001")
		}, RequestPending, nil, nil},
		"the identifier changes hands": {"mobile:919845000001", "", func(w *requestWorld) {
			w.changed(1001, "INSTORE", "", "mobile:919845000001")
			w.registered("WEBSITE", "mobile:919845000001")
		}, RequestPending, fault.MergeRequestOutdated, nil},
		"a free identifier is taken in the same source": {"mobile:919845000001 mobile:919000000001", "", func(w *requestWorld) {
			w.registered("ECOMMERCE", "mobile:919000000001")
		}, RequestPending, fault.MergeRequestOutdated, nil},
		"a free identifier is taken in another source": {"mobile:919845000001 mobile:919000000001", "", func(w *requestWorld) {
			w.registered("WEBSITE", "mobile:919000000001")
		}, RequestPending, fault.MergeRequestOutdated, nil},
		"the type becomes the primary one": {"mobile:919845000001", "email:ravi.menon@example.org", func(w *requestWorld) {
			w.changed(1001, "INSTORE", "", "email:asha.rao@example.org")
			w.must(w.s.SetOrg(ctx, "demo", "primary-identifier", "email"))
		}, RequestPending, fault.MergeRequestOutdated, nil},
		"what is to go has gone": {"mobile:919845000001", "email:ravi.menon@example.org", func(w *requestWorld) {
			w.changed(1002, "ECOMMERCE", "mobile:919000000001", "")
			w.changed(1002, "ECOMMERCE", "", "email:ravi.menon@example.org")
		}, RequestPending, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newRequestWorld(t)
			if row.add == "" {
				_, err := w.ask(1002, 1001, false)
				w.must(err)
			} else if id := w.changed(1002, "ECOMMERCE", row.add, row.remove); id != 1002 {
				t.Fatal("it did not wait")
			}
			row.meanwhile(w)
			if got := w.status(1); got != row.status {
				t.Errorf("it is %s", got)
			}
			fails := func(what string, err error, want *fault.Code) {
				t.Helper()
				if want == nil && err != nil || want != nil && !fault.Is(err, want) {
					t.Errorf("%s: %v, want %v", what, err, want)
				}
			}
			if row.status != RequestPending {
				_, err := w.decide(1, RequestPending)
				fails("opened", err, row.reopen)
				if err == nil {
					_, err = w.decide(1, RequestRejected)
					w.must(err)
				}
			}
			was := w.status(1)
			_, err := w.decide(1, RequestApproved)
			fails("approved", err, row.approve)
			if err != nil && w.status(1) != was {
				t.Errorf("a refusal has made it %s", w.status(1))
			}
			w.must(errors.Join(checkSound(t, w.s)...))
		})
	}
}

// Each decision leaves an audit row with the victim; a refused one leaves none. No row is empty: it would say that something was
// changed, and not what.
func TestDecisionsAreAudited(t *testing.T) {
	w := newRequestWorld(t)
	_, err := w.ask(1002, 1001, false)
	w.must(err)
	for _, status := range []string{RequestRejected, RequestPending, RequestApproved} {
		_, err := w.decide(1, status)
		w.must(err)
		if _, err := w.decide(1, status); !fault.Is(err, fault.MergeRequestState) {
			t.Error(err)
		}
	}
	p, err := w.s.Audit(context.Background(), w.who, 1002, 100, 0)
	w.must(err)
	var got []string
	for _, e := range p.Items {
		got = append(got, fmt.Sprint(e.Action, " ", len(e.Changes) > 0))
	}
	want := []string{"customer.merged true", "customer.mergeApproved true", "customer.mergeReopened true", "customer.mergeRejected true", "customer.mergeRequested true", "customer.register true"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// A list has what is asked for, the newest first, and counts all of it.
func TestListsOfRequests(t *testing.T) {
	w := newRequestWorld(t)
	ctx := context.Background()
	for _, pair := range [][2]int64{{1002, 1001}, {1005, 1001}, {1004, 1003}} {
		if _, err := w.ask(pair[0], pair[1], false); err != nil {
			t.Logf("%v: %v", pair, err)
		}
	}
	_, err := w.decide(2, RequestRejected)
	w.must(err)
	list := func(customer int64, f MergeRequestFilter) string {
		t.Helper()
		if f.Limit == 0 {
			f.Limit = 10
		}
		p, err := w.s.MergeRequests(ctx, w.who, customer, f)
		if err != nil {
			return err.Error()
		}
		out := fmt.Sprint(p.Total, ":")
		for _, r := range p.Items {
			out += fmt.Sprint(" ", r.ID)
		}
		return out
	}
	day := noon.AddDate(0, 0, 1).Format("2006-01-02")
	for _, row := range []struct {
		customer int64
		f        MergeRequestFilter
		want     string
	}{
		{0, MergeRequestFilter{}, "3: 3 2 1"},
		{0, MergeRequestFilter{Limit: 1, Offset: 1}, "3: 2"},
		{0, MergeRequestFilter{Status: RequestPending}, "2: 3 1"},
		{0, MergeRequestFilter{Status: RequestApproved}, "0:"},
		{1001, MergeRequestFilter{}, "2: 2 1"},
		{1001, MergeRequestFilter{Status: RequestRejected}, "1: 2"},
		{1005, MergeRequestFilter{}, "1: 2"},
		{1006, MergeRequestFilter{}, "0:"},
		{0, MergeRequestFilter{FirstID: 2, LastID: 2}, "1: 2"},
		{0, MergeRequestFilter{From: noon.Format("2006-01-02"), To: noon.Format("2006-01-02")}, "3: 3 2 1"},
		{0, MergeRequestFilter{From: day}, "0:"},
		{1001, MergeRequestFilter{To: "2025-12-31"}, "0:"},
	} {
		if got := list(row.customer, row.f); got != row.want {
			t.Errorf("%d %+v: %s, want %s", row.customer, row.f, got, row.want)
		}
	}
	other := Who{Org: 2, Till: 1}
	if _, err := w.s.AddOrg(ctx, "other", nil); err != nil {
		t.Fatal(err)
	}
	if p, err := w.s.MergeRequests(ctx, other, 0, MergeRequestFilter{Limit: 10}); err != nil || p.Total != 0 {
		t.Errorf("another org: %+v, %v", p, err)
	}
	if _, err := w.one(w.s.DecideMerges(ctx, other, []MergeDecision{{ID: 1, Status: RequestApproved}})); !fault.Is(err, fault.MergeRequestNotFound) {
		t.Errorf("another org: %v", err)
	}
}
