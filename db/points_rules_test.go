package db

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestEarned(t *testing.T) {
	demo := DemoProgram()
	fine := ProgramRules{Rate: 1_250_000, Decimals: 2}
	for _, c := range []struct {
		rules               ProgramRules
		amount, raw, awards int64
	}{
		{demo, 640_500, 64_050, 64_000},
		{demo, 4_808_000, 480_800, 480_000}, // as the vendor's sample
		{demo, 9_999, 999, 0},
		{demo, 10_000, 1_000, 1_000},
		{demo, 0, 0, 0},
		{demo, -5_000, 0, 0},
		{fine, 1_001, 1_251, 1_250},
		{fine, 3, 3, 0},
		{ProgramRules{Rate: 1, Decimals: 3}, 999_999, 0, 0},
		{ProgramRules{Rate: 1, Decimals: 3}, 1_000_000, 1, 1},
		{ProgramRules{Rate: 1_000_000_000}, maxPoints, maxPoints, maxPoints - maxPoints%1000},
		{ProgramRules{Rate: 1_000_000 << 20, Decimals: 3}, 1 << 44, maxPoints, maxPoints}, // a million times 2⁶⁴: the first product without a quotient
	} {
		if raw, awarded := c.rules.earned(c.amount); raw != c.raw || awarded != c.awards {
			t.Errorf("%d at %d: %d, %d, want %d, %d", c.amount, c.rules.Rate, raw, awarded, c.raw, c.awards)
		}
	}
}

func TestWorth(t *testing.T) {
	demo := DemoProgram()
	for points, want := range map[int64]int64{120_000: 60_000, 1: 0, 2: 1, 0: 0, -4: 0} {
		if got := demo.worth(points); got != want {
			t.Errorf("%d points are worth %d, want %d", points, got, want)
		}
	}
}

func TestTier(t *testing.T) {
	demo := DemoProgram()
	for points, want := range map[int64]string{0: "Silver", 999_999: "Silver", 1_000_000: "Gold", 4_999_999: "Gold", 5_000_000: "Platinum", maxPoints: "Platinum"} {
		if got := demo.Tiers[demo.tier(points)].Name; got != want {
			t.Errorf("%d: %s, want %s", points, got, want)
		}
	}
}

