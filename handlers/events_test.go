package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

const addEvents = "/v2/dataIngestion/events"

// tasting is an event of the demo's definition; id is the end of its id, "" for none.
func tasting(id, mobile, tea string) string {
	if id != "" {
		id = fmt.Sprintf(`"eventId":"00000000-0000-4000-8000-%012s",`, id)
	}
	return fmt.Sprintf(`{"eventName":"TeaTasting",%s"identifierType":"mobile","identifierValue":"%s","source":"INSTORE","attributes":{"tea":"%s"}}`, id, mobile, tea)
}

// eventsOf are the events of a customer: what was tasted, and what became of it.
func (w *world) eventsOf(id int64) (out []string) {
	w.t.Helper()
	var page struct {
		Data []struct {
			AdditonalAttributes map[string]string
			Status              string
			UserID              int64
		}
	}
	a := w.want(200, nil, "GET", fmt.Sprintf("/v2/events/event_data/%d", id), "")
	if err := json.Unmarshal([]byte(a.body), &page); err != nil {
		w.t.Fatal(err)
	}
	for _, e := range page.Data {
		if e.UserID != id {
			w.t.Errorf("an event of %d for %d", e.UserID, id)
		}
		out = append(out, e.AdditonalAttributes["tea"]+" "+e.Status)
	}
	return out
}

// steps are those of an event, without what comes before its validation has ended.
func (w *world) steps(id string) (out []string) {
	w.t.Helper()
	var trace struct {
		StateList []struct{ Status, Message string }
	}
	a := w.want(200, nil, "GET", "/v2/events/running_status?eventId="+id, "")
	if err := json.Unmarshal([]byte(a.body), &trace); err != nil {
		w.t.Fatal(err)
	}
	for _, s := range trace.StateList {
		if s.Status != "EVENT_PROCESSING_STARTED" && !strings.HasPrefix(s.Status, "EVENT_FIELD_VALIDATION") {
			out = append(out, strings.TrimPrefix(s.Status, "EVENT_")+" "+s.Message)
		}
	}
	return out
}

func same(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// A repeat is kept and changes nothing, also for whom it would register; a merge brings the unique keys of both along.
func TestRepeatedEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := func(n string) string { return fmt.Sprintf("00000000-0000-4000-8000-%012s", n) }
	w.want(200, nil, "POST", addEvents, tasting("1", "9845000100", "Assam")) // registers 1007
	w.want(200, []int{9715}, "POST", addEvents, tasting("1", "9845000200", "Nilgiri"))
	if o := w.lookup("INSTORE", "mobile:9845000200"); o.status != 404 {
		t.Errorf("a repeat has registered somebody: %s", o)
	}
	w.want(200, []int{9715}, "POST", addEvents, tasting("2", "9845000100", "Assam"))
	w.want(200, nil, "POST", addEvents, tasting("3", "9845000100", "assam"))
	w.want(200, []int{9715}, "POST", addEvents, tasting("1", "9845000100", "X"))
	same(t, "events", w.eventsOf(1007), "X DUPLICATE", "assam DONE", "Assam DUPLICATE", "Nilgiri DUPLICATE", "Assam DONE")
	consumers := []string{"CONSUMER_STARTED EMFConsumer", "CONSUMER_SKIPPED EMFConsumer", "CONSUMER_STARTED EIConsumer", "CONSUMER_FINISHED EIConsumer"}
	same(t, "the first", w.steps(id("1")), append(append([]string{"VALIDATION_FINISHED TeaTasting", "CUSTOMER_REGISTERED TeaTasting"}, consumers...),
		"VALIDATION_FINISHED TeaTasting", "DUPLICATE "+id("1"), "VALIDATION_FINISHED TeaTasting", "DUPLICATE "+id("1"))...)
	same(t, "the second", w.steps(strings.ToUpper(id("2"))), "VALIDATION_FINISHED TeaTasting", "DUPLICATE "+id("1"))
	w.want(200, nil, "POST", addEvents, tasting("4", "9845000300", "Green")) // 1008
	w.want(200, []int{8051}, "POST", "/v2/customers/1008/changeIdentifier?source=INSTORE", `{"add":[{"type":"email","value":"ravi.menon@example.org"}]}`)
	w.want(200, []int{8069, 9715}, "POST", addEvents, tasting("5", "9845000300", "Green"))
	same(t, "events of the survivor", w.eventsOf(1002), "Green DUPLICATE", "Green DONE")
	w.want(409, []int{8069}, "GET", "/v2/events/event_data/1008", "")
	w.want(200, nil, "POST", "/v2/merges/2/undo", "")
	same(t, "events of the one", w.eventsOf(1008), "Green DONE")
	same(t, "events of the other", w.eventsOf(1002), "Green DUPLICATE")
}

func TestEventForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lines := func(want int, codes []int, body string) answer {
		t.Helper()
		a := w.call("POST", addEvents, body, "Content-Type: application/x-ndjson; charset=utf-8")
		if a.status != want || !slices.Equal(a.codes(), codes) {
			t.Errorf("%d %s, want %d %v", a.status, a.body, want, codes)
		}
		return a
	}
	a := w.want(200, nil, "POST", addEvents, tasting("1", "9845000001", "A"))
	if got := a.header.Get("X-Cap-Hydra-Request-Id"); got != "00000000-0000-4000-8000-000000000001" {
		t.Errorf("the id in the header is %q", got)
	}
	if a := w.want(200, nil, "POST", addEvents, "["+tasting("", "9845000001", "B")+"]"); a.header.Get("X-Cap-Hydra-Request-Id") != "" {
		t.Error("a list has the id of one event in its header")
	}
	lines(200, nil, tasting("", "9845000001", "C")+"\r\n\n  \n"+tasting("", "9845000001", "D"))
	lines(201, []int{9713}, tasting("", "9845000001", "E")+"\n"+tasting("", "9845000001", ""))
	lines(400, []int{9713}, tasting("", "9845000001", ""))
	same(t, "events", w.eventsOf(1001), "E DONE", "D DONE", "C DONE", "B DONE", "A DONE", "Assam DONE")
	// What is not one of the forms is refused as a whole.
	for _, body := range []string{"", "\n", tasting("", "9845000001", "F") + tasting("", "9845000001", "G"), "[" + tasting("", "9845000001", "F"), `{"eventName":"TeaTasting","eventName":"X"}`} {
		lines(400, []int{400}, body)
	}
	for _, body := range []string{"", "[]", `"x"`, "1", tasting("", "9845000001", "F") + "," + tasting("", "9845000001", "G"), tasting("", "9845000001", "F") + "\n" + tasting("", "9845000001", "G")} {
		w.want(400, []int{400}, "POST", addEvents, body)
	}
	if a := lines(400, []int{400}, tasting("", "9845000001", "F")+"\n{]"); !strings.Contains(a.body, "line 2 column 2") {
		t.Errorf("the place is not said: %s", a.body)
	}
	many := slices.Repeat([]string{tasting("", "9845000001", "F")}, 101)
	w.want(400, []int{9721}, "POST", addEvents, "["+strings.Join(many, ",")+"]")
	lines(400, []int{9721}, strings.Join(many, "\n"))
	// One event alone fails with its own status; in a list it does not.
	w.want(404, []int{9710}, "POST", addEvents, strings.Replace(tasting("", "9845000001", "F"), "TeaTasting", "X", 1))
	w.want(400, []int{9710}, "POST", addEvents, "["+strings.Replace(tasting("", "9845000001", "F"), "TeaTasting", "X", 1)+"]")
	w.want(400, []int{400}, "POST", addEvents, strings.Replace(tasting("1", "9845000001", "F"), "00000000-", "", 1))
	for place, event := range map[string]string{
		"eventTime": `{"eventTime":"2026-02-05T00:00:00Z",` + tasting("", "9845000001", "F")[1:],
		"tillCode":  `{"tillCode":"store.till9",` + tasting("", "9845000001", "F")[1:],
		"coupon":    strings.Replace(tasting("", "9845000001", "F"), `"tea"`, `"coupon":"NOSUCH22","tea"`, 1),
		"rating":    strings.Replace(tasting("", "9845000001", "F"), `"tea"`, `"rating":{},"tea"`, 1),
	} {
		if a := w.want(400, []int{9714}, "POST", addEvents, event); !strings.Contains(a.body, place) {
			t.Errorf("%s: %s", place, a.body)
		}
	}
	if got := w.eventsOf(1001); len(got) != 6 {
		t.Errorf("what was refused is kept: %q", got)
	}
	// A key counts for the event, whatever form it has.
	one := w.call("POST", addEvents, tasting("", "9845000001", "K"), "Idempotency-Key: k")
	again := w.call("POST", addEvents, tasting("", "9845000001", "K"), "Idempotency-Key: k")
	if one.body != again.body || again.header.Get("Idempotent-Replayed") != "true" || again.header.Get("X-Cap-Hydra-Request-Id") != one.header.Get("X-Cap-Hydra-Request-Id") {
		t.Errorf("%s %v\nagain %s %v", one.body, one.header, again.body, again.header)
	}
}

