package db

import (
	"cmp"
	"slices"

	"github.com/arteriole/arteriole/fault"
)

// What is true of points, told as simply as it goes: lots, who holds them, and what customers have seen. The machine
// (points_machine_test.go) does the same things to this and to the store, and holds the one against the other.

type pointsModel struct {
	now    int64
	limits PointsSettings
	life   int64 // days of what is given now
	order  int64
	lots   []*lot
	seen   map[int64]*totals
	into   map[int64]int64 // victim: survivor
	bills  []*modelBill
	spent  []*modelSpent
	merges []*modelMerge
}

// lot is points that came together. order is its place among those that came at one time.
type lot struct {
	owner, bill             int64
	awarded, expires, order int64
	left, expired           int64
}

type modelBill struct {
	customer, id         int64
	number               string
	date                 int64
	pieces, price        int64 // in whole units
	bought, returned     int64 // in thousandths
	piecesBack           int64
	by                   string
	waits                bool
	awarded, kept, taken int64
}

type modelSpent struct {
	customer, at int64
	till, sender int64 // for whom it was, and who sent it for them, 0 for nobody else
	id           string
	taken        []modelTaken
}

type modelTaken struct {
	lot  *lot
	left int64 // not given back yet
}

type modelMerge struct {
	id, victim, survivor, at int64
	totals                   totals
	pairs                    [][2]*lot // the victim's, and the survivor's that was made of it
	points                   []int64
	mixed, undone            bool
}

// The program of the machine: a tenth of a point, in whole points that live for so many whole days, redeemed 10 to 150 at a time.
const modelMinimum, modelMaximum = 10_000, 150_000

// In milliseconds; India is ahead the whole year.
const modelDay, modelAhead = 24 * 3600 * 1000, 5*3600*1000 + 1800*1000

// day counts days in India.
func day(ms int64) int64 { return (ms + modelAhead) / modelDay }

// expiry is the end of the last day of what is given for a time.
func (m *pointsModel) expiry(awarded int64) int64 {
	return (day(awarded)+m.life+1)*modelDay - modelAhead
}

// root is who a customer is now.
func (m *pointsModel) root(c int64) int64 {
	for m.into[c] != 0 {
		c = m.into[c]
	}
	return c
}

func (m *pointsModel) of(c int64) (held []*lot) {
	for _, l := range m.lots {
		if l.owner == c && l.left > 0 {
			held = append(held, l)
		}
	}
	slices.SortFunc(held, func(a, b *lot) int {
		return cmp.Or(cmp.Compare(a.expires, b.expires), cmp.Compare(a.awarded, b.awarded), cmp.Compare(a.order, b.order))
	})
	return held
}

func (m *pointsModel) balance(c int64) (sum int64) {
	for _, l := range m.of(c) {
		sum += l.left
	}
	return sum
}

func (m *pointsModel) purchases(c int64) (sum int64) {
	for _, b := range m.bills {
		if m.root(b.customer) == c {
			sum += b.bought - b.returned
		}
	}
	return sum
}

func (m *pointsModel) put(l lot) *lot {
	m.order++
	l.order = m.order
	m.lots = append(m.lots, &l)
	m.tick(m.now)
	return &l
}

// tick lets time pass: what is due is gone.
func (m *pointsModel) tick(now int64) {
	m.now = now
	for _, l := range m.lots {
		if l.expires <= now && l.left > 0 {
			m.seen[l.owner].Expired += l.left
			l.expired, l.left = l.expired+l.left, 0
		}
	}
}

// takes takes the lots that expire first, or with oldest those that came first.
func (m *pointsModel) takes(c, points int64, oldest bool) (taken []modelTaken) {
	held := m.of(c)
	if oldest {
		slices.SortFunc(held, func(a, b *lot) int { return cmp.Or(cmp.Compare(a.awarded, b.awarded), cmp.Compare(a.order, b.order)) })
	}
	for _, l := range held {
		if n := min(points, l.left); n > 0 {
			l.left -= n
			points -= n
			taken = append(taken, modelTaken{l, n})
		}
	}
	return taken
}

