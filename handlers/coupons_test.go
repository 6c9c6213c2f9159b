package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

const ashaUser = `{"mobile":"919845000001"}`

// redeemBody is the body of a redemption of coupons by a customer on a bill.
func redeemBody(user, number, amount string, codes ...string) string {
	return fmt.Sprintf(`{"redemptionRequestList":[{"code":"%s"}],"user":%s,"transactionNumber":"%s","billAmount":"%s"}`,
		strings.Join(codes, `"},{"code":"`), user, number, amount)
}

// newSeries makes a series and gives its id.
func (w *world) newSeries(fields string) int64 {
	w.t.Helper()
	a := w.want(200, nil, "POST", "/v2/coupon/series", `{"CouponSeriesV2":{"description":"A series of a test",`+fields+`}}`)
	return int64(a.get(w.t, "id").(float64))
}

// issued gives a customer a coupon, and its code.
func (w *world) issued(series, customer int64) string {
	w.t.Helper()
	a := w.want(200, nil, "POST", "/v2/coupon/issue", fmt.Sprintf(`{"seriesId":%d,"customer":{"id":%d}}`, series, customer))
	return a.get(w.t, "code").(string)
}

// numbers are what a series says of itself.
func (w *world) numbers(series int64) (issued, redeemed int) {
	w.t.Helper()
	var b struct {
		Entity []struct{ NumIssued, NumRedeemed int }
	}
	a := w.want(200, nil, "GET", fmt.Sprintf("/v2/coupon/series?ids=%d", series), "")
	if err := json.Unmarshal([]byte(a.body), &b); err != nil {
		w.t.Fatal(err)
	}
	return b.Entity[0].NumIssued, b.Entity[0].NumRedeemed
}

// many sends the same 50 times at once and counts the answers by status and first code.
func (w *world) many(method, path string, body func(i int) string, headers ...string) map[string]int {
	var mu sync.Mutex
	var wg sync.WaitGroup
	seen := map[string]int{}
	for i := range 50 {
		wg.Go(func() {
			a := w.call(method, path, body(i), headers...)
			mu.Lock()
			defer mu.Unlock()
			seen[fmt.Sprint(a.status, a.codes())]++
		})
	}
	wg.Wait()
	return seen
}

// Fifty tills that redeem the last use of a coupon: one gets it.
func TestTheLastUseOfACoupon(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seen := w.many("POST", "/v2/coupon/redeem", func(i int) string { return redeemBody(ashaUser, fmt.Sprint("B-", i), "300", "TEA7ASHA") })
	if seen["200 []"] != 1 || seen["409 [711]"] != 49 {
		t.Errorf("%v", seen)
	}
	if _, redeemed := w.numbers(1); redeemed != 1 {
		t.Errorf("%d redemptions", redeemed)
	}
}

// Fifty requests for the last coupons of a series, and fifty of one bill without a key.
func TestTheLastCouponsOfASeries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	series := w.newSeries(`"maxCreate":3,"isMultipleVouchersPerUserAllowed":true`)
	seen := w.many("POST", "/v2/coupon/issue", func(int) string { return fmt.Sprintf(`{"seriesId":%d,"customer":{"id":1001}}`, series) })
	if seen["200 []"] != 3 || seen["409 [722]"] != 47 {
		t.Errorf("%v", seen)
	}
	if issued, _ := w.numbers(series); issued != 3 {
		t.Errorf("%d coupons", issued)
	}
	seen = w.many("POST", "/v2/coupon/redeem", func(int) string { return redeemBody(ashaUser, "ONE-BILL", "300", "WEEKLY77") })
	if seen["200 []"] != 1 || seen["409 [747]"] != 49 {
		t.Errorf("a coupon counts once on a bill: %v", seen)
	}
}

