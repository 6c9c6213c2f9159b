package handlers

import (
	"fmt"
	"net/url"
	"testing"
)

// Every list that takes a limit keeps to the one that the server is configured with, and asks for no more when none is given.
func TestEveryListKeepsToThePage(t *testing.T) {
	const most = 10
	lists := 0
	for _, s := range samples(t) {
		u, err := url.Parse(s.path)
		if err != nil {
			t.Fatal(err)
		}
		op := contractDoc().find(s.method, u.Path).op
		if s.method != "GET" || op.Parameters.GetByInAndName("query", "limit") == nil {
			continue
		}
		lists++
		t.Run(s.id, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *Config) { c.PageMax = most })
			me := s.after(w).in(w)
			allowed := most
			if op.OperationID == "listCustomerTransactions" || op.OperationID == "lookupCustomerTransactions" {
				allowed *= moreBills
			}
			for limit, status := range map[int]int{0: 200, allowed: 200, allowed + 1: 400} {
				q := u.Query()
				if q.Del("limit"); limit > 0 {
					q.Set("limit", fmt.Sprint(limit))
				}
				a := me.call(s.method, u.Path+"?"+q.Encode(), "")
				if a.status != status || status == 400 && fmt.Sprint(a.codes()) != "[8102]" && op.OperationID != "fetchLedgerInfo" {
					t.Errorf("limit %d: %d %s", limit, a.status, a.body)
				}
			}
		})
	}
	if lists < 15 {
		t.Errorf("only %d lists", lists)
	}
}
