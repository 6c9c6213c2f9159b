package db

import (
	"context"
	"math/rand/v2"
	"testing"
)

// deed is one thing of a history, done by one of two customers or, when they were merged, by the survivor.
type deed struct {
	kind, by string // by: of a return
	of       int    // 0 or 1
	n        int    // of the bill or the redemption that it is about, counted from the first
	pieces   int64
	amount   int64 // in whole units
	happened bool
}

func newHistory(rng *rand.Rand) (h []*deed) {
	bills, spent := 0, 0
	for range 4 + rng.IntN(8) {
		d := &deed{of: rng.IntN(2), pieces: 1 + rng.Int64N(3), amount: 100 + rng.Int64N(900)}
		switch pick := rng.IntN(8); {
		case pick < 3 || bills == 0:
			d.kind = "bill"
			bills++
		case pick == 3:
			d.kind, d.n, d.by = "return", rng.IntN(bills), returnTypes[rng.IntN(len(returnTypes))]
		case pick == 4 && spent > 0:
			d.kind, d.n, d.amount = "reverse", rng.IntN(spent), 1+rng.Int64N(20)
		case pick == 5:
			d.kind, d.amount = "transfer", 1+rng.Int64N(60)
		default:
			d.kind, d.amount = "redeem", 10+rng.Int64N(60)
			spent++
		}
		h = append(h, d)
	}
	return h
}

// plays does a history: for the first time (merge -1) all of it that can happen, and again what happened then. Before the deed
// with the number merge the victim, 0 or 1, is merged into the other. It gives what the two have together
// in the end. All of it is one transaction, so no time passes.
func (w *pointsWorld) plays(h []*deed, merge, victim int) (total int64) {
	w.t.Helper()
	if err := w.Batch(context.Background(), func(ctx context.Context) error {
		in := *w
		in.ctx = ctx
		total = in.playsAll(h, merge, victim)
		w.bill = in.bill
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
	return total
}

func (w *pointsWorld) playsAll(h []*deed, merge, victim int) (total int64) {
	ctx := w.ctx
	c := w.newcomers(2)
	type sold struct {
		id, price int64
		of        int
	}
	type redeemed struct {
		id string
		of int
	}
	var bills []sold
	var spent []redeemed
	for i, d := range h {
		if i == merge {
			if _, err := w.merges(c[victim], c[1-victim]); err != nil {
				w.t.Fatal(err)
			}
			c[victim] = c[1-victim]
		}
		if merge >= 0 && !d.happened {
			if d.kind == "redeem" {
				spent = append(spent, redeemed{})
			}
			continue
		}
		var err error
		switch d.kind {
		case "bill":
			b := sold{price: d.amount, of: d.of}
			b.id, err = w.sells(c[d.of], d.pieces, d.amount, w.now.UnixMilli(), d.pieces == 1)
			bills = append(bills, b)
		case "return":
			b, amount := bills[d.n], d.amount
			if d.by == returnLineItem {
				amount = d.pieces * b.price
			}
			if d.by == returnFull || d.by == returnCancelled {
				amount = 0
			}
			err = w.takesBack(c[b.of], b.id, d.by, d.pieces, amount)
		case "redeem":
			out, e := w.RedeemPoints(ctx, w.who, RedeemInput{Customer: CustomerRef{ID: c[d.of]}, Points: d.amount * 1000})
			spent, err = append(spent, redeemed{out.ID, d.of}), e
		case "reverse":
			points := d.amount * 1000
			_, err = w.ReversePoints(ctx, w.who, ReverseInput{Redemption: spent[d.n].id, Customer: CustomerRef{ID: c[spent[d.n].of]}, Points: &points})
		case "transfer":
			if c[0] == c[1] {
				continue // it would go from one pocket into the other
			}
			_, err = w.TransferPoints(ctx, w.who, TransferInput{From: CustomerRef{ID: c[d.of]}, To: CustomerRef{ID: c[1-d.of]}, Points: d.amount * 1000})
		}
		if merge < 0 {
			d.happened = err == nil
		} else if err != nil {
			w.t.Errorf("merged before deed %d: deed %d, %+v: %v", merge, i, *d, err)
		}
	}
	if _, err := w.WorkLoyalty(ctx); err != nil {
		w.t.Fatal(err)
	}
	for i, id := range c {
		if i == 1 && id == c[0] {
			break
		}
		p, err := w.PointsOf(ctx, w.who, CustomerRef{ID: id})
		if err != nil {
			w.t.Fatal(err)
		}
		total += p.Balance
	}
	return total
}

// A thousand histories of two customers, each done again with the two merged somewhere in it: the points are the same in all.
func TestAMergeLosesAndMakesNoPoints(t *testing.T) {
	oneByOne(t)
	t.Parallel()
	w := newPointsWorld(t)
	done, points := map[string]int{}, int64(0)
	for seed := range uint64(1000) {
		rng := rand.New(rand.NewPCG(seed, 1))
		h := newHistory(rng)
		apart := w.plays(h, -1, 0)
		merge, victim := rng.IntN(len(h)), rng.IntN(2)
		if together := w.plays(h, merge, victim); together != apart {
			for _, d := range h {
				t.Logf("%+v", *d)
			}
			t.Fatalf("history %d: %d apart, %d with customer %d merged before deed %d", seed, apart, together, victim, merge)
		}
		points += apart
		for _, d := range h {
			if d.happened {
				done[d.kind+d.by]++
			}
		}
	}
	w.sound()
	t.Log(done, "points in all:", Decimal(points))
	for _, what := range []string{"bill", "returnFULL", "returnAMOUNT", "returnLINE_ITEM", "returnCANCELLED", "redeem", "reverse", "transfer"} {
		if done[what] < 50 {
			t.Errorf("%s: only %d", what, done[what])
		}
	}
}
