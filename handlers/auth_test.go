package handlers

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arteriole/arteriole/db"
)

// testClock runs with real time and can be moved on.
type testClock struct{ ahead atomic.Int64 }

func (c *testClock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *testClock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

func md5Of(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

func basicOf(code, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(code+":"+md5Of(password)))
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func addTill(t *testing.T, store *db.Store, code, role, password string) {
	t.Helper()
	if err := store.AddTill(context.Background(), "demo", "store", code, role, db.HashPassword(md5Of(password))); err != nil {
		t.Fatal(err)
	}
}

const search = "/v2/customers/search?q=a"

func TestTillCredentials(t *testing.T) {
	s := serve(t, nil)
	addTill(t, s.store, "reader", "read", "r")
	addTill(t, s.store, "boss", "admin", "b")
	addTill(t, s.store, "gone", "till", "g")
	if err := s.store.DisableTill(context.Background(), "demo", "gone"); err != nil {
		t.Fatal(err)
	}
	right := md5Of("server123")
	for _, row := range []struct {
		name, header string
		status       int
	}{
		{"worked example", demoTill, 200},
		{"blank after the colon, as printed", "Basic dGlsbDE6IDIwMmNiOTYyYWM1OTA3NWI5NjRiMDcxNTJkMjM0Yjcw", 401}, // till1 is not ours
		{"blank after the colon", "Basic " + b64("store.till1: 202cb962ac59075b964b07152d234b70"), 200},
		{"blanks around", "Basic " + b64("store.server:\t"+right+" \r\n"), 200},
		{"upper-case hex", "Basic " + b64("store.server:"+strings.ToUpper(right)), 200},
		{"scheme in lower case", "basic " + strings.TrimPrefix(demoTill, "Basic "), 200},
		{"two blanks", "Basic  " + strings.TrimPrefix(demoTill, "Basic "), 200},
		{"no padding", "Basic " + strings.TrimRight(b64("store.till1:202cb962ac59075b964b07152d234b70"), "="), 200},
		{"role read", basicOf("reader", "r"), 200},
		{"role admin", basicOf("boss", "b"), 200},
		{"none", "", 401},
		{"empty scheme", "Basic", 401},
		{"clear-text password", "Basic " + b64("store.server:server123"), 401},
		{"wrong password", basicOf("store.server", "server124"), 401},
		{"password of another till", basicOf("store.server", "123"), 401},
		{"unknown till", basicOf("nobody", "server123"), 401},
		{"disabled till", basicOf("gone", "g"), 401},
		{"empty till", "Basic " + b64(":"+right), 401},
		{"no colon", "Basic " + b64("store.server"), 401},
		{"no base64", "Basic !!!!", 401},
		{"33 digits", "Basic " + b64("store.server:"+right+"0"), 401},
		{"not hex", "Basic " + b64("store.server:"+right[:31]+"g"), 401},
		{"NUL in the till", "Basic " + b64("store.server\x00:"+right), 401},
		{"invalid UTF-8", "Basic " + b64("store\xff:"+right), 401},
		{"bearer", "Bearer abc", 401},
		{"kittens key", demoKey, 401},
		{"too long", "Basic " + b64(strings.Repeat("a", 1000)+":"+right), 401},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := s.send(t, "GET", search, "", "Authorization: "+row.header)
			if r.status != row.status {
				t.Errorf("%d %s", r.status, r.body)
			}
			if r.status == 401 {
				if r.header.Get("WWW-Authenticate") != `Basic realm="arteriole"` || r.code() != 401 || r.header.Get("RateLimit-Limit") != "" {
					t.Errorf("%v %s", r.header, r.body)
				}
			} else if r.header.Get("RateLimit-Limit") != "1000" || r.header.Get("RateLimit-Remaining") == "" || r.header.Get("RateLimit-Reset") == "" {
				t.Errorf("no RateLimit headers: %v", r.header)
			}
		})
	}
	req, _ := http.NewRequest("GET", s.url+search, nil)
	req.Header["Authorization"] = []string{demoTill, demoTill}
	if r := s.do(t, req); r.status != 401 {
		t.Errorf("two headers: %d", r.status)
	}
	// Roles: a reader does not write, and learns it before the body is looked at.
	if r := s.send(t, "POST", "/v2/customers?source=INSTORE", `{`, "Authorization: "+basicOf("reader", "r")); r.status != 403 || r.code() != 403 {
		t.Errorf("a reader writes: %d %s", r.status, r.body)
	}
}

