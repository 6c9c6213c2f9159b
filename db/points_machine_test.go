package db

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/arteriole/arteriole/fault"
)

const machineSteps = 60 // of one history

// machinePlaces are where the machine's customers are, one each, so that any two of them can be merged.
var machinePlaces = []string{"INSTORE", "MARTJACK", "ECOMMERCE", "WEBSITE"}

// newcomers registers customers, each in another place.
func (w *pointsWorld) newcomers(n int) (ids []int64) {
	w.t.Helper()
	for _, place := range machinePlaces[:n] {
		w.bill++
		out, err := w.RegisterCustomer(w.ctx, w.who, place, "", ProfileInput{FirstName: ptr("A"), Identifiers: []Identifier{{"email", fmt.Sprintf("m%d@example.org", w.bill)}}}, CustomerInput{LoyaltyType: "loyalty"})
		if err != nil {
			w.t.Fatal(err)
		}
		ids = append(ids, out.ID)
	}
	return ids
}

// merges merges without asking any rule of who may, but that both are there, and gives the id of the merge.
func (w *pointsWorld) merges(victim, survivor int64) (id int64, err error) {
	err = w.do(func(tx *Tx, o *orgConfig) error {
		for _, c := range []int64{victim, survivor} {
			if err := tx.living(w.who.Org, c); err != nil {
				return err
			}
		}
		v, err := tx.customer(o, w.who.Org, victim)
		if err != nil {
			return err
		}
		if err := tx.merge(o, w.who, v, survivor, nil); err != nil {
			return err
		}
		return tx.QueryRow(`SELECT max(id) FROM merges WHERE org = $1`, w.who.Org).Scan(&id)
	})
	return id, err
}

// sells is a bill of some pieces of one article, of a moment in milliseconds.
func (w *pointsWorld) sells(customer, pieces, price, date int64, later bool) (int64, error) {
	w.bill++
	b := saleOf(customer, fmt.Sprint("M", w.bill), pieces, price)
	b.BillingDate = time.UnixMilli(date).UTC().Format("2006-01-02T15:04:05.000Z")
	out, err := w.AddTransaction(w.ctx, w.who, b, later)
	return out.ID, err
}

// sellsFor is a bill of some pieces, or of none, that gives back something of an earlier one.
func (w *pointsWorld) sellsFor(number, how string, n *modelBill, pieces, amount, paid int64) (int64, string, error) {
	w.bill++
	b := saleOf(n.customer, fmt.Sprint("M", w.bill), n.pieces, n.price)
	if b.Amount = paid * 1000; n.pieces == 0 {
		b.Lines = nil
	}
	back := BillLine{Type: "RETURN", ReturnType: how, ItemCode: "TEA", ParentBillNumber: number}
	switch how {
	case returnLineItem:
		back.Quantity = ptr(pieces * 1000)
	case returnAmount:
		back.Amount = ptr(amount * 1000)
	}
	b.Lines = append(b.Lines, back)
	out, err := w.AddTransaction(w.ctx, w.who, b, n.waits)
	return out.ID, b.Number, err
}

// takesBack returns pieces by LINE_ITEM, an amount by AMOUNT, in whole units, or all.
func (w *pointsWorld) takesBack(customer, bill int64, by string, pieces, amount int64) error {
	_, err := w.AddTransaction(w.ctx, w.who, returnOf(customer, bill, by, pieces, amount), false)
	return err
}

func saleOf(customer int64, number string, pieces, price int64) Bill {
	return Bill{Type: "REGULAR", Number: number, Amount: pieces * price * 1000, Source: "OTHERS", IdentifierName: "id", IdentifierText: strconv.FormatInt(customer, 10),
		Lines: []BillLine{{ItemCode: "TEA", Quantity: ptr(pieces * 1000), Rate: ptr(price * 1000)}}}
}

func returnOf(customer, bill int64, by string, pieces, amount int64) Bill {
	b := Bill{Type: "RETURN", ReturnType: by, SaleID: bill, Amount: amount * 1000, Source: "OTHERS", IdentifierName: "id", IdentifierText: strconv.FormatInt(customer, 10)}
	if by == returnLineItem {
		b.Lines = []BillLine{{ItemCode: "TEA", Quantity: ptr(pieces * 1000)}}
	}
	return b
}

