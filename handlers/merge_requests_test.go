package handlers

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/arteriole/arteriole/db"
)

// mergeAsked is the body of a request to merge.
func mergeAsked(victim, survivor int64) string {
	return fmt.Sprintf(`[{"type":"CHANGE_IDENTIFIER","baseType":"MERGE","victim":{"id":%d},"survivor":{"id":%d}}]`, victim, survivor)
}

func mergeDecided(id int64, status string) string {
	return fmt.Sprintf(`[{"type":"CHANGE_IDENTIFIER","baseType":"MERGE","id":%d,"status":%q}]`, id, status)
}

// What the store refuses of a decision, as a caller sees it. (The store's tests have the whole table.)
func TestRefusedDecisions(t *testing.T) {
	for name, row := range map[string]struct {
		before func(w *world)
		id     int64
		status string
		codes  int
	}{
		"the victim waits for somebody else": {func(w *world) {
			w.want(200, nil, "POST", "/v2/requests", mergeAsked(1002, 1001))
			w.want(200, nil, "PUT", "/v2/requests", mergeDecided(1, "REJECTED"))
			w.want(200, nil, "POST", "/v2/requests", mergeAsked(1002, 1005))
		}, 1, "PENDING", 9018},
		"the survivor waits": {func(w *world) {
			w.want(200, nil, "POST", "/v2/requests", mergeAsked(1002, 1001))
			w.want(200, nil, "PUT", "/v2/requests", mergeDecided(1, "REJECTED"))
			w.want(200, nil, "POST", "/v2/requests", mergeAsked(1001, 1005))
		}, 1, "PENDING", 9026},
		"the victim was merged": {func(w *world) {
			w.want(200, nil, "POST", "/v2/requests", mergeAsked(1002, 1001))
			w.is("merged", w.change(1002, "ECOMMERCE", "martjackId:MJ-1005", ""), ok(1005, 8051))
		}, 1, "PENDING", 9027},
		"the survivor was merged": {func(w *world) {
			w.want(200, nil, "POST", "/v2/requests", mergeAsked(1002, 1001))
			w.is("merged", w.change(1001, "INSTORE", "martjackId:MJ-1005", ""), ok(1005, 8051))
		}, 1, "PENDING", 9023},
		"a source in common": {func(w *world) {
			w.want(200, nil, "POST", "/v2/requests", mergeAsked(1002, 1001))
			w.is("joined", w.update(1002, "INSTORE", `{"profiles":[{"firstName":"R"}]}`), ok(1002))
		}, 1, "APPROVED", 8066},
		"erased": {func(w *world) {
			w.want(200, nil, "POST", "/v2/requests", mergeAsked(1002, 1001))
			w.want(200, nil, "POST", "/v2/customers/1002/erase", "")
		}, 1, "PENDING", 8109},
		"an identifier that is taken": {func(w *world) {
			set(w, "merge-mode", "approve")
			w.is("waits", w.change(1002, "ECOMMERCE", "mobile:9845000001 mobile:9000000001", ""), ok(1002, 9801))
			w.is("taken", w.register("ECOMMERCE", "mobile:9000000001"), ok(1007))
		}, 1, "APPROVED", 9818},
		"an identifier of a third": {func(w *world) {
			set(w, "merge-mode", "approve")
			w.is("waits", w.change(1002, "ECOMMERCE", "mobile:9845000001 mobile:9000000001", ""), ok(1002, 9801))
			w.is("taken", w.register("WEBSITE", "mobile:9000000001"), ok(1007))
		}, 1, "APPROVED", 9818},
		"the primary identifier": {func(w *world) {
			set(w, "merge-mode", "approve")
			w.is("waits", w.change(1002, "ECOMMERCE", "mobile:9845000001", "email:ravi.menon@example.org"), ok(1002, 9801))
			w.is("gone", w.change(1001, "INSTORE", "", "email:asha.rao@example.org"), ok(1001))
			set(w, "primary-identifier", "email")
		}, 1, "APPROVED", 9818},
		"a word that is no status": {func(w *world) { w.want(200, nil, "POST", "/v2/requests", mergeAsked(1002, 1001)) }, 1, "CUSTOM", 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			row.before(w)
			before := w.want(200, nil, "GET", "/v2/requests?limit=100", "").body
			w.want(400, []int{row.codes}, "PUT", "/v2/requests", mergeDecided(row.id, row.status))
			if after := w.want(200, nil, "GET", "/v2/requests?limit=100", "").body; after != before {
				t.Errorf("before %s\nafter  %s", before, after)
			}
		})
	}
}

