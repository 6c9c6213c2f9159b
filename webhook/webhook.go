// Package webhook sends signed messages to addresses that organizations have configured. It refuses addresses of the server's own
// network: other machines there may trust the server, and whoever configures an address must not reach them through it.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The headers of a message.
const (
	HeaderSignature = "X-Arteriole-Signature" // t=UNIX SECONDS,v1=HEX
	HeaderEvent     = "X-Arteriole-Event"
	HeaderID        = "X-Arteriole-Delivery" // the same in each attempt
)

const (
	maxURL    = 2000
	maxAnswer = 16 << 10 // bytes of an answer that are read, so that the connection can be used again
)

// ErrPrivate means that an address is reachable only from the server's network.
var ErrPrivate = errors.New("the address is private")

var errNotHTTPS = errors.New("only https is allowed")

// StatusError is an answer other than 2xx. A redirect is one, too: it is not followed.
type StatusError struct{ Status int }

func (e *StatusError) Error() string { return "the receiver answered " + strconv.Itoa(e.Status) }

// Message is what is sent.
type Message struct {
	Org    int64 // whose message it is
	URL    string
	Secret string // of the signature
	Event  string // its name, as confirmation.code
	ID     string // by which a receiver knows one that it has already
	Body   []byte // JSON
}

// Sender sends messages. It is safe for concurrent use.
type Sender struct {
	client  *http.Client
	private bool
	clock   func() time.Time
}

// Options of a sender. The zero value is right for production.
type Options struct {
	Private bool             // private addresses and plain http are allowed
	Timeout time.Duration    // of a whole exchange; 0: 10 seconds
	Clock   func() time.Time // nil: time.Now
	TLS     *tls.Config      // nil: the system's roots
}

// New makes a sender.
func New(o Options) *Sender {
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	s := &Sender{private: o.Private, clock: o.Clock}
	dialer := &net.Dialer{Timeout: o.Timeout, KeepAlive: 30 * time.Second, Control: s.control}
	s.client = &http.Client{
		Timeout: o.Timeout,
		// A receiver that redirects would choose the next address.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  nil, // a proxy would resolve the name itself
			DialContext:            dialer.DialContext,
			TLSClientConfig:        o.TLS,
			TLSHandshakeTimeout:    o.Timeout,
			ForceAttemptHTTP2:      true,
			MaxIdleConns:           50,
			MaxIdleConnsPerHost:    2,
			IdleConnTimeout:        time.Minute,
			MaxResponseHeaderBytes: maxAnswer,
		},
	}
	return s
}

// control checks the resolved address right before the connection: a name that was public when it was checked and is private now
// reaches nothing.
func (s *Sender) control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !s.private && !Public(at.Addr()) {
		return ErrPrivate
	}
	return nil
}

// Check returns why nothing can be sent to an address, or nil. It resolves no name: that is checked when something is sent.
func (s *Sender) Check(raw string) error { return CheckURL(raw, s.private) }

// CheckURL is Check without a sender.
func CheckURL(raw string, private bool) error {
	u, err := url.Parse(raw)
	switch {
	case len(raw) > maxURL || err != nil || u.Host == "" || u.Hostname() == "" || u.Opaque != "":
		return errors.New("it must be a URL such as https://example.com/hook")
	case u.Scheme != "https" && !(private && u.Scheme == "http"):
		return errNotHTTPS
	case u.User != nil:
		return errors.New("it must not contain a user name or password")
	case u.Fragment != "":
		return errors.New("it must not contain a fragment")
	case !portOf(u):
		return errors.New("its port must be from 1 to 65535")
	case private:
		return nil
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if at, err := netip.ParseAddr(host); err == nil && !Public(at) || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return ErrPrivate
	}
	return nil
}

// portOf reports whether a URL has no port, or a valid one.
func portOf(u *url.URL) bool {
	if !strings.HasSuffix(u.Host, ":"+u.Port()) {
		return true
	}
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && n > 0
}

// global is the IPv6 range of the public internet.
var global = netip.MustParsePrefix("2000::/3")

// reserved lists what is not on the public internet, or leads into private networks by translation: RFC 6890 and its successors.
var reserved = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"168.63.129.16/32", // public by its number: what the machines of one large host ask about themselves
	"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10")

func prefixes(all ...string) (out []netip.Prefix) {
	for _, p := range all {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

// Public reports whether an address is on the public internet.
func Public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Is6() && !global.Contains(a) {
		return false
	}
	for _, p := range reserved {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// Send makes one attempt to send a message. Its error reveals nothing of the body.
func (s *Sender) Send(ctx context.Context, m Message) error {
	if err := s.Check(m.URL); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.URL, bytes.NewReader(m.Body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Arteriole")
	req.Header.Set(HeaderEvent, m.Event)
	req.Header.Set(HeaderID, m.ID)
	req.Header.Set(HeaderSignature, Sign(m.Secret, s.clock(), m.Body))
	res, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(res.Body, maxAnswer)); err != nil && res.StatusCode/100 == 2 {
		return nil // it has said that it has it
	}
	if res.StatusCode/100 != 2 {
		return &StatusError{res.StatusCode}
	}
	return nil
}

// Sign returns the signature of a body at a time: HMAC-SHA256 of the Unix seconds, a full stop and the body.
func Sign(secret string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac(secret, t, body))
}

func mac(secret, t string, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(t + "."))
	h.Write(body)
	return h.Sum(nil)
}

// Verify is how a receiver checks a signature: it must be made with the secret, and be no older or newer than tolerance.
func Verify(secret, signature string, body []byte, now time.Time, tolerance time.Duration) error {
	t, sum, ok := strings.Cut(signature, ",v1=")
	t, stamped := strings.CutPrefix(t, "t=")
	seconds, err := strconv.ParseInt(t, 10, 64)
	got, hexErr := hex.DecodeString(sum)
	if !ok || !stamped || err != nil || hexErr != nil {
		return errors.New("the signature cannot be read")
	}
	if !hmac.Equal(got, mac(secret, t, body)) {
		return errors.New("the signature is not the secret's")
	}
	if d := now.Sub(time.Unix(seconds, 0)).Abs(); d > tolerance {
		return fmt.Errorf("the signature is %s away", d)
	}
	return nil
}

// Reason tells whoever configured an address why nothing was delivered. It reveals nothing of the server's network: an unknown
// name and a name that leads to a private address give the same answer.
func Reason(err error) string {
	var status *StatusError
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var timeout net.Error
	switch {
	case errors.As(err, &status):
		return status.Error()
	case errors.Is(err, ErrPrivate), errors.As(err, &name):
		return "the name leads to no public address"
	case errors.Is(err, errNotHTTPS):
		return "only https is allowed"
	case errors.As(err, &certificate):
		return "the receiver's certificate was not accepted"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "the receiver did not answer in time"
	}
	return "the receiver was not reached, or hung up"
}

// Detail is an error for the log, without the URL, whose path and query may hold a token of the receiver.
func Detail(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return err.Error()
}
