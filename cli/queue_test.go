package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arteriole/arteriole/db"
)

// TestPointsThatWaitSurviveAKill kills the server while bills wait for their points, some by use_async and some by
// X-CAP-DIRECT-REPLAY: after the restart each bill that is there has earned once, and each that was acknowledged is there.
func TestPointsThatWaitSurviveAKill(t *testing.T) {
	if testing.Short() {
		t.Skip("it kills processes, in which a race detector says nothing: not in a short run")
	}
	t.Parallel()
	const calls, bills, kills = 4, 50, 3
	dir := t.TempDir()
	file := filepath.Join(dir, "arteriole.db")
	run := func() *process {
		t.Helper()
		p, err := start(dir, os.Environ(), "--addr", "localhost:0", "--db", file, "--demo", "--rate", "0", "--address-rate", "0", "--log-level", "error")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.kill)
		return p
	}
	send := func(url, method, path, header, body string, into any) error {
		r, err := http.NewRequest(method, url+path, strings.NewReader(body))
		if err != nil {
			return err
		}
		r.Header = http.Header{"Authorization": {authorization(demoTill, demoPassword)}, "Content-Type": {"application/json"}}
		if header != "" {
			r.Header.Set(header, "true")
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		b, err := io.ReadAll(answer.Body)
		if err == nil && answer.StatusCode != 200 {
			err = fmt.Errorf("%s %s: %d %s", method, path, answer.StatusCode, b)
		}
		if err == nil {
			err = json.Unmarshal(b, into)
		}
		return err
	}

	var mu sync.Mutex
	acknowledged, waited := 0, int64(0)
	for round := range kills {
		p := run()
		var any struct{ Warnings []any }
		if err := send(p.url, "GET", "/v2/customers/1002", "", "", &any); err != nil { // the password is checked before the load begins
			t.Fatal(err)
		}
		var load sync.WaitGroup
		first := make(chan struct{}, calls)
		for c := range calls {
			list := make([]string, bills)
			for i := range list {
				list[i] = fmt.Sprintf(`{"source":"ECOMMERCE","identifierType":"id","identifierValue":"1002","type":"REGULAR","billNumber":"Q-%d-%d-%d","billAmount":100}`, round, c, i)
			}
			path, header := "/v2/transactions/bulk?use_async=true", ""
			if c%2 == 1 {
				path, header = "/v2/transactions/bulk", "X-CAP-DIRECT-REPLAY"
			}
			load.Go(func() {
				var a struct{ TotalCount, FailureCount int }
				err := send(p.url, "POST", path, header, "["+strings.Join(list, ",")+"]", &a)
				if err == nil && (a.TotalCount != bills || a.FailureCount != 0) {
					t.Errorf("%+v", a)
				}
				if err == nil {
					mu.Lock()
					acknowledged += bills
					mu.Unlock()
				}
				first <- struct{}{}
			})
		}
		for range 1 + round%calls {
			<-first
		}
		p.kill()
		load.Wait()
		s, err := db.Open(context.Background(), file, db.Options{}) // gives no points by itself
		if err != nil {
			t.Fatal(err)
		}
		rows, err := s.Rows(context.Background())
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		waited += rows["loyalty_queue"]
	}
	if waited == 0 || acknowledged == 0 {
		t.Fatalf("%d bills waited when the server was killed, of %d acknowledged: nothing is shown", waited, acknowledged)
	}

	p := run()
	// now is how many bills the customer has, what they have earned, and whether one waits.
	now := func() (total int, points float64, waits bool) {
		t.Helper()
		var list struct{ Pagination struct{ Total int } }
		if err := send(p.url, "GET", "/v2/customers/1002/transactions?limit=1", "", "", &list); err != nil {
			t.Fatal(err)
		}
		var balance struct{ TotalPoints float64 }
		if err := send(p.url, "GET", "/v2/customers/points/balance/1002", "", "", &balance); err != nil {
			t.Fatal(err)
		}
		return list.Pagination.Total, balance.TotalPoints, balance.TotalPoints < float64(10*list.Pagination.Total)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, _, waits := now(); !waits || time.Now().After(end) {
			break
		}
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	p = run() // once more, with nothing left to give
	total, points, _ := now()
	t.Logf("%d kills: %d bills acknowledged, %d there, %d found waiting by the kills; %g points", kills, acknowledged, total, waited, points)
	if total < acknowledged {
		t.Errorf("%d of %d acknowledged bills are there", total, acknowledged)
	}
	if points != float64(10*total) {
		t.Errorf("%d bills have earned %g points, not %d", total, points, 10*total)
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	if out, stderr, code := arteriole(dir, "check", "--db", file); code != 0 {
		t.Errorf("check: %s%s", out, stderr)
	}
}