func TestRequestBodies(t *testing.T) {
	w := newWorld(t)
	for _, row := range []struct {
		method, body string
		code         int
	}{
		{"POST", `[{"baseType":"MERGE","victim":{"id":1},"survivor":{"id":2}}]`, 9006},
		{"POST", `[{"type":7,"baseType":"MERGE","victim":{"id":1},"survivor":{"id":2}}]`, 9006},
		{"POST", `[{"type":"CHANGE_IDENTIFIER","victim":{"id":1},"survivor":{"id":2}}]`, 9008},
		{"POST", `[{"type":"CHANGE_IDENTIFIER","baseType":"MERGE","survivor":{"id":2}}]`, 9019},
		{"POST", `[{"type":"CHANGE_IDENTIFIER","baseType":"MERGE","victim":{"id":1}}]`, 9019},
		{"POST", `[{"type":"CHANGE_IDENTIFIER","baseType":"MERGE","victim":{"id":1002},"survivor":{}}]`, 9019},
		{"POST", `[{"type":"CHANGE_IDENTIFIER","baseType":"MERGE","victim":{"id":1002},"survivor":{"id":1002}}]`, 9007},
		{"POST", `[{"type":"CHANGE_IDENTIFIER","baseType":"MERGE","victim":{"id":"1002"},"survivor":{"id":1001}}]`, 400},
		{"POST", `[{"type":"CHANGE_IDENTIFIER","baseType":"MERGE","victim":{"id":1002},"survivor":{"id":1001},"comments":"` + strings.Repeat("x", 1001) + `"}]`, 400},
		{"POST", "[" + strings.Repeat("{},", 20) + "{}]", 1060},
		{"POST", "[]", 400},
		{"PUT", `[{"baseType":"MERGE","id":1,"status":"APPROVED"}]`, 9006},
		{"PUT", `[{"type":"CHANGE_IDENTIFIER","baseType":"ADDRESS","id":1,"status":"APPROVED"}]`, 9008},
		{"PUT", `[{"type":"CHANGE_IDENTIFIER","baseType":"MERGE","status":"APPROVED"}]`, 400},
		{"PUT", `[{"type":"CHANGE_IDENTIFIER","baseType":"MERGE","id":1}]`, 400},
		{"PUT", "[" + strings.Repeat("{},", 20) + "{}]", 1060},
	} {
		w.want(400, []int{row.code}, row.method, "/v2/requests", row.body)
	}
	w.want(200, nil, "POST", "/v2/requests", `[{"type":"change_identifier","baseType":"Merge","victim":{"id":1002},"survivor":{"id":1001},"comments":" \n"}]`)
	a := w.want(200, nil, "PUT", "/v2/requests", `[{"type":"change_identifier","baseType":"Merge","id":1,"status":"rejected"}]`)
	if !strings.Contains(a.body, `"comments":""`) || !strings.Contains(a.body, `"status":"REJECTED"`) {
		t.Error(a.body)
	}
}

// A till may ask, and may not decide; what it asks for carries its name, and what an admin decides the admin's.
func TestWhoAsksAndWhoDecides(t *testing.T) {
	w := newWorld(t)
	till, read := w.as(""), w.as("")
	for _, c := range credentialsOf(t, w) {
		switch {
		case c.name == "a till" && c.role == "till":
			till.auth = strings.TrimPrefix(c.header, "Authorization: ")
		case c.name == "a till" && c.role == "read":
			read.auth = strings.TrimPrefix(c.header, "Authorization: ")
		}
	}
	till.want(200, nil, "POST", "/v2/requests", mergeAsked(1002, 1001))
	till.want(403, []int{403}, "POST", "/v2/requests?client_auto_approve=true", mergeAsked(1005, 1001))
	till.want(403, []int{403}, "PUT", "/v2/requests", mergeDecided(1, "APPROVED"))
	read.want(403, []int{403}, "POST", "/v2/requests", mergeAsked(1005, 1001))
	read.want(200, nil, "GET", "/v2/requests", "")
	read.want(200, nil, "GET", "/v2/customers/1001/changeRequest", "")
	w.want(200, nil, "PUT", "/v2/requests", mergeDecided(1, "APPROVED"))
	if a := read.want(200, nil, "GET", "/v2/customers/1001/changeRequest?status=approved", ""); !strings.Contains(a.body, `"addedBy":{"code":"role.till"`) || !strings.Contains(a.body, `"updatedBy":{"code":"store.server"`) {
		t.Error(a.body)
	}
	if a := read.want(200, nil, "GET", "/v2/requests?status=PENDING", ""); !strings.Contains(a.body, `"total":0`) {
		t.Error(a.body)
	}
}

// Many decide on one request at the same time, and somebody changes one of the two meanwhile: there is one merge at most, and
// never half of one.
func TestRacingDecisions(t *testing.T) {
	for round := range 8 {
		w := newWorld(t)
		w.want(200, nil, "POST", "/v2/requests", mergeAsked(1002, 1001))
		var mu sync.Mutex
		approved, rejected := 0, 0
		start := make(chan struct{})
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				<-start
				status := "APPROVED"
				if i%5 == 4 {
					status = "REJECTED"
				}
				a := w.call("PUT", "/v2/requests", mergeDecided(1, status))
				mu.Lock()
				defer mu.Unlock()
				switch {
				case a.status == 200 && status == "APPROVED":
					approved++
				case a.status == 200:
					rejected++
				case len(a.codes()) != 1 || a.codes()[0] != 9817:
					t.Errorf("%d %s", a.status, a.body)
				}
			})
		}
		meanwhile := func(f func()) {
			wg.Go(func() {
				<-start
				f()
			})
		}
		taken := false
		switch round % 4 {
		case 1:
			meanwhile(func() {
				a := w.call("POST", "/v2/customers/1002/changeIdentifier?source=ECOMMERCE", `{"add":[{"type":"martjackId","value":"MJ-1005"}]}`)
				taken = a.status == 200 && strings.Contains(a.body, "8051")
			})
		case 2:
			meanwhile(func() { taken = w.call("POST", "/v2/customers/1002/erase", "").status == 200 })
		case 3:
			meanwhile(func() { taken = w.call("POST", "/v2/customers/1001/erase", "").status == 200 })
		}
		close(start)
		wg.Wait()
		if n := approved + rejected; n > 1 || n == 0 && !taken {
			t.Errorf("round %d: approved %d times, rejected %d times, taken %v", round, approved, rejected, taken)
		}
		merges, err := w.store.Merges(context.Background(), db.Who{Org: 1}, 1002, 10, 0)
		if err != nil {
			t.Fatal(err)
		}
		into1001 := 0
		for _, m := range merges.Items {
			if m.Survivor == 1001 {
				into1001++
			}
		}
		if into1001 != approved || len(merges.Items) > 1 {
			t.Errorf("round %d: approved %d times, merges %+v", round, approved, merges.Items)
		}
	}
}
