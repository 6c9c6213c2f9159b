package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arteriole/arteriole/webhook"
)

// codes is an organization's service that passes codes on.
type codes struct {
	url  string
	sent chan confirmationBody
}

const codesSecret = "a secret of the codes"

func newCodes(t *testing.T) *codes {
	c := &codes{sent: make(chan confirmationBody, 100)}
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = webhook.Verify(codesSecret, r.Header.Get(webhook.HeaderSignature), body, time.Now(), time.Minute)
		}
		var b confirmationBody
		if err == nil {
			err = json.Unmarshal(body, &b)
		}
		if err != nil {
			t.Error(err)
		}
		c.sent <- b
	}))
	t.Cleanup(s.Close)
	c.url = s.URL
	return c
}

// confirming is a world whose demo organization wants redemptions and transfers confirmed, with a clock that can be moved.
func confirming(t *testing.T) (*world, *codes, *atomic.Int64) {
	t.Helper()
	c := newCodes(t)
	q := webhook.NewQueue(webhook.New(webhook.Options{Private: true}), 40, 1, nil)
	t.Cleanup(q.Close)
	now := &atomic.Int64{}
	now.Store(noon.UnixMilli())
	w := newWorld(t, func(cfg *Config) {
		cfg.Clock = func() time.Time { return time.UnixMilli(now.Load()) }
		cfg.Deliver = func(m webhook.Message, _ time.Time) bool { return q.Offer(m, time.Now().Add(time.Minute)) }
	})
	for key, value := range map[string]string{"confirm": "redeem,transfer", "confirm-url": c.url, "confirm-secret": codesSecret} {
		if err := w.store.SetOrg(context.Background(), "demo", key, value); err != nil {
			t.Fatal(err)
		}
	}
	return w, c, now
}

func (w *world) askCode(c *codes, customer, points int) confirmationBody {
	w.t.Helper()
	w.want(200, nil, "GET", fmt.Sprintf("/v2/points/isRedeemable?identifierName=id&identifierValue=%d&points=%d&issueOtp=true", customer, points), "")
	return <-c.sent
}

