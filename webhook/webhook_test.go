package webhook

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestCheckURL(t *testing.T) {
	for raw, private := range map[string][2]bool{ // refused, and refused also when private addresses are allowed
		"https://example.com/hook?x=1":     {false, false},
		"https://example.com:8443/":        {false, false},
		"https://93.184.216.34/":           {false, false},
		"https://[2606:2800:220:1::1]/":    {false, false},
		"http://example.com/":              {true, false},
		"https://127.0.0.1/":               {true, false},
		"https://10.1.2.3/":                {true, false},
		"https://169.254.169.254/latest":   {true, false},
		"https://[::1]/":                   {true, false},
		"https://[::ffff:10.0.0.1]/":       {true, false},
		"https://[fd00::1]/":               {true, false},
		"https://[fe80::1%25eth0]/":        {true, false},
		"https://[64:ff9b::a00:1]/":        {true, false},
		"https://localhost/":               {true, false},
		"https://[::7f00:1]/":              {true, false},
		"https://[::ffff:0:10.0.0.1]/":     {true, false},
		"https://example.com:0/":           {true, true},
		"https://example.com:99999/":       {true, true},
		"https://example.com:/":            {true, true},
		"https://LOCALHOST./":              {true, false},
		"https://db.localhost/":            {true, false},
		"https://0.0.0.0/":                 {true, false},
		"ftp://example.com/":               {true, true},
		"https://user:secret@example.com/": {true, true},
		"https://example.com/#x":           {true, true},
		"https://":                         {true, true},
		"https:///path":                    {true, true},
		"https://:443/":                    {true, true},
		"https:example.com":                {true, true},
		"/hook":                            {true, true},
		"":                                 {true, true},
		"https://example.com/%zz":          {true, true},
		"https://example.com/" + strings.Repeat("x", maxURL): {true, true},
	} {
		for i, want := range private {
			if err := CheckURL(raw, i == 1); (err != nil) != want {
				t.Errorf("%.60s, private %t: %v", raw, i == 1, err)
			}
		}
	}
}

func TestPublic(t *testing.T) {
	for a, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "::ffff:8.8.8.8": true,
		"127.0.0.1": false, "10.0.0.1": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false, "0.1.2.3": false, "224.0.0.1": false,
		"255.255.255.255": false, "240.0.0.1": false, "198.18.0.1": false, "192.0.0.170": false, "168.63.129.16": false, "168.63.129.17": true, "::": false, "::1": false, "fd12::1": false, "fe80::1": false, "ff02::1": false,
		"::ffff:127.0.0.1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "2001:db8::1": false, "fec0::1": false,
	} {
		if got := Public(netip.MustParseAddr(a)); got != want {
			t.Errorf("%s: %t", a, got)
		}
	}
}

// receiver is a server that keeps what it got.
func receiver(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func TestSend(t *testing.T) {
	now := time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC)
	var got *http.Request
	var body []byte
	to := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(204)
	})
	s := New(Options{Private: true, Clock: func() time.Time { return now }})
	m := Message{URL: to + "/hook?a=b", Secret: "s3cret", Event: "confirmation.code", ID: "7", Body: []byte(`{"a":1}`)}
	if err := s.Send(context.Background(), m); err != nil {
		t.Fatal(err)
	}
	if got.Method != "POST" || got.URL.String() != "/hook?a=b" || string(body) != `{"a":1}` || got.Header.Get("Content-Type") != "application/json" || got.Header.Get(HeaderEvent) != "confirmation.code" || got.Header.Get(HeaderID) != "7" {
		t.Errorf("%+v %s", got, body)
	}
	signature := got.Header.Get(HeaderSignature)
	if signature != "t=1770120000,v1=37c3a06dca5403900fa4efe585f5d51755a9c7055ab4c71d88ee696dcdc90ef2" { // printf %s '1770120000.{"a":1}' | openssl dgst -sha256 -hmac s3cret
		t.Error(signature)
	}
	for what, err := range map[string]error{
		"as sent":         Verify("s3cret", signature, body, now.Add(time.Minute), 5*time.Minute),
		"another secret":  negate(Verify("other", signature, body, now, time.Minute)),
		"another body":    negate(Verify("s3cret", signature, []byte(`{"a":2}`), now, time.Minute)),
		"another time":    negate(Verify("s3cret", strings.Replace(signature, "t=1770120000", "t=1770120001", 1), body, now, time.Minute)),
		"too old":         negate(Verify("s3cret", signature, body, now.Add(time.Hour), time.Minute)),
		"from the future": negate(Verify("s3cret", signature, body, now.Add(-time.Hour), time.Minute)),
		"none":            negate(Verify("s3cret", "", body, now, time.Minute)),
		"half":            negate(Verify("s3cret", signature[:40], body, now, time.Minute)),
	} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func negate(err error) error {
	if err == nil {
		return errors.New("it was accepted")
	}
	return nil
}