// addCustomerIfNotExists registers as Register Customer does, with its codes, and at the places of the event.
func TestEventsThatRegister(t *testing.T) {
	t.Parallel()
	event := func(typ, value, place string) string {
		source, account, _ := strings.Cut(place, ":")
		return fmt.Sprintf(`{"eventName":"TeaTasting","identifierType":"%s","identifierValue":"%s","source":"%s","accountId":"%s","attributes":{"tea":"Assam"}}`, typ, value, source, account)
	}
	for name, c := range map[string]struct {
		event  string
		status int
		codes  []int
		place  string
	}{
		"no number":                    {event("mobile", "12", "INSTORE"), 400, []int{8005}, "body: identifierValue"},
		"a source that is off":         {event("mobile", "9845000001", "TMALL"), 400, []int{8003}, "body: source"},
		"all sources":                  {event("mobile", "9845000001", "ALL"), 400, []int{8003}, "body: source"},
		"no account":                   {event("mobile", "9845000001", "WECHAT"), 400, []int{8045}, "body: accountId"},
		"another account":              {event("mobile", "9845000001", "WECHAT:9"), 400, []int{8127}, "body: accountId"},
		"somebody of another source":   {event("email", "ravi.menon@example.org", "INSTORE"), 200, []int{8050}, ""},
		"a blank value":                {event("mobile", " ", "INSTORE"), 400, []int{8002}, "body: identifierValue"},
		"an unknown type":              {event("passport", "1", "INSTORE"), 400, []int{8013}, "body: identifierType"},
		"an identifier of a merge":     {event("fbId", "fb-1006", "FACEBOOK:1234"), 200, []int{8069}, ""},
		"a known customer":             {event("MOBILE", "+91 98450 00001", "instore"), 200, []int{9715}, ""},
		"a known customer, not so new": {event("mobile", "9845000901", "INSTORE"), 200, nil, ""},
	} {
		a := newWorld(t).want(c.status, c.codes, "POST", addEvents, c.event)
		if !strings.Contains(a.body, c.place) {
			t.Errorf("%s: %s", name, a.body)
		}
	}
	w := newWorld(t)
	// Asha has the address in another source, and a profile in the store without it.
	w.register("MARTJACK", "email:asha.rao@example.org martjackId:MJ-9")
	w.want(200, nil, "POST", "/v2/customers/1001/changeIdentifier?source=MARTJACK", `{"add":[{"type":"email","value":"a@example.org"}]}`)
	w.want(409, []int{8066}, "POST", addEvents, event("email", "a@example.org", "INSTORE"))
	// Two have one number, each in a source of their own.
	w.register("WEBSITE", "email:ravi.menon@example.org email:tomoko.sato@example.org")
	w.want(200, []int{8052}, "POST", addEvents, event("email", "ravi.menon@example.org", "INSTORE"))
	ctx := context.Background()
	set := func(key, value string) {
		t.Helper()
		if err := w.store.SetOrg(ctx, "demo", key, value); err != nil {
			t.Fatal(err)
		}
	}
	for primary, code := range map[string]int{"mobile": 1006, "email": 1007, "externalId": 1039} {
		set("primary-identifier", primary)
		typ, value := "mobile", "9845000800"
		if primary == "mobile" {
			typ, value = "email", "new@example.org"
		}
		if a := w.call("POST", addEvents, event(typ, value, "INSTORE")); a.status != 400 || len(a.codes()) != 1 {
			t.Errorf("%s: %d %s, want %d", primary, a.status, a.body, code)
		}
	}
	set("primary-identifier", "none")
	w = newWorld(t)
	w.want(200, nil, "POST", "/v2/customers/1002/erase", "")
	w.want(409, []int{8026}, "POST", addEvents, event("email", "ravi.menon@example.org", "ECOMMERCE"))
}

