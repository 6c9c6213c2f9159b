package handlers

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/arteriole/arteriole/db"
)

const getAsha = "/v2/customers/1001"

// with sends a request with a token in the vendor's header.
func (w *world) with(token, method, path, body string, more ...string) answer {
	w.t.Helper()
	return w.as("").call(method, path, body, append([]string{"X-CAP-API-OAUTH-TOKEN: " + token}, more...)...)
}

// A token opens the API in either header, says what the facts say of it, and is refused once it has ended.
func TestAccessTokens(t *testing.T) {
	clock := &testClock{}
	w := newWorld(t, func(c *Config) { c.Clock = clock.now })
	c := newClient(t, w, "store.till1", "till", 5*time.Minute)
	a := c.ask(w)
	if a.status != 200 || !strings.Contains(a.body, `"ttlSeconds":300`) || !strings.Contains(a.body, `"errors":null`) {
		t.Fatalf("%d %s", a.status, a.body)
	}
	token := c.token(t, w)
	var header, claims map[string]any
	for i, into := range []*map[string]any{&header, &claims} {
		b, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, into); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(map[string]any{"alg": "RS256", "typ": "JWT", "kid": "k1"}, header); diff != "" {
		t.Error(diff)
	}
	if life := claims["exp"].(float64) - claims["iat"].(float64); life != 300 || claims["jti"] == "" {
		t.Errorf("it lives %v s: %v", life, claims)
	}
	for _, k := range []string{"exp", "iat", "jti"} {
		delete(claims, k)
	}
	want := map[string]any{"iss": "arteriole", "sub": "test", "client_id": 2., "client_key": c.key, "org_id": 1., "default_till": 2.,
		"token_use": "token_access", "scopes": `[{"permission":"READWRITE","entityId":1,"resources":[".*"]}]`}
	if diff := cmp.Diff(want, claims); diff != "" {
		t.Error(diff)
	}
	for _, row := range []struct {
		name    string
		status  int
		headers []string
	}{
		{"the vendor's header", 200, []string{"X-CAP-API-OAUTH-TOKEN: " + token}},
		{"in lower case", 200, []string{"x-cap-api-oauth-token: " + token}},
		{"Bearer", 200, []string{"Authorization: Bearer " + token}},
		{"bearer in lower case", 200, []string{"Authorization: bearer " + token}},
		{"both", 401, []string{"X-CAP-API-OAUTH-TOKEN: " + token, "Authorization: Bearer " + token}},
		{"a till beside it", 401, []string{"X-CAP-API-OAUTH-TOKEN: " + token, "Authorization: " + demoTill}},
		{"in Basic", 401, []string{"Authorization: Basic " + token}},
		{"bare", 401, []string{"Authorization: " + token}},
		{"Bearer in the vendor's header", 401, []string{"X-CAP-API-OAUTH-TOKEN: Bearer " + token}},
		{"empty", 401, []string{"X-CAP-API-OAUTH-TOKEN: "}},
		{"long", 401, []string{"X-CAP-API-OAUTH-TOKEN: " + strings.Repeat("a", maxToken+1)}},
	} {
		r := w.as("").call("GET", getAsha, "", row.headers...)
		if r.status != row.status {
			t.Errorf("%s: %d %s", row.name, r.status, r.body)
		}
		if r.status == 401 && !slices.Equal(r.header.Values("WWW-Authenticate"), []string{`Basic realm="arteriole"`, `Bearer realm="arteriole"`}) {
			t.Errorf("%s: challenges %q", row.name, r.header.Values("WWW-Authenticate"))
		}
	}
	for _, path := range []string{"/api/kittens", "/api/kittens/1"} {
		if r := w.with(token, "GET", path, ""); r.status != 401 {
			t.Errorf("a token opens %s: %d", path, r.status)
		}
	}
	if clock.advance(5*time.Minute - 10*time.Second); w.with(token, "GET", getAsha, "").status != 200 {
		t.Error("refused before its end")
	}
	if clock.advance(20 * time.Second); w.with(token, "GET", getAsha, "").status != 401 {
		t.Error("taken after its end")
	}
}

