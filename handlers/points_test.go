package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"sync"
	"testing"

	"github.com/arteriole/arteriole/db"
)

const (
	askPoints = "/v2/points/isRedeemable?identifierName=mobile&identifierValue=919845000001&points=20"
	asha      = `"identifier":{"type":"mobile","value":"919845000001"}`
	transfer1 = `{"pointsTobeTransferred":20,"fromCustomerIdentifier":{"type":"id","value":1001},"toCustomerIdentifier":{"type":"id","value":1002}}`
)

func (w *world) balance(id int64) float64 {
	w.t.Helper()
	return w.want(200, nil, "GET", fmt.Sprintf("/v2/customers/points/balance/%d", id), "").get(w.t, "totalPoints").(float64)
}

// An organization without a program says so where points would change, and has nobody enrolled where they are read.
func TestNoProgram(t *testing.T) {
	w := worldOf(t, nil)
	ctx := context.Background()
	for _, err := range []error{
		errorOf(w.store.AddOrg(ctx, "new", nil)), w.store.EnableSources(ctx, "new", []string{"INSTORE"}), w.store.AddStore(ctx, "new", "store", ""),
		w.store.AddTill(ctx, "new", "store", "new.till", "till", db.HashPassword(md5Of("a password of some length"))),
		w.store.AddTill(ctx, "new", "store", "new.admin", "admin", db.HashPassword(md5Of("a password of some length"))),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	till, admin := w.as(basicOf("new.till", "a password of some length")), w.as(basicOf("new.admin", "a password of some length"))
	till.register("INSTORE", "mobile:919845000001")
	till.register("INSTORE", "mobile:919845000002")
	till.want(200, []int{9840}, "GET", askPoints, "")
	till.want(409, []int{9840}, "POST", "/v2/points/redeem", `{"points":20,`+asha+`}`)
	till.want(409, []int{9840}, "POST", "/v2/customers/1001/redemptions", `{"points":20}`)
	till.want(200, []int{9840}, "POST", "/v2/points/isTransferrable", transfer1)
	till.want(409, []int{9840}, "POST", "/v2/points/transfer", transfer1)
	admin.want(409, []int{9840}, "POST", "/v2/points/adjust", `{"points":20,"reason":"x",`+asha+`}`)
	till.want(404, []int{8089}, "GET", "/v2/customers/1001/loyaltyDetails", "")
	till.want(404, []int{8089}, "GET", "/v2/customers/points/balance/1001", "")
	till.want(200, nil, "GET", "/v2/customers/1001/wallet", "")
}

func errorOf[T any](_ T, err error) error { return err }

// A ledger that is asked for up to a day has that day, and one of points that there are none of is empty.
func TestWhatOfALedgerIsAskedFor(t *testing.T) {
	w := newWorld(t)
	const of = "identifierName=id&identifierValue=1001"
	w.want(200, nil, "POST", "/v2/points/adjust", `{"points":10,"reason":"x",`+asha+`}`) // on 3 February, at 17:30
	for query, want := range map[string]float64{
		"startDate=2026-02-03&endDate=2026-02-03":               1,
		"startDate=2026-02-03T12:00:00&endDate=2026-02-03":      1,
		"startDate=2026-01-05&endDate=2026-02-03":               4,
		"startDate=2026-02-02&endDate=2026-02-02":               0,
		"startDate=2026-02-03&endDate=2026-02-03T17:29:59":      0,
		"pointCategoryType=regular":                             1,
		"pointCategoryType=PROMISED":                            0,
		"pointCategoryType=trigger_based&ledgerEntryType=DEBIT": 0,
		"ledgerEntryType=OPENING_BALANCE":                       0,
	} {
		page := w.want(200, nil, "GET", "/v2/pointsLedger/getCustomerLedgerInfo?"+of+"&"+query, "").get(t, "ledgerDetails").(map[string]any)
		if page["totalEntries"] != want {
			t.Errorf("%s: %v entries, want %v", query, page["totalEntries"], want)
		}
	}
	for query, want := range map[string]string{"endDate=2026-02-02": "905.000", "endDate=2026-02-03": "915.000", "endDate=2026-02-03T00:00:00": "905.000", "pointCategoryType=REGULAR": "915.000", "pointCategoryType=PROMISED": ""} {
		got := ""
		for _, one := range w.want(200, nil, "GET", "/v2/pointsLedger/getCustomerLedgerBalance?"+of+"&"+query, "").get(t, "ledgerDetails").(map[string]any)["ledgerClosingBalance"].([]any) {
			got += one.(map[string]any)["closingBalance"].(string)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	for _, ledger := range []string{"Info", "Balance"} {
		w.want(400, []int{400}, "GET", "/v2/pointsLedger/getCustomerLedger"+ledger+"?"+of+"&pointCategoryType=SILVER", "")
	}
	w.want(400, []int{1213}, "GET", "/v2/customers/1001/pointsExpirySchedule?programId=2&fetchDataForAllPrograms=false", "")
	w.want(200, nil, "GET", "/v2/customers/1001/pointsExpirySchedule?programId=2&fetchDataForAllPrograms=true", "")
	w.want(200, nil, "GET", "/v2/customers/lookup/pointsExpirySchedule?"+of+"&programId=2&fetchDataForAllPrograms=true", "")
}

// What names another program, or something else than points, spends none.
func TestOnlyPointsOfTheProgramAreRedeemed(t *testing.T) {
	w := newWorld(t)
	before := w.balance(1001)
	w.want(400, []int{1213}, "POST", "/v2/points/redeem", `{"points":20,"programId":2,`+asha+`}`)
	w.want(400, []int{400}, "POST", "/v2/customers/1001/redemptions", `{"redemptionType":"COUPON","points":20}`)
	if now := w.balance(1001); now != before {
		t.Errorf("%v points are left of %v", now, before)
	}
	w.want(200, nil, "POST", "/v2/points/redeem", `{"points":20,"programId":1,`+asha+`}`)
	w.want(200, nil, "POST", "/v2/customers/1001/redemptions", `{"redemptionType":"points","points":20}`)
	w.want(200, nil, "POST", "/v2/customers/1001/redemptions", `{"redemptionType":"","points":20}`)
	if now := w.balance(1001); now != before-60 {
		t.Errorf("%v points are left of %v", now, before)
	}
}

// A sandbox that has taken its changes takes none of points.
func TestFullSandboxTakesNoPoints(t *testing.T) {
	w := newWorld(t)
	limits := SandboxLimits()
	limits.Changes = 1
	b, err := w.store.AddSandbox(context.Background(), limits)
	if err != nil {
		t.Fatal(err)
	}
	me := w.as(basicOf(b.Till, b.Password))
	me.want(200, nil, "POST", "/v2/points/redeem", `{"points":20,`+asha+`}`)
	for _, c := range [][3]string{
		{"POST", "/v2/points/redeem", `{"points":20,` + asha + `}`},
		{"POST", "/v2/customers/1001/redemptions", `{"points":20}`},
		{"POST", "/v2/points/reverse", `{"redemptionId":"rIs7tO",` + asha + `}`},
		{"PUT", "/v2/points/updateRedemption", `{"redemptionId":"rIs7tO","entity":{"identifierType":"id","identifierValue":1001}}`},
		{"POST", "/v2/points/transfer", transfer1},
		{"POST", "/v2/points/adjust", `{"points":20,"reason":"x",` + asha + `}`},
	} {
		me.want(403, []int{9803}, c[0], c[1], c[2])
	}
}

// The same reference in 20 requests at once redeems once, and all get the same answer.
func TestAReferenceRedeemsOnce(t *testing.T) {
	w := newWorld(t)
	var wait sync.WaitGroup
	answers := make([]answer, 20)
	for i := range answers {
		wait.Go(func() {
			answers[i] = w.call("POST", "/v2/points/redeem", `{"points":120,"externalReferenceNumber":"R-1",`+asha+`}`)
		})
	}
	wait.Wait()
	for _, a := range answers {
		if a.status != 200 || a.body != answers[0].body {
			t.Errorf("%d %s, the first %s", a.status, a.body, answers[0].body)
		}
	}
	if got := w.balance(1001); got != 785 {
		t.Errorf("%v points are left", got)
	}
}

// Bills, returns, redemptions, reversals and transfers at once: no point is lost or made, and no balance falls below zero.
func TestPointsAreConservedUnderLoad(t *testing.T) {
	w := newWorld(t)
	customers := []int64{1001, 1002, 1003}
	start := 0.0
	for _, c := range customers {
		start += w.balance(c)
	}
	type sums struct{ redeemed, reversed, earned, returned float64 }
	var mu sync.Mutex
	var total sums
	var wait sync.WaitGroup
	for g := range 6 {
		wait.Go(func() {
			for i := range 12 {
				c := customers[(g+i)%len(customers)]
				other := customers[(g+i+1)%len(customers)]
				var s sums
				switch (g + i) % 4 {
				case 0:
					a := w.call("POST", fmt.Sprintf("/v2/customers/%d/redemptions", c), `{"points":300}`)
					if a.status == 200 {
						s.redeemed = 300
						r := w.call("POST", "/v2/points/reverse", fmt.Sprintf(`{"redemptionId":%q,"pointsToBeReversed":100,"identifier":{"type":"id","value":%d}}`, a.get(t, "redemptionId"), c))
						if r.status == 200 {
							s.reversed = 100
						}
					}
				case 1:
					w.call("POST", "/v2/points/transfer", fmt.Sprintf(`{"pointsTobeTransferred":250,"fromCustomerIdentifier":{"type":"id","value":%d},"toCustomerIdentifier":{"type":"id","value":%d}}`, c, other))
				default:
					number := fmt.Sprintf("C-%d-%d", g, i)
					q := fmt.Sprintf("/v2/transactions?source=INSTORE&identifierName=id&identifierValue=%d", c)
					if a := w.call("POST", q, fmt.Sprintf(`{"type":"REGULAR","billNumber":%q,"billAmount":1000}`, number)); a.status == 200 {
						s.earned = 100
						if a := w.call("POST", q, fmt.Sprintf(`{"type":"RETURN","returnType":"AMOUNT","billNumber":%q,"billAmount":400}`, number)); a.status == 200 {
							s.returned = 40
						}
					}
				}
				mu.Lock()
				total.redeemed, total.reversed, total.earned, total.returned = total.redeemed+s.redeemed, total.reversed+s.reversed, total.earned+s.earned, total.returned+s.returned
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	end := 0.0
	for _, c := range customers {
		b := w.balance(c)
		if b < 0 {
			t.Errorf("customer %d has %v", c, b)
		}
		end += b
		l := w.call("GET", fmt.Sprintf("/v2/customers/%d/loyaltyDetails", c), "")
		var d struct {
			Data []struct{ LifetimePoints, Redeemed, Expired, Returned, Adjusted, LoyaltyPoints float64 }
		}
		if err := json.Unmarshal([]byte(l.body), &d); err != nil || len(d.Data) != 1 {
			t.Fatal(l.body)
		}
		if x := d.Data[0]; x.LifetimePoints-x.Redeemed-x.Expired-x.Returned+x.Adjusted != x.LoyaltyPoints {
			t.Errorf("%+v does not add up", x)
		}
	}
	if want := start - total.redeemed + total.reversed + total.earned - total.returned; end != want || total.redeemed == 0 || total.earned == 0 || total.returned == 0 {
		t.Errorf("%v points are left, %v ought to be: %+v", end, want, total)
	}
}

// A customer's points follow a merge; the redemptions of the one who went are the other's.
func TestRedemptionsFollowAMerge(t *testing.T) {
	w := newWorld(t)
	w.want(200, nil, "POST", "/v2/points/transfer", `{"pointsTobeTransferred":400,"fromCustomerIdentifier":{"type":"id","value":1001},"toCustomerIdentifier":{"type":"id","value":1002}}`)
	r := w.want(200, nil, "POST", "/v2/customers/1002/redemptions", `{"points":100}`)
	w.is("merged", w.change(1002, "ECOMMERCE", "mobile:919845000001", ""), ok(1001, 8051))
	if got := w.balance(1001); got != 805 {
		t.Errorf("%v points", got)
	}
	w.want(409, []int{8069}, "GET", "/v2/customers/1002/wallet", "")
	w.want(200, nil, "POST", "/v2/points/reverse", fmt.Sprintf(`{"redemptionId":%q,"pointsToBeReversed":60,%s}`, r.get(t, "redemptionId"), asha))
	w.want(409, []int{904}, "POST", "/v2/points/reverse", fmt.Sprintf(`{"redemptionId":%q,"identifier":{"type":"id","value":1003}}`, r.get(t, "redemptionId")))
	w.want(200, nil, "POST", "/v2/points/reverse", fmt.Sprintf(`{"redemptionId":%q,%s}`, r.get(t, "redemptionId"), asha))
	w.want(409, []int{3802}, "POST", "/v2/points/reverse", fmt.Sprintf(`{"redemptionId":%q,%s}`, r.get(t, "redemptionId"), asha))
	if got := w.balance(1001); got != 905 {
		t.Errorf("%v points", got)
	}
}

// What callers send as points.
func TestPointsAsSent(t *testing.T) {
	w := newWorld(t)
	for sent, want := range map[string]int{
		`20`: 200, `"20"`: 200, `20.0`: 200, `"20.000"`: 200, `" 20 "`: 200, `20.5`: 400, `20.0001`: 400, `0`: 400, `-20`: 400, `1e3`: 400, `"twenty"`: 400, `""`: 400, `true`: 400, `null`: 400, `[20]`: 400,
		`9999999999999`: 400, `1000000001`: 400, `1000000000`: 409,
	} {
		if a := w.call("POST", "/v2/customers/1001/redemptions", `{"commit":false,"points":`+sent+`}`); a.status != want {
			t.Errorf("%s: %d %s, want %d", sent, a.status, a.body, want)
		}
	}
	for sent, want := range map[string]int{"20": 200, "": 400, "20.0001": 400, "x": 400} {
		if a := w.call("GET", "/v2/points/isRedeemable?identifierName=id&identifierValue=1001&points="+url.QueryEscape(sent), ""); a.status != want {
			t.Errorf("%s: %d %s, want %d", sent, a.status, a.body, want)
		}
	}
}
