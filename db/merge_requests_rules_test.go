package db

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/arteriole/arteriole/fault"
)

// Every set of things that can be wrong with a merge at once: the first in this order is answered.
func TestJudgeMerge(t *testing.T) {
	wrong := []struct {
		want *fault.Code
		do   func(victim, survivor *asked)
	}{
		{fault.UpdateCustomerNotFound, func(v, _ *asked) { v.found = false }},
		{fault.MergeSurvivorInvalid, func(_, s *asked) { s.found = false }},
		{fault.MergeSurvivorInvalid, func(v, s *asked) { s.id = v.id }},
		{fault.MergeVictimMerged, func(v, _ *asked) { v.mergedInto = 9 }},
		{fault.MergeSurvivorMerged, func(_, s *asked) { s.mergedInto = 9 }},
		{fault.CannotCombine, func(v, s *asked) { v.places = append(v.places, s.places[0]) }},
		{fault.MergePendingVictim, func(v, _ *asked) { v.pending = true }},
		{fault.MergePendingSurvivor, func(_, s *asked) { s.pending = true }},
	}
	for set := range 1 << len(wrong) {
		victim := asked{id: 1, found: true, places: []Place{{"INSTORE", ""}, {"WECHAT", "1"}}}
		survivor := asked{id: 2, found: true, places: []Place{{"ECOMMERCE", ""}, {"WECHAT", "2"}}}
		var want *fault.Code
		for i := len(wrong) - 1; i >= 0; i-- {
			if set&(1<<i) != 0 {
				wrong[i].do(&victim, &survivor)
				want = wrong[i].want
			}
		}
		err := judgeMerge(victim, survivor)
		if want == nil && err != nil || want != nil && !fault.Is(err, want) {
			t.Errorf("set %b: %v, want %v", set, err, want)
		}
	}
}

// Every state × every state that is asked for.
func TestJudgeDecision(t *testing.T) {
	may := map[string]bool{"PENDING APPROVED": true, "PENDING REJECTED": true, "REJECTED PENDING": true}
	for _, from := range RequestStatuses {
		for _, to := range RequestStatuses {
			err := judgeDecision(7, from, to)
			if may[from+" "+to] != (err == nil) || err != nil && !fault.Is(err, fault.MergeRequestState) {
				t.Errorf("%s to %s: %v", from, to, err)
			}
		}
	}
}

// What waits, folded, does to a profile what it does one after the other.
func TestNetChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.Custom(func(t *rapid.T) Identifier {
			return Identifier{"mobile", fmt.Sprint(rapid.IntRange(1, 4).Draw(t, "id"))}
		})
		all := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) RequestedChange {
			return RequestedChange{mergePlaces[rapid.IntRange(0, 1).Draw(t, "place")], IdentifierChange{rapid.SliceOfN(id, 0, 3).Draw(t, "add"), rapid.SliceOfN(id, 0, 3).Draw(t, "remove")}}
		}), 0, 5).Draw(t, "changes")
		apply := func(has map[string]bool, changes []RequestedChange) map[string]bool {
			has = maps.Clone(has)
			for _, c := range changes {
				for _, id := range c.Remove {
					delete(has, fmt.Sprint(c.Place, id))
				}
				for _, id := range c.Add {
					has[fmt.Sprint(c.Place, id)] = true
				}
			}
			return has
		}
		has := apply(map[string]bool{}, []RequestedChange{{mergePlaces[0], IdentifierChange{Add: rapid.SliceOfN(id, 0, 4).Draw(t, "has")}}})
		net := netChanges(all)
		if a, b := apply(has, all), apply(has, net); !maps.Equal(a, b) {
			t.Fatalf("%v\none by one %v\nfolded %v: %v", all, a, net, b)
		}
		seen := map[Place]bool{}
		for _, c := range net {
			if seen[c.Place] {
				t.Fatalf("a place twice: %v", net)
			}
			seen[c.Place] = true
			for _, id := range c.Add {
				if slices.Contains(c.Remove, id) {
					t.Fatalf("removed and added: %v", net)
				}
			}
		}
	})
}
