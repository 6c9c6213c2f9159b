package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A story is what happens to one customer, call by call, each with a key of its own: registered, billed, points redeemed, and
// for every fourth a second registration in another source and the identifier that merges the two.
type call struct{ path, body string }

func story(i int) []call {
	who := fmt.Sprintf("source=INSTORE&identifierName=email&identifierValue=a%d@example.org", i)
	calls := []call{
		{"/v2/customers?source=INSTORE", registration(i)},
		{"/v2/transactions?" + who, fmt.Sprintf(`{"type":"REGULAR","billNumber":"B-%d","billAmount":1000}`, i)},
		{"/v2/points/redeem", fmt.Sprintf(`{"points":20,"identifier":{"type":"email","value":"a%d@example.org"}}`, i)},
	}
	if i%4 == 0 {
		calls = append(calls,
			call{"/v2/customers?source=WEBSITE", fmt.Sprintf(`{"profiles":[{"firstName":"W%d","identifiers":[{"type":"externalId","value":"W%d"}]}]}`, i, i)},
			call{"/v2/customers/{id}/changeIdentifier?source=INSTORE", fmt.Sprintf(`{"add":[{"type":"externalId","value":"W%d"}]}`, i)})
	}
	return calls
}

// balances of points after so many calls of a story.
var balances = []float64{-1, 0, 100, 80, 80, 80}

// TestAKillLosesNothing kills the server under load, again and again on one database: whatever was acknowledged is there
// afterwards, and a repeat with the keys of a story that was cut off makes it whole, each call once. The control is a client
// that counts before the answer: of what it believes done, something is missing. ARTERIOLE_KILLS sets how often.
func TestAKillLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("it kills processes, in which a race detector says nothing: not in a short run")
	}
	t.Parallel()
	kills, clients := 12, 16
	if s := os.Getenv("ARTERIOLE_KILLS"); s != "" {
		var err error
		if kills, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	send := func(url, method, path, key, body string, into any) error {
		r, err := http.NewRequest(method, url+path, strings.NewReader(body))
		if err != nil {
			return err
		}
		r.Header = http.Header{"Authorization": {authorization(demoTill, demoPassword)}, "Content-Type": {"application/json"}}
		if key != "" {
			r.Header.Set("Idempotency-Key", key)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		b, err := io.ReadAll(answer.Body)
		if err != nil {
			return err
		}
		if answer.StatusCode != 200 {
			return fmt.Errorf("%s %s: %d %s", method, path, answer.StatusCode, b)
		}
		if into == nil {
			return nil
		}
		return json.Unmarshal(b, into)
	}
	run := func() *process {
		p, err := start(dir, os.Environ(), "--addr", "localhost:0", "--db", "arteriole.db", "--demo", "--rate", "0", "--address-rate", "0", "--log-level", "error")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.kill)
		return p
	}
	// find is the id of a story's customer.
	find := func(url string, i int) (int64, error) {
		var c struct{ Entity int64 }
		err := send(url, "GET", fmt.Sprintf("/v2/customers/lookup?source=INSTORE&identifierName=email&identifierValue=a%d@example.org", i), "", "", &c)
		return c.Entity, err
	}
	// tell makes the calls of a story from number `from` on and returns how many are acknowledged.
	tell := func(url string, i, from int) (done int, err error) {
		calls := story(i)
		for done = from; done < len(calls); done++ {
			path := calls[done].path
			if strings.Contains(path, "{id}") {
				id, err := find(url, i)
				if err != nil {
					return done, err
				}
				path = strings.Replace(path, "{id}", fmt.Sprint(id), 1)
			}
			if err := send(url, "POST", path, fmt.Sprintf("kill-%d-%d", i, done), calls[done].body, nil); err != nil {
				return done, err
			}
		}
		return done, nil
	}
	// found is how many calls of a story have had their effect, as far as reads tell, and an error when more than once or apart.
	found := func(url string, i int) (int, error) {
		id, err := find(url, i)
		if err != nil {
			if strings.Contains(err.Error(), "8015") {
				return 0, nil
			}
			return 0, err
		}
		var bills struct{ Pagination struct{ Total int } }
		if err := send(url, "GET", fmt.Sprintf("/v2/customers/%d/transactions", id), "", "", &bills); err != nil {
			return 0, err
		}
		var points struct{ TotalPoints float64 }
		if err := send(url, "GET", fmt.Sprintf("/v2/customers/points/balance/%d", id), "", "", &points); err != nil {
			return 0, err
		}
		n := 1 + bills.Pagination.Total
		if points.TotalPoints == 80 {
			n = 3
		}
		if bills.Pagination.Total > 1 || points.TotalPoints != balances[n] {
			return 0, fmt.Errorf("story %d: %d bills and %g points", i, bills.Pagination.Total, points.TotalPoints)
		}
		if n == 3 && i%4 == 0 {
			var in struct{ Entity int64 }
			switch err := send(url, "GET", fmt.Sprintf("/v2/customers/lookup?source=WEBSITE&identifierName=externalId&identifierValue=W%d", i), "", "", &in); {
			case err != nil && strings.Contains(err.Error(), "8015"):
			case err != nil:
				return 0, err
			case in.Entity == id:
				n = 5
			default:
				n = 4
			}
		}
		return n, nil
	}

	var mu sync.Mutex
	asked, acknowledged := map[int]int{}, map[int]int{} // calls of a story
	lost, believed, total := 0, 0, 0
	for round := range kills {
		p := run()
		if _, err := tell(p.url, 100_000_000+round*4+1, 0); err != nil { // the password is checked before the load begins
			t.Fatal(err)
		}
		var load sync.WaitGroup
		for c := range clients {
			load.Go(func() {
				for i := round*100_000 + c; ; i += clients {
					done, err := tell(p.url, i, 0)
					mu.Lock()
					acknowledged[i], asked[i] = done, done
					if err != nil {
						asked[i]++
					}
					mu.Unlock()
					if err != nil {
						if strings.Contains(err.Error(), "POST /") && !strings.Contains(err.Error(), "http://") {
							t.Error(err) // an answer, not the kill
						}
						return
					}
				}
			})
		}
		time.Sleep(100*time.Millisecond + rand.N(300*time.Millisecond))
		p.kill()
		load.Wait()
	}
	p := run()
	for i, done := range acknowledged {
		n, err := found(p.url, i)
		if err != nil {
			t.Error(err)
		}
		lost += max(0, done-n)
		believed += max(0, asked[i]-n)
		total += done
	}
	t.Logf("%d kills: %d calls acknowledged, %d of them lost; a client that counts before the answer has lost %d", kills, total, lost, believed)
	if lost > 0 || total < 100*kills/6 {
		t.Errorf("%d of %d acknowledged calls are lost", lost, total)
	}
	if believed == 0 {
		t.Error("the control has passed: whoever counts before the answer has lost nothing either")
	}
	for i, done := range acknowledged {
		if asked[i] == done {
			continue
		}
		if _, err := tell(p.url, i, max(0, done-1)); err != nil { // the last acknowledged call once more, too
			t.Errorf("a repeat after the kill: %v", err)
		}
		if n, err := found(p.url, i); err != nil || n != len(story(i)) {
			t.Errorf("story %d after its repeat: %d calls, %v", i, n, err)
		}
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	if out, stderr, code := arteriole(dir, "check"); code != 0 {
		t.Errorf("check: %s%s", out, stderr)
	}
}