// Coupons of one request are issued on one day: where days must lie between two, it gives one, or none of several.
func TestDaysBetweenCouponsOfOneRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	series := w.newSeries(`"isMultipleVouchersPerUserAllowed":true,"minDaysBetweenVouchers":1`)
	several := func(count int) string {
		return fmt.Sprintf(`{"seriesId":%d,"count":%d,"customer":{"id":1001}}`, series, count)
	}
	w.want(409, []int{722}, "POST", "/v2/coupon/issue/multiple", several(2))
	if issued, _ := w.numbers(series); issued != 0 {
		t.Errorf("%d coupons", issued)
	}
	w.want(200, nil, "POST", "/v2/coupon/issue/multiple", several(1))
}

// What is asked for by a list is answered once, however the list is written.
func TestCouponsAskedForByLists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := func(query string) (ids []int) {
		t.Helper()
		var b struct{ Data []struct{ ID int } }
		if err := json.Unmarshal([]byte(w.want(200, nil, "GET", "/v2/coupon?"+query, "").body), &b); err != nil {
			t.Fatal(err)
		}
		for _, c := range b.Data {
			ids = append(ids, c.ID)
		}
		return ids
	}
	for want, queries := range map[string][]string{
		"[9 8 7 6 5 4 3 1 10]": {"issuedToIds=1001,1002", "issuedToIds=1001&issuedToIds=1002", "issuedToIds=1001,1001,1002", "issuedToIds=1001,1002&couponIds=&couponCodes="},
		"[2 1]":                {"couponIds=2,1", "couponIds=2&couponIds=1", "couponIds=2,1&couponIds=1", "couponCodes=CUP4EVER&couponCodes=tea7asha,TEA7ASHA"},
	} {
		for _, q := range queries {
			if got := fmt.Sprint(ids(q)); got != want {
				t.Errorf("%s: %s, want %s", q, got, want)
			}
		}
	}
}

// The bill that is noted of a redemption is one of whoever redeemed, and then that bill may name the redemption.
func TestBillsOfCouponRedemptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bill := func(customer int, more string) int {
		t.Helper()
		a := w.want(200, nil, "POST", fmt.Sprintf("/v2/transactions?source=INSTORE&identifierName=id&identifierValue=%d", customer),
			fmt.Sprintf(`{"type":"REGULAR","billNumber":"B-%d%d","billAmount":10%s}`, customer, len(more), more))
		return int(a.get(t, "createdId").(float64))
	}
	note := func(bill int) string {
		return fmt.Sprintf(`{"redemptions":[{"redemptionId":1,"billAmount":10,"billId":%d}]}`, bill)
	}
	others, theirs := bill(1001, ""), bill(1003, "")
	w.want(404, []int{667}, "PUT", "/v2/coupon/redeem", note(others))
	w.want(404, []int{667}, "PUT", "/v2/coupon/redeem", note(99999))
	w.want(200, nil, "PUT", "/v2/coupon/redeem", note(theirs))
	w.want(409, []int{642}, "POST", "/v2/transactions?source=INSTORE&identifierName=id&identifierValue=1003", `{"type":"REGULAR","billNumber":"B-2","billAmount":10,"redemptions":{"couponRedemptions":[1]}}`)
}

// Fifty identical requests with a key make one effect and fifty equal answers, refusals among them.
func TestCouponsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	series := w.newSeries(`"isMultipleVouchersPerUserAllowed":true`)
	for _, c := range []struct{ path, body, want string }{
		{"/v2/coupon/issue", fmt.Sprintf(`{"seriesId":%d,"customer":{"id":1001}}`, series), "200 []"},
		{"/v2/coupon/redeem", redeemBody(ashaUser, "ONE", "120", "CUP4EVER", "TEA7ASHA"), "201 [733]"},
		{"/v2/coupon/bulk/redeem?source=INSTORE", redeemBody(ashaUser, "TWO", "120", "LAUNCH22", "TEA7ASHA"), "400 [749 733]"},
		{"/v2/coupon/redeem", redeemBody(ashaUser, "THREE", "120", "RAIN2345", "DAY23456"), "409 [712 713]"},
		{"/v2/coupon/bulk/issue?source=INSTORE", `{"seriesIds":[1,3],"customer":` + ashaUser + `}`, "201 [712]"},
	} {
		if seen := w.many("POST", c.path, func(int) string { return c.body }, "Idempotency-Key: k"+c.want); seen[c.want] != 50 {
			t.Errorf("%s: %v, want 50 of %s", c.path, seen, c.want)
		}
	}
	if issued, _ := w.numbers(series); issued != 1 {
		t.Errorf("%d coupons", issued)
	}
	if _, redeemed := w.numbers(2); redeemed != 2 { // one is the demo's
		t.Errorf("%d redemptions", redeemed)
	}
}

