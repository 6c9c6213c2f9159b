package handlers

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestRateOfTill(t *testing.T) {
	clock := &testClock{}
	s := serve(t, func(c *Config) { c.Clock, c.Rate, c.Burst = clock.now, 0.5, 2 })
	for i, want := range []int{200, 200, 429} {
		r := s.send(t, "GET", search, "")
		remaining, _ := strconv.Atoi(r.header.Get("RateLimit-Remaining"))
		if r.status != want || r.header.Get("RateLimit-Limit") != "2" || remaining != max(0, 1-i) {
			t.Errorf("call %d: %d %v", i, r.status, r.header)
		}
		if want == 429 && (r.header.Get("Retry-After") != "2" || r.code() != 429) {
			t.Errorf("call %d: %v", i, r.header)
		}
	}
	if r := s.send(t, "GET", search, "", "Authorization: "+basicOf("store.till1", "123")); r.status != 200 {
		t.Errorf("another till: %d", r.status)
	}
	if r := s.send(t, "GET", "/api/kittens", ""); r.status != 200 {
		t.Errorf("a key: %d", r.status)
	}
	// The org's own setting holds from the next call on.
	if err := s.store.SetOrg(t.Context(), "demo", "rate-limit", "0"); err != nil {
		t.Fatal(err)
	}
	if r := s.send(t, "GET", search, ""); r.status != 200 || r.header.Get("RateLimit-Limit") != "" {
		t.Errorf("no limit: %d %v", r.status, r.header)
	}
	if err := s.store.SetOrg(t.Context(), "demo", "rate-limit", "1000"); err != nil {
		t.Fatal(err)
	}
	if err := s.store.SetOrg(t.Context(), "demo", "rate-burst", "5"); err != nil {
		t.Fatal(err)
	}
	s.send(t, "GET", search, "")
	clock.advance(time.Second)
	if r := s.send(t, "GET", search, ""); r.status != 200 || r.header.Get("RateLimit-Limit") != "5" || r.header.Get("RateLimit-Remaining") != "4" {
		t.Errorf("the org's limit: %d %v", r.status, r.header)
	}
}

func TestRateOfAddress(t *testing.T) {
	clock := &testClock{}
	s := serve(t, func(c *Config) { c.Clock, c.AddressRate, c.AddressBurst = clock.now, 1, 3 })
	for _, want := range []int{401, 401, 401, 429, 429} {
		if r := s.send(t, "GET", search, "", "Authorization: "); r.status != want {
			t.Errorf("%d, want %d", r.status, want)
		}
	}
	if r := s.send(t, "GET", "/v2/nothing", ""); r.status != 429 {
		t.Errorf("an unknown path of the API: %d", r.status)
	}
	if r := s.send(t, "GET", "/healthz", ""); r.status != 200 {
		t.Errorf("/healthz: %d", r.status)
	}
	clock.advance(3 * time.Second)
	if r := s.send(t, "GET", search, ""); r.status != 200 {
		t.Errorf("later: %d", r.status)
	}
}

func TestClientAddress(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, row := range []struct{ remote, forwarded, want string }{
		{"192.0.2.1:5", "", "192.0.2.1"},
		{"192.0.2.1:5", "198.51.100.1", "192.0.2.1"}, // who says so is not trusted
		{"10.0.0.1:5", "", "10.0.0.1"},
		{"10.0.0.1:5", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:5", "1.1.1.1, 198.51.100.1", "198.51.100.1"}, // 1.1.1.1 is the client's claim
		{"10.0.0.1:5", "198.51.100.1, 10.0.0.2", "198.51.100.1"},
		{"10.0.0.1:5", "198.51.100.1|10.0.0.2", "198.51.100.1"},
		{"10.0.0.1:5", "10.0.0.3, 10.0.0.2", "10.0.0.3"},
		{"10.0.0.1:5", "198.51.100.1:443", "198.51.100.1"},
		{"10.0.0.1:5", "garbage, 10.0.0.2", "10.0.0.2"},
		{"10.0.0.1:5", "garbage", "10.0.0.1"},
		{"[fd00::1]:5", "2001:db8::7", "2001:db8::7"},
		{"[fd00::1]:5", "[2001:db8::7]:80", "2001:db8::7"},
		{"[::ffff:10.0.0.1]:5", "198.51.100.1", "198.51.100.1"},
		{"[fe80::1%eth0]:5", "", "fe80::1"},
	} {
		r := &http.Request{RemoteAddr: row.remote, Header: http.Header{}}
		if row.forwarded != "" {
			r.Header["X-Forwarded-For"] = strings.Split(row.forwarded, "|")
		}
		if got := clientAddress(r, trusted); got.String() != row.want {
			t.Errorf("%+v: %v", row, got)
		}
	}
	if clientAddress(&http.Request{RemoteAddr: "10.0.0.1:5", Header: http.Header{"X-Forwarded-For": {"1.1.1.1"}}}, nil).String() != "10.0.0.1" {
		t.Error("the header is believed though no proxy is trusted")
	}
	a, b := netip.MustParseAddr("2001:db8:0:1::7"), netip.MustParseAddr("2001:db8:0:1:ffff::8")
	if neighbourhood(a) != neighbourhood(b) || neighbourhood(a) == neighbourhood(netip.MustParseAddr("2001:db8:0:2::7")) {
		t.Error("IPv6 addresses are not counted by /64")
	}
}

func TestBounded(t *testing.T) {
	b := newBounded[int, string](3)
	for i := range 5 {
		b.put(i, strconv.Itoa(i))
		b.get(2)
	}
	if _, ok := b.get(2); !ok || b.len() != 3 || len(b.byKey) != 3 {
		t.Errorf("%d entries, 2 is there: %v", b.len(), ok)
	}
	if _, ok := b.get(1); ok {
		t.Error("1 was touched longest ago and is still there")
	}
	b.drop(2)
	b.drop(2)
	if _, ok := b.get(2); ok || b.len() != 2 {
		t.Error("2 is still there")
	}
}
