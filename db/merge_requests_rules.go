package db

import (
	"slices"

	"github.com/arteriole/arteriole/fault"
)

// The states of a merge request (openapi.yaml, Approve or Reject a Merge).
const (
	RequestPending  = "PENDING"
	RequestApproved = "APPROVED"
	RequestRejected = "REJECTED"
)

// RequestStatuses are those that a request can have.
var RequestStatuses = []string{RequestPending, RequestApproved, RequestRejected}

// asked is one of the two customers of a merge that is asked for.
type asked struct {
	id         int64
	found      bool
	mergedInto int64   // whom the customer was merged into, 0 for nobody
	places     []Place // where the customer has profiles
	pending    bool    // to be merged into somebody, by a request that waits
}

// judgeMerge returns why a victim may not be merged into a survivor, or may not wait for it: all refusals of the contract in one
// place. Faults of the customers come first, then those of what they hold, then of what waits.
func judgeMerge(victim, survivor asked) error {
	switch {
	case !victim.found:
		return fault.UpdateCustomerNotFound.With("id", victim.id)
	case !survivor.found, survivor.id == victim.id:
		return fault.MergeSurvivorInvalid.With("id", survivor.id)
	case victim.mergedInto != 0:
		return fault.MergeVictimMerged.With("id", victim.id, "survivor", victim.mergedInto)
	case survivor.mergedInto != 0:
		return fault.MergeSurvivorMerged.With("id", survivor.id, "survivor", survivor.mergedInto)
	case shared(victim.places, survivor.places):
		return fault.CannotCombine.With("id", survivor.id)
	case victim.pending:
		return fault.MergePendingVictim.With("id", victim.id)
	case survivor.pending:
		return fault.MergePendingSurvivor.With("id", survivor.id)
	}
	return nil
}

// judgeDecision decides whether a request may change its status: a pending one can be approved or rejected; a rejected one must
// become pending again first; an approved one is done, and its merge can be undone.
func judgeDecision(id int64, from, to string) error {
	switch [2]string{from, to} {
	case [2]string{RequestPending, RequestApproved}, [2]string{RequestPending, RequestRejected}, [2]string{RequestRejected, RequestPending}:
		return nil
	}
	return fault.MergeRequestState.With("id", id, "status", from)
}

// netChanges combines the changes that wait for one merge, in the order of the requests, into one for each place.
func netChanges(all []RequestedChange) (net []RequestedChange) {
	for _, c := range all {
		i := slices.IndexFunc(net, func(n RequestedChange) bool { return n.Place == c.Place })
		if i < 0 {
			i = len(net)
			net = append(net, RequestedChange{Place: c.Place})
		}
		n := &net[i]
		for _, id := range c.Remove {
			n.Add = without(n.Add, id)
			if !slices.Contains(n.Remove, id) {
				n.Remove = append(n.Remove, id)
			}
		}
		for _, id := range c.Add {
			n.Remove = without(n.Remove, id)
			if !slices.Contains(n.Add, id) {
				n.Add = append(n.Add, id)
			}
		}
	}
	return net
}

func without(ids []Identifier, id Identifier) []Identifier {
	return slices.DeleteFunc(ids, func(have Identifier) bool { return have == id })
}