// What is not exactly a token of ours is refused, whoever made it and however: the algorithm is ours to choose, the key is found
// by its id, the times count.
func TestForgedTokens(t *testing.T) {
	w := newWorld(t)
	c := newClient(t, w, "store.server", "till", time.Hour)
	own, err := w.store.ClientByKey(t.Context(), c.key)
	if err != nil {
		t.Fatal(err)
	}
	key, err := w.store.SigningKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.Private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	good := jwt.MapClaims{"iss": issuer, "sub": "test", "jti": "x", "iat": noon.Unix(), "exp": noon.Add(time.Minute).Unix(), "client_id": own.ID,
		"client_key": c.key, "org_id": own.Org, "default_till": own.Till, "token_use": accessUse, "scopes": "[]"}
	sign := func(method jwt.SigningMethod, key any, kid any, change jwt.MapClaims) string {
		claims := maps.Clone(good)
		maps.Copy(claims, change)
		for k, v := range change {
			if v == nil {
				delete(claims, k)
			}
		}
		token := jwt.NewWithClaims(method, claims)
		if kid != nil {
			token.Header["kid"] = kid
		}
		text, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	rs, k1 := jwt.SigningMethodRS256, "k1"
	if a := w.with(sign(rs, key.Private, k1, nil), "GET", getAsha, ""); a.status != 200 {
		t.Fatalf("the good one, by which the others are judged: %d %s", a.status, a.body)
	}
	valid := sign(rs, key.Private, k1, nil)
	parts := strings.Split(valid, ".")
	for name, token := range map[string]string{
		"no algorithm":               sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, k1, nil),
		"HMAC with the public key":   sign(jwt.SigningMethodHS256, public, k1, nil),
		"HMAC with its DER":          sign(jwt.SigningMethodHS256, der, k1, nil),
		"RS512":                      sign(jwt.SigningMethodRS512, key.Private, k1, nil),
		"PS256":                      sign(jwt.SigningMethodPS256, key.Private, k1, nil),
		"another's key":              sign(rs, stranger, k1, nil),
		"another's key, no id":       sign(rs, stranger, nil, nil),
		"an id that is none":         sign(rs, key.Private, "k9", nil),
		"no id":                      sign(rs, key.Private, nil, nil),
		"an id of another type":      sign(rs, key.Private, 1, nil),
		"an id with a path":          sign(rs, key.Private, "../k1", nil),
		"no signature":               parts[0] + "." + parts[1] + ".",
		"cut":                        valid[:len(valid)-1],
		"more behind it":             valid + ".x",
		"other claims":               parts[0] + "." + strings.Split(sign(rs, key.Private, k1, jwt.MapClaims{"org_id": 2}), ".")[1] + "." + parts[2],
		"ended":                      sign(rs, key.Private, k1, jwt.MapClaims{"iat": noon.Add(-time.Minute).Unix(), "exp": noon.Unix()}),
		"without an end":             sign(rs, key.Private, k1, jwt.MapClaims{"exp": nil}),
		"without a beginning":        sign(rs, key.Private, k1, jwt.MapClaims{"iat": nil}),
		"from the future":            sign(rs, key.Private, k1, jwt.MapClaims{"iat": noon.Add(time.Second).Unix()}),
		"longer than any":            sign(rs, key.Private, k1, jwt.MapClaims{"exp": noon.Add(time.Hour + time.Second).Unix()}),
		"for something else":         sign(rs, key.Private, k1, jwt.MapClaims{"token_use": "token_refresh"}),
		"by somebody else":           sign(rs, key.Private, k1, jwt.MapClaims{"iss": "Capillary"}),
		"a client that is not there": sign(rs, key.Private, k1, jwt.MapClaims{"client_id": 99}),
		"an org that is not there":   sign(rs, key.Private, k1, jwt.MapClaims{"org_id": 99}),
		"another client's key":       sign(rs, key.Private, k1, jwt.MapClaims{"client_key": "demoteaclient000000000001"}),
		"a number that is text":      sign(rs, key.Private, k1, jwt.MapClaims{"client_id": "2"}),
		"no JSON":                    "eyJ." + parts[1] + "." + parts[2],
		"nothing":                    "..",
	} {
		if a := w.with(token, "GET", getAsha, ""); a.status != 401 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	// Retired, the key is good for what it has signed, for an hour; not for what it signs from then on.
	if _, err := w.store.RotateSigningKey(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if a := w.with(valid, "GET", getAsha, ""); a.status != 200 {
		t.Errorf("signed before the key was retired: %d %s", a.status, a.body)
	}
	if b, err := base64.RawURLEncoding.DecodeString(strings.Split(c.token(t, w), ".")[0]); err != nil || !strings.Contains(string(b), `"kid":"k2"`) {
		t.Errorf("signed by %s, %v", b, err)
	}
}

// A retired key is judged by the time: only what it had signed, only for an hour.
func TestRetiredKeys(t *testing.T) {
	clock := &testClock{}
	w := newWorld(t, func(c *Config) { c.Clock = clock.now })
	key, err := w.store.SigningKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tokens := newTokens(w.store, clock.now)
	key.RetiredOn = clock.now()
	for _, row := range []struct {
		name     string
		iat, now time.Duration // after the key was retired
		good     bool
	}{
		{"before", -time.Second, time.Second, true},
		{"at the moment", 0, time.Second, true},
		{"after", time.Second, time.Minute, false},
		{"an hour later", -time.Second, time.Hour, false},
		{"just before that", -time.Second, time.Hour - time.Second, true},
	} {
		iat := key.RetiredOn.Add(row.iat)
		tokens.clock = func() time.Time { return key.RetiredOn.Add(row.now) }
		c := &claims{TokenUse: accessUse, RegisteredClaims: jwt.RegisteredClaims{IssuedAt: &jwt.NumericDate{Time: iat}, ExpiresAt: &jwt.NumericDate{Time: iat.Add(time.Hour)}}}
		err := tokens.judge(&jwt.Token{Header: map[string]any{"kid": key.ID}}, c, []db.SigningKey{key})
		if (err == nil) != row.good {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

// What is taken back is refused with the next request, though the server has just remembered it: also when a command beside it
// took it back.
func TestRevocationHoldsAtOnce(t *testing.T) {
	w := newWorld(t)
	command, err := db.Open(t.Context(), w.store.Path(), db.Options{Clock: at(noon)})
	if err != nil {
		t.Fatal(err)
	}
	defer command.Close()
	addTill(t, w.store, "one", "till", "p")
	id, err := w.store.AddKey(t.Context(), "demo", "", db.HashKey("purr"))
	if err != nil {
		t.Fatal(err)
	}
	c, ofTill := newClient(t, w, "store.server", "till", time.Hour), newClient(t, w, "one", "till", time.Hour)
	tokens := map[string]string{"client": c.token(t, w), "of the till": ofTill.token(t, w)}
	ask := map[string]func() int{
		"till":            func() int { return w.as(basicOf("one", "p")).call("GET", getAsha, "").status },
		"key":             func() int { return w.as("purr").call("GET", "/api/kittens", "").status },
		"token":           func() int { return w.with(tokens["client"], "GET", getAsha, "").status },
		"token of till":   func() int { return w.with(tokens["of the till"], "GET", getAsha, "").status },
		"new token":       func() int { return c.ask(w).status },
		"new one of till": func() int { return ofTill.ask(w).status },
		"the demo's token": func() int {
			return testClient{"demoteaclient000000000001", "not-a-secret-it-is-printed-for-everybody"}.ask(w).status
		},
	}
	states := func() (s []string) {
		for _, name := range slices.Sorted(maps.Keys(ask)) {
			for range 2 { // the second from what is remembered
				s = append(s, fmt.Sprint(name, " ", ask[name]()))
			}
		}
		return slices.Compact(s)
	}
	want := func(what string, refused ...string) {
		t.Helper()
		var wanted []string
		for _, name := range slices.Sorted(maps.Keys(ask)) {
			status := 200
			if slices.Contains(refused, name) {
				status = 401
			}
			wanted = append(wanted, fmt.Sprint(name, " ", status))
		}
		if diff := cmp.Diff(wanted, states()); diff != "" {
			t.Errorf("%s:\n%s", what, diff)
		}
	}
	want("at first")
	if err := command.RevokeClient(t.Context(), "demo", c.key); err != nil {
		t.Fatal(err)
	}
	want("client revoked", "token", "new token")
	if err := command.RevokeKey(t.Context(), "demo", id); err != nil {
		t.Fatal(err)
	}
	want("key revoked", "token", "new token", "key")
	if err := command.DisableTill(t.Context(), "demo", "one"); err != nil {
		t.Fatal(err)
	}
	want("till disabled", "token", "new token", "key", "till", "token of till", "new one of till")
}

// Wrong secrets are slowed down by key and address; the client that works from elsewhere, or has worked from here, is not.
func TestGuessesOfSecrets(t *testing.T) {
	clock := &testClock{}
	w := newWorld(t, func(c *Config) { c.Clock = clock.now })
	c, other := newClient(t, w, "store.server", "till", time.Hour), newClient(t, w, "store.server", "till", time.Hour)
	guess := func(i int) int { return testClient{c.key, fmt.Sprint("guess ", i)}.ask(w).status }
	got := map[int]int{}
	for i := range 14 {
		got[guess(i)]++
	}
	if got[401] != guessesOfTill || got[429] != 4 {
		t.Errorf("of 14 guesses: %v", got)
	}
	if s := c.ask(w).status; s != 429 {
		t.Errorf("the right secret among the guesses: %d", s)
	}
	if s := other.ask(w).status; s != 200 {
		t.Errorf("another client: %d", s)
	}
	clock.advance(guessWindow)
	if s := c.ask(w).status; s != 200 {
		t.Errorf("a minute later: %d", s)
	}
	for i := range 14 {
		guess(i)
	}
	if s := c.ask(w).status; s != 200 {
		t.Errorf("the client that was right a moment ago: %d", s)
	}
	if s := (testClient{"nobody-has-this-key", "x"}).ask(w).status; s != 401 {
		t.Errorf("an unknown key: %d", s)
	}
	a := newAuth(w.store, clock.now, func(string) {})
	if _, _, err := a.generate(t.Context(), c.key, c.secret, netip.MustParseAddr("192.0.2.9")); err != nil {
		t.Errorf("from elsewhere: %v", err)
	}
}
