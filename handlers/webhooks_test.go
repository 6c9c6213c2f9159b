package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/webhook"
)

// receiver is a receiver of webhooks that fails and stalls by chance while it is ill.
type receiver struct {
	mu     sync.Mutex
	ill    atomic.Bool
	secret string
	clock  func() time.Time
	order  map[int64][]int64 // of a customer: the events that were taken, in their order
	took   map[int64]int     // how often each was taken
	wrong  []string
	tried  int
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	b, err := io.ReadAll(req.Body)
	var e struct {
		EventID int64
		Event   string
		Data    struct{ CustomerID int64 }
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tried++
	if err != nil || json.Unmarshal(b, &e) != nil || e.EventID == 0 || req.Header.Get(webhook.HeaderEvent) != e.Event {
		r.wrong = append(r.wrong, fmt.Sprintf("%s %v %v", b, err, req.Header))
	}
	if err := webhook.Verify(r.secret, req.Header.Get(webhook.HeaderSignature), b, time.Now(), time.Minute); err != nil {
		r.wrong = append(r.wrong, err.Error())
	}
	if r.ill.Load() {
		switch rand.IntN(4) {
		case 0:
			panic(http.ErrAbortHandler) // hangs up
		case 1:
			r.mu.Unlock()
			<-req.Context().Done() // stalls
			r.mu.Lock()
			return
		case 2:
			http.Error(w, "ill", http.StatusInternalServerError)
			return
		}
	}
	if r.took[e.EventID]++; r.took[e.EventID] == 1 {
		r.order[e.Data.CustomerID] = append(r.order[e.Data.CustomerID], e.EventID)
	}
}

// A receiver that fails, stalls, is away and comes back gets every change, those of each customer in their order, although the server
// stops and starts meanwhile.
func TestWebhooksArrive(t *testing.T) {
	start := time.Now()
	clock := func() time.Time { return noon.Add(200 * time.Since(start)) } // pauses are a matter of milliseconds
	w := newWorld(t, func(cfg *Config) { cfg.WebhookPrivate, cfg.Clock = true, clock })
	r := &receiver{order: map[int64][]int64{}, took: map[int64]int{}, clock: clock}
	at := httptest.NewServer(r)
	defer at.Close()
	made := w.want(200, nil, "POST", "/v2/webhooks", fmt.Sprintf(`{"url":%q,"events":["customer.registered","customer.updated","customer.merged","transaction.added","transaction.returned","points.redeemed"]}`, at.URL+"/hook"))
	r.secret = made.get(t, "secret").(string)
	sender := webhook.New(webhook.Options{Private: true, Timeout: 300 * time.Millisecond})
	run := func() (stop func()) {
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			w.server.SendWebhooks(ctx, sender.Send)
		}()
		return func() {
			cancel()
			<-ended
		}
	}
	r.ill.Store(true)
	stop := run()
	const customers = 12
	want := map[int64]int{}
	for i := range customers {
		id := int64(w.want(200, nil, "POST", "/v2/customers?source=INSTORE", fmt.Sprintf(`{"profiles":[{"firstName":"N","identifiers":[{"type":"email","value":"hook%d@example.org"}]}]}`, i)).get(t, "createdId").(float64))
		for k := range 3 {
			w.want(200, nil, "PUT", fmt.Sprintf("/v2/customers/%d?source=INSTORE", id), fmt.Sprintf(`{"profiles":[{"firstName":"N%d"}]}`, k))
		}
		w.want(200, nil, "POST", fmt.Sprintf("/v2/transactions?source=INSTORE&identifierName=id&identifierValue=%d", id), fmt.Sprintf(`{"type":"REGULAR","billNumber":"H-%d","billAmount":500}`, i))
		w.want(200, nil, "POST", "/v2/points/redeem", fmt.Sprintf(`{"points":10,"identifier":{"type":"id","value":"%d"}}`, id))
		w.want(200, nil, "POST", fmt.Sprintf("/v2/transactions?source=INSTORE&identifierName=id&identifierValue=%d", id), fmt.Sprintf(`{"type":"RETURN","returnType":"AMOUNT","billNumber":"H-%d","billAmount":10}`, i))
		want[id] = 7
		if i == customers/2 {
			stop()
			stop = run()
		}
	}
	time.Sleep(time.Second)
	list := w.want(200, nil, "GET", "/v2/webhooks", "").get(t, "data").([]any)[0].(map[string]any)
	r.mu.Lock()
	tried := r.tried
	r.mu.Unlock()
	if tried == 0 {
		t.Error("nothing was tried while the receiver was ill")
	}
	t.Logf("while it was ill: %d attempts, %v pending, %v failures in a row", tried, list["pending"], list["failures"])
	r.ill.Store(false)
	defer func() { stop() }()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		n := w.want(200, nil, "GET", "/v2/webhooks/1/deliveries?status=PENDING&limit=1", "").get(t, "pagination").(map[string]any)["total"].(float64)
		if n == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%v deliveries still wait", n)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, wrong := range r.wrong {
		t.Error(wrong)
	}
	for id, n := range want {
		if len(r.order[id]) != n {
			t.Errorf("customer %d: %d changes of %d came", id, len(r.order[id]), n)
		}
		for i := 1; i < len(r.order[id]); i++ {
			if r.order[id][i] < r.order[id][i-1] {
				t.Errorf("customer %d: %v", id, r.order[id])
			}
		}
	}
}