// redeemWith redeems points of customer 1001 with a code.
// wrongFor is a code that is not the right one.
func wrongFor(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

func redeemWith(points int, code string) string {
	return fmt.Sprintf(`{"points":%d,"validationCode":%q}`, points, code)
}

// A dry run of rows gives the tries of a code back, so it looks at none: it says the same of the right code and of a wrong one.
func TestADryRunTellsNoCode(t *testing.T) {
	t.Parallel()
	w, c, _ := confirming(t)
	w.work()
	b := w.askCode(c, 1001, 20)
	wrong := wrongFor(b.Code)
	row := func(code string) string {
		return fmt.Sprintf(`{"points":20,"validationCode":%q,"identifier":{"type":"id","value":"1001"}}`, code)
	}
	id := w.job(`{"profile":"POINTS_REDEMPTION","format":"NDJSON","source":"INSTORE","dryRun":true}`, "application/x-ndjson", row(wrong)+"\n"+row(b.Code)+"\n"+row(wrong)+"\n")
	if j := w.ended(id); j["successCount"] != 3.0 && j["errorCount"] != 3.0 {
		t.Errorf("a dry run tells codes apart: %v", j)
	}
	id = w.job(`{"profile":"POINTS_REDEMPTION","format":"NDJSON","source":"INSTORE"}`, "application/x-ndjson", strings.Repeat(row(wrong)+"\n", 20)+row(b.Code)+"\n")
	if j := w.ended(id); j["errorCount"] != 21.0 {
		t.Errorf("the code was still looked at after 20 guesses: %v", j)
	}
}

const redemptionsOf1001 = "/v2/customers/1001/redemptions"

func TestConfirmationCodes(t *testing.T) {
	t.Parallel()
	w, c, now := confirming(t)
	b := w.askCode(c, 1001, 20)
	want := fmt.Sprintf(`{"event":"confirmation.code","id":1,"org":"demo","customerId":1001,"contacts":[{"type":"mobile","value":"919845000001"},{"type":"email","value":"asha.rao@example.org"}],"purpose":"redeem","points":20,"code":%q,"expiresOn":"2026-02-03T17:35:00+05:30"}`, b.Code)
	if got, err := json.Marshal(b); err != nil || string(got) != want || len(b.Code) != 6 || strings.Trim(b.Code, "0123456789") != "" {
		t.Errorf("%s, want %s; %v", got, want, err)
	}
	refused := func(what, path, body string) {
		t.Helper()
		if a := w.call("POST", path, body); a.status != 403 || fmt.Sprint(a.codes()) != "[808]" {
			t.Errorf("%s: %d %s", what, a.status, a.body)
		}
	}
	refused("no code", redemptionsOf1001, `{"points":20}`)
	refused("other points", redemptionsOf1001, redeemWith(21, b.Code))
	refused("another customer", "/v2/customers/1003/redemptions", redeemWith(20, b.Code))
	refused("a transfer", "/v2/points/transfer", strings.Replace(transfer1, "{", `{"code":"`+b.Code+`",`, 1))
	w.want(200, nil, "POST", redemptionsOf1001, `{"points":20,"commit":false}`) // nothing happens without a code
	// A refusal of another kind leaves the code as it was.
	w.want(409, []int{803}, "POST", redemptionsOf1001, redeemWith(4000, b.Code))
	w.want(200, nil, "POST", redemptionsOf1001, redeemWith(20, " "+b.Code[:3]+" "+b.Code[3:]))
	refused("used", redemptionsOf1001, redeemWith(20, b.Code))

	b = w.askCode(c, 1001, 20)
	w.want(200, nil, "POST", "/v2/points/redeem", `{"points":20,"validationCode":"`+b.Code+`",`+asha+`}`)

	old := w.askCode(c, 1001, 20)
	b = w.askCode(c, 1001, 20)
	if old.Code != b.Code { // one time in a million they are the same
		refused("a code that another took the place of", redemptionsOf1001, redeemWith(20, old.Code))
	}
	now.Add((5 * time.Minute).Milliseconds() - 1)
	w.want(200, nil, "POST", redemptionsOf1001, redeemWith(20, b.Code))
	b = w.askCode(c, 1001, 20)
	now.Add((5 * time.Minute).Milliseconds())
	refused("expired", redemptionsOf1001, redeemWith(20, b.Code))
	// Five in an hour.
	w.want(200, []int{876}, "GET", "/v2/points/isRedeemable?identifierName=id&identifierValue=1001&points=20&issueOtp=true", "")
	now.Add(time.Hour.Milliseconds())
	w.askCode(c, 1001, 20)

	// A transfer is for its taker.
	ask := strings.Replace(transfer1, "{", `{"issueOtp":true,`, 1)
	w.want(200, nil, "POST", "/v2/points/isTransferrable", ask)
	b = <-c.sent
	if b.CustomerID != 1001 || b.ToCustomer != 1002 || b.Purpose != "transfer" {
		t.Errorf("%+v", b)
	}
	with := strings.Replace(transfer1, "{", `{"code":`+b.Code+`,`, 1) // as a number, when it does not begin with 0
	if b.Code[0] == '0' {
		with = strings.Replace(transfer1, "{", `{"code":"`+b.Code+`",`, 1)
	}
	refused("another taker", "/v2/points/transfer", strings.Replace(with, "1002", "1003", 1))
	w.want(200, nil, "POST", "/v2/points/transfer", with)

	// What cannot be redeemed needs no code, and nobody is sent one.
	w.want(200, []int{821}, "GET", "/v2/points/isRedeemable?identifierName=id&identifierValue=1001&points=5&issueOtp=true", "")
	if len(c.sent) > 0 {
		t.Errorf("%+v", <-c.sent)
	}
	if got := w.balance(1001); got != 905-80 {
		t.Errorf("%v points", got)
	}
}

// A guesser has five tries, one after the other or all at once, and a right code comes too late then.
func TestConfirmationCodesCannotBeGuessed(t *testing.T) {
	t.Parallel()
	w, c, _ := confirming(t)
	b := w.askCode(c, 1001, 20)
	wrong := wrongFor(b.Code)
	for range 4 {
		w.want(403, []int{808}, "POST", redemptionsOf1001, redeemWith(20, wrong))
	}
	w.want(200, nil, "POST", redemptionsOf1001, redeemWith(20, b.Code)) // the control: the fifth
	b = w.askCode(c, 1001, 20)
	for range 5 {
		w.want(403, []int{808}, "POST", redemptionsOf1001, redeemWith(20, wrong))
	}
	w.want(403, []int{808}, "POST", redemptionsOf1001, redeemWith(20, b.Code))

	b = w.askCode(c, 1001, 20)
	var looked atomic.Int32
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			if a := w.call("POST", redemptionsOf1001, redeemWith(20, wrong)); strings.Contains(a.body, "is wrong") {
				looked.Add(1)
			}
		})
	}
	wg.Wait()
	if n := looked.Load(); n > 5 {
		t.Errorf("%d guesses were looked at", n)
	}
	w.want(403, []int{808}, "POST", redemptionsOf1001, redeemWith(20, b.Code))

	// One code redeems once, however many send it.
	b = w.askCode(c, 1001, 20)
	before := w.balance(1001)
	for range 5 {
		wg.Go(func() { w.call("POST", redemptionsOf1001, redeemWith(20, b.Code)) })
	}
	wg.Wait()
	if got := w.balance(1001); got != before-20 {
		t.Errorf("%v points of %v are left", got, before)
	}
}

