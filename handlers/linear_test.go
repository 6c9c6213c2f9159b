package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/labstack/echo/v4"

	"github.com/arteriole/arteriole/gen"
)

// Who is whom stays linearizable while registrations, identifier changes and reads race on a few identifiers: whatever
// many clients saw over HTTP can be put into one order, within the times of the calls, in which one customer after another
// would have been served by the specification (linear_model_test.go).
//
// ARTERIOLE_TEST_SEEDS sets how many histories are made.

const (
	linClients = 10
	linCalls   = 20 // of each client
)

// race is one history: the clients of one seed, on identifiers of their own.
type race struct {
	w     *world
	seed  uint64
	first int64 // the id that the next registration gets

	mu   sync.Mutex
	last int64 // the highest id that a client was told
	met  []ask // customers where they were seen: id, place and identifiers (never none)
}

func newRace(w *world, seed uint64) *race {
	r := &race{w: w, seed: seed}
	a := w.want(200, nil, "POST", "/v2/customers?source=MARTJACK", fmt.Sprintf(`{"profiles":[{"identifiers":[{"type":"martjackId","value":"before s%d"}]}]}`, seed))
	r.first = int64(a.get(w.t, "createdId").(float64)) + 1
	r.last = r.first
	return r
}

// value of an identifier. The digits of a seed never stand alone, so that they are not taken for a customer's id.
func (r *race) value(i int) string {
	return [...]string{fmt.Sprintf("9170%08d", r.seed), fmt.Sprintf("9171%08d", r.seed), fmt.Sprintf("s%d@example.org", r.seed), fmt.Sprintf("Xs%d", r.seed)}[i]
}

func (r *race) run(t *testing.T, clients int) (history []porcupine.Operation) {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	start, begin := time.Now(), make(chan struct{})
	for c := range clients {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(r.seed, uint64(c)))
			<-begin
			for range linClients * linCalls / clients {
				a := r.choose(rng)
				op, err := r.send(a, start)
				if err != nil {
					t.Errorf("seed %d: %+v: %v", r.seed, a, err)
					return
				}
				op.ClientId = c
				mu.Lock()
				history = append(history, op)
				mu.Unlock()
			}
		})
	}
	close(begin)
	wg.Wait()
	return history
}

func (r *race) choose(rng *rand.Rand) ask {
	one := func() idSet { return 1 << rng.IntN(len(linTypes)) }
	a := ask{place: rng.IntN(len(linPlaces)), ids: one()}
	id, place, had := r.someone(rng)
	switch n := rng.IntN(100); {
	case n < 25:
		a.op = "register"
		if rng.IntN(4) == 0 {
			a.ids |= one()
		}
	case n < 70:
		a.op, a.id, a.place = "change", id, place
		switch rng.IntN(5) {
		case 0:
			a.ids, a.remove = 0, had
		case 1, 2:
			a.remove = had
		case 3:
			a.remove = one()
		}
	case n < 85:
		a.op = "lookup"
		if rng.IntN(2) == 0 {
			a.place, a.ids = place, had&-had
		}
		if rng.IntN(2) == 0 {
			a.place = everywhere
		}
	default:
		a.op, a.id, a.ids = "details", id, 0
		if rng.IntN(3) > 0 {
			a.place = everywhere
		}
	}
	return a
}

// someone is mostly a customer where they were seen, by an identifier that they had; now and then anybody, up to one who
// may come while we ask.
func (r *race) someone(rng *rand.Rand) (id int64, place int, had idSet) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.met) > 0 && rng.IntN(6) > 0 {
		m := r.met[rng.IntN(len(r.met))]
		return m.id, m.place, m.ids
	}
	return r.first + rng.Int64N(r.last-r.first+2), rng.IntN(len(linPlaces)), 1
}

func (r *race) saw(id int64, a ask) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = max(r.last, id)
	if id != 0 && a.op != "details" && a.place != everywhere {
		r.met = append(r.met, ask{id: id, place: a.place, ids: a.ids | a.remove})
	}
}