// pointsMachine does at random what can be done with points, to the store and to the model.
type pointsMachine struct {
	*pointsWorld
	pointsModel
	r         *rapid.T
	customers []int64
	did       map[string]int
}

func (m *pointsMachine) draw(low, high int64) int64 {
	return rapid.Int64Range(low, high).Draw(m.r, "n")
}

// living draws a customer who is nobody's victim.
func (m *pointsMachine) living() int64 {
	return m.root(rapid.SampledFrom(m.customers).Draw(m.r, "customer"))
}

// expect holds an answer against the model's, and counts it.
func (m *pointsMachine) expect(what string, err error, c *fault.Code) bool {
	m.r.Helper()
	if f, ok := fault.Of(err); c == nil && err != nil || c != nil && (!ok || f.Code != c) {
		m.r.Fatalf("%s: %v, want %v", what, err, c)
	}
	if c != nil {
		what = c.Name
	}
	m.did[what]++
	return c == nil
}

func (m *pointsMachine) step() {
	ctx := context.Background()
	switch m.draw(0, 19) {
	case 0, 1, 2:
		hours := max(0, m.draw(-20, 20)) // it may be of earlier, so that lots of a day do not always come in the order of their time
		b := &modelBill{customer: m.living(), date: m.pointsWorld.now.Add(-time.Duration(hours) * time.Hour).UnixMilli(), pieces: m.draw(1, 4), price: 9 + m.draw(1, 4)*m.draw(1, 300), waits: m.draw(0, 3) == 0}
		opens := m.draw(0, 3) == 0
		if opens { // the way to redeem, or not quite
			missing := []int64{(m.limits.MinLifetime - m.seen[b.customer].Lifetime) / 100, (m.limits.MinPurchases - m.purchases(b.customer)) / 1000}
			if price := missing[m.draw(0, 1)] - m.draw(0, 1); price > 0 {
				b.pieces, b.price = 1, price
			}
		}
		b.bought = b.pieces * b.price * 1000
		id, err := m.sells(b.customer, b.pieces, b.price, b.date, b.waits)
		m.expect("bill", err, nil)
		b.number = fmt.Sprint("M", m.pointsWorld.bill)
		if b.id = id; !b.waits {
			m.earns(b)
		}
		m.bills = append(m.bills, b)
		if opens {
			m.redeemLittle(m.root(b.customer))
		}
	case 3, 4:
		if len(m.bills) == 0 {
			return
		}
		m.takeBack(rapid.SampledFrom(m.bills).Draw(m.r, "bill"))
	case 16, 17:
		if len(m.bills) == 0 {
			return
		}
		b := rapid.SampledFrom(m.bills).Draw(m.r, "bill")
		n := &modelBill{customer: m.root(b.customer), date: m.pointsModel.now, pieces: m.draw(0, 4), price: 9 + m.draw(1, 4)*m.draw(1, 300), waits: m.draw(0, 3) == 0}
		how := rapid.SampledFrom([]string{returnLineItem, returnAmount, returnFull}).Draw(m.r, "by")
		var pieces, amount int64
		back := (b.bought - b.returned) / 1000
		switch how {
		case returnLineItem:
			pieces = m.draw(1, max(1, b.pieces-b.piecesBack+1))
			amount, back = -1, pieces*b.price
		case returnAmount:
			amount = m.draw(1, (b.bought-b.returned)/1000+1)
			back = amount
		}
		paid := max(0, n.pieces*n.price-back)
		if m.draw(0, 3) == 0 { // a discount on the bill, or a till that says what cannot be
			paid = m.draw(0, n.pieces*n.price+100)
		}
		var err error
		n.id, n.number, err = m.sellsFor(b.number, how, n, pieces, amount, paid)
		want := m.exchanges(b, n, how, pieces, amount, paid)
		if m.expect("exchange", err, want) && back > n.pieces*n.price {
			m.did["exchange for less"]++
		}
	case 5, 6:
		m.redeem(m.living())
	case 18, 19:
		m.aDay()
	case 7, 8:
		if len(m.spent) == 0 {
			return
		}
		s := rapid.SampledFrom(m.spent).Draw(m.r, "redemption")
		c := m.root(s.customer)
		if m.draw(0, 2) == 0 {
			c = m.living()
		}
		ask, points := ReverseInput{Redemption: s.id, Customer: CustomerRef{ID: c}}, s.left()
		switch m.draw(0, 3) {
		case 0:
			points += m.draw(1, 1000)
			ask.Points = &points
		case 1:
			points = m.draw(1, max(1, points/1000)) * 1000
			ask.Points = &points
		case 2:
			points = m.draw(1, max(1, points))
			ask.Points = &points
		}
		want := m.cannotReverse(s, c, points)
		out, err := m.ReversePoints(ctx, m.who, ask)
		if !m.expect("reverse", err, want) {
			return
		}
		m.reversed(s, points, out)
	case 9:
		from, to, points := m.living(), m.living(), m.draw(1, 100)*1000
		want := m.transfers(from, to, points)
		_, err := m.TransferPoints(ctx, m.who, TransferInput{From: CustomerRef{ID: from}, To: CustomerRef{ID: to}, Points: points})
		m.expect("transfer", err, want)
	case 10:
		c, points := m.living(), m.draw(-200, 200)*1000
		opens := m.draw(0, 2) == 0
		if opens { // the way to redeem, or not quite: a point is missing
			points = m.limits.MinBalance - m.balance(c) - m.draw(0, 1)*1000
			points -= points % 1000
		}
		want := m.adjusts(c, points)
		_, err := m.AdjustPoints(ctx, m.who, CustomerRef{ID: c}, points, "a test")
		if m.expect("adjust", err, want) && opens {
			m.redeemLittle(c)
		}
	case 12, 13:
		victim, survivor := m.living(), m.living()
		if victim == survivor {
			return
		}
		id, err := m.pointsWorld.merges(victim, survivor)
		m.expect("merge", err, nil)
		m.pointsModel.joins(id, victim, survivor)
	case 14, 15:
		if len(m.pointsModel.merges) == 0 {
			return
		}
		g := rapid.SampledFrom(m.pointsModel.merges).Draw(m.r, "merge")
		want := m.parts(g)
		_, err := m.UndoMerge(ctx, m.who, g.id)
		m.expect("undo", err, want)
	case 11:
		if m.draw(0, 2) == 0 {
			*m.pointsWorld.now = m.pointsWorld.now.AddDate(0, 0, 365)
		}
		*m.pointsWorld.now = m.pointsWorld.now.Add(time.Duration(m.draw(1, 40*24)*m.draw(1, 5)) * time.Hour)
		if held := m.of(m.living()); len(held) > 0 && m.draw(0, 2) == 0 { // the last moment of a lot, or the one after it
			if end := held[0].expires - m.draw(0, 1); end > m.pointsModel.now {
				*m.pointsWorld.now = time.UnixMilli(end)
			}
		}
		m.tick(m.pointsWorld.now.UnixMilli())
		m.did["time"]++
		if m.draw(0, 1) == 0 {
			m.lives(m.draw(1, 400))
		}
		if m.draw(0, 1) == 0 {
			m.takeBackLate()
		}
		switch m.draw(0, 2) { // late or not, reads are the same
		case 0:
			if _, err := m.ExpirePoints(ctx); err != nil {
				m.r.Fatal(err)
			}
		case 1:
			m.works()
		}
	}
}