func TestKittensKey(t *testing.T) {
	s := serve(t, nil)
	id, err := s.store.AddKey(context.Background(), "demo", "test", db.HashKey("another.key-1"))
	if err != nil {
		t.Fatal(err)
	}
	for header, status := range map[string]int{
		demoKey: 200, " meowmeowmeow": 200, "another.key-1": 200,
		"meowmeowmeo": 401, "MEOWMEOWMEOW": 401, "": 401, demoTill: 401, "Basic meowmeowmeow": 401, "Bearer meowmeowmeow": 401,
		"two words": 401, "mñow": 401, strings.Repeat("a", 300): 401,
	} {
		for _, path := range []string{"/api/kittens", "/kittens/1"} {
			r := s.send(t, "GET", path, "", "Authorization: "+header)
			if r.status != status {
				t.Errorf("%q: %d %s", header, r.status, r.body)
			}
			if r.status == 401 && r.header.Get("WWW-Authenticate") != `ApiKey realm="kittens"` {
				t.Errorf("%q: %v", header, r.header)
			}
		}
	}
	if err := s.store.RevokeKey(context.Background(), "demo", id); err != nil {
		t.Fatal(err)
	}
	if r := s.send(t, "GET", "/api/kittens", "", "Authorization: another.key-1"); r.status != 401 {
		t.Errorf("a revoked key: %d", r.status)
	}
}