// A receiver in the server's own network gets nothing, whatever leads there: its address, a name that resolves to it (as one does
// that was changed after it was checked), or a redirect.
func TestPrivateAddressesGetNothing(t *testing.T) {
	var called atomic.Int32
	to := receiver(t, func(http.ResponseWriter, *http.Request) { called.Add(1) })
	port := to[strings.LastIndex(to, ":"):]
	closed := New(Options{})
	for _, u := range []string{to, "https://127.0.0.1" + port, "https://localhost" + port} {
		if err := closed.Send(context.Background(), Message{URL: u}); err == nil {
			t.Errorf("%s was sent to", u)
		}
	}
	// The dialer itself: past the check of the URL, as a name is.
	_, err := closed.client.Get("http://localhost" + port)
	if !errors.Is(err, ErrPrivate) {
		t.Errorf("dialled: %v", err)
	}
	if err := closed.control("tcp", "[::ffff:10.0.0.1]:443", nil); !errors.Is(err, ErrPrivate) {
		t.Error(err)
	}
	if err := closed.control("tcp", net.JoinHostPort("8.8.8.8", "443"), nil); err != nil {
		t.Error(err)
	}
	if said := Reason(closed.Send(context.Background(), Message{URL: to})); said != "only https is allowed" {
		t.Errorf("of %s whoever set it up is told: %s", to, said)
	}
	open := New(Options{Private: true})
	redirect := receiver(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusTemporaryRedirect) })
	var status *StatusError
	if err := open.Send(context.Background(), Message{URL: redirect}); !errors.As(err, &status) || status.Status != 307 {
		t.Error(err)
	}
	if n := called.Load(); n != 0 {
		t.Errorf("the receiver was called %d times", n)
	}
	if err := open.Send(context.Background(), Message{URL: to}); err != nil || called.Load() != 1 { // the control
		t.Error(err)
	}
}

// A receiver that stalls, that answers without end, and one that is not there cost no more than the timeout.
func TestSendIsBounded(t *testing.T) {
	stop := make(chan struct{})
	stalls := receiver(t, func(http.ResponseWriter, *http.Request) { <-stop })
	endless := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	})
	defer close(stop)
	s := New(Options{Private: true, Timeout: 300 * time.Millisecond})
	begin := time.Now()
	if err := s.Send(context.Background(), Message{URL: stalls}); err == nil {
		t.Error("a receiver that stalls has it")
	}
	if err := s.Send(context.Background(), Message{URL: endless}); err != nil {
		t.Error(err) // it said 200 before
	}
	if err := s.Send(context.Background(), Message{URL: "http://127.0.0.1:1/"}); err == nil {
		t.Error("nobody has it")
	}
	if d := time.Since(begin); d > 5*time.Second {
		t.Error(d)
	}
}

func TestQueue(t *testing.T) {
	retries = []time.Duration{time.Millisecond, time.Millisecond, time.Millisecond}
	var calls atomic.Int32
	delivered := make(chan string, 10)
	gate := make(chan struct{})
	to := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		<-gate
		if calls.Add(1) < 3 {
			w.WriteHeader(500)
			return
		}
		delivered <- r.Header.Get(HeaderID)
	})
	var log strings.Builder
	q := NewQueue(New(Options{Private: true}), 8, 1, slog.New(slog.NewTextHandler(&log, nil)))
	until := time.Now().Add(time.Minute)
	m := Message{URL: to + "/token-of-the-receiver", ID: "a"}
	if !q.Offer(m, until) {
		t.Fatal("an empty queue has no room")
	}
	taken := 1
	for range 10 { // an organization may have a quarter
		m.ID = "b"
		if q.Offer(m, time.Now()) { // worth nothing any more when its turn comes
			taken++
		}
	}
	if taken != 2 {
		t.Errorf("a queue of 8 took %d of one organization", taken)
	}
	close(gate)
	if id := <-delivered; id != "a" {
		t.Error(id)
	}
	q.Close()
	if len(delivered) != 0 {
		t.Errorf("%s was delivered too late", <-delivered)
	}
	if !strings.Contains(log.String(), "answered 500") || strings.Contains(log.String(), "token-of-the-receiver") {
		t.Error(log.String())
	}
}

// A receiver that is dead, and one that only refuses, hold up nobody but their own organizations.
func TestOrganizationsDoNotWaitForEachOther(t *testing.T) {
	retries = []time.Duration{time.Minute, time.Minute, time.Minute}
	ctx, end := context.WithCancel(context.Background())
	defer end()
	dead := receiver(t, func(http.ResponseWriter, *http.Request) { <-ctx.Done() })
	refusing := receiver(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
	delivered := make(chan string, 100)
	well := receiver(t, func(_ http.ResponseWriter, r *http.Request) { delivered <- r.Header.Get(HeaderID) })
	q := NewQueue(New(Options{Private: true, Timeout: time.Minute}), 400, 4, nil)
	until := time.Now().Add(time.Hour)
	for range 100 {
		if !q.Offer(Message{Org: 1, URL: dead}, until) || !q.Offer(Message{Org: 2, URL: refusing}, until) {
			t.Fatal("there is room for a quarter of each")
		}
	}
	if q.Offer(Message{Org: 1, URL: dead}, until) {
		t.Error("an organization has more than its quarter")
	}
	for i := range 50 {
		if !q.Offer(Message{Org: 3, URL: well, ID: strconv.Itoa(i)}, until) {
			t.Fatalf("no room for message %d of another organization", i)
		}
	}
	for i := range 50 {
		select {
		case <-delivered:
		case <-time.After(10 * time.Second):
			t.Fatalf("%d messages came, the others wait for a receiver that is not theirs", i)
		}
	}
	end()
	q.Close()
}