// takeBack returns a bill or some of it.
func (m *pointsMachine) takeBack(b *modelBill) {
	by := rapid.SampledFrom(returnTypes).Draw(m.r, "by")
	var pieces, amount int64
	switch by {
	case returnLineItem:
		pieces = m.draw(1, 5)
		amount = pieces * b.price
	case returnAmount:
		amount = m.draw(1, b.bought/1000+1)
	}
	if by == returnLineItem && m.draw(0, 2) == 0 {
		amount = m.draw(0, amount) // what is paid back is no matter: the pieces are gone
	}
	c := m.root(b.customer)
	want := m.pointsModel.returns(b, by, pieces, amount)
	m.expect(by, m.takesBack(c, b.id, by, pieces, amount), want)
}

// takeBackLate returns a bill whose points are gone, of a customer who has others: they stay.
func (m *pointsMachine) takeBackLate() {
	for _, l := range slices.Backward(m.lots) {
		if l.expired == 0 || l.bill == 0 {
			continue
		}
		b := m.bills[slices.IndexFunc(m.bills, func(b *modelBill) bool { return b.id == l.bill })]
		if b.by != "" {
			continue
		}
		c := m.root(b.customer)
		want := m.adjusts(c, b.awarded)
		_, err := m.AdjustPoints(context.Background(), m.who, CustomerRef{ID: c}, b.awarded, "a test")
		m.expect("adjust", err, want)
		m.takeBack(b)
		m.did["return of what has expired"]++
		return
	}
}