// The coupons of a customer who is merged are the survivor's; when the merge is undone they go back.
func TestCouponsFollowAMerge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine := func(customer int64, want int) {
		t.Helper()
		a := w.want(200, nil, "GET", fmt.Sprintf("/v2/customers/%d/coupons", customer), "")
		if n := len(a.get(t, "entity").([]any)); n != want {
			t.Errorf("customer %d has %d coupons, want %d", customer, n, want)
		}
	}
	single := w.newSeries(`"maxRedemptionsInSeriesPerUser":1,"isMultipleVouchersPerUserAllowed":true,"maxVouchersPerUser":2`)
	one, two := w.issued(single, 1001), w.issued(single, 1002)
	mine(1001, 9)
	mine(1002, 2)
	w.want(200, []int{8051}, "POST", "/v2/customers/1002/changeIdentifier?source=ECOMMERCE", `{"add":[{"type":"mobile","value":"919845000001"}]}`)
	mine(1001, 11)
	w.want(409, []int{8069}, "GET", "/v2/customers/1002/coupons", "")
	w.want(409, []int{8069}, "GET", "/v2/coupon?issuedToIds=1002", "")
	// Both hold what the limits count.
	w.want(409, []int{722}, "POST", "/v2/coupon/issue", fmt.Sprintf(`{"seriesId":%d,"customer":{"id":1001}}`, single))
	// The victim's coupon is the survivor's now, and one redemption is all that one customer has.
	w.want(200, nil, "POST", "/v2/coupon/redeem", redeemBody(ashaUser, "A-1", "300", two))
	w.want(409, []int{736}, "POST", "/v2/coupon/redeem", redeemBody(ashaUser, "A-2", "300", one))
	w.want(200, nil, "POST", "/v2/coupon/redeem", redeemBody(ashaUser, "A-3", "300", "TEA7RAVI"))
	w.want(409, []int{8069}, "POST", "/v2/coupon/redeem", redeemBody(`{"id":1002}`, "A-4", "300", "TEA7ASHA"))
	w.want(200, nil, "POST", "/v2/merges/2/undo", "")
	mine(1001, 9)
	mine(1002, 2)
	w.want(409, []int{703}, "POST", "/v2/coupon/redeem", redeemBody(ashaUser, "A-5", "300", two))
	w.want(409, []int{711}, "POST", "/v2/coupon/redeem", redeemBody(`{"id":1002}`, "A-6", "300", two))
}

// A bill ties redemptions to itself: those of its customer, which stand, and once.
func TestABillTiesCoupons(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(200, nil, "POST", "/v2/coupon/redeem", redeemBody(ashaUser, "T-1", "300", "TEA7ASHA")) // redemption 2
	bill := func(customer, number string, redemption int) (string, string) {
		return "/v2/transactions?source=INSTORE&identifierName=id&identifierValue=" + customer,
			fmt.Sprintf(`{"type":"REGULAR","billNumber":"%s","billAmount":300,"redemptions":{"couponRedemptions":[%d]}}`, number, redemption)
	}
	path, body := bill("1002", "T-2", 2)
	w.want(409, []int{642}, "POST", path, body) // another's
	path, body = bill("1001", "T-1", 2)
	w.want(200, nil, "POST", path, body)
	path, body = bill("1001", "T-3", 2)
	w.want(409, []int{642}, "POST", path, body) // on another bill
	path, body = bill("1001", "T-4", 99)
	w.want(409, []int{642}, "POST", path, body)
	w.want(200, nil, "POST", "/v2/coupon/redeem", redeemBody(ashaUser, "T-5", "300", "LAUNCH22"))
	w.want(200, nil, "POST", "/v2/coupon/reactivate", `{"redemptionIds":[3]}`)
	path, body = bill("1001", "T-5", 3)
	w.want(409, []int{642}, "POST", path, body) // taken back
}

