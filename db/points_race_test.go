package db

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// Many clients redeem, reverse, transfer, buy, return and merge at once, on four customers. Whatever was answered must add up
// afterwards, and only what the rules refuse may be refused.

const (
	raceClients = 8
	raceCalls   = 40 // of each client
)

type pointsRace struct {
	*pointsWorld
	customers []int64
	redeem    func(context.Context, Who, RedeemInput) (PointsRedeemed, error)

	mu       sync.Mutex
	total    int64 // what all customers must have in the end, by what was answered
	done     map[string]int
	bills    [][2]int64 // id, customer
	spent    []string
	merges   []int64
	problems []string
}

// mayRefuse is what a client can be told that came too late.
var mayRefuse = []*fault.Code{fault.PointsInsufficient, fault.MergedCustomer, fault.TransferMerged, fault.TransferToSelf, fault.PointsSpent, fault.BillNotFound, fault.BillAlreadyReturned,
	fault.BillAlreadyCancelled, fault.ReturnFullAfterPart, fault.ReturnAmountTooHigh, fault.RedemptionReversed, fault.RedemptionOfOther, fault.ReversePointsInvalid,
	fault.MergePointsSpent, fault.MergeUndone, fault.MergeUndoOrder}

func (r *pointsRace) run() {
	var wg sync.WaitGroup
	for c := range raceClients {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(1, uint64(c)))
			for n := range raceCalls {
				what, points, err := r.call(rng, fmt.Sprintf("R%d-%d-%d", r.customers[0], c, n))
				r.mu.Lock()
				if err == nil {
					r.total += points
				} else if f, ok := fault.Of(err); ok && slices.Contains(mayRefuse, f.Code) {
					what += " refused"
				} else {
					r.problems = append(r.problems, fmt.Sprintf("%s: %v", what, err))
				}
				r.done[what]++
				r.mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// call makes one call, and says what it adds to the points of all.
func (r *pointsRace) call(rng *rand.Rand, number string) (what string, points int64, err error) {
	ctx := context.Background()
	c, other := r.customers[rng.IntN(len(r.customers))], r.customers[rng.IntN(len(r.customers))]
	r.mu.Lock()
	var bill [2]int64
	var spent string
	var merge int64
	if len(r.bills) > 0 {
		bill = r.bills[rng.IntN(len(r.bills))]
	}
	if len(r.spent) > 0 {
		spent = r.spent[rng.IntN(len(r.spent))]
	}
	if len(r.merges) > 0 {
		merge = r.merges[len(r.merges)-1]
	}
	r.mu.Unlock()
	keep := func(f func()) {
		if err == nil {
			r.mu.Lock()
			f()
			r.mu.Unlock()
		}
	}
	pick := rng.IntN(20)
	switch {
	case pick < 3:
		out, err := r.AddTransaction(ctx, r.who, saleOf(c, number, 1, 1000), false)
		if err == nil {
			points = out.SideEffects[0].Awarded
		}
		keep(func() { r.bills = append(r.bills, [2]int64{out.ID, c}) })
		return "bill", points, err
	case pick < 6 && bill[0] != 0:
		out, err := r.AddTransaction(ctx, r.who, returnOf(c, bill[0], []string{returnFull, returnAmount, returnCancelled}[rng.IntN(3)], 0, 500), false)
		for _, e := range out.SideEffects {
			points += e.Awarded
		}
		return "return", points, err
	case pick < 10 && spent != "":
		n := int64(10_000)
		_, err := r.ReversePoints(ctx, r.who, ReverseInput{Redemption: spent, Customer: CustomerRef{ID: c}, Points: &n})
		return "reverse", n, err
	case pick < 12:
		_, err := r.TransferPoints(ctx, r.who, TransferInput{From: CustomerRef{ID: c}, To: CustomerRef{ID: other}, Points: 70_000})
		return "transfer", 0, err
	case pick == 12 && c != other:
		id, err := r.pointsWorld.merges(c, other)
		keep(func() { r.merges = append(r.merges, id) })
		return "merge", 0, err
	case pick < 15 && merge != 0:
		_, err := r.UndoMerge(ctx, r.who, merge)
		keep(func() { r.merges = slices.DeleteFunc(r.merges, func(m int64) bool { return m == merge }) })
		return "undo", 0, err
	}
	out, err := r.redeem(ctx, r.who, RedeemInput{Customer: CustomerRef{ID: c}, Points: 60_000})
	keep(func() { r.spent = append(r.spent, out.ID) })
	return "redeem", -60_000, err
}

// judge says what does not add up.
func (r *pointsRace) judge() []string {
	problems := r.problems
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	err := r.read(context.Background(), func(tx *Tx) error {
		var all int64
		for _, c := range r.customers {
			a, err := tx.readAccount(r.who.Org, c)
			if err != nil {
				return err
			}
			all += a.balance
			var sum, least, remaining, lowest, over int64
			err = errors.Join(
				tx.QueryRow(`SELECT coalesce(sum(points), 0), coalesce(min(balance), 0) FROM points_ledger WHERE org = $1 AND customer = $2`, r.who.Org, c).Scan(&sum, &least),
				tx.QueryRow(`SELECT coalesce(sum(remaining), 0), coalesce(min(remaining), 0) FROM points_batches WHERE org = $1 AND customer = $2`, r.who.Org, c).Scan(&remaining, &lowest),
				tx.QueryRow(`SELECT count(*) FROM points_redemptions WHERE org = $1 AND customer = $2 AND reversed > points`, r.who.Org, c).Scan(&over))
			if err != nil {
				return err
			}
			if sum != a.balance || remaining != a.balance {
				say("customer %d: a balance of %d, a ledger of %d, batches of %d", c, a.balance, sum, remaining)
			}
			if least < 0 || lowest < 0 {
				say("customer %d: was at %d, with a batch at %d", c, least, lowest)
			}
			if over > 0 {
				say("customer %d: %d redemptions were reversed beyond what they took", c, over)
			}
		}
		if all != r.total {
			say("all have %d, by what was answered they have %d", all, r.total)
		}
		return nil
	})
	if err != nil {
		say("%v", err)
	}
	return problems
}

// tornRedeem decides in one transaction and writes in another. Nothing else is wrong with it: one client alone cannot tell it
// from the real one.
func (w *pointsWorld) tornRedeem(_ context.Context, who Who, in RedeemInput) (out PointsRedeemed, err error) {
	var parts []move
	err = w.do(func(tx *Tx, o *orgConfig) error {
		found, err := tx.find(o, who.Org, in.Customer)
		if err != nil {
			return err
		}
		a, err := tx.openWallet(who.Org, found.ID)
		if err == nil && in.Points > a.balance {
			return fault.PointsInsufficient.New()
		}
		parts, _ = spend(a.batches, in.Points, tx.now)
		return err
	})
	if err != nil {
		return out, err
	}
	time.Sleep(2 * time.Millisecond) // as the commit in between may take
	err = w.do(func(tx *Tx, o *orgConfig) error {
		a, err := tx.openWallet(who.Org, in.Customer.ID)
		if err != nil {
			return err
		}
		n, err := tx.next(who.Org, "points_redemptions", 1)
		if err != nil {
			return err
		}
		out.ID = redemptionID(n)
		e, err := tx.pointsEvent(who, event{customer: in.Customer.ID, kind: "REDEEM", redemption: out.ID})
		if err != nil {
			return err
		}
		if err := tx.post(&a, e, "REDEEM", parts); err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO points_redemptions (org, id, customer, event, at, points, value, till) VALUES ($1, $2, $3, $4, $5, $6, 0, $7)`,
			who.Org, out.ID, in.Customer.ID, e, tx.now, in.Points, who.Till)
		return err
	})
	return out, err
}

// unchecked switches the schema's own guards off.
func (w *pointsWorld) unchecked() {
	w.t.Helper()
	if err := w.do(func(tx *Tx, o *orgConfig) error {
		_, err := tx.Exec(`PRAGMA ignore_check_constraints = ON`)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
}

// Points are conserved while clients race: by what the store decides, also when the schema checks nothing. The control: with the
// decision torn from the write, the schema refuses what it sees; and without the schema, the same judge finds the damage.
func TestPointsAreConservedInARace(t *testing.T) {
	for _, c := range []struct {
		name            string
		torn, unchecked bool
		clean           bool
	}{
		{"as it is", false, false, true},
		{"without the schema's checks", false, true, true},
		{"torn", true, false, false},
		{"torn and without the schema's checks", true, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newPointsWorld(t)
			if c.unchecked {
				w.unchecked()
			}
			var problems []string
			done := map[string]int{}
			all := []string{"bill", "return", "redeem", "redeem refused", "reverse", "transfer", "merge", "undo"}
			missing := func() bool { return slices.ContainsFunc(all, func(what string) bool { return done[what] == 0 }) }
			for n := 0; n < 3 || c.clean && n < 30 && missing(); n++ {
				r := &pointsRace{pointsWorld: w, customers: w.newcomers(4), redeem: w.RedeemPoints, done: done}
				if c.torn {
					r.redeem = w.tornRedeem
				}
				r.run()
				problems = append(problems, r.judge()...)
			}
			t.Log(done)
			if !c.clean {
				if len(problems) == 0 {
					t.Error("nothing was found")
				} else {
					t.Logf("%d problems, such as: %s", len(problems), problems[len(problems)-1])
				}
				return
			}
			for _, p := range problems {
				t.Error(p)
			}
			for _, what := range all {
				if done[what] == 0 {
					t.Errorf("no %s", what)
				}
			}
			w.sound()
		})
	}
}