func (m *pointsModel) earns(b *modelBill) {
	b.waits = false
	b.awarded = b.bought / 10_000 * 1000
	b.kept = b.awarded
	if b.awarded > 0 {
		c := m.root(b.customer)
		m.seen[c].Lifetime += b.awarded
		m.put(lot{owner: c, bill: b.id, awarded: b.date, expires: m.expiry(b.date), left: b.awarded})
	}
}

// back is what comes back of what was paid, in thousandths: of pieces their share, whatever is paid for them, and all that is left
// with the last. said is in whole units, and below zero when nothing is said.
func (b *modelBill) back(by string, pieces, said int64) int64 {
	left := b.bought - b.returned
	switch {
	case by == returnFull, by == returnCancelled, by == returnLineItem && pieces == b.pieces-b.piecesBack:
		return left
	case by == returnAmount:
		return said * 1000
	}
	paid := pieces * b.price * 1000
	if all := b.pieces * b.price; all*1000 > b.bought {
		paid = b.bought * pieces * b.price / all
	}
	return min(left, max(said*1000, paid))
}

// excluded is the table of returns in openapi.yaml, for the ways in which the machine returns; pieces and amount in whole units.
func (b *modelBill) excluded(by string, pieces, amount int64) *fault.Code {
	left := b.bought - b.returned
	switch {
	case b.by == returnCancelled && by == returnCancelled:
		return fault.BillAlreadyCancelled
	case b.by != "" && left == 0, b.by == returnCancelled:
		return fault.BillAlreadyReturned
	case by == returnLineItem && b.by == returnAmount:
		return fault.ReturnLinesAfterAmount
	case by == returnAmount && b.by == returnLineItem:
		return fault.ReturnAmountAfterLines
	case b.by != "" && (by == returnFull || by == returnCancelled):
		return fault.ReturnFullAfterPart
	case by == returnLineItem && b.pieces == 0:
		return fault.ReturnLineUnmatched
	case by == returnLineItem && pieces > b.pieces:
		return fault.ReturnQuantityAboveBought
	case by == returnLineItem && pieces > b.pieces-b.piecesBack:
		return fault.ReturnQuantityAboveLeft
	case by != returnFull && by != returnCancelled && amount*1000 > left:
		return fault.ReturnAmountTooHigh
	}
	return nil
}

// returns gives the refusal, or takes what the returned part has earned.
func (m *pointsModel) returns(b *modelBill, by string, pieces, amount int64) *fault.Code {
	if c := b.excluded(by, pieces, amount); c != nil {
		return c
	}
	waited := b.waits
	undo := *b
	if waited {
		m.earns(b)
	}
	left, back := b.bought-b.returned, b.back(by, pieces, amount)
	var expired int64
	for _, l := range m.lots {
		if l.bill == b.id {
			expired += l.expired
		}
	}
	kept := min(b.kept, (left-back)/10_000*1000)
	take := max(0, min(b.kept-kept, b.awarded-b.taken-expired))
	c := m.root(b.customer)
	if take > m.balance(c) {
		if waited { // it waits on: the return has left no trace
			m.unearn(b, undo)
		}
		return fault.PointsSpent
	}
	b.kept, b.taken = kept, b.taken+take
	b.returned, b.piecesBack, b.by = b.returned+back, b.piecesBack+pieces, by
	if take > 0 {
		m.takes(c, take, true)
		m.seen[c].Returned += take
		m.mix(b.customer)
	}
	return nil
}