// What was redeemed and taken back can be redeemed again, in other ways of writing, too.
func TestCouponsByOtherNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	redeem := func(status int, codes []int, user, coupon string) {
		t.Helper()
		w.want(status, codes, "POST", "/v2/coupon/redeem", fmt.Sprintf(`{"redemptionRequestList":[%s],"user":%s,"transactionNumber":"N-1","billAmount":300}`, coupon, user))
	}
	redeem(200, nil, `{"id":"1001","mobile":"","email":""}`, `{"id":1}`)
	w.want(200, nil, "POST", "/v2/coupon/reactivate", `{"redemptionIds":[2]}`)
	redeem(200, nil, `{"email":"ASHA.RAO@example.org"}`, `{"code":" tea7asha "}`)
	w.want(200, nil, "POST", "/v2/coupon/reactivate", `{"redemptionIds":[3]}`)
	redeem(200, nil, `{"mobile":9845000001,"email":"asha.rao@example.org"}`, `{"code":"TEA7ASHA","id":1}`)
	redeem(404, []int{702}, ashaUser, `{"code":"TEA7ASHA","id":3}`)
	redeem(404, []int{702}, ashaUser, `{"id":99}`)
	redeem(400, []int{721}, `{"mobile":"919845000001","email":"ravi.menon@example.org"}`, `{"id":1}`)
	redeem(400, []int{721}, `{"id":"x"}`, `{"id":1}`)
	redeem(404, []int{701}, `{"id":9999}`, `{"id":1}`)
	// An identifier of several customers names nobody.
	w.want(200, []int{8052}, "POST", "/v2/customers?source=WEBSITE", `{"profiles":[{"identifiers":[{"type":"email","value":"asha.rao@example.org"},{"type":"email","value":"ravi.menon@example.org"}]}]}`)
	redeem(400, []int{721}, `{"email":"asha.rao@example.org"}`, `{"id":1}`)
	w.want(400, []int{739}, "POST", "/v2/coupon/redeem", `{"redemptionRequestList":[{"id":3}],"user":`+ashaUser+`,"transactionNumber":"N-2","billAmount":300,"redemptionTime":"yesterday"}`)
	// Not further back than bills may be: else what has ended could be redeemed for ever.
	w.want(400, []int{739}, "POST", "/v2/coupon/redeem", `{"redemptionRequestList":[{"id":5}],"user":`+ashaUser+`,"transactionNumber":"N-2","billAmount":300,"redemptionTime":"2026-01-02"}`)
	if err := w.store.SetOrg(context.Background(), "demo", "bill-date-past", "2"); err != nil {
		t.Fatal(err)
	}
	w.want(400, []int{739}, "POST", "/v2/coupon/redeem", `{"redemptionRequestList":[{"id":5}],"user":`+ashaUser+`,"transactionNumber":"N-2","billAmount":300,"redemptionTime":"2026-01-31"}`)
	if err := w.store.SetOrg(context.Background(), "demo", "bill-date-past", "0"); err != nil {
		t.Fatal(err)
	}
	w.want(409, []int{729}, "POST", "/v2/coupon/redeem", `{"redemptionRequestList":[{"id":5}],"user":`+ashaUser+`,"transactionNumber":"N-2","billAmount":300,"redemptionTime":"2026-01-04"}`)
	w.want(200, nil, "POST", "/v2/coupon/redeem", `{"redemptionRequestList":[{"id":5}],"user":`+ashaUser+`,"transactionNumber":"N-2","billAmount":300,"redemptionTime":"2026-01-05 11:00:00"}`)
	for _, bad := range []string{`"12.3456"`, `"a"`, `-1`, `1e3`} {
		w.want(400, []int{400}, "POST", "/v2/coupon/redeem", `{"redemptionRequestList":[{"id":3}],"user":`+ashaUser+`,"transactionNumber":"N-3","billAmount":`+bad+`}`)
	}
}