// Points live to the end of a day in the org's zone, also over a change of the clocks.
func TestExpiry(t *testing.T) {
	zone := func(name string) *time.Location {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	for _, c := range []struct {
		zone, awarded, gone, last string
		days                      int
	}{
		{"Asia/Kolkata", "2026-02-03T18:20:00+05:30", "2027-02-04T00:00:00+05:30", "2027-02-03", 365},
		{"Asia/Kolkata", "2026-02-03T23:59:59+05:30", "2027-02-04T00:00:00+05:30", "2027-02-03", 365},
		{"Asia/Kolkata", "2026-02-03T20:00:00Z", "2027-02-05T00:00:00+05:30", "2027-02-04", 365},
		{"Asia/Kolkata", "2024-02-28T00:00:00+05:30", "2025-02-28T00:00:00+05:30", "2025-02-27", 365},
		{"Europe/Berlin", "2026-03-28T12:00:00+01:00", "2026-03-30T00:00:00+02:00", "2026-03-29", 1},
		{"America/Sao_Paulo", "2018-11-03T12:00:00-03:00", "2018-11-05T00:00:00-02:00", "2018-11-04", 1}, // that day began at 1
	} {
		at, err := time.Parse(time.RFC3339, c.awarded)
		if err != nil {
			t.Fatal(err)
		}
		z := zone(c.zone)
		ms := (&ProgramRules{ExpireDays: c.days}).expiry(at.UnixMilli(), z)
		if got := time.UnixMilli(ms).In(z).Format(time.RFC3339); got != c.gone {
			t.Errorf("%s and %d days: %s, want %s", c.awarded, c.days, got, c.gone)
		}
		if got := lastDay(ms, z); got != c.last {
			t.Errorf("%s and %d days: last day %s, want %s", c.awarded, c.days, got, c.last)
		}
	}
	if (&ProgramRules{}).expiry(0, time.UTC) != never {
		t.Error("points of a program without expiry expire")
	}
}

func TestSpendAndTake(t *testing.T) {
	batches := []batch{
		{id: 1, awarded: 30, expires: 300, remaining: 5},
		{id: 2, awarded: 20, expires: 200, remaining: 5},
		{id: 3, awarded: 10, expires: 200, remaining: 5},
		{id: 4, awarded: 10, expires: 200, remaining: 0},
		{id: 5, awarded: 1, expires: 100, remaining: 5},
		{id: 6, awarded: 10, expires: 200, remaining: 2},
	}
	for _, c := range []struct {
		points, now int64
		spent       string
		oldest      string
	}{
		{1, 50, "[{5 -1}] 0", "[{5 -1}] 0"},
		{1, 100, "[{3 -1}] 0", "[{3 -1}] 0"}, // 5 is gone
		{9, 100, "[{3 -5} {6 -2} {2 -2}] 0", "[{3 -5} {6 -2} {2 -2}] 0"},
		{18, 100, "[{3 -5} {6 -2} {2 -5} {1 -5}] 1", "[{3 -5} {6 -2} {2 -5} {1 -5}] 1"},
		{22, 50, "[{5 -5} {3 -5} {6 -2} {2 -5} {1 -5}] 0", "[{5 -5} {3 -5} {6 -2} {2 -5} {1 -5}] 0"},
		{1, 300, "[] 1", "[] 1"},
	} {
		parts, short := spend(batches, c.points, c.now)
		if got := fmt.Sprint(parts, short); got != c.spent {
			t.Errorf("spend %d at %d: %s, want %s", c.points, c.now, got, c.spent)
		}
		parts, short = takeOldest(batches, c.points, c.now)
		if got := fmt.Sprint(parts, short); got != c.oldest {
			t.Errorf("take %d at %d: %s, want %s", c.points, c.now, got, c.oldest)
		}
	}
	// The two orders differ where an old batch lives longer.
	long := []batch{{id: 1, awarded: 1, expires: 900, remaining: 5}, {id: 2, awarded: 2, expires: 800, remaining: 5}}
	if a, _ := spend(long, 1, 0); a[0].batch != 2 {
		t.Errorf("spent first: %v", a)
	}
	if a, _ := takeOldest(long, 1, 0); a[0].batch != 1 {
		t.Errorf("taken first: %v", a)
	}
}

func TestGiveBack(t *testing.T) {
	taken := []move{{1, -5}, {2, -3}, {3, -4}}
	for _, c := range []struct {
		reversed, points int64
		want             string
	}{
		{0, 12, "[{3 4} {2 3} {1 5}]"}, {0, 1, "[{3 1}]"}, {1, 3, "[{3 3}]"}, {4, 4, "[{2 3} {1 1}]"}, {11, 1, "[{1 1}]"}, {12, 1, "[]"},
	} {
		if got := fmt.Sprint(giveBack(taken, c.reversed, c.points)); got != c.want {
			t.Errorf("after %d, %d more: %s, want %s", c.reversed, c.points, got, c.want)
		}
	}
}

func TestReturned(t *testing.T) {
	for _, c := range []struct {
		bill earnedBill
		kept int64
		take int64
	}{
		{earnedBill{awarded: 64, kept: 64}, 0, 64},
		{earnedBill{awarded: 64, kept: 64}, 32, 32},
		{earnedBill{awarded: 64, kept: 32, taken: 32}, 0, 32},
		{earnedBill{awarded: 64, kept: 64}, 64, 0},
		{earnedBill{awarded: 64, kept: 64, expired: 64}, 0, 0},  // gone already
		{earnedBill{awarded: 64, kept: 64, expired: 34}, 0, 30}, // the other 30 were spent or live
		{earnedBill{awarded: 64, kept: 64, expired: 34}, 32, 30},
		{earnedBill{awarded: 64, kept: 32, taken: 30, expired: 34}, 0, 0},
	} {
		if got := c.bill.returned(c.kept); got != c.take {
			t.Errorf("%+v keeping %d: %d, want %d", c.bill, c.kept, got, c.take)
		}
	}
}

// However a bill is returned, in the end what it keeps is what its program gives for what is left.
func TestReturnsInPartsAreTheReturnAtOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := ProgramRules{Rate: rapid.Int64Range(0, 5_000_000).Draw(t, "rate"), Decimals: rapid.IntRange(0, 3).Draw(t, "decimals")}
		left := rapid.Int64Range(0, 10_000_000).Draw(t, "amount")
		_, awarded := p.earned(left)
		b := earnedBill{awarded: awarded, kept: awarded}
		for range rapid.IntRange(1, 8).Draw(t, "returns") {
			left -= rapid.Int64Range(0, left).Draw(t, "return")
			_, kept := p.earned(left)
			b.taken += b.returned(kept)
			b.kept = kept
			if b.awarded-b.taken != kept {
				t.Fatalf("%d left: %d are kept, and %d ought to be", left, b.awarded-b.taken, kept)
			}
		}
	})
}