// send makes one request. The times are taken around the exchange alone: wider ones would forgive more.
func (r *race) send(a ask, start time.Time) (op porcupine.Operation, err error) {
	method, path, body := r.request(a)
	req, err := http.NewRequest(method, r.w.url+path, strings.NewReader(body))
	if err != nil {
		return op, err
	}
	req.Header.Set("Authorization", r.w.auth)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	op.Input, op.Call = a, int64(time.Since(start))
	res, err := httpClient.Do(req)
	if err != nil {
		return op, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	op.Return = int64(time.Since(start))
	if err != nil {
		return op, err
	}
	got := answer{res.StatusCode, res.Header, string(b)}
	if err := holdAgainstContract(req, got); err != nil {
		return op, fmt.Errorf("%d %s: %w", got.status, got.body, err)
	}
	t, err := r.read(got)
	r.saw(t.id, a)
	op.Output = t
	return op, err
}

func (r *race) request(a ask) (method, path, body string) {
	q := url.Values{}
	if a.place != everywhere {
		q.Set("source", linPlaces[a.place].source)
		if account := linPlaces[a.place].account; account != "" {
			q.Set("accountId", account)
		}
	}
	list := func(s idSet) string {
		items := []string{}
		s.each(func(i int) { items = append(items, fmt.Sprintf(`{"type":%q,"value":%q}`, linTypes[i], r.value(i))) })
		return "[" + strings.Join(items, ",") + "]"
	}
	switch a.op {
	case "register":
		return "POST", "/v2/customers?" + q.Encode(), `{"profiles":[{"identifiers":` + list(a.ids) + `}]}`
	case "change":
		return "POST", fmt.Sprintf("/v2/customers/%d/changeIdentifier?%s", a.id, q.Encode()), `{"add":` + list(a.ids) + `,"remove":` + list(a.remove) + `}`
	case "lookup":
		a.ids.each(func(i int) { q.Set("identifierName", linTypes[i]); q.Set("identifierValue", r.value(i)) })
		return "GET", "/v2/customers/lookup?" + q.Encode(), ""
	}
	return "GET", fmt.Sprintf("/v2/customers/%d?%s", a.id, q.Encode()), ""
}

// named finds customers' ids in a message.
var named = regexp.MustCompile(`\b\d{4,6}\b`)

func (r *race) read(a answer) (told, error) {
	var b struct {
		CreatedID, Entity, ID int64
		Errors, Warnings      []struct {
			Code    int
			Message string
		}
		Profiles []struct {
			Source, AccountID      string
			UserID                 int64
			Identifiers            []struct{ Type, Value string }
			ConflictingProfileList []int64
		}
	}
	if err := json.Unmarshal([]byte(a.body), &b); err != nil {
		return told{}, err
	}
	t := told{status: a.status, id: b.CreatedID + b.Entity + b.ID} // each answer has one of them
	var codes []string
	for _, item := range append(b.Errors, b.Warnings...) {
		var who []int64
		for _, n := range named.FindAllString(item.Message, -1) {
			id, _ := strconv.ParseInt(n, 10, 64)
			who = append(who, id)
		}
		codes = append(codes, say(item.Code, who...))
	}
	t.said = said(codes)
	for place, at := range linPlaces {
		for _, p := range b.Profiles {
			if p.Source != at.source || p.AccountID != at.account {
				continue
			}
			var has idSet // each race has values of its own: there are no others
			for _, id := range p.Identifiers {
				for i, typ := range linTypes {
					if id.Type == typ && id.Value == r.value(i) {
						has |= 1 << i
					}
				}
			}
			if p.UserID != b.ID {
				return t, fmt.Errorf("a profile of customer %d in the details of %d", p.UserID, b.ID)
			}
			t.profiles += fmt.Sprintf("%d=%b(%s) ", place, has, idList(p.ConflictingProfileList))
		}
	}
	return t, nil
}

// check says whether a history can be put in an order. Not knowing is not knowing, for both verdicts.
func (r *race) check(t *testing.T, history []porcupine.Operation) porcupine.CheckResult {
	t.Helper()
	model := identityModel(r.first)
	result, info := porcupine.CheckOperationsVerbose(model, history, 20*time.Second)
	if result != porcupine.Ok {
		path := filepath.Join(t.ArtifactDir(), fmt.Sprintf("seed-%d.html", r.seed)) // kept by go test -artifacts
		if err := porcupine.VisualizePath(model, info, path); err != nil {
			t.Error(err)
		}
	}
	return result
}

func seeds(t *testing.T, otherwise int) int {
	v := os.Getenv("ARTERIOLE_TEST_SEEDS")
	if v == "" {
		return otherwise
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		t.Fatalf("ARTERIOLE_TEST_SEEDS is %q", v)
	}
	return n
}

func TestIdentitiesAreLinearizable(t *testing.T) {
	w := newWorld(t)
	reached := map[string]int{}
	operations, together := 0, 0
	for seed := range seeds(t, 20) {
		r := newRace(w, uint64(seed))
		history := r.run(t, linClients)
		if t.Failed() {
			return
		}
		if result := r.check(t, history); result != porcupine.Ok {
			t.Errorf("seed %d: %s (go test -artifacts keeps a picture)", seed, result)
		}
		for i, op := range history {
			for _, s := range strings.Fields(op.Output.(told).said) {
				code, _, _ := strings.Cut(s, ":")
				reached[code]++
			}
			for _, other := range history[:i] {
				if other.Call <= op.Return && op.Call <= other.Return {
					together++
				}
			}
		}
		operations += len(history)
	}
	t.Logf("%d operations, each beside %.1f others; %v", operations, 2*float64(together)/float64(operations), reached)
	// A race in which nothing meets shows nothing.
	for _, code := range []string{"8006", "8007", "8009", "8015", "8050", "8051", "8052", "8053", "8065", "8066", "8067", "8069", "8070", "8074", "91005"} {
		if reached[code] == 0 && operations >= 20*linClients*linCalls {
			t.Errorf("no operation was told %s", code)
		}
	}
}

// torn serves a change that adds and removes as two transactions of the store instead of one. Nothing else is wrong with
// it: one client alone cannot tell it from the real one.
type torn struct{ *API }

func (a torn) UpdateCustomerIdentifiers(ctx context.Context, r gen.UpdateCustomerIdentifiersRequestObject) (gen.UpdateCustomerIdentifiersResponseObject, error) {
	add, remove := *r.Body.Add, *r.Body.Remove
	if len(add) == 0 || len(remove) == 0 || slices.ContainsFunc(add, func(i gen.IdentifierRequest) bool { return slices.Contains(remove, i) }) {
		return a.API.UpdateCustomerIdentifiers(ctx, r)
	}
	half := r
	half.Body = &gen.ChangeIdentifiersRequest{Add: &add}
	added, err := a.API.UpdateCustomerIdentifiers(ctx, half)
	if err != nil {
		return nil, err
	}
	out := added.(gen.UpdateCustomerIdentifiers200JSONResponse)
	out.Warnings = slices.DeleteFunc(out.Warnings, func(s gen.Status) bool { return s.Code == 8070 })
	time.Sleep(4 * time.Millisecond) // as the commit in between may take
	half.Id, half.Body = out.CreatedId, &gen.ChangeIdentifiersRequest{Remove: &remove}
	removed, err := a.API.UpdateCustomerIdentifiers(ctx, half)
	if err != nil {
		return nil, err
	}
	out.Warnings = append(out.Warnings, removed.(gen.UpdateCustomerIdentifiers200JSONResponse).Warnings...)
	return out, nil
}

func newTornWorld(t *testing.T) *world {
	w := *newWorld(t)
	cfg := Defaults()
	cfg.Spec, cfg.Clock, cfg.Rate, cfg.AddressRate = specBytes, at(noon), 0, 0
	s, err := newServer(w.store, cfg, func(router gen.EchoRouter, before map[string][]echo.MiddlewareFunc) {
		gen.RegisterHandlersWithOptions(router, gen.NewStrictHandler(torn{&API{store: w.store, cfg: cfg}}, nil),
			gen.RegisterHandlersOptions{OperationMiddlewares: before})
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := s.HTTP("")
	go h.Serve(l)
	t.Cleanup(func() { h.Close() })
	w.url = "http://" + l.Addr().String()
	return &w
}

// The control: with the transaction torn in two, the same load and the same check find most histories impossible. With
// one client there is no race, and nothing to find: what the check sees is the lost atomicity and not some other fault of
// the torn server.
func TestTornChangesAreFoundOut(t *testing.T) {
	w := newTornWorld(t)
	const histories = 12
	illegal := 0
	for seed := range uint64(histories) {
		r := newRace(w, seed)
		alone := r.run(t, 1)
		if t.Failed() {
			return
		}
		if result := r.check(t, alone); result != porcupine.Ok {
			t.Errorf("seed %d: %s for one client alone", seed, result)
		}
		r = newRace(w, histories+seed)
		if r.check(t, r.run(t, linClients)) == porcupine.Illegal {
			illegal++
		}
	}
	t.Logf("%d of %d histories are impossible", illegal, histories)
	if illegal < histories/2 { // nine in ten are, on most machines
		t.Errorf("only %d of %d torn histories were found out", illegal, histories)
	}
}