// What is pushed is answered at once; what became of it the trace tells, and of what failed no value is kept.
func TestPushedEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	log := &lockedBuffer{}
	cfg := testConfig(specBytes, log, func(c *Config) { c.Clock = at(noon) })
	srv, err := New(w.store, cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.url = listen(t, srv, w.store, log).url
	w.want(200, nil, "PUT", "/v2/events/webhook/disable", `{"webHookId":1}`)
	made := w.want(200, nil, "POST", "/v2/events/webhook", `{"transformerType":"default_transformer","tillCode":"Store.Till1"}`)
	uri := made.get(t, "webHookUri").(string)
	secret := strings.TrimPrefix(uri, "/v2/events/push/")
	if len(secret) != 26 || secret == uri {
		t.Fatalf("the address %s", uri)
	}
	stranger := w.as("")
	push := func(body string) string {
		t.Helper()
		a := stranger.want(200, nil, "POST", uri, body)
		if a.body != `{"status":{"code":1100,"message":"Event pushed to transformation state"}}`+"\n" {
			t.Errorf("%s", a.body)
		}
		return a.header.Get("X-Cap-Hydra-Request-Id")
	}
	good := push(`{"event_name":"teatasting","mobile":919845000001,"tea":"Oolong","rating":3.5,"till":"store.server","zzz":1}`)
	same(t, "good", w.steps(good), "VALIDATION_FINISHED TeaTasting", "CONSUMER_STARTED EMFConsumer", "CONSUMER_SKIPPED EMFConsumer", "CONSUMER_STARTED EIConsumer", "CONSUMER_FINISHED EIConsumer")
	if a := w.want(200, nil, "GET", "/v2/events/event_data?id="+good, ""); !strings.Contains(a.body, `"tillCode":"store.server"`) || !strings.Contains(a.body, `"rating":"3.5"`) {
		t.Errorf("%s", a.body)
	}
	again := push(`{"event_name":"TeaTasting","mobile":"919845000001","tea":"Oolong"}`)
	same(t, "again", w.steps(again), "VALIDATION_FINISHED TeaTasting", "DUPLICATE "+good)
	for want, body := range map[string]string{
		"VALIDATION_FAILED tea: 9713":    `{"event_name":"TeaTasting","mobile":"919845000001"}`,
		"VALIDATION_FAILED mobile: 9713": `{"event_name":"TeaTasting","tea":"Oolong-private"}`,
		"VALIDATION_FAILED mobile: 8005": `{"event_name":"TeaTasting","tea":"Oolong-private","mobile":"12"}`,
		"VALIDATION_FAILED till: 9714":   `{"event_name":"TeaTasting","tea":"Oolong-private","mobile":"919845000001","till":"x"}`,
		"VALIDATION_FAILED Other: 9710":  `{"event_name":"Other","tea":"Oolong-private"}`,
		"VALIDATION_FAILED : 9710":       `{"tea":"Oolong-private"}`,
	} {
		id := push(body)
		same(t, body, w.steps(id), want)
		if a := w.want(200, nil, "GET", "/v2/events/event_data?id="+id, ""); strings.Contains(a.body, "private") || strings.Contains(a.body, "userId") || !strings.Contains(a.body, `"FAILED"`) {
			t.Errorf("%s", a.body)
		}
	}
	same(t, "events", w.eventsOf(1001), "Oolong DUPLICATE", "Oolong DONE", "Assam DONE")
	// The printed address is another webhook's, which was disabled; a till that is disabled ends its webhook.
	stranger.want(404, []int{9719}, "POST", "/v2/events/push/not-a-secret-it-is-printed-for-everybody", `{"event_name":"TeaTasting"}`)
	stranger.want(404, []int{9719}, "POST", uri+"x", `{"event_name":"TeaTasting"}`)
	if err := w.store.DisableTill(context.Background(), "demo", "store.till1"); err != nil {
		t.Fatal(err)
	}
	stranger.want(404, []int{9719}, "POST", uri, `{"event_name":"TeaTasting"}`)
	// The secret is in no log, no metric and no file; nor is what failed.
	files := log.String() + string(stranger.call("GET", "/v2/events/push/"+secret, "").body)
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(w.store.Path() + suffix)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		files += string(b)
	}
	if !strings.Contains(files, "Oolong") || !strings.Contains(files, `"route":"/v2/events/push/{hook}"`) {
		t.Fatal("what was looked through has nothing of the events")
	}
	for _, no := range []string{secret, strings.ToLower(secret), "Oolong-private"} {
		if strings.Contains(files, no) {
			t.Errorf("%s is kept", no)
		}
	}
}