// exchanges is a bill that gives back something of an earlier one: it earns for what is paid, in money and in goods, and for no
// more than it sells; then what came back loses its points, or nothing has happened. It does not wait, though it may be asked to.
func (m *pointsModel) exchanges(b, by *modelBill, how string, pieces, amount, paid int64) *fault.Code {
	by.bought = by.pieces * by.price * 1000
	if b.excluded(how, pieces, amount) == nil {
		by.bought = min(paid*1000+b.back(how, pieces, amount), by.bought)
	}
	undo := *by
	m.earns(by)
	if c := m.returns(b, how, pieces, amount); c != nil {
		m.unearn(by, undo)
		return c
	}
	m.bills = append(m.bills, by)
	return nil
}

func (m *pointsModel) unearn(b *modelBill, before modelBill) {
	if b.awarded > 0 {
		l := m.lots[len(m.lots)-1]
		m.seen[l.owner].Lifetime -= b.awarded
		m.seen[l.owner].Expired -= l.expired
		m.lots = m.lots[:len(m.lots)-1]
		m.order--
	}
	*b = before
}

// leftOfDay is what a customer, and a till with whoever sends for it, may redeem of a day's bounds.
func (m *pointsModel) leftOfDay(c, till, sender int64) (ofCustomer, ofTill int64) {
	today := map[int64]int64{} // by till, whether it was theirs or they sent it
	ofCustomer = m.limits.CustomerDay
	for _, s := range m.spent {
		if day(s.at) != day(m.now) {
			continue
		}
		if m.root(s.customer) == c {
			ofCustomer -= s.left()
		}
		if today[s.till] += s.left(); s.sender != 0 && s.sender != s.till {
			today[s.sender] += s.left()
		}
	}
	ofTill = m.limits.TillDay - today[till]
	if sender != 0 {
		ofTill = min(ofTill, m.limits.TillDay-today[sender])
	}
	return ofCustomer, ofTill
}

func (m *pointsModel) redeems(c, till, sender, points int64) (*modelSpent, *fault.Code) {
	l := m.limits
	ofCustomer, ofTill := m.leftOfDay(c, till, sender)
	switch {
	case points <= 0:
		return nil, fault.PointsInvalid
	case points%1000 != 0:
		return nil, fault.PointsTooFine
	case l.Multiple > 0 && points%l.Multiple != 0:
		return nil, fault.RedeemNoMultiple
	case points < modelMinimum:
		return nil, fault.RedeemTooFew
	case points > modelMaximum:
		return nil, fault.RedeemTooMany
	case m.balance(c) < l.MinBalance:
		return nil, fault.RedeemBalanceLow
	case m.seen[c].Lifetime < l.MinLifetime:
		return nil, fault.RedeemLifetimeLow
	case m.purchases(c) < l.MinPurchases:
		return nil, fault.RedeemPurchasesLow
	case points > m.balance(c):
		return nil, fault.PointsInsufficient
	case l.CustomerDay > 0 && points > ofCustomer:
		return nil, fault.RedeemCustomerDay
	case l.TillDay > 0 && points > ofTill:
		return nil, fault.RedeemTillDay
	}
	s := &modelSpent{customer: c, at: m.now, till: till, sender: sender, taken: m.takes(c, points, false)}
	m.seen[c].Redeemed += points
	m.spent = append(m.spent, s)
	return s, nil
}

func (s *modelSpent) left() (sum int64) {
	for _, t := range s.taken {
		sum += t.left
	}
	return sum
}

// cannotReverse says why a redemption is not given back to a customer.
func (m *pointsModel) cannotReverse(s *modelSpent, c, points int64) *fault.Code {
	switch {
	case m.root(s.customer) != c:
		return fault.RedemptionOfOther
	case s.left() == 0:
		return fault.RedemptionReversed
	case points > s.left():
		return fault.ReversePointsInvalid
	case points < s.left() && points%1000 != 0:
		return fault.PointsTooFine
	}
	return nil
}