// The values of a series that are refused, or read as something else.
func TestCouponSeriesValues(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, bad := range []string{`"discountType":"GIFT"`, `"discountType":"PERC","discountValue":101`, `"discountValue":-1`, `"discountValue":"1.2345"`, `"validTillDate":"soon"`,
		`"expiryStrategyType":"WEEKS"`, `"expiryStrategyType":"DAYS"`, `"minBillAmount":5,"maxBillAmount":4`, `"redemptionRange":"x"`, `"storeIdsJson":"x"`,
		`"alphaNumeric":false,"randomCodeLength":8`, `"randomCodeLength":7`, `"maxCreate":-2`, `"customPropertyMap":{"a":[]}`, `"description":""`} {
		w.want(400, []int{400}, "POST", "/v2/coupon/series", `{"CouponSeriesV2":{"description":"x",`+bad+`}}`)
	}
	w.want(400, []int{400}, "POST", "/v2/coupon/series", `{"CouponSeriesV2":{}}`)
	w.want(400, []int{400}, "POST", "/v2/coupon/series", `{"description":"x"}`)
	w.want(400, []int{756}, "POST", "/v2/coupon/series", `{"CouponSeriesV2":{"description":"x","mutualExclusiveSeriesIds":"x"}}`)
	a := w.want(200, nil, "POST", "/v2/coupon/series", `{"CouponSeriesV2":{"description":"x","discountType":"perc","discountValue":"12.5","validTillDate":1893456000000,
		"redeemAtStore":"[2,1]","alphaNumeric":"false","anyUser":"TRUE","expiryStrategyType":"months","expiryStrategyValue":2,"isSMSDisabled":true,"customPropertyMap":{"n":7}}}`)
	for key, want := range map[string]string{"discountType": "PERC", "discountValue": "12.5", "validTillDate": "2030-01-01T05:30:00+05:30", "storeIdsJson": "[1,2]", "randomCodeLength": "14",
		"anyUser": "true", "expiryStrategyType": "MONTHS", "isSMSDisabled": "true", "customPropertyMap": "map[n:7]"} {
		if got := fmt.Sprint(a.get(t, key)); got != want {
			t.Errorf("%s: %s, want %s", key, got, want)
		}
	}
	code := w.issued(10, 1001)
	if len(code) != 14 || strings.Trim(code, "0123456789") != "" {
		t.Errorf("a code of digits: %s", code)
	}
	// Exclusion holds from both sides, as long as the coupon can be redeemed.
	b := w.newSeries(`"mutualExclusiveSeriesIds":"[10]"`)
	w.want(409, []int{722}, "POST", "/v2/coupon/issue", fmt.Sprintf(`{"seriesId":%d,"customer":{"id":1001}}`, b))
	w.want(200, nil, "PUT", "/v2/coupon/series/10", `{"CouponSeriesV2":{"mutualExclusiveSeriesIds":"[]"}}`)
	w.issued(b, 1001)
	if a := w.want(200, nil, "GET", fmt.Sprintf("/v2/coupon/series?ids=%d", b), ""); !strings.Contains(a.body, `"mutualExclusiveSeriesIds":"[]"`) {
		t.Error(a.body)
	}
}