// Whoever plays in a sandbox could have the server call anybody: from there nothing is sent.
func TestSandboxesSendNothing(t *testing.T) {
	limits := SandboxLimits()
	w := newWorld(t, func(cfg *Config) { cfg.Sandbox = &limits })
	b := newSandbox(t, w)
	for _, as := range []*world{w, w.as(basicOf(b.Till, b.Password))} {
		as.want(200, nil, "POST", "/v2/webhooks", `{"url":"https://shop.example/hook","events":["customer.registered"]}`)
		as.want(200, nil, "POST", "/v2/customers?source=INSTORE", `{"profiles":[{"identifiers":[{"type":"email","value":"box@example.org"}]}]}`)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	var sent atomic.Int64
	w.server.SendWebhooks(ctx, func(context.Context, webhook.Message) error { sent.Add(1); return nil })
	if sent.Load() != 1 {
		t.Errorf("%d messages were sent, want that of the organization that is no sandbox", sent.Load())
	}
}

// The zero Clock of a Config is the time of day, for what the handlers themselves ask it as well.
func TestWebhooksWithoutAClock(t *testing.T) {
	w := newWorld(t, func(cfg *Config) { cfg.Clock = nil })
	w.want(200, nil, "POST", "/v2/webhooks", `{"url":"https://shop.example/hook","events":["customer.erased"]}`)
	w.want(200, nil, "GET", "/v2/webhooks", "")
}

// A webhook that is disabled gets nothing more; one that was replayed gets the change again; changes of other kinds are not for it.
func TestWebhooksLife(t *testing.T) {
	w := newWorld(t, func(cfg *Config) { cfg.WebhookPrivate = true })
	r := &receiver{order: map[int64][]int64{}, took: map[int64]int{}}
	at := httptest.NewServer(r)
	defer at.Close()
	r.secret = w.want(200, nil, "POST", "/v2/webhooks", fmt.Sprintf(`{"url":%q,"events":["customer.erased"]}`, at.URL)).get(t, "secret").(string)
	send := func() {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), 700*time.Millisecond)
		defer cancel()
		w.server.SendWebhooks(ctx, webhook.New(webhook.Options{Private: true}).Send)
	}
	w.want(200, nil, "POST", "/v2/customers?source=INSTORE", `{"profiles":[{"identifiers":[{"type":"email","value":"life@example.org"}]}]}`)
	if n := w.want(200, nil, "GET", "/v2/webhooks/1/deliveries", "").get(t, "pagination").(map[string]any)["total"]; n != 0.0 {
		t.Errorf("%v deliveries of a change that it is not for", n)
	}
	w.want(200, nil, "POST", "/v2/customers/1003/erase", `{}`)
	send()
	if r.took[1] != 1 || len(r.wrong) > 0 {
		t.Errorf("%v %v", r.took, r.wrong)
	}
	w.want(200, nil, "POST", "/v2/webhooks/1/replay", `{"eventIds":[1]}`)
	send()
	if r.took[1] != 2 {
		t.Errorf("replayed: %v", r.took)
	}
	w.want(200, nil, "POST", "/v2/webhooks/1/replay", `{"eventIds":[1]}`)
	w.want(200, nil, "PUT", "/v2/webhooks/1/disable", "")
	w.want(200, nil, "PUT", "/v2/webhooks/1/disable", "")
	send()
	if r.took[1] != 2 {
		t.Errorf("disabled: %v", r.took)
	}
	w.want(404, []int{9861}, "POST", "/v2/webhooks/1/replay", `{"eventIds":[1]}`)
	w.want(200, nil, "POST", "/v2/customers/1004/erase", `{}`)
	if n := w.want(200, nil, "GET", "/v2/webhooks/1/deliveries", "").get(t, "pagination").(map[string]any)["total"]; n != 1.0 {
		t.Errorf("%v deliveries after the end", n)
	}
}