// Each request with a key of its own is a try, as one without a key is.
func TestKeysGiveNoMoreTries(t *testing.T) {
	t.Parallel()
	w, c, _ := confirming(t)
	b := w.askCode(c, 1001, 20)
	wrong := wrongFor(b.Code)
	for i := range 5 {
		if a := w.call("POST", redemptionsOf1001, redeemWith(20, wrong), fmt.Sprint("Idempotency-Key: ", i)); !strings.Contains(a.body, "is wrong") {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	if a := w.call("POST", redemptionsOf1001, redeemWith(20, b.Code), "Idempotency-Key: right"); a.status != 403 || !strings.Contains(a.body, "tried too often") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// Fifty equal submits with a key and a code are one try: the redemption is made once, and all get its answer.
func TestOneCodeWithOneKey(t *testing.T) {
	t.Parallel()
	w, c, _ := confirming(t)
	b := w.askCode(c, 1001, 20)
	before := w.balance(1001)
	var wg sync.WaitGroup
	answers := make([]answer, 50)
	for i := range answers {
		wg.Go(func() { answers[i] = w.call("POST", redemptionsOf1001, redeemWith(20, b.Code), "Idempotency-Key: k") })
	}
	wg.Wait()
	for _, a := range answers {
		if a.status != 200 || a.body != answers[0].body {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	if got := w.balance(1001); got != before-20 {
		t.Errorf("%v points of %v are left", got, before)
	}
}

// Whoever may only read cannot have codes sent; a queue without room is a warning, and the secret is shown to nobody.
func TestConfirmationCodesAreGuarded(t *testing.T) {
	t.Parallel()
	w, c, _ := confirming(t)
	addTill(t, w.store, "store.reader", "read", "a password of some length")
	reader := w.as(basicOf("store.reader", "a password of some length"))
	const ask = "/v2/points/isRedeemable?identifierName=id&identifierValue=1001&points=20"
	reader.want(200, nil, "GET", ask, "")
	reader.want(403, []int{403}, "GET", ask+"&issueOtp=true", "")
	reader.want(403, []int{403}, "POST", "/v2/points/isTransferrable", strings.Replace(transfer1, "{", `{"issueOtp":true,`, 1))
	if len(c.sent) > 0 {
		t.Errorf("%+v", <-c.sent)
	}
	_, settings, err := w.store.Orgs(context.Background())
	if err != nil || settings[0]["confirm-secret"] != "(secret)" || settings[0]["confirm-url"] != c.url {
		t.Error(settings, err)
	}
	full := newWorld(t, func(cfg *Config) { cfg.Deliver = func(webhook.Message, time.Time) bool { return false } })
	for key, value := range map[string]string{"confirm": "redeem", "confirm-url": c.url, "confirm-secret": codesSecret} {
		if err := full.store.SetOrg(context.Background(), "demo", key, value); err != nil {
			t.Fatal(err)
		}
	}
	if a := full.want(200, []int{876}, "GET", ask+"&issueOtp=true", ""); !strings.Contains(a.body, "too many messages wait") {
		t.Error(a.body)
	}
}

// The tries of all customers together are bounded for whoever sends the codes, for an hour: five of each would be as many as there
// are customers.
func TestGuessesOfOneTill(t *testing.T) {
	t.Parallel()
	w, c, now := confirming(t)
	for range 5 {
		b := w.askCode(c, 1001, 20)
		wrong := wrongFor(b.Code)
		for range 4 {
			if a := w.call("POST", redemptionsOf1001, redeemWith(20, wrong)); !strings.Contains(a.body, "is wrong") {
				t.Fatalf("%d %s", a.status, a.body)
			}
		}
	}
	const redemptionsOf1003 = "/v2/customers/1003/redemptions"
	b := w.askCode(c, 1003, 20)
	if a := w.call("POST", redemptionsOf1003, redeemWith(20, b.Code)); a.status != 403 || !strings.Contains(a.body, "too many wrong ones") {
		t.Errorf("the right code after twenty wrong ones: %d %s", a.status, a.body)
	}
	w.as(basicOf("store.till1", "123")).want(200, nil, "POST", redemptionsOf1003, redeemWith(20, b.Code))
	now.Add(time.Hour.Milliseconds())
	b = w.askCode(c, 1003, 20)
	w.want(200, nil, "POST", redemptionsOf1003, redeemWith(20, b.Code))
}