// Spending takes what was asked, from no batch more than it has, and nothing that expires later while something that expires
// earlier is left; giving back, in however many steps, restores exactly that.
func TestSpendingAndGivingBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := rapid.Int64Range(0, 100).Draw(t, "now")
		var batches []batch
		var alive int64
		for i := range rapid.IntRange(0, 10).Draw(t, "batches") {
			b := batch{id: int64(i + 1), awarded: rapid.Int64Range(0, 50).Draw(t, "awarded"), expires: rapid.Int64Range(0, 200).Draw(t, "expires"), remaining: rapid.Int64Range(0, 1000).Draw(t, "remaining")}
			batches = append(batches, b)
			if b.expires > now {
				alive += b.remaining
			}
		}
		ask := rapid.Int64Range(0, 6000).Draw(t, "points")
		parts, short := spend(batches, ask, now)
		left := map[int64]int64{}
		for _, b := range batches {
			left[b.id] = b.remaining
		}
		var sum, latest int64
		for _, p := range parts {
			b := batches[p.batch-1]
			if p.points >= 0 || b.due(now) || b.expires < latest {
				t.Fatalf("%+v of %+v", p, b)
			}
			latest = b.expires
			if left[p.batch] += p.points; left[p.batch] < 0 {
				t.Fatalf("batch %d is below zero", p.batch)
			}
			sum -= p.points
		}
		if sum != min(ask, alive) || short != ask-sum {
			t.Fatalf("%d of %d were spent, %d are short, %d were alive", sum, ask, short, alive)
		}
		for _, b := range batches {
			if sum > 0 && !b.due(now) && b.expires < latest && left[b.id] > 0 {
				t.Fatalf("batch %d expires earlier and was left", b.id)
			}
		}
		var reversed int64
		for reversed < sum {
			n := rapid.Int64Range(1, sum-reversed).Draw(t, "reverse")
			for _, p := range giveBack(parts, reversed, n) {
				left[p.batch] += p.points
			}
			reversed += n
		}
		for _, b := range batches {
			if left[b.id] != b.remaining {
				t.Fatalf("batch %d had %d and has %d", b.id, b.remaining, left[b.id])
			}
		}
		if slices.ContainsFunc(expiring(batches, now), func(p move) bool { return !batches[p.batch-1].due(now) }) {
			t.Fatal("a batch expires that is not due")
		}
	})
}

func TestDecimals(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 1: "0.001", 64_050: "64.05", -500: "-0.5", 12_000: "12"} {
		if got := Decimal(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

// A schedule can be asked for from today to the same day in a hundred years, as days are in the org's zone, whatever the hour.
func TestDaysOfAnExpirySchedule(t *testing.T) {
	for _, now := range []string{"2026-11-27T00:30:00+05:30", "2026-11-27T23:30:00+05:30", "2026-11-27T00:30:00-08:00", "2026-11-27T23:30:00-08:00"} {
		today, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		for day, want := range map[string]int{"2026-11-26": 1215, "2026-11-27": 0, "2126-11-27": 0, "2126-11-28": 1217, "2100-02-29": 1216} {
			for _, q := range []ExpiryQuery{{Start: day}, {End: day}} {
				if got := number(q.check(today)); got != want {
					t.Errorf("%s, %+v: %d, want %d", now, q, got, want)
				}
			}
		}
	}
}