// The address is answered again to a repeat by the process that has made it, and by no other.
func TestTheAddressIsShownOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(200, nil, "PUT", "/v2/events/webhook/disable", `{"webHookId":1}`)
	const body = `{"transformerType":"defaultTransformer","tillCode":"store.till1"}`
	one := w.call("POST", "/v2/events/webhook", body, "Idempotency-Key: k")
	two := w.call("POST", "/v2/events/webhook", body, "Idempotency-Key: k")
	if one.status != 200 || one.body != two.body {
		t.Errorf("%s\n%s", one.body, two.body)
	}
	srv, err := New(w.store, testConfig(specBytes, &lockedBuffer{}, func(c *Config) { c.Clock = at(noon) }))
	if err != nil {
		t.Fatal(err)
	}
	later := *w
	later.url = listen(t, srv, w.store, &lockedBuffer{}).url
	if a := later.call("POST", "/v2/events/webhook", body, "Idempotency-Key: k"); a.status != 409 || a.codes()[0] != 9718 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := w.want(200, nil, "GET", "/v2/events/webhooks", ""); strings.Contains(a.body, "push") || strings.Count(a.body, `"isActive":true`) != 1 {
		t.Errorf("%s", a.body)
	}
}

// What the definition marks as sensitive only an admin reads; an erasure takes all values; an export has them.
func TestEventsOfAPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	till := w.as(basicOf("store.till1", "123"))
	for _, path := range []string{"/v2/events/event_data/1001", "/v2/events/event_data?id=3f0c8a52-6f0e-4a4d-9c57-0d6a2b1c5e01"} {
		if a := till.want(200, nil, "GET", path, ""); strings.Contains(a.body, "strong") || !strings.Contains(a.body, `"note":"***"`) || !strings.Contains(a.body, `"tea":"Assam"`) {
			t.Errorf("a till reads %s", a.body)
		}
		if a := w.want(200, nil, "GET", path, ""); !strings.Contains(a.body, `"note":"Liked it strong"`) {
			t.Errorf("an admin reads %s", a.body)
		}
	}
	if a := w.want(200, nil, "GET", "/v2/customers/1001/export", ""); !strings.Contains(a.body, "Liked it strong") {
		t.Errorf("%s", a.body)
	}
	w.want(200, nil, "POST", "/v2/customers/1001/erase", "")
	w.want(410, []int{8109}, "GET", "/v2/events/event_data/1001", "")
	if a := w.want(200, nil, "GET", "/v2/events/event_data?id=3f0c8a52-6f0e-4a4d-9c57-0d6a2b1c5e01", ""); strings.Contains(a.body, "Assam") {
		t.Errorf("after the erasure: %s", a.body)
	}
}