// tills are who redeems, as till and sender: one till, another, and the first for the other.
var tills = [][2]int64{{1, 0}, {2, 0}, {2, 1}, {2, 1}}

// till draws who redeems.
func (m *pointsMachine) till() Who {
	at, who := rapid.SampledFrom(tills).Draw(m.r, "till"), m.who
	who.Till, who.Sender = at[0], at[1]
	return who
}

// redeem redeems some points of a customer, half of the time as many as a bound lets through, or one more or less.
func (m *pointsMachine) redeem(c int64) {
	who := m.till()
	points := (8 + m.draw(0, 20)*m.draw(1, 10)) * 1000
	if m.draw(0, 20) == 20 {
		points += 500
	}
	if m.draw(0, 1) == 0 {
		edges := []int64{modelMinimum, modelMaximum, m.balance(c)}
		ofCustomer, ofTill := m.leftOfDay(c, who.Till, who.Sender)
		if m.limits.CustomerDay > 0 {
			edges = append(edges, ofCustomer, ofCustomer, ofCustomer)
		}
		if m.limits.TillDay > 0 {
			edges = append(edges, ofTill, ofTill, ofTill)
		}
		step := max(1000, m.limits.Multiple)
		edge := rapid.SampledFrom(edges).Draw(m.r, "edge")
		points = edge - edge%step + m.draw(-1, 1)*step
		if points == ofCustomer && m.limits.CustomerDay > 0 {
			m.did["all of a customer's day"]++
		}
		if points == ofTill && m.limits.TillDay > 0 {
			m.did["all of a till's day"]++
		}
	}
	m.redeemOf(who, c, points)
}

// redeemLittle redeems as little as can be, if anything can.
func (m *pointsMachine) redeemLittle(c int64) {
	points := int64(modelMinimum)
	if step := m.limits.Multiple; step > 0 {
		points = (points + step - 1) / step * step
	}
	m.redeemOf(m.till(), c, points)
}

func (m *pointsMachine) redeemOf(who Who, c, points int64) {
	ctx := context.Background()
	could, err := m.PointsRedeemable(ctx, who, CustomerRef{ID: c}, points)
	if err != nil {
		m.r.Fatal(err)
	}
	s, want := m.redeems(c, who.Till, who.Sender, points)
	if could.Redeemable != (want == nil) || want != nil && could.Warnings[len(could.Warnings)-1].Code != want {
		m.r.Fatalf("it could be redeemed: %t, %v; want %v", could.Redeemable, could.Warnings, want)
	}
	out, err := m.RedeemPoints(ctx, who, RedeemInput{Customer: CustomerRef{ID: c}, Points: points})
	if m.expect("redeem", err, want) {
		s.id = out.ID
	}
}

// reversed holds what came back against what the model gives back.
func (m *pointsMachine) reversed(s *modelSpent, points int64, out Reversed) {
	if gone := m.reverses(s, points); gone != out.Expired {
		m.r.Fatalf("of what came back %d had expired, the model has %d", out.Expired, gone)
	} else if gone > 0 {
		m.did["reverse expired"]++
	}
}