// What was read as due before its attempt ended is not sent once more.
func TestWebhooksSendOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(cfg *Config) { cfg.WebhookPrivate = true })
	w.want(200, nil, "POST", "/v2/webhooks", `{"url":"https://shop.example/hook","events":["customer.registered"]}`)
	const changes = 300
	for i := range changes {
		w.register("INSTORE", fmt.Sprintf("email:once%d@example.org", i))
	}
	ctx, cancel := context.WithCancel(t.Context())
	var mu sync.Mutex
	sent, all, ended := map[string]int{}, make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		w.server.SendWebhooks(ctx, func(_ context.Context, m webhook.Message) error {
			mu.Lock()
			defer mu.Unlock()
			if sent[m.ID]++; len(sent) == changes && sent[m.ID] == 1 {
				close(all)
			}
			return nil
		})
	}()
	select {
	case <-all:
	case <-time.After(30 * time.Second):
		t.Error("not all were sent")
	}
	time.Sleep(100 * time.Millisecond)
	cancel()
	<-ended
	for id, n := range sent {
		if n != 1 {
			t.Errorf("%s was sent %d times", id, n)
		}
	}
}

// An organization whose receiver takes everything and answers nothing holds up no other.
func TestAStalledReceiverHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(cfg *Config) { cfg.WebhookPrivate = true })
	if _, err := w.store.AddOrg(t.Context(), "other", nil); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{w.store.EnableSources(t.Context(), "other", []string{"INSTORE"}), w.store.AddStore(t.Context(), "other", "store", ""),
		w.store.AddTill(t.Context(), "other", "store", "other.till", "admin", db.HashPassword(md5Of("another password")))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	other := w.as(basicOf("other.till", "another password"))
	for at, as := range map[string]*world{"https://dead.example/hook": w, "https://well.example/hook": other} {
		as.want(200, nil, "POST", "/v2/webhooks", fmt.Sprintf(`{"url":%q,"events":["customer.registered"]}`, at))
	}
	const waiting = 3 * webhooksAtOnce
	for i := range waiting {
		w.register("INSTORE", fmt.Sprintf("email:stalled%d@example.org", i))
	}
	ctx, cancel := context.WithCancel(t.Context())
	var stalled atomic.Int64
	arrived, ended := make(chan struct{}, 10), make(chan struct{})
	go func() {
		defer close(ended)
		w.server.SendWebhooks(ctx, func(ctx context.Context, m webhook.Message) error {
			if m.URL == "https://well.example/hook" {
				arrived <- struct{}{}
				return nil
			}
			stalled.Add(1)
			<-ctx.Done()
			return ctx.Err()
		})
	}()
	for deadline := time.Now().Add(10 * time.Second); stalled.Load() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nothing was sent")
		}
	}
	for i := range 3 {
		other.register("INSTORE", fmt.Sprintf("email:well%d@example.org", i))
		select {
		case <-arrived:
		case <-time.After(10 * time.Second):
			t.Fatal("a change of another organization waits for a receiver that is not its own")
		}
	}
	if n := stalled.Load(); n > perOrg {
		t.Errorf("%d attempts of one organization are under way", n)
	}
	cancel()
	<-ended
	shown := httptest.NewRecorder()
	w.server.Metrics().ServeHTTP(shown, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{`{outcome="delivered"} 3`, `{outcome="refused"} 0`, `{outcome="unreached"} 0`} { // what a stop cuts off is no attempt
		if !strings.Contains(shown.Body.String(), "arteriole_webhook_attempts_total"+want+"\n") {
			t.Errorf("the metrics do not have %s", want)
		}
	}
}