// reverses gives back what was taken last first: into the lot that it came from, or, when that is another's by now, into one like it.
func (m *pointsModel) reverses(s *modelSpent, points int64) (expired int64) {
	c := m.root(s.customer)
	before := m.seen[c].Expired
	m.seen[c].Redeemed -= points
	m.mix(s.customer)
	for i := len(s.taken) - 1; i >= 0; i-- {
		t := &s.taken[i]
		n := min(points, t.left)
		if n == 0 {
			continue
		}
		t.left -= n
		points -= n
		if t.lot.owner == c {
			t.lot.left += n
			continue
		}
		m.put(lot{owner: c, bill: t.lot.bill, awarded: t.lot.awarded, expires: t.lot.expires, left: n})
	}
	m.tick(m.now)
	return m.seen[c].Expired - before
}

func (m *pointsModel) transfers(from, to, points int64) *fault.Code {
	switch {
	case from == to:
		return fault.TransferToSelf
	case points > m.balance(from):
		return fault.PointsInsufficient
	}
	m.seen[from].Adjusted -= points
	m.seen[to].Adjusted += points
	for _, t := range m.takes(from, points, false) {
		m.put(lot{owner: to, awarded: t.lot.awarded, expires: t.lot.expires, left: t.left})
	}
	return nil
}

func (m *pointsModel) adjusts(c, points int64) *fault.Code {
	switch {
	case points == 0:
		return fault.PointsInvalid
	case -points > m.balance(c):
		return fault.PointsInsufficient
	case points > 0:
		m.put(lot{owner: c, awarded: m.now, expires: m.expiry(m.now), left: points})
	default:
		m.takes(c, -points, false)
	}
	m.seen[c].Adjusted += points
	return nil
}

func (t *totals) plus(o totals, sign int64) {
	t.Lifetime += sign * o.Lifetime
	t.Redeemed += sign * o.Redeemed
	t.Expired += sign * o.Expired
	t.Returned += sign * o.Returned
	t.Adjusted += sign * o.Adjusted
}

func (m *pointsModel) joins(id, victim, survivor int64) {
	for _, b := range m.bills { // nobody waits for points of a bill that may get another owner again
		if b.waits && m.root(b.customer) == victim {
			m.earns(b)
		}
	}
	g := &modelMerge{id: id, victim: victim, survivor: survivor, at: m.now, totals: *m.seen[victim]}
	for _, l := range m.of(victim) {
		to := m.put(lot{owner: survivor, bill: l.bill, awarded: l.awarded, expires: l.expires, left: l.left})
		g.pairs, g.points = append(g.pairs, [2]*lot{l, to}), append(g.points, l.left)
		l.left = 0
	}
	m.seen[survivor].plus(g.totals, 1)
	*m.seen[victim] = totals{}
	m.into[victim] = survivor
	m.merges = append(m.merges, g)
}

// mix marks the merges through which what was a customer's went: they cannot be told apart any more.
func (m *pointsModel) mix(c int64) {
	for ; m.into[c] != 0; c = m.into[c] {
		for _, g := range m.merges {
			if !g.undone && g.victim == c {
				g.mixed = true
			}
		}
	}
}

func (m *pointsModel) parts(g *modelMerge) *fault.Code {
	switch {
	case g.undone:
		return fault.MergeUndone
	case g.at < m.now-undoWindow.Milliseconds():
		return fault.MergeTooOld
	}
	for _, later := range m.merges {
		if !later.undone && later.id > g.id && (later.victim == g.survivor || later.survivor == g.survivor) {
			return fault.MergeUndoOrder
		}
	}
	if g.mixed {
		return fault.MergePointsSpent
	}
	for i, p := range g.pairs {
		if p[1].left+p[1].expired < g.points[i] {
			return fault.MergePointsSpent
		}
	}
	for _, p := range g.pairs {
		p[0].left += p[1].left
		p[1].left = 0
		g.totals.Expired += p[1].expired
	}
	m.seen[g.survivor].plus(g.totals, -1)
	m.seen[g.victim].plus(g.totals, 1)
	delete(m.into, g.victim)
	g.undone = true
	return nil
}