// What was right is remembered, and forgotten at once when the till changes,
// also by a command beside the server.
func TestVerifiedAreForgotten(t *testing.T) {
	clock := &testClock{}
	s := serve(t, func(c *Config) { c.Clock = clock.now })
	addTill(t, s.store, "one", "till", "old")
	command, err := db.Open(t.Context(), s.store.Path(), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer command.Close()
	as := func(password string) int {
		return s.send(t, "GET", search, "", "Authorization: "+basicOf("one", password)).status
	}
	if as("old") != 200 || s.auth.verified.len() != 1 {
		t.Fatal("the first call fails or is not remembered")
	}
	before := s.auth.checks.Load()
	if as("old") != 200 || s.auth.checks.Load() != before {
		t.Error("a remembered password was checked again")
	}
	// Another till's change costs no new check: the hash is still the same.
	addTill(t, command, "two", "till", "x")
	if as("old") != 200 || s.auth.checks.Load() != before {
		t.Error("another till's change had a password checked again")
	}
	if err := command.SetTillPassword(t.Context(), "demo", "one", db.HashPassword(md5Of("new"))); err != nil {
		t.Fatal(err)
	}
	if as("old") != 401 || as("new") != 200 {
		t.Error("the old password works, or the new one does not")
	}
	if err := command.DisableTill(t.Context(), "demo", "one"); err != nil {
		t.Fatal(err)
	}
	if as("new") != 401 {
		t.Error("a disabled till gets in")
	}
	if as := s.send(t, "GET", search, "").status; as != 200 {
		t.Errorf("the demo till: %d", as)
	}
	remembered := func() bool {
		_, known, err := s.auth.remembered(t.Context(), s.auth.id("store.server", md5Of("server123")), s.store.Changed())
		return known && err == nil
	}
	for range 3 {
		if clock.advance(verifiedFor * 4 / 5); !remembered() {
			t.Error("forgotten though in use")
		}
	}
	if clock.advance(verifiedFor); remembered() {
		t.Error("remembered past its time")
	}
}

func TestGuesses(t *testing.T) {
	clock := &testClock{}
	s := serve(t, func(c *Config) { c.Clock = clock.now })
	guess := func(i int) reply {
		code := "store.server"
		if i%2 == 1 {
			code = "Store.SERVER" // the same till
		}
		return s.send(t, "GET", search, "", "Authorization: "+basicOf(code, fmt.Sprint("guess", i)))
	}
	effective, limited := 0, 0
	for i := range 14 {
		switch r := guess(i); r.status {
		case 401:
			effective++
		case 429:
			limited++
			if r.code() != 429 || r.header.Get("Retry-After") == "0" {
				t.Errorf("%v %s", r.header, r.body)
			}
		default:
			t.Errorf("%d %s", r.status, r.body)
		}
	}
	if effective != guessesOfTill || limited != 4 {
		t.Errorf("%d guesses were effective, %d refused", effective, limited)
	}
	// Another till from here is not held up, nor is this till from elsewhere.
	if r := s.send(t, "GET", search, "", "Authorization: "+basicOf("store.till1", "123")); r.status != 200 {
		t.Errorf("another till: %d", r.status)
	}
	elsewhere := netip.MustParseAddr("192.0.2.7")
	op := &operation{schemes: tillScheme}
	req, _ := http.NewRequest("GET", "/", nil)
	req.Header.Set("Authorization", demoTill)
	if _, err := s.auth.caller(t.Context(), req, op, elsewhere); err != nil {
		t.Errorf("the right client from elsewhere: %v", err)
	}
	// And now that it is remembered, from here too, whatever guessers do.
	if r := s.send(t, "GET", search, ""); r.status != 200 {
		t.Errorf("the right client from here: %d", r.status)
	}
	if r := guess(99); r.status != 429 {
		t.Errorf("guessing goes on: %d", r.status)
	}
	clock.advance(guessWindow)
	if r := guess(100); r.status != 401 {
		t.Errorf("a minute later: %d", r.status)
	}
}

func TestGuessesOfOneAddress(t *testing.T) {
	s := serve(t, nil)
	from := netip.MustParseAddr("192.0.2.1")
	for range guessesOfAddress {
		s.auth.guess(guesser{"", from}, 1<<30, time.Now(), true)
	}
	_, err := s.auth.till(t.Context(), basicOf("somebody", "x"), from, 0)
	if err == nil || asFault(err).Status != 429 {
		t.Errorf("guess 61 from one address: %v", err)
	}
}

// The time of a refusal does not tell whether the till is there.
func TestUnknownTillsTakeAsLong(t *testing.T) {
	oneByOne(t)
	s := serve(t, nil)
	addTill(t, s.store, "off", "till", "x")
	if err := s.store.DisableTill(t.Context(), "demo", "off"); err != nil {
		t.Fatal(err)
	}
	took := map[string][]time.Duration{}
	codes := []string{"store.server", "nobody", "off"}
	for i := range 7 {
		for _, code := range codes { // in turn, so that a busy machine is busy for all
			start := time.Now()
			if r := s.send(t, "GET", search, "", "Authorization: "+basicOf(code, fmt.Sprint(i))); r.status != 401 {
				t.Fatalf("%s: %d", code, r.status)
			}
			took[code] = append(took[code], time.Since(start))
		}
	}
	for _, code := range codes {
		slices.Sort(took[code])
		if d, wrong := took[code][3], took["store.server"][3]; d < wrong/3 || d > wrong*3 { // without the check it would be a hundredth
			t.Errorf("%s: %v, wrong password: %v", code, d, wrong)
		}
	}
}

// Many at once with one right credential are one check, and many with
// different wrong ones do not run at once.
func TestChecksAtOnce(t *testing.T) {
	s := serve(t, nil)
	var wg sync.WaitGroup
	var got [600]atomic.Int64
	all := func(n int, header func(i int) string) {
		for i := range n {
			wg.Go(func() { got[s.send(t, "GET", search, "", "Authorization: "+header(i)).status].Add(1) })
		}
		wg.Wait()
	}
	all(100, func(int) string { return demoTill })
	if got[200].Load() != 100 || s.auth.checks.Load() > 3 { // each that begins before the first has ended may share that
		t.Errorf("%d of 100 got in, after %d checks", got[200].Load(), s.auth.checks.Load())
	}
	all(100, func(i int) string { return basicOf(fmt.Sprint("till", i), "x") })
	if refused, busy, limited := got[401].Load(), got[503].Load(), got[429].Load(); refused+busy+limited != 100 || busy == 0 || refused < 10 {
		t.Errorf("100 guesses: %d refused, %d sent away, %d limited", refused, busy, limited)
	}
	if s.auth.line.waiting != 0 || s.auth.line.running != 0 || len(s.auth.line.addresses) != 0 {
		t.Errorf("checks are still counted as waiting or running: %d, %d, %d addresses", s.auth.line.waiting, s.auth.line.running, len(s.auth.line.addresses))
	}
	if s.send(t, "GET", search, "").status != 200 {
		t.Error("the right client does not get in")
	}
}