// A receiver that does not answer to one bill of nobody gets the others meanwhile.
func TestWhatIsNobodysIsNoLane(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(cfg *Config) { cfg.WebhookPrivate = true })
	w.want(200, nil, "POST", "/v2/webhooks", `{"url":"https://shop.example/hook","events":["transaction.added"]}`)
	const bills = 3
	ctx, cancel := context.WithCancel(t.Context())
	arrived, ended := make(chan string, 10*bills), make(chan struct{})
	go func() {
		defer close(ended)
		w.server.SendWebhooks(ctx, func(ctx context.Context, m webhook.Message) error {
			arrived <- m.ID
			<-ctx.Done()
			return ctx.Err()
		})
	}()
	ids := map[string]bool{}
	for i := range bills {
		w.want(200, nil, "POST", "/v2/transactions?source=INSTORE", fmt.Sprintf(`{"type":"NOT_INTERESTED","billNumber":"N-%d","billAmount":500}`, i))
		select {
		case id := <-arrived:
			ids[id] = true
		case <-time.After(5 * time.Second):
			t.Fatal("a bill of nobody waits for another")
		}
	}
	time.Sleep(3 * webhookRest) // looked at again while they are on their way
	cancel()
	<-ended
	if len(ids) != bills || len(arrived) != 0 {
		t.Errorf("%v were sent, and %d once more while they were on their way", ids, len(arrived))
	}
}

// What a job does in silence is told to nobody and earns nothing; that it has ended is told. A bill with the header is as silent.
func TestSilentRows(t *testing.T) {
	t.Parallel()
	w := working(t)
	w.want(200, nil, "POST", "/v2/webhooks", `{"url":"https://shop.example/hook","events":["customer.registered","customer.updated","transaction.added","points.redeemed","job.finished"]}`)
	told := func() (out []string) {
		for _, d := range w.want(200, nil, "GET", "/v2/webhooks/1/deliveries?limit=100", "").get(t, "data").([]any) {
			out = append(out, d.(map[string]any)["event"].(string))
		}
		slices.Sort(out)
		return out
	}
	balance := w.balance(1001)
	jobs := func(quiet bool, n int) {
		for profile, row := range map[string]string{
			"CUSTOMER_REGISTER": fmt.Sprintf(`{"profiles":[{"identifiers":[{"type":"email","value":"quiet%d@example.org"}]}]}`, n),
			"TRANSACTION":       fmt.Sprintf(`{"type":"REGULAR","billNumber":"Q-%d","billAmount":1000,"identifierType":"id","identifierValue":"1001"}`, n),
			"POINTS_REDEMPTION": `{"points":20,"identifier":{"type":"id","value":1001}}`,
		} {
			id := w.job(fmt.Sprintf(`{"profile":%q,"source":"INSTORE","skipDownstream":%v}`, profile, quiet), "application/x-ndjson", row)
			if j := w.ended(id); j["successCount"] != 1.0 || (j["skipDownstream"] == true) != quiet {
				t.Errorf("%s: %v %v", profile, j, w.outcomes(id))
			}
		}
	}
	jobs(true, 1)
	same(t, "told in silence", told(), "job.finished", "job.finished", "job.finished")
	if got := w.balance(1001); got != balance-20 {
		t.Errorf("a silent bill and a redemption of 20: %v of %v", got, balance)
	}
	a := w.call("POST", "/v2/transactions?source=INSTORE&identifierName=id&identifierValue=1001", `{"type":"REGULAR","billNumber":"Q-9","billAmount":1000}`, "SKIP-DOWNSTREAM: true")
	if a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	same(t, "told of a silent bill", told(), "job.finished", "job.finished", "job.finished")
	jobs(false, 2)
	same(t, "told aloud", told(), "customer.registered", "job.finished", "job.finished", "job.finished", "job.finished", "job.finished", "job.finished", "points.redeemed", "transaction.added")
}

// Of a bill that returns something of others, both are told: that it was added, and what it returns of which.
func TestWhatAMixedBillReturnsIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, number := range []string{"GIVEN-1", "GIVEN-2"} {
		w.want(200, nil, "POST", ashas, fmt.Sprintf(`{"type":"REGULAR","billNumber":%q,"billAmount":%d,"lineItemsV2":[{"itemCode":"TEA","amount":%d}]}`, number, 10+i, 10+i))
	}
	w.want(200, nil, "POST", "/v2/webhooks", `{"url":"https://shop.example/hook","events":["transaction.added","transaction.returned"]}`)
	w.want(200, nil, "POST", ashas, `{"type":"REGULAR","billNumber":"TAKEN","billAmount":5,"lineItemsV2":[{"itemCode":"POT","amount":26},
		{"itemCode":"TEA","type":"RETURN","parentBillNumber":"GIVEN-1"},{"itemCode":"TEA","type":"RETURN","returnType":"FULL","parentBillNumber":"GIVEN-2"}]}`)
	var told []string
	for _, d := range w.want(200, nil, "GET", "/v2/webhooks/1/deliveries", "").get(t, "data").([]any) {
		body := d.(map[string]any)["body"].(map[string]any)
		data := body["data"].(map[string]any)
		told = append(told, fmt.Sprint(body["event"], " ", data["billNumber"], " ", data["billAmount"], " ", data["returnType"], " ", data["customerId"]))
	}
	slices.Reverse(told) // they are listed newest first
	same(t, "told", told, "transaction.added TAKEN 5 <nil> 1001", "transaction.returned GIVEN-1 10 LINE_ITEM 1001", "transaction.returned GIVEN-2 11 FULL 1001")
}

