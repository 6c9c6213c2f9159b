package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

const ashas = "/v2/transactions?source=INSTORE&identifierName=mobile&identifierValue=9845000001"

// bill adds a bill of Asha's, or of whomever the address names.
func (w *world) bill(address, body string) (id int64, a answer) {
	w.t.Helper()
	a = w.call("POST", address, body)
	if f, ok := a.get(w.t, "createdId").(float64); ok {
		id = int64(f)
	}
	return id, a
}

func (w *world) transaction(id int64) (t struct {
	CustomerId        int64
	LifeTimePurchases json.Number
	Async             bool
	BillDetails       struct {
		Amount        json.Number
		ReturnDetails struct {
			Canceled bool
			Amount   json.Number
		}
	}
}) {
	w.t.Helper()
	if err := json.Unmarshal([]byte(w.want(200, nil, "GET", fmt.Sprintf("/v2/transactions/%d", id), "").body), &t); err != nil {
		w.t.Fatal(err)
	}
	return t
}

func (w *world) purchases(customer int64) float64 {
	w.t.Helper()
	a := w.call("GET", fmt.Sprintf("/v2/customers/%d", customer), "")
	return a.get(w.t, "loyaltyInfo").(map[string]any)["lifetimePurchases"].(float64)
}

// Of many who add the same number at once, one does.
func TestOneBillOfManyWithTheSameNumber(t *testing.T) {
	w := newWorld(t)
	before := w.purchases(1001)
	var wg sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for range 50 {
		wg.Go(func() {
			_, a := w.bill(ashas, `{"type":"REGULAR","billNumber":"R-1","billAmount":10}`)
			mu.Lock()
			statuses[a.status]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if statuses[200] != 1 || statuses[409] != 49 {
		t.Errorf("%v", statuses)
	}
	if got := w.purchases(1001) - before; got != 10 {
		t.Errorf("bought %v", got)
	}
}

// Of many who send one bill with one key, one adds it, and all get its answer.
func TestOneBillOfManyWithTheSameKey(t *testing.T) {
	w := newWorld(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	bodies := map[string]int{}
	for range 50 {
		wg.Go(func() {
			a := w.call("POST", ashas, `{"type":"REGULAR","billNumber":"R-1","billAmount":10,"customFields":{"a":"1"},"lineItemsV2":[{"itemCode":"A","rate":10}]}`, "Idempotency-Key: once")
			mu.Lock()
			bodies[fmt.Sprint(a.status, a.body)]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if len(bodies) != 1 {
		t.Errorf("%v", bodies)
	}
	for b := range bodies {
		if !strings.HasPrefix(b, "200") {
			t.Error(b)
		}
	}
}

// Where and for how long a number is used once.
func TestScopeOfBillNumbers(t *testing.T) {
	for _, tt := range []struct {
		scope, days string
		elsewhere   int // status at another till of the store
		away        int // 9 days before
		earlier     int // 10 days before
	}{
		{"org", "0", 409, 409, 409}, {"store", "0", 409, 409, 409}, {"till", "0", 200, 409, 409}, {"org", "10", 409, 409, 200}, {"till", "10", 200, 409, 200},
	} {
		w := newWorld(t)
		set(w, "bill-number-scope", tt.scope)
		set(w, "bill-number-days", tt.days)
		add := func(date, till string) int {
			_, a := w.bill(ashas, fmt.Sprintf(`{"type":"REGULAR","billNumber":"R-1","billAmount":1,"billingDate":%q,"attribution":{"createdBy":{"code":%q}}}`, date, till))
			return a.status
		}
		if s := add("2026-02-03 12:00:00", "store.server"); s != 200 {
			t.Fatal(s)
		}
		if a, b, c := add("2026-02-03 12:00:00", "store.till1"), add("2026-01-25 12:00:00", "store.server"), add("2026-01-24 12:00:00", "store.server"); a != tt.elsewhere || b != tt.away || c != tt.earlier {
			t.Errorf("%s %s: %d %d %d", tt.scope, tt.days, a, b, c)
		}
	}
}

// A bill that is moved is asked for its number where it goes, as one that is added there; where it stands already it is not asked.
func TestNumberOfAMovedBill(t *testing.T) {
	start := func(t *testing.T, scope, days string) *world {
		w, ctx := newWorld(t), context.Background()
		if err := w.store.AddStore(ctx, "demo", "annex", ""); err != nil {
			t.Fatal(err)
		}
		for _, till := range []string{"annex.till1", "annex.till2"} {
			if err := w.store.AddTill(ctx, "demo", "annex", till, "till", cheapHash(rolePassword)); err != nil {
				t.Fatal(err)
			}
		}
		set(w, "bill-number-scope", scope)
		set(w, "bill-number-days", days)
		return w
	}
	add := func(w *world, by, date string) int64 {
		w.t.Helper()
		id, a := w.bill(ashas, fmt.Sprintf(`{"type":"REGULAR","billNumber":"R-1","billAmount":1,"billingDate":"%s 12:00:00","attribution":{"createdBy":{%s}}}`, date, by))
		if a.status != 200 {
			w.t.Fatal(a.body)
		}
		return id
	}
	move := func(w *world, id int64, till string) answer {
		return w.call("PUT", ashas, fmt.Sprintf(`{"id":%d,"tillCode":%q,"deliveryStatus":"SHIPPED"}`, id, till))
	}
	for _, tt := range []struct {
		name, scope, days string
		mine              string // of 3 February
		other, date       string // and when
		to                string
		status            int
	}{
		{"a till that has it", "till", "0", `"code":"store.server"`, `"code":"store.till1"`, "2026-02-03", "store.till1", 409},
		{"a till that has it, by another case", "till", "0", `"code":"store.server"`, `"code":"store.till1"`, "2026-02-03", "STORE.Till1", 409},
		{"a till that has it not", "till", "0", `"code":"store.server"`, `"code":"store.till1"`, "2026-02-03", "annex.till1", 200},
		{"its own till", "till", "0", `"code":"store.server"`, `"code":"store.till1"`, "2026-02-03", "store.server", 200},
		{"a till that has it, the last day", "till", "10", `"code":"store.server"`, `"code":"store.till1"`, "2026-01-25", "store.till1", 409},
		{"a till that had it", "till", "10", `"code":"store.server"`, `"code":"store.till1"`, "2026-01-24", "store.till1", 200},
		{"a store that has it", "store", "0", `"code":"annex.till1"`, `"code":"store.server"`, "2026-02-03", "store.till1", 409},
		{"a store that has it not", "store", "0", `"code":"store.server"`, ``, "", "annex.till1", 200},
		{"its own store", "store", "0", `"code":"annex.till1"`, `"code":"store.server"`, "2026-02-03", "annex.till2", 200},
		{"a store that had it", "store", "10", `"code":"annex.till1"`, `"code":"store.server"`, "2026-01-24", "store.till1", 200},
		{"the store of its till", "store", "0", `"type":"STORE","code":"annex"`, `"code":"store.till1"`, "2026-02-03", "store.server", 409},
		{"anywhere in its organization", "org", "0", `"code":"store.server"`, ``, "", "annex.till1", 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := start(t, tt.scope, tt.days)
			id := add(w, tt.mine, "2026-02-03")
			if tt.other != "" {
				add(w, tt.other, tt.date)
			}
			read := func() string {
				return w.want(200, nil, "GET", fmt.Sprintf("/v2/transactions/%d", id), "").body
			}
			before := read()
			a := move(w, id, tt.to)
			if a.status != tt.status || tt.status == 409 && (len(a.codes()) != 1 || a.codes()[0] != 604) {
				t.Fatal(a.status, a.body)
			}
			if changed := read() != before; changed != (tt.status == 200) {
				t.Errorf("changed: %v", changed)
			}
		})
	}
	t.Run("two that stand there from another setting", func(t *testing.T) {
		for _, scope := range []string{"store", "org"} {
			w := start(t, "till", "0")
			id := add(w, `"code":"store.server"`, "2026-02-03")
			add(w, `"code":"store.till1"`, "2026-02-03")
			set(w, "bill-number-scope", scope)
			if a := move(w, id, "store.till1"); a.status != 200 {
				t.Error(scope, a.body)
			}
		}
	})
	t.Run("returns", func(t *testing.T) {
		w := start(t, "till", "0")
		add(w, `"code":"store.till1"`, "2026-02-03")
		id, a := w.bill(ashas, `{"type":"RETURN","returnType":"AMOUNT","billNumber":"R-1","billAmount":"0.4"}`)
		if a.status != 200 {
			t.Fatal(a.body)
		}
		if a := move(w, id, "store.till1"); a.status != 200 {
			t.Error(a.body)
		}
	})
	t.Run("one of many at once", func(t *testing.T) {
		w := start(t, "till", "0")
		var wg sync.WaitGroup
		answers := make([]answer, 3)
		for i, from := range []string{"store.server", "store.till1", "annex.till1"} {
			id := add(w, fmt.Sprintf(`"code":%q`, from), "2026-02-03")
			wg.Go(func() { answers[i] = move(w, id, "annex.till2") })
		}
		wg.Wait()
		statuses := map[int]int{}
		for _, a := range answers {
			statuses[a.status]++
		}
		if statuses[200] != 1 || statuses[409] != 2 {
			t.Errorf("%v", statuses)
		}
	})
}

// The bills of a customer who is merged are the survivor's, also to give back; after the merge is undone they are their own.
func TestBillsFollowAMerge(t *testing.T) {
	w := newWorld(t)
	ravi := "/v2/transactions?source=ECOMMERCE&identifierName=email&identifierValue=ravi.menon@example.org"
	id, _ := w.bill(ravi, `{"type":"REGULAR","billNumber":"M-1","billAmount":100}`)
	before := w.purchases(1001)
	w.is("merge", w.change(1002, "ECOMMERCE", "mobile:919845000001", ""), outcome{200, []int{8051}, 1001})
	if got := w.transaction(id); got.CustomerId != 1001 || got.LifeTimePurchases != "740.5" {
		t.Errorf("%+v", got)
	}
	if got := w.purchases(1001); got != before+100 {
		t.Errorf("bought %v", got)
	}
	if _, a := w.bill("/v2/transactions?source=ECOMMERCE&identifierName=id&identifierValue=1002", `{"type":"REGULAR","billNumber":"M-2","billAmount":1}`); a.status != 409 || a.codes()[0] != 8069 {
		t.Error(a.body)
	}
	w.want(200, nil, "POST", "/v2/merges/2/undo", "")
	if a, b := w.purchases(1001), w.purchases(1002); a != before || b != 100 {
		t.Errorf("after the undo %v and %v", a, b)
	}
	if got := w.transaction(id); got.CustomerId != 1002 {
		t.Errorf("%+v", got)
	}
	w.is("merge again", w.change(1002, "ECOMMERCE", "mobile:919845000001", ""), outcome{200, []int{8051}, 1001})
	if _, a := w.bill(ashas, `{"type":"RETURN","returnType":"AMOUNT","billNumber":"M-1","billAmount":30}`); a.status != 200 {
		t.Error(a.body)
	}
	if got := w.purchases(1001); got != before+70 {
		t.Errorf("bought %v", got)
	}
}

// Points that wait are in the database: they are given later, once, also by a server that was started since.
func TestPointsWait(t *testing.T) {
	w := newWorld(t)
	var ids []int64
	for i := range 40 {
		id, a := w.bill(ashas+"&use_async=true", fmt.Sprintf(`{"type":"REGULAR","billNumber":"Q-%d","billAmount":10}`, i))
		if a.status != 200 || len(a.codes()) != 1 || a.codes()[0] != 687 || !w.transaction(id).Async {
			t.Fatal(a.body)
		}
		ids = append(ids, id)
	}
	select {
	case <-w.store.LoyaltyWaits():
	default:
		t.Error("nobody was told")
	}
	if n, err := w.store.WorkLoyalty(context.Background()); n != 40 || err != nil {
		t.Error(n, err)
	}
	for _, id := range ids {
		if w.transaction(id).Async {
			t.Errorf("%d waits", id)
		}
	}
	if n, err := w.store.WorkLoyalty(context.Background()); n != 0 || err != nil {
		t.Error(n, err)
	}
}

// A list of bills has one order, by billing time, and takes no other for it.
func TestOrderOfBills(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/v2/customers/1001/transactions?", "/v2/customers/lookup/transactions?identifierName=id&identifierValue=1001&"} {
		for _, fine := range []string{"sortBy=BILLING_TIME", "sortBy=billing_time&sortOrder=asc", "sortBy="} {
			w.want(200, nil, "GET", path+fine, "")
		}
		w.want(400, []int{400}, "GET", path+"sortBy=AMOUNT", "")
	}
}

// Random returns of one bill, by HTTP: what is given back is never more than what was bought, and what was bought and kept is
// the difference.
func TestReturnsConserveAmounts(t *testing.T) {
	w := newWorld(t)
	bill := 0
	rapid.Check(t, func(t *rapid.T) {
		bill++
		before := w.purchases(1001)
		amount := rapid.IntRange(1, 300).Draw(t, "amount")
		sale, a := w.bill(ashas, fmt.Sprintf(`{"type":"REGULAR","billNumber":"P-%d","billAmount":%d,"lineItemsV2":[{"itemCode":"A","qty":3,"amount":%d},{"itemCode":"B","qty":2,"amount":%d}]}`, bill, amount, amount/2, amount-amount/2))
		if a.status != 200 {
			t.Fatal(a.body)
		}
		var returned float64
		for range rapid.IntRange(1, 5).Draw(t, "returns") {
			by := rapid.SampledFrom([]string{"AMOUNT", "LINE_ITEM", "LINE_ITEM", "FULL", "CANCELLED"}).Draw(t, "by")
			id, a := w.bill(ashas, fmt.Sprintf(`{"type":"RETURN","returnType":%q,"billNumber":"P-%d","billAmount":%d,"lineItemsV2":[{"itemCode":%q,"qty":%d}]}`, by, bill,
				rapid.IntRange(0, amount+10).Draw(t, "back"), rapid.SampledFrom([]string{"A", "B"}).Draw(t, "item"), rapid.IntRange(1, 4).Draw(t, "qty")))
			if a.status == 200 {
				v, _ := w.transaction(id).BillDetails.Amount.Float64()
				returned += v
			}
		}
		got, _ := w.transaction(sale).BillDetails.ReturnDetails.Amount.Float64()
		if got-returned > 0.0001 || returned-got > 0.0001 || returned > float64(amount)+0.0001 {
			t.Fatalf("%v of %d was returned, the bill says %v", returned, amount, got)
		}
		if kept := w.purchases(1001) - before; kept+returned-float64(amount) > 0.0001 || kept+returned-float64(amount) < -0.0001 {
			t.Fatalf("kept %v and returned %v of %d", kept, returned, amount)
		}
	})
}