// A sandbox takes no more changes of coupons than of anything else, and has coupons of its own.
func TestCouponsInASandbox(t *testing.T) {
	t.Parallel()
	limits := SandboxLimits()
	limits.Changes = 1
	w := newWorld(t, func(c *Config) { c.Sandbox = &limits })
	b := newSandbox(t, w)
	me := w.as(basicOf(b.Till, b.Password))
	code := me.issued(1, 1003)
	w.want(404, []int{702}, "POST", "/v2/coupon/redeem", redeemBody(ashaUser, "S-1", "300", code))
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/v2/coupon/series", `{"CouponSeriesV2":{"description":"x"}}`},
		{"PUT", "/v2/coupon/series/1", `{"CouponSeriesV2":{"tag":"x"}}`},
		{"POST", "/v2/coupon/issue", `{"seriesId":1,"customer":{"id":1001}}`},
		{"POST", "/v2/coupon/issue/multiple", `{"seriesId":1,"customer":{"id":1001}}`},
		{"POST", "/v2/coupon/bulk/issue?source=INSTORE", `{"seriesIds":[1],"customer":{"id":1001}}`},
		{"POST", "/v2/coupon/redeem", redeemBody(ashaUser, "S-1", "300", "TEA7ASHA")},
		{"PUT", "/v2/coupon/redeem", `{"redemptions":[{"redemptionId":1,"billAmount":1}]}`},
		{"POST", "/v2/coupon/bulk/redeem?source=INSTORE", redeemBody(ashaUser, "S-1", "300", "TEA7ASHA")},
		{"POST", "/v2/coupon/reactivate", `{"redemptionIds":[1]}`},
		{"POST", "/v2/coupon/series/2/codes", `{"code":"x"}`},
		{"POST", "/coupon/api/v1/upload/file/2", uploadForm("code\nx\n", "x.csv", "NOT_TAGGED", "")},
	} {
		me.want(403, []int{9803}, c.method, c.path, c.body)
	}
}

// For clients that expect 200, refusals of parts answer 200 as well, with the same body.
func TestCouponsAlwaysOK(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.AlwaysOK = true })
	for _, c := range []struct{ path, body, want string }{
		{"/v2/coupon/redeem", redeemBody(ashaUser, "O-1", "120", "RAIN2345", "DAY23456"), `"code":713`},
		{"/v2/coupon/bulk/redeem?source=INSTORE", redeemBody(ashaUser, "O-1", "120", "RAIN2345", "CUP4EVER"), `"failureCount":2`},
		{"/v2/coupon/bulk/issue?source=INSTORE", `{"seriesIds":[3],"customer":` + ashaUser + `}`, `"failureCount":1`},
	} {
		if status, body := w.plainly("POST", c.path, c.body); status != 200 || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s", c.path, status, body)
		}
	}
}

// Codes are found case-insensitively and by every filter; what nobody has is left out.
func TestFindingCoupons(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for query, want := range map[string]string{
		"couponIds=1,10,99":                         "TEA7ASHA TEA7RAVI",
		"couponCodes=tea7ravi,nosuch":               "TEA7RAVI",
		"couponCodes=tea7ravi,tea7asha&couponIds=1": "TEA7ASHA",
		"couponIds=1,2&issuedToIds=1003":            "CUP4EVER",
		"issuedToIds=1003,1002,9999":                "CUP4EVER TEA7RAVI",
		"issuedToIds=1001&limit=2&offset=1":         "BRANCH22 BIRTHDAY",
		"couponIds=99":                              "",
	} {
		var b struct{ Data []struct{ Code string } }
		a := w.want(200, nil, "GET", "/v2/coupon?"+query, "")
		if err := json.Unmarshal([]byte(a.body), &b); err != nil {
			t.Fatal(err)
		}
		var codes []string
		for _, c := range b.Data {
			codes = append(codes, c.Code)
		}
		if got := strings.Join(codes, " "); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	w.want(200, nil, "POST", "/v2/coupon/redeem", redeemBody(ashaUser, "F-2", "300", "TEA7ASHA"))
	for query, want := range map[string]int{"status=Active": 6, "status=unexpired": 6, "status=Redeemed": 1, "status=Unredeemed": 7, "status=ACTIVE_REDEEMED": 1,
		"status=Active_Unredeemed": 5, "status=Expired_Redeemed": 0, "status=Expired_Unredeemed": 2, "": 8, "limit=3&offset=6": 8} {
		a := w.want(200, nil, "GET", "/v2/customers/coupons?id=1001&"+query, "")
		if got := a.get(t, "entity").(map[string]any)["pagination"].(map[string]any)["total"]; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %d", query, got, want)
		}
	}
	w.want(400, []int{400}, "GET", "/v2/customers/coupons?id=1001&status=gone", "")
	w.want(400, []int{400}, "GET", "/v2/customers/1001/coupons?coupon_code_case=MIXED", "")
	w.want(400, []int{400}, "GET", "/v2/coupon/is_redeemable?id=1001&code=A&details=some", "")
	w.want(400, []int{400}, "GET", "/v2/coupon?couponIds=x", "")
	if list, err := w.store.ReportCoupons(context.Background(), "demo"); err != nil || len(list) != 9 || list[0].Issued != 2 || list[0].Redeemed != 1 || list[0].BillAmount != 300_000 ||
		list[0].Unused != 1 || list[2].Expired != 1 || list[1].BillAmount != 120_000 {
		t.Errorf("%+v %v", list, err)
	}
}