// A sandbox that has taken its changes takes no events and no definitions; events count, though they leave no trail.
func TestFullSandboxTakesNoEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	limits := SandboxLimits()
	limits.Changes = 3
	b, err := w.store.AddSandbox(context.Background(), limits)
	if err != nil {
		t.Fatal(err)
	}
	me := w.as(basicOf(b.Till, b.Password))
	me.want(200, nil, "PUT", "/v2/events/webhook/disable", `{"webHookId":1}`)
	uri := me.want(200, nil, "POST", "/v2/events/webhook", `{"transformerType":"defaultTransformer","tillCode":"`+b.Till+`"}`).get(t, "webHookUri").(string)
	full := false
	for i := 0; i < 200 && !full; i++ {
		full = me.call("POST", addEvents, tasting("", "919845000001", fmt.Sprint("tea ", i))).status == 403
	}
	if !full {
		t.Fatal("events are not counted")
	}
	me.want(200, nil, "PUT", "/v2/events/disable?event_name=TeaTasting", "")
	for _, c := range [][3]string{
		{"POST", "/v2/events", `{"eventName":"X","actions":["EIConsumer"]}`},
		{"PUT", "/v2/events", `{"eventName":"TeaTasting","actions":["EIConsumer"]}`},
		{"PUT", "/v2/events/disable?event_name=TeaTasting", ""},
		{"POST", addEvents, tasting("", "919845000001", "X")},
		{"POST", "/v2/events/webhook", `{"transformerType":"defaultTransformer","tillCode":"` + b.Till + `"}`},
		{"PUT", "/v2/events/webhook/disable", `{"webHookId":2}`},
		{"POST", "/v2/events/standard_events/enable?event_name=CartAbandoned", ""},
		{"POST", "/v2/events/adapter_mapping", `{"transformerType":"defaultTransformer","eventsMapped":[]}`},
		{"POST", uri, `{"event_name":"TeaTasting","mobile":"919845000001","tea":"X"}`},
		{"POST", uri, `{"event_name":"Another","mobile":"919845000001"}`}, // which fails before it is looked at, and would be kept as that
	} {
		caller := me
		if c[1] == uri {
			caller = w.as("")
		}
		caller.want(403, []int{9803}, c[0], c[1], c[2])
	}
}

func TestEventsAlwaysOK(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.AlwaysOK = true })
	for body, want := range map[string]string{
		tasting("", "9845000001", ""):             `{"errors":[{"status":false,"code":9713,`,
		"[" + tasting("", "9845000001", "") + "]": `"failureCount":1`,
	} {
		if status, answer := w.plainly("POST", addEvents, body); status != http.StatusOK || !strings.Contains(answer, want) {
			t.Errorf("%d %s", status, answer)
		}
	}
}