// Each kind of change is told of, once, with what the table of Create Webhook says, and nothing of a person.
func TestEveryKindOfChangeIsTold(t *testing.T) {
	t.Parallel()
	w := working(t)
	kinds := `"` + strings.Join(db.WebhookEvents, `","`) + `"`
	w.want(200, nil, "POST", "/v2/webhooks", `{"url":"https://shop.example/hook","events":[`+kinds+`]}`)
	told := map[string]string{}
	seen := 0
	after := func(what string) {
		t.Helper()
		list := w.want(200, nil, "GET", "/v2/webhooks/1/deliveries?limit=100", "").get(t, "data").([]any)
		var got []string
		for _, d := range list[:len(list)-seen] { // the newest first
			m := d.(map[string]any)
			data := m["body"].(map[string]any)["data"].(map[string]any)
			got = append(got, m["event"].(string))
			told[m["event"].(string)] = fmt.Sprint(slices.Sorted(maps.Keys(data)))
		}
		seen = len(list)
		if fmt.Sprint(got) != fmt.Sprint([]string{what}) {
			t.Errorf("%s: %q was told", what, got)
		}
	}
	w.register("INSTORE", "email:told@example.org")
	after("customer.registered")
	w.want(200, nil, "PUT", "/v2/customers/1002?source=ECOMMERCE", `{"profiles":[{"firstName":"Told"}]}`)
	after("customer.updated")
	w.want(200, nil, "POST", "/v2/transactions?source=INSTORE&identifierName=id&identifierValue=1001", `{"type":"REGULAR","billNumber":"TOLD-1","billAmount":500}`)
	after("transaction.added")
	w.want(200, nil, "POST", "/v2/transactions?source=INSTORE&identifierName=id&identifierValue=1001", `{"type":"RETURN","returnType":"AMOUNT","billNumber":"TOLD-1","billAmount":10}`)
	after("transaction.returned")
	w.want(200, nil, "POST", "/v2/points/redeem", `{"points":20,"identifier":{"type":"id","value":1001}}`)
	after("points.redeemed")
	w.want(200, nil, "POST", "/v2/coupon/redeem", redeemBody(ashaUser, "TOLD-2", "300", "TEA7ASHA"))
	after("coupon.redeemed")
	w.ended(w.job(`{"profile":"EVENT"}`, "application/x-ndjson", "{}"))
	after("job.finished")
	id := w.job(`{"profile":"EVENT","autoStart":false}`, "application/x-ndjson", "{}")
	w.want(200, nil, "POST", fmt.Sprintf("/v2/dataIngestion/jobs/%d/cancel", id), "")
	after("job.finished")
	w.want(200, []int{8051}, "POST", "/v2/customers/1001/changeIdentifier?source=INSTORE", `{"add":[{"type":"email","value":"ravi.menon@example.org"}]}`)
	after("customer.merged")
	w.want(200, nil, "POST", "/v2/customers/1003/erase", "")
	after("customer.erased")
	for event, keys := range map[string]string{
		"customer.registered": "[customerId]", "customer.updated": "[customerId]", "customer.merged": "[customerId mergeId mergedCustomerId]", "customer.erased": "[customerId erasedCustomerIds]",
		"transaction.added":    "[billAmount billNumber billingDate customerId transactionId type]",
		"transaction.returned": "[billAmount billNumber billingDate customerId returnType transactionId type]",
		"points.redeemed":      "[billNumber customerId points redemptionId]", "coupon.redeemed": "[billNumber couponId customerId redemptionId seriesId]",
		"job.finished": "[dryRun errorCount jobId processedCount profile successCount uploadStatus warningCount]",
	} {
		if told[event] != keys {
			t.Errorf("%s has %s, want %s", event, told[event], keys)
		}
	}
	if len(told) != len(db.WebhookEvents) {
		t.Errorf("%d kinds of %d were told", len(told), len(db.WebhookEvents))
	}
}