// plainly sends a request without holding the answer against the contract.
func (w *world) plainly(method, path, body string) (int, string) {
	w.t.Helper()
	req, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", w.auth)
	req.Header.Set("Content-Type", "application/json")
	res, err := httpClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	a := readAnswer(w.t, res)
	return a.status, a.body
}

// A bill stands when the limits of a series refuse the coupon that goes with it, one by one and in a list.
func TestABillOutlivesItsCoupon(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const path = "/v2/transactions?source=INSTORE&identifierName=mobile&identifierValue=9845000003"
	bill := func(number string) string {
		return `{"type":"REGULAR","billNumber":"` + number + `","billAmount":20000,"source":"INSTORE","identifierType":"mobile","identifierValue":"9845000003"}`
	}
	codes := func(a answer) string {
		return fmt.Sprint(a.codes(), " ", strings.Count(a.body, `"type":"coupon"`), " ", strings.Count(a.body, `"type":"points"`))
	}
	if got := codes(w.want(200, []int{712, 722}, "POST", path, bill("ONE"))); got != "[712 722] 1 1" {
		t.Error(got)
	}
	if got := codes(w.want(200, []int{712, 722}, "POST", "/v2/transactions/bulk", "["+bill("TWO")+"]")); got != "[712 722] 1 1" {
		t.Error(got)
	}
	w.want(200, nil, "PUT", "/v2/coupon/series/1", `{"CouponSeriesV2":{"validTillDate":"2026-01-06"}}`)
	if got := codes(w.want(200, []int{712, 712, 722}, "POST", path, bill("THREE"))); got != "[712 712 722] 0 1" {
		t.Error(got)
	}
	if got := codes(w.want(200, []int{712, 712, 722}, "POST", "/v2/transactions/bulk", "["+bill("FOUR")+"]")); got != "[712 712 722] 0 1" {
		t.Error(got)
	}
	a := w.want(200, nil, "GET", "/v2/customers/1003/transactions", "")
	if n := strings.Count(a.body, `"billNumber"`); n != 4 {
		t.Errorf("%d bills: %s", n, a.body)
	}
}

// Fifty submits of a bill with one key give one coupon, and fifty equal answers tell it.
func TestACouponOfABillOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const path = "/v2/transactions?source=INSTORE&identifierName=mobile&identifierValue=9845000003"
	answers := make([]string, 50)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() {
			answers[i] = w.call("POST", path, `{"type":"REGULAR","billNumber":"K-1","billAmount":12000}`, "Idempotency-Key: one").body
		})
	}
	wg.Wait()
	for _, a := range answers {
		if a != answers[0] || !strings.Contains(a, `"couponCode"`) {
			t.Fatalf("%s\n%s", answers[0], a)
		}
	}
	if issued, _ := w.numbers(1); issued != 3 {
		t.Errorf("%d coupons of series 1, of which the demo has 2", issued)
	}
}

// All of several coupons are refused with the status of the first: of a customer marked as fraud, 403.
func TestSeveralCouponsOfAFraud(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(200, nil, "PUT", "/v2/customers/1001/status", `{"label":"Fraud","reason":"x"}`)
	a := w.call("POST", "/v2/coupon/redeem", `{"redemptionRequestList":[{"code":"TEA7ASHA"},{"code":"CUP4EVER"}],"user":`+ashaUser+`,"transactionNumber":"N-9","billAmount":300}`)
	if a.status != 403 || a.failed() || strings.Count(a.body, `"code":740`) < 2 {
		t.Errorf("%d %s", a.status, a.body)
	}
}
