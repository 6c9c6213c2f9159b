package db

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/arteriole/arteriole/fault"
)

// Whatever is registered, changed, merged and undone in whatever order: the store stays sound, a merge that is undone at once
// leaves every customer as they were, byte for byte, and a refusal changes nothing.
func TestMergesCanBeUndone(t *testing.T) {
	oneByOne(t)
	ctx := context.Background()
	now := noon
	s, err := Open(ctx, copyOf(t, emptyFile), Options{Clock: func() time.Time { return now }, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	orgs, undone, refused, kept, approved := 0, 0, map[string]int{}, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		orgs++
		who := mergingOrg(t, s, orgs)
		m := &mergeMachine{t: t, s: s, who: who, clock: &now}
		for range 60 {
			switch m.draw(0, 11) {
			case 0, 1, 2:
				m.register()
			case 10:
				m.ask()
			case 11:
				m.decide()
			case 3:
				m.update()
			case 4, 5, 6, 7:
				m.change()
			default:
				m.undo(refused)
			}
		}
		undone, kept, approved = undone+m.undone, kept+m.compared, approved+m.approved
	})
	if _, problems := checkLines(t, s.Path()); len(problems) > 0 {
		t.Errorf("%d problems: %q", len(problems), problems[:min(5, len(problems))])
	}
	t.Logf("%d undone, %d compared, %d approved, refused: %v", undone, kept, approved, refused)
	if undone < 20 || kept < 10 || len(refused) == 0 || approved < 10 {
		t.Error("too little was tried")
	}
	var empty int
	err = s.read(ctx, func(tx *Tx) error {
		return tx.QueryRow(`SELECT count(*) FROM audit WHERE kind = 'customer' AND action <> 'customer.update' AND coalesce(before, '{}') = '{}' AND after = '{}'`).Scan(&empty)
	})
	if err != nil || empty > 0 {
		t.Errorf("%d audit rows say nothing, %v", empty, err)
	}
}

type mergeMachine struct {
	t                *rapid.T
	s                *Store
	who              Who
	clock            *time.Time
	undone, compared int
	approved         int
}

var mergePlaces = []Place{{"INSTORE", ""}, {"ECOMMERCE", ""}, {"MARTJACK", ""}, {"WEBSITE", ""}, {"WECHAT", "1"}}