// aDay redeems at the edges of a day: its first millisecond, the ends of the day elsewhere, its last millisecond, and the next one.
func (m *pointsMachine) aDay() {
	c, other := m.living(), m.living()
	for _, c := range []int64{c, other} {
		if m.balance(c) < 200_000 { // else the bounds of the day are never met
			m.adjusts(c, 300_000)
			_, err := m.AdjustPoints(context.Background(), m.who, CustomerRef{ID: c}, 300_000, "a test")
			m.expect("adjust", err, nil)
		}
	}
	begin := (day(m.pointsModel.now)+1)*modelDay - modelAhead
	for _, at := range []int64{begin, begin + modelAhead - 1, begin + modelAhead, begin + modelDay - 1, begin + modelDay} {
		*m.pointsWorld.now = time.UnixMilli(at)
		m.tick(at)
		for range m.draw(0, 2) {
			m.redeem(c)
		}
		if c != other && m.root(other) == other {
			if m.redeem(other); m.draw(0, 3) == 3 { // what they have redeemed today is the customer's from now on
				id, err := m.pointsWorld.merges(other, c)
				m.expect("merge on a day", err, nil)
				m.pointsModel.joins(id, other, c)
			}
		}
		if last := len(m.spent) - 1; last >= 0 && m.root(m.spent[last].customer) == c && m.draw(0, 2) == 0 {
			if s := m.spent[last]; s.left() > 0 {
				points := m.draw(1, max(1, s.left()/1000)) * 1000
				if m.cannotReverse(s, c, points) != nil {
					continue
				}
				out, err := m.ReversePoints(context.Background(), m.who, ReverseInput{Redemption: s.id, Customer: CustomerRef{ID: c}, Points: &points})
				if m.expect("reverse on a day", err, nil) {
					m.reversed(s, points, out)
				}
			}
		}
	}
	m.did["a day"]++
}

// lives has points given from now on live so many days: else those that came first would always be those that expire first. The
// version of the program changes in place, since there can be a thousand only.
func (m *pointsMachine) lives(days int64) {
	m.life = days
	p := DemoProgram()
	p.Minimum, p.Maximum, p.ExpireDays = modelMinimum, modelMaximum, int(days)
	if err := m.do(func(tx *Tx, _ *orgConfig) error {
		if _, err := tx.Exec(`UPDATE programs SET rules = $2 WHERE org = $1`, m.who.Org, toJSON(p)); err != nil {
			return err
		}
		return tx.changed()
	}); err != nil {
		m.r.Fatal(err)
	}
}

// works gives the points that bills wait for.
func (m *pointsMachine) works() {
	if _, err := m.WorkLoyalty(context.Background()); err != nil {
		m.r.Fatal(err)
	}
	for _, b := range m.bills { // in the order in which they came
		if b.waits {
			m.earns(b)
		}
	}
}

// held is what of a customer must be the same in both.
type held struct {
	Balance   int64
	Totals    totals
	Purchases int64
	Lots      []lot // without what only the model knows
}

func (m *pointsMachine) compare() {
	err := m.Store.read(context.Background(), func(tx *Tx) error {
		o, err := tx.org(m.who.Org)
		if err != nil {
			return err
		}
		for _, c := range m.customers {
			want := held{Balance: m.balance(c), Totals: *m.seen[c], Purchases: m.purchases(c)}
			for _, l := range m.of(c) {
				want.Lots = append(want.Lots, lot{bill: l.bill, awarded: l.awarded, expires: l.expires, left: l.left})
			}
			p, err := tx.points(o, m.who.Org, c)
			if err != nil {
				return err
			}
			got := held{Balance: p.Balance, Totals: totals{p.Lifetime, p.Redeemed, p.Expired, p.Returned, p.Adjusted}, Purchases: p.Purchases}
			batches, err := tx.batches(m.who.Org, c, never)
			if err != nil {
				return err
			}
			due := int64(0)
			for _, b := range batches {
				if b.due(tx.now) {
					due += b.remaining
					continue
				}
				got.Lots = append(got.Lots, lot{bill: b.bill, awarded: b.awarded, expires: b.expires, left: b.remaining})
			}
			if m.root(c) != c { // what a victim bought counts for the survivor
				got.Purchases = 0
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(lot{})); diff != "" {
				m.r.Fatalf("customer %d, as the model has it and as it is:\n%s", c, diff)
			}
			var sum, least int64
			if err := tx.QueryRow(`SELECT coalesce(sum(points), 0), coalesce(min(balance), 0) FROM points_ledger WHERE org = $1 AND customer = $2`, m.who.Org, c).Scan(&sum, &least); err != nil {
				return err
			}
			if sum != p.Balance+due || least < 0 {
				m.r.Fatalf("customer %d: the ledger adds up to %d, and was at %d; the balance is %d, with %d that are due", c, sum, least, p.Balance, due)
			}
		}
		return nil
	})
	if err != nil {
		m.r.Fatal(err)
	}
}

