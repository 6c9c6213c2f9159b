package db

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/arteriole/arteriole/fault"
)

// No statement of a request walks a whole org: each finds its rows by more than the org. The planner decides that, so this
// asks the planner. (Without the statistics that a migration leaves, it fails for a dozen of them.)
func TestPlans(t *testing.T) {
	oneByOne(t)
	s, who := openDemo(t)
	ctx := context.Background()
	must := mustOf(t)
	first := "A"
	_, err := s.RegisterCustomer(ctx, who, "INSTORE", "", ProfileInput{FirstName: &first, Identifiers: []Identifier{{"mobile", "9000000001"}}}, CustomerInput{})
	must(err)
	_, err = s.UpdateCustomerByIdentifier(ctx, who, Identifier{"martjackId", "MJ-1005"}, "MARTJACK", "", &ProfileInput{FirstName: &first}, CustomerInput{})
	must(err)
	_, err = s.ChangeIdentifiers(ctx, who, 1001, "INSTORE", "", IdentifierChange{Add: []Identifier{{"email", "ravi.menon@example.org"}}, Remove: []Identifier{{"mobile", "9845000001"}}})
	must(err)
	for _, account := range []string{"", "22232"} {
		_, err = s.SearchCustomers(ctx, who, "o", account, 10, 0)
		must(err)
	}
	_, err = s.LookupCustomer(ctx, who, Identifier{"mobile", "9000000001"}, "", "")
	must(err)
	for _, label := range []string{"Fraud", "Active"} {
		_, err = s.SetStatus(ctx, who, 1003, StatusInput{Label: label, Reason: "x"})
		must(err)
	}
	_, err = s.SetSubscriptions(ctx, who, 1003, []Subscription{{Channel: "SMS", Priority: "BULK"}}, "")
	must(err)
	_, _, err = s.StatusLog(ctx, who, CustomerRef{ID: 1003}, Page{10, 0})
	must(err)
	_, _, err = s.SubscriptionLog(ctx, who, CustomerRef{ID: 1003}, Page{10, 0})
	must(err)
	_, _, err = s.IdentifierLog(ctx, who, CustomerRef{ID: 1003}, Page{10, 0})
	must(err)
	for _, customer := range []int64{0, 1002} {
		_, err = s.Merges(ctx, who, customer, 10, 0)
		must(err)
	}
	_, err = s.UndoMerge(ctx, who, 2)
	must(err)
	_, err = s.Audit(ctx, who, 1002, 10, 0)
	must(err)
	_, err = s.ActFor(ctx, who, Acting{Lookup: "storeNumber", Value: "0042"})
	must(err)
	for _, entity := range Entities {
		_, err = s.ActFor(ctx, who, Acting{Entity: entity, Value: "x"})
		if !fault.Is(err, fault.AttributionTillInvalid) {
			t.Error(err)
		}
	}
	_, err = s.ExportCustomer(ctx, who, 1002)
	must(err)
	_, err = s.EraseCustomer(ctx, who, 1003)
	must(err)
	_, err = s.PruneMerges(ctx)
	must(err)
	must(s.SetOrg(ctx, "demo", "merge-mode", "approve"))
	_, err = s.ChangeIdentifiers(ctx, who, 1004, "WECHAT", "22233", IdentifierChange{Add: []Identifier{{"email", "tomoko.sato@example.org"}}})
	must(err)

	// Points, each in every way.
	asha, ravi := CustomerRef{ID: 1001}, CustomerRef{ID: 1002}
	must(s.SetOrg(ctx, "demo", "redeem-customer-day", "5000"))
	must(s.SetOrg(ctx, "demo", "redeem-till-day", "5000"))
	must(s.SetOrg(ctx, "demo", "redeem-minimum-purchases", "1"))
	_, err = s.PointsExpiry(ctx, who, asha, ExpiryQuery{})
	must(err)
	_, _, err = s.LoyaltyEvents(ctx, who, asha)
	must(err)
	_, err = s.LedgerBalance(ctx, who, LedgerQuery{Customer: asha})
	must(err)
	_, err = s.LedgerInfo(ctx, who, LedgerQuery{Customer: asha, Limit: 10})
	must(err)
	_, err = s.PointsRedeemable(ctx, who, asha, 20_000)
	must(err)
	r, err := s.RedeemPoints(ctx, who, RedeemInput{Customer: asha, Points: 20_000, Reference: "P-1"})
	must(err)
	_, err = s.RedeemPoints(ctx, who, RedeemInput{Customer: asha, Points: 20_000, Reference: "P-1"})
	must(err)
	_, err = s.ReversePoints(ctx, who, ReverseInput{Redemption: r.ID, Customer: asha})
	must(err)
	_, err = s.UpdateRedemption(ctx, who, RedemptionChange{Redemption: r.ID, Customer: asha})
	must(err)
	_, err = s.TransferPoints(ctx, who, TransferInput{From: asha, To: ravi, Points: 20_000})
	must(err)
	_, err = s.PointsTransferable(ctx, who, TransferInput{From: asha, To: ravi, Points: 20_000})
	must(err)
	_, _, err = s.Transfers(ctx, who, asha)
	must(err)
	_, err = s.AdjustPoints(ctx, who, asha, 20_000, "a test")
	must(err)
	_, err = s.ExpirePoints(ctx)
	must(err)

	description, exclusive := "A series", "[1]"
	_, err = s.AddCouponSeries(ctx, who, SeriesInput{Description: &description, Exclusive: &exclusive})
	must(err)
	_, err = s.IssueCouponsOf(ctx, who, []int64{2, 10}, "INSTORE", "", CouponCustomer{ID: 1005})
	must(err)
	ask := RedeemAsk{Coupons: []CouponRef{{Code: "CUP4EVER"}}, User: CouponCustomer{ID: 1005}, Number: "P-1", Amount: 1000}
	_, err = s.RedeemCoupons(ctx, who, ask)
	must(err)
	_, err = s.CouponsRedeemable(ctx, who, ask.Coupons, ask.User)
	must(err)
	must(s.AttachBills(ctx, who, []BillOfRedemption{{Redemption: 1, Amount: 1}}, nil))
	must(s.ReactivateCoupons(ctx, who, []int64{1}))
	_, err = s.Coupons(ctx, who, CouponQuery{IssuedTo: []int64{1002}, Codes: []string{"TEA7ASHA"}, IDs: []int64{1}}, 10, 0)
	must(err)
	_, err = s.CustomerCoupons(ctx, who, CouponCustomer{ID: 1002}, "", CouponFilter{}, true, 10, 0)
	must(err)
	must(s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err == nil {
			_, _, err = tx.liveCoupons(o, who.Org, 1002, 3)
		}
		return err
	}))

	_, err = s.AddEvents(ctx, who, []EventInput{{Name: "TeaTasting", ID: "3f0c8a52-6f0e-4a4d-9c57-0d6a2b1c5e02", Identifier: Identifier{"mobile", "919845000001"},
		Source: "INSTORE", Attributes: map[string]string{"tea": "Assam", "coupon": "TEA7ASHA"}}})
	must(err)
	_, err = s.PushEvent(ctx, Who{}, HashKey("not-a-secret-it-is-printed-for-everybody"), "TeaTasting", map[string]string{"mobile": "9845000077", "tea": "Assam"})
	must(err)
	_, err = s.CustomerEvents(ctx, who, 1001, Page{10, 0})
	must(err)
	_, err = s.EventsByID(ctx, who, "3f0c8a52-6f0e-4a4d-9c57-0d6a2b1c5e02")
	must(err)

	// Bills, each in every way.
	must(s.SetOrg(ctx, "demo", "bill-number-scope", "till"))
	must(s.SetOrg(ctx, "demo", "confirm", "transfer"))
	must(s.SetOrg(ctx, "demo", "confirm-url", "https://example.com/codes"))
	must(s.SetOrg(ctx, "demo", "confirm-secret", "a secret of the codes"))
	sold, err := s.AddTransaction(ctx, who, saleOf(1001, "P-1", 2, 500), false)
	must(err)
	_, err = s.AddTransaction(ctx, who, returnOf(1001, sold.ID, returnLineItem, 1, 500), false)
	must(err)
	byNumber := returnOf(1001, 0, returnAmount, 0, 1)
	_, err = s.AddTransaction(ctx, who, saleOf(1001, "P-2", 2, 500), true)
	must(err)
	byNumber.Number = "P-2"
	_, err = s.AddTransaction(ctx, who, byNumber, false)
	must(err)
	mixed := saleOf(1001, "P-3", 1, 700)
	mixed.Lines = append(mixed.Lines, BillLine{Type: "RETURN", ItemCode: "TEA", ParentBillNumber: "P-1"})
	mixed.PointsRedemptions, mixed.CouponRedemptions = []string{}, []int64{}
	_, err = s.AddTransactions(ctx, who, []Bill{mixed}, true)
	must(err)
	_, err = s.WorkLoyalty(ctx)
	must(err)
	update := BillUpdate{Source: "OTHERS", IdentifierName: "id", IdentifierText: "1001", Number: "P-1", DeliveryStatus: "SHIPPED", Lines: []LineUpdate{{ItemCode: "TEA"}}, WithPoints: true}
	_, err = s.UpdateTransaction(ctx, who, update)
	must(err)
	update.ID = sold.ID
	_, err = s.UpdateTransactions(ctx, who, []BillUpdate{update})
	must(err)
	for _, f := range []BillFilter{{}, {Ascending: true}, {IDs: []int64{sold.ID}}, {Number: "P-1", Entity: "STORE", Code: "store"}, {From: "2026-01-01", To: "2026-12-31", Type: "RETURN"}} {
		f.Customer, f.Limit, f.WithPoints = 1001, 20, true
		_, err = s.Transactions(ctx, who, f)
		must(err)
	}
	_, err = s.Transaction(ctx, who, sold.ID, "")
	must(err)
	_, _, err = s.Earning(ctx, who, sold.ID)
	must(err)
	_, err = s.LedgerInfo(ctx, who, LedgerQuery{Customer: asha, Limit: 10}) // with its bills
	must(err)
	_, err = s.Customer(ctx, who, 1001, "", "", "points", "expiredpoints", "subscriptions", "customerstatus")
	must(err)
	_, err = s.UpdateRedemption(ctx, who, RedemptionChange{Redemption: r.ID, Customer: asha, Bill: sold.ID})
	must(err)
	code, err := s.ConfirmTransfer(ctx, who, TransferInput{From: asha, To: ravi, Points: 10_000})
	must(err)
	_, err = s.TransferPoints(ctx, who, TransferInput{From: asha, To: ravi, Points: 10_000, Code: code.Code})
	must(err)
	must(s.SetOrg(ctx, "demo", "merge-mode", "auto"))
	_, err = s.AddTransaction(ctx, who, saleOf(1002, "P-4", 1, 100), true)
	must(err)
	_, err = s.ChangeIdentifiers(ctx, who, 1002, "ECOMMERCE", "", IdentifierChange{Add: []Identifier{{"mobile", "9845000001"}}})
	must(err)

	// Two connections that nobody uses now: the writer is idle, and a reader is held.
	queries := maps.Clone(s.writer.c.stmts)
	var readers []*conn
	for range cap(s.readers) {
		c, err := s.reader(ctx)
		must(err)
		readers = append(readers, c)
		maps.Copy(queries, c.stmts)
	}
	defer func() {
		for _, c := range readers {
			s.readers <- c
		}
	}()
	// What an org has set up is small by nature, and so are the kittens. Erasing a person reads all answers of a day, and
	// goes through all jobs that have rows or a file.
	// What waits for points is one queue of all orgs, in its order; json_each has what a statement brings along.
	small := regexp.MustCompile(`^(SEARCH|SCAN) (org_settings|sources|source_accounts|tills|stores|t|s|kittens|orgs|sandboxes|meta|programs|api_keys|clients|c|signing_keys|idempotency|erasure_keys|erasure_scrubs|event_definitions|event_mappings|event_webhooks|ingestion_jobs USING PRIMARY KEY|webhooks|w|\(subquery|gone|json_each|CONSTANT|loyalty_queue USING INDEX loyalty_queue_waiting)`)
	whole := regexp.MustCompile(`\(org=\?\)|^SCAN `)
	seen := 0
	for _, q := range slices.Sorted(maps.Keys(queries)) {
		if !slices.Contains([]string{"SELECT", "UPDATE", "DELETE", "INSERT"}, strings.Fields(q)[0]) {
			continue
		}
		seen++
		args := make([]any, strings.Count(q, "$"))
		rows, err := readers[0].c.QueryContext(ctx, "EXPLAIN QUERY PLAN "+q, args...)
		must(err)
		for rows.Next() {
			var id, parent, notUsed int
			var detail string
			must(rows.Scan(&id, &parent, &notUsed, &detail))
			if whole.MatchString(detail) && !small.MatchString(detail) {
				t.Errorf("%s\n%s", detail, q)
			}
		}
		must(rows.Err())
		rows.Close()
	}
	if seen < 40 {
		t.Errorf("only %d statements were seen", seen)
	}
}