func mergingOrg(t *rapid.T, s *Store, n int) Who {
	ctx := context.Background()
	name := fmt.Sprint("org", n)
	o, err := s.AddOrg(ctx, name, nil)
	if err == nil {
		err = s.EnableSources(ctx, name, []string{"INSTORE", "ECOMMERCE", "MARTJACK", "WEBSITE"})
	}
	if err == nil {
		err = s.AddSourceAccount(ctx, name, "WECHAT", "1")
	}
	if err == nil && n%2 == 0 {
		err = s.SetOrg(ctx, name, "merge-mode", "approve")
	}
	for i := 1; err == nil && i <= 2; i++ {
		if i == 1 {
			err = s.AddStore(ctx, name, "store", "")
		}
		if err == nil {
			err = s.AddTill(ctx, name, "store", fmt.Sprintf("%s.till%d", name, i), "till", testPassword())
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return Who{Org: o.ID, Till: 1}
}

func (m *mergeMachine) draw(least, most int) int { return rapid.IntRange(least, most).Draw(m.t, "n") }

func (m *mergeMachine) tick() {
	*m.clock = m.clock.Add(time.Second)
	m.who.Till = int64(m.draw(1, 2))
}

func (m *mergeMachine) place() Place { return mergePlaces[m.draw(0, len(mergePlaces)-1)] }

func (m *mergeMachine) identifiers(most int) (ids []Identifier) {
	for range m.draw(1, most) {
		ids = append(ids, []Identifier{
			{"mobile", fmt.Sprint("9198450000", m.draw(10, 14))}, {"email", fmt.Sprintf("a%d@example.org", m.draw(1, 5))}, {"externalId", fmt.Sprint("X-", m.draw(1, 5))},
		}[m.draw(0, 2)])
	}
	return ids
}

func (m *mergeMachine) input() (p ProfileInput, in CustomerInput) {
	p = ProfileInput{FirstName: ptr([]string{"Asha", "Ravi", "Meera"}[m.draw(0, 2)]), Fields: map[string]string{"f": fmt.Sprint(m.draw(1, 3))}}
	if m.draw(0, 1) == 1 {
		p.Channels = []ChannelInput{{Type: "email", Value: fmt.Sprintf("a%d@example.org", m.draw(1, 5)), Verified: ptr(true)}}
	}
	in.LoyaltyType = []string{"", "loyalty", "non_loyalty"}[m.draw(0, 2)]
	in.ExtendedFields = map[string]string{fmt.Sprint("e", m.draw(1, 3)): fmt.Sprint(m.draw(1, 2))}
	in.AssociatedWith = []string{"", fmt.Sprintf("org%d.till1", m.who.Org), fmt.Sprintf("org%d.till2", m.who.Org)}[m.draw(0, 2)]
	return p, in
}

func ptr[T any](v T) *T { return &v }

// may accepts faults, and nothing else that fails.
func (m *mergeMachine) may(err error) bool {
	if _, ok := fault.Of(err); err != nil && !ok {
		m.t.Fatal(err)
	}
	return err == nil
}

func (m *mergeMachine) register() {
	m.tick()
	at := m.place()
	p, in := m.input()
	p.Identifiers = m.identifiers(2)
	_, err := m.s.RegisterCustomer(context.Background(), m.who, at.Source, at.Account, p, in)
	m.may(err)
}

func (m *mergeMachine) update() {
	m.tick()
	at := m.place()
	p, in := m.input()
	_, err := m.s.UpdateCustomer(context.Background(), m.who, m.someone(), at.Source, at.Account, &p, in)
	m.may(err)
}

func (m *mergeMachine) someone() int64 { return int64(firstCustomer + m.draw(0, 9)) }

// change changes identifiers; a merge that comes of it is undone at once in half of the cases.
func (m *mergeMachine) change() {
	ctx := context.Background()
	m.tick()
	id := m.someone()
	f, err := m.s.Customer(ctx, m.who, id, "", "")
	if !m.may(err) || f.ID != id || len(f.Profiles) == 0 {
		return
	}
	p := f.Profiles[m.draw(0, len(f.Profiles)-1)]
	ask := IdentifierChange{Add: m.identifiers(2)}
	if m.draw(0, 1) == 1 && len(p.Identifiers) > 0 {
		ask.Remove = []Identifier{p.Identifiers[m.draw(0, len(p.Identifiers)-1)].Identifier}
	}
	if m.draw(0, 2) == 0 {
		ask.Add = nil
	}
	before := m.everybody()
	out, err := m.s.ChangeIdentifiers(ctx, m.who, id, p.Source, p.Account, ask)
	if !m.may(err) || out.ID == id {
		return
	}
	if m.draw(0, 3) > 0 {
		return
	}
	m.undoAtOnce(id, before)
}

// undoAtOnce undoes the merge of just now and compares everybody with how they were before it.
func (m *mergeMachine) undoAtOnce(id int64, before map[int64]string) {
	ctx := context.Background()
	m.tick()
	last, err := m.s.Merges(ctx, m.who, id, 1, 0)
	if err != nil || last.Items[0].Victim != id || last.Items[0].UndoUntil == nil {
		m.t.Fatalf("%+v, %v", last, err)
	}
	if _, err := m.s.UndoMerge(ctx, m.who, last.Items[0].ID); err != nil {
		m.t.Fatalf("a merge of just now: %v", err)
	}
	if after := m.everybody(); !maps.Equal(before, after) {
		for id, was := range before {
			if after[id] != was {
				m.t.Fatalf("customer %d\nbefore %s\nafter  %s", id, was, after[id])
			}
		}
	}
	m.compared++
}

// ask asks for a merge of two, at once or not.
func (m *mergeMachine) ask() {
	m.tick()
	items, err := m.s.RequestMerges(context.Background(), m.who, []MergeAsk{{Victim: m.someone(), Survivor: m.someone()}}, m.draw(0, 3) == 0)
	if err != nil || items[0].Fault != nil && items[0].Fault.Status >= 500 {
		m.t.Fatalf("%+v, %v", items, err)
	}
}

// decide decides on what waits; a merge that comes of it is undone at once in some cases.
func (m *mergeMachine) decide() {
	ctx := context.Background()
	m.tick()
	all, err := m.s.MergeRequests(ctx, m.who, 0, MergeRequestFilter{Limit: 100})
	if err != nil || len(all.Items) == 0 {
		return
	}
	r := all.Items[m.draw(0, len(all.Items)-1)]
	before := m.everybody()
	d := MergeDecision{ID: r.ID, Status: []string{RequestApproved, RequestApproved, RequestApproved, RequestRejected, RequestPending}[m.draw(0, 4)]}
	items, err := m.s.DecideMerges(ctx, m.who, []MergeDecision{d})
	if err != nil {
		m.t.Fatal(err)
	}
	if f := items[0].Fault; f != nil || d.Status != RequestApproved {
		if f != nil && f.Status >= 500 || !maps.Equal(before, m.everybody()) {
			m.t.Fatalf("%+v has changed something: %v", d, f)
		}
		return
	}
	if m.approved++; m.draw(0, 1) == 0 {
		m.undoAtOnce(r.Victim, before)
	}
}

func (m *mergeMachine) undo(refused map[string]int) {
	ctx := context.Background()
	m.tick()
	all, err := m.s.Merges(ctx, m.who, 0, 100, 0)
	if err != nil || len(all.Items) == 0 {
		return
	}
	if m.draw(0, 9) > 0 { // mostly those that are not undone yet
		all.Items = slices.DeleteFunc(all.Items, func(g Merge) bool { return g.UndoneOn != nil })
	}
	if len(all.Items) == 0 {
		return
	}
	which := all.Items[m.draw(0, len(all.Items)-1)]
	before := m.everybody()
	done, err := m.s.UndoMerge(ctx, m.who, which.ID)
	if err != nil {
		f, ok := fault.Of(err)
		if !ok {
			m.t.Fatal(err)
		}
		refused[f.Name]++
		if !maps.Equal(before, m.everybody()) {
			m.t.Fatalf("%s has changed something", f.Name)
		}
		return
	}
	m.undone++
	v, err := m.s.Customer(ctx, m.who, done.Victim, "", "")
	if err != nil || v.ID != done.Victim || len(v.Profiles) == 0 {
		m.t.Fatalf("customer %d after the undo: %+v, %v", done.Victim, v, err)
	}
}

// everybody reads every customer, by id, search and lookup.
func (m *mergeMachine) everybody() map[int64]string {
	all := map[int64]string{}
	for id := int64(firstCustomer); ; id++ {
		f, err := m.s.Customer(context.Background(), m.who, id, "", "")
		if fault.Is(err, fault.CustomerNotFound) {
			break
		}
		if err != nil {
			m.t.Fatal(err)
		}
		all[id] = toJSON(f.Customer)
	}
	for _, q := range []string{"9198", "a", "x-", "r", "m"} {
		found, err := m.s.SearchCustomers(context.Background(), m.who, q, "", 100, 0)
		if err != nil {
			m.t.Fatal(err)
		}
		all[-int64(q[0])] = toJSON(found)
	}
	return all
}

// A merge keeps all that undoing it needs, also where it swallows an earlier one; undone from the last, everything is as before.
func TestChainsAreUndoneFromTheLast(t *testing.T) {
	oneByOne(t)
	s, who := openDemo(t)
	ctx := context.Background()
	read := func() (all []string) {
		for _, id := range []int64{1001, 1002, 1005} {
			f, err := s.Customer(ctx, who, id, "", "")
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, toJSON(f))
		}
		return all
	}
	states := [][]string{read()}
	for _, c := range []struct {
		id         int64
		place, add string
		typ        string
	}{{1001, "INSTORE", "ravi.menon@example.org", "email"}, {1002, "ECOMMERCE", "MJ-1005", "martjackId"}} {
		if _, err := s.ChangeIdentifiers(ctx, who, c.id, c.place, "", IdentifierChange{Add: []Identifier{{c.typ, c.add}}}); err != nil {
			t.Fatal(err)
		}
		states = append(states, read())
	}
	if _, err := s.UndoMerge(ctx, who, 2); !fault.Is(err, fault.MergeUndoOrder) || !strings.Contains(err.Error(), "merge 3") {
		t.Errorf("the first of two: %v", err)
	}
	for i, id := range []int64{3, 2} {
		if _, err := s.UndoMerge(ctx, who, id); err != nil {
			t.Fatal(err)
		}
		if got := read(); !slices.Equal(got, states[1-i]) {
			t.Errorf("after the undo of %d\ngot  %s\nwant %s", id, got, states[1-i])
		}
	}
	if _, err := s.UndoMerge(ctx, who, 2); !fault.Is(err, fault.MergeUndone) {
		t.Errorf("again: %v", err)
	}
	if err := errors.Join(checkSound(t, s)...); err != nil {
		t.Error(err)
	}
}

func checkSound(t *testing.T, s *Store) (errs []error) {
	t.Helper()
	_, problems := checkLines(t, s.Path())
	for _, p := range problems {
		errs = append(errs, errors.New(p))
	}
	return errs
}

// After 30 days a merge cannot be undone, and what it has kept goes.
func TestMergesAreKeptFor30Days(t *testing.T) {
	ctx := context.Background()
	now := noon
	s, err := Open(ctx, copyOf(t, emptyFile), Options{Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.EnsureDemo(ctx); err != nil {
		t.Fatal(err)
	}
	kept := func() (n int) {
		if err := s.read(ctx, func(tx *Tx) error { return tx.QueryRow(`SELECT count(*) FROM merges WHERE undo <> ''`).Scan(&n) }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	now = DemoTime.Add(undoWindow)
	if n, err := s.PruneMerges(ctx); n != 0 || err != nil || kept() != 1 {
		t.Errorf("too early: %d, %v", n, err)
	}
	now = now.Add(time.Millisecond)
	if _, err := s.UndoMerge(ctx, Who{Org: 1}, 1); !fault.Is(err, fault.MergeTooOld) {
		t.Errorf("too late, before anything is forgotten: %v", err)
	}
	if n, err := s.PruneMerges(ctx); n != 1 || err != nil || kept() != 0 {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := s.UndoMerge(ctx, Who{Org: 1}, 1); !fault.Is(err, fault.MergeTooOld) {
		t.Errorf("too late: %v", err)
	}
	if p, err := s.Merges(ctx, Who{Org: 1}, 0, 10, 0); err != nil || p.Total != 0 || len(p.Items) != 0 {
		t.Errorf("recent: %+v, %v", p, err)
	}
	if p, err := s.Merges(ctx, Who{Org: 1}, 1003, 10, 0); err != nil || p.Total != 1 || p.Items[0].Victim != 1006 || p.Items[0].UndoUntil != nil {
		t.Errorf("of one: %+v, %v", p, err)
	}
}

var testPassword = sync.OnceValue(func() string { return HashPassword(md5Hex("a password of some length")) })