func newMachine(w *pointsWorld, r *rapid.T, did map[string]int) *pointsMachine {
	*w.now = w.now.AddDate(0, 0, 2) // what a till has redeemed for another machine does not count
	m := &pointsMachine{pointsWorld: w, r: r, customers: w.newcomers(4), did: did,
		pointsModel: pointsModel{now: w.now.UnixMilli(), seen: map[int64]*totals{}, into: map[int64]int64{}}}
	for _, c := range m.customers {
		m.seen[c] = &totals{}
	}
	days := m.draw(0, 1) == 0 // then nothing else than the bounds of a day is in the way
	for _, l := range []struct {
		key       string
		to        *int64
		low, high int64
		oneIn     int64 // histories
	}{
		{"redeem-multiple", &m.limits.Multiple, 2, 5, 5},
		{"redeem-minimum-balance", &m.limits.MinBalance, 20, 100, 5},
		{"redeem-minimum-lifetime", &m.limits.MinLifetime, 50, 200, 5},
		{"redeem-minimum-purchases", &m.limits.MinPurchases, 200, 2000, 5},
		{"redeem-customer-day", &m.limits.CustomerDay, 20, 80, 2},
		{"redeem-till-day", &m.limits.TillDay, 15, 60, 2},
	} {
		n := int64(0)
		if m.draw(1, l.oneIn) == 1 && (!days || l.oneIn == 2) {
			n = m.draw(l.low, l.high)
		}
		if err := w.SetOrg(context.Background(), "demo", l.key, strconv.FormatInt(n, 10)); err != nil {
			r.Fatal(err)
		}
		*l.to = n * 1000
	}
	m.lives(365)
	return m
}

// Whatever is done with points in whatever order, merges and their undoing among it, each balance is that of a model that only
// keeps lots: the sum of the ledger, never below zero, spent in the order in which it expires; and the database is sound.
func TestPointsFollowAModel(t *testing.T) {
	oneByOne(t)
	t.Parallel()
	w := newPointsWorld(t)
	did := map[string]int{}
	rapid.Check(t, func(r *rapid.T) {
		m := newMachine(w, r, did)
		for range machineSteps {
			m.step()
			m.compare()
		}
		m.works()
		m.compare()
	})
	w.sound()
	t.Log(did)
	if did["bill"] < 800 { // fewer checks were asked for
		return
	}
	for _, what := range []string{"bill", "exchange", "exchange for less", "FULL", "AMOUNT", "LINE_ITEM", "CANCELLED", "BillAlreadyReturned", "PointsSpent", "redeem", "PointsInsufficient", "reverse",
		"RedemptionReversed", "RedemptionOfOther", "ReversePointsInvalid", "RedeemTooFew", "RedeemTooMany", "PointsTooFine", "RedeemNoMultiple", "RedeemBalanceLow",
		"RedeemLifetimeLow", "RedeemPurchasesLow", "RedeemCustomerDay", "RedeemTillDay", "all of a customer's day", "all of a till's day", "reverse on a day", "merge on a day", "return of what has expired", "transfer", "adjust", "merge", "undo", "MergePointsSpent", "MergeUndoOrder", "MergeTooOld"} {
		if did[what] == 0 { // a machine that never does it shows nothing of it
			t.Errorf("%s did not happen", what)
		}
	}
}