// A row of the profile EVENT is one event alone: each once, with the codes of the single call, and none in a dry run.
func TestEventJobs(t *testing.T) {
	t.Parallel()
	w := working(t)
	rows := strings.Join([]string{tasting("1", "9845000001", "Sencha"), tasting("2", "9845000001", "Sencha"), tasting("3", "9845000001", ""),
		strings.Replace(tasting("", "9845000001", "Oolong"), `"source":"INSTORE",`, "", 1), strings.Replace(tasting("", "9845000001", "X"), "TeaTasting", "GardenVisit", 1),
		`[` + tasting("", "9845000001", "Y") + `]`, strings.Replace(tasting("", "9845000001", "Mint"), `"tea"`, `"zzz":1,"tea"`, 1)}, "\n")
	want := []string{"1: 0", "2: 0 W9715", "3: 0 E9713", "4: 0", "5: 0 E9710", "6: 0 E9707", "7: 0 W9720"}
	dry := w.job(`{"profile":"EVENT","source":"INSTORE","dryRun":true}`, "application/x-ndjson", rows)
	w.ended(dry)
	same(t, "dry run", w.outcomes(dry), "1: 0", "2: 0", "3: 0 E9713", "4: 0", "5: 0 E9710", "6: 0 E9707", "7: 0 W9720")
	same(t, "events after a dry run", w.eventsOf(1001), "Assam DONE")
	id := w.job(`{"profile":"event","source":"INSTORE"}`, "application/x-ndjson", rows)
	w.ended(id)
	same(t, "rows", w.outcomes(id), want...)
	same(t, "events", w.eventsOf(1001), "Mint DONE", "Oolong DONE", "Sencha DUPLICATE", "Sencha DONE", "Assam DONE")
	// What failed can be sent again once there is a definition.
	w.want(200, nil, "POST", "/v2/events", `{"eventName":"GardenVisit","actions":["EIConsumer"],"fields":[{"name":"tea","type":"string"}]}`)
	w.want(200, nil, "POST", fmt.Sprintf("/v2/dataIngestion/jobs/%d/retryFailed", id), "")
	w.ended(id)
	want[4] = "5: 0"
	same(t, "rows, retried", w.outcomes(id), want...)
	if got := w.eventsOf(1001); len(got) != 6 || got[0] != "X DONE" {
		t.Errorf("events, retried: %q", got)
	}
	csv := w.job(`{"profile":"EVENT","source":"INSTORE","format":"CSV","csv":{"constants":{"eventName":"TeaTasting","identifierType":"mobile"}}}`, "text/csv",
		"identifierValue,attributes.tea,attributes.rating\n919845000001,Rooibos,4.25\n919845000001,Chai,good\n")
	w.ended(csv)
	same(t, "rows of CSV", w.outcomes(csv), "1: 0", "2: 0 E9714")
	if a := w.want(200, nil, "GET", "/v2/events/event_data/1001?limit=1", ""); !strings.Contains(a.body, `"rating":"4.25"`) {
		t.Errorf("%s", a.body)
	}
}

// Events go after as many days as the org has set, and a repeat is not known any more.
func TestOldEventsGo(t *testing.T) {
	t.Parallel()
	now := noon
	w := newWorld(t, func(c *Config) { c.Clock = func() time.Time { return now } })
	ctx := context.Background()
	w.want(200, nil, "POST", addEvents, tasting("1", "9845000001", "Sencha"))
	if err := w.store.SetOrg(ctx, "demo", "event-days", "10"); err != nil {
		t.Fatal(err)
	}
	if n, err := w.store.ForgetEvents(ctx); n != 1 || err != nil { // that of January
		t.Errorf("%d, %v", n, err)
	}
	now = now.Add(10*24*time.Hour - time.Millisecond)
	if n, err := w.store.ForgetEvents(ctx); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	same(t, "events", w.eventsOf(1001), "Sencha DONE")
	now = now.Add(time.Millisecond)
	if n, err := w.store.ForgetEvents(ctx); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	same(t, "events", w.eventsOf(1001))
	w.want(200, nil, "POST", addEvents, tasting("1", "9845000001", "Sencha"))
}
