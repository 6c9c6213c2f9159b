package handlers

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
)

const (
	maxAuthorization = 1024             // bytes of the header
	verifiedFor      = 5 * time.Minute  // since it was last used, a right password is not checked again
	maxVerified      = 10_000           // credentials remembered
	checksAtOnce     = 2                // each takes 19 MiB and some 75 ms
	checksWaiting    = 256              // more are sent away
	checksOfAddress  = 64               // of them from one address
	checkPatience    = 10 * time.Second // of those that wait
	rightFor         = 24 * time.Hour   // an address that had a right password goes before others
	guessWindow      = time.Minute
	guessesOfTill    = 10 // wrong passwords for one till from one address in a window
	guessesOfAddress = 60 // wrong passwords from one address, whatever the till
	maxGuessers      = 20_000
)

// caller is who the credentials of a request belong to.
type caller struct {
	db.Who
	role     string // of a till or a client; "" for a key
	key      int64  // of the kittens; 0 for a till
	settings db.OrgSettings
}

// auth checks credentials. Checking a till's password takes an argon2id hash, slow on purpose, so a password that was correct
// lately is remembered, as an HMAC under a key that lives as long as the process. Guessing is slowed down by refusals counted per
// till and address; a till is never locked.
type auth struct {
	store    *db.Store
	clock    func() time.Time
	secret   []byte
	nobody   string // a hash that no password fits, checked for unknown tills
	verified *bounded[[32]byte, verified]
	settings *bounded[int64, orgSettings]
	tokens   *tokens
	// generated remembers client secrets that were correct lately, as an HMAC, and until when.
	generated *bounded[[32]byte, time.Time]
	guesses   *bounded[guesser, []time.Time]
	flight    singleflight.Group
	right     *bounded[netip.Addr, time.Time] // addresses that had a right password, and until when it counts
	line      checkLine
	checks    atomic.Int64 // of passwords against a hash, which take long, since the server started
	failed    func(reason string)
}

// verified is a credential that was correct for the till as read when store.Changed() was seen. Each use prolongs it: a client
// that works all day gets in, whatever guessers do.
type verified struct {
	till  db.Till
	seen  uint64
	until time.Time
}

type orgSettings struct {
	db.OrgSettings
	seen uint64
}

// guesser is one address that tries passwords of one till, or ("") of any.
type guesser struct {
	till string
	from netip.Addr
}

func newAuth(store *db.Store, clock func() time.Time, failed func(reason string)) *auth {
	a := &auth{
		store: store, clock: clock, failed: failed,
		secret:   make([]byte, 32),
		verified: newBounded[[32]byte, verified](maxVerified),
		settings: newBounded[int64, orgSettings](1000),
		guesses:  newBounded[guesser, []time.Time](maxGuessers),
		right:    newBounded[netip.Addr, time.Time](maxVerified),
	}
	a.tokens, a.generated = newTokens(store, clock), newBounded[[32]byte, time.Time](maxVerified)
	rand.Read(a.secret)
	a.nobody = db.NoPassword()
	return a
}

// caller authenticates the caller of an operation. It refuses with Unauthorized, Forbidden, TooManyRequests or Unavailable.
func (a *auth) caller(ctx context.Context, r *http.Request, op *operation, from netip.Addr) (who caller, err error) {
	if op.schemes == 0 {
		return who, nil
	}
	changed := a.store.Changed()
	switch kind, credential := credentialOf(r.Header, op.schemes); kind {
	case keyScheme:
		who, err = a.kittens(ctx, credential)
	case tillScheme:
		who, err = a.till(ctx, credential, neighbourhood(from), changed)
	case headerScheme, bearerScheme:
		who, err = a.client(ctx, credential, changed)
	default:
		a.failed("missing")
		err = fault.Unauthorized.New()
	}
	if err != nil {
		return who, err
	}
	if op.roles != nil && !slices.Contains(op.roles, who.role) {
		a.failed("role")
		return who, fault.Forbidden.New()
	}
	who.Admin = who.role == "admin"
	who.settings, err = a.orgSettings(ctx, who.Org, changed)
	return who, err
}

// credentialOf returns the one credential of a request, of a scheme that the operation takes. Two credentials count as none: it
// must be clear whose request it is.
func credentialOf(h http.Header, taken schemes) (kind schemes, credential string) {
	authorization, token := h.Values("Authorization"), h.Values("X-Cap-Api-Oauth-Token")
	switch {
	case len(authorization)+len(token) != 1:
		return 0, ""
	case len(token) == 1:
		kind, credential = headerScheme, strings.TrimSpace(token[0])
	case taken == keyScheme:
		kind, credential = keyScheme, authorization[0]
	default:
		kind, credential = tillScheme, authorization[0]
		if scheme, rest, _ := strings.Cut(strings.TrimSpace(credential), " "); strings.EqualFold(scheme, "Bearer") {
			kind, credential = bearerScheme, strings.TrimSpace(rest)
		}
	}
	most := maxAuthorization
	if kind.has(headerScheme | bearerScheme) {
		most = maxToken
	}
	if !taken.has(kind) || len(credential) > most {
		return 0, ""
	}
	return kind, credential
}

func (a *auth) orgSettings(ctx context.Context, org int64, changed uint64) (db.OrgSettings, error) {
	if s, ok := a.settings.get(org); ok && s.seen == changed {
		return s.OrgSettings, nil
	}
	s, err := a.store.OrgSettings(ctx, org)
	if err != nil {
		return s, err
	}
	a.settings.put(org, orgSettings{s, changed})
	return s, nil
}

func (a *auth) kittens(ctx context.Context, header string) (caller, error) {
	key := strings.TrimSpace(header)
	if key == "" || len(key) > 200 || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		a.failed("malformed")
		return caller{}, fault.Unauthorized.New()
	}
	k, err := a.store.KeyByHash(ctx, db.HashKey(key))
	switch {
	case errors.Is(err, db.ErrNotFound) || err == nil && k.Revoked:
		a.failed("key")
		return caller{}, fault.Unauthorized.New()
	case err != nil:
		return caller{}, err
	}
	return caller{Who: db.Who{Org: k.Org}, key: k.ID}, nil
}

func (a *auth) till(ctx context.Context, header string, from netip.Addr, changed uint64) (caller, error) {
	code, md5hex, ok := basic(header)
	if !ok {
		a.failed("malformed")
		return caller{}, fault.Unauthorized.New()
	}
	id := a.id(code, md5hex)
	t, known, err := a.remembered(ctx, id, changed)
	if err != nil {
		return caller{}, err
	}
	if !known {
		// One check for all requests that wait for the same result. It continues if the first of them goes away.
		result := a.flight.DoChan(string(id[:])+from.String(), func() (any, error) {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkPatience)
			defer cancel()
			return a.check(ctx, id, code, md5hex, from)
		})
		select {
		case <-ctx.Done():
			return caller{}, ctx.Err()
		case r := <-result:
			if r.Err != nil {
				return caller{}, r.Err
			}
			t = r.Val.(db.Till)
		}
	}
	return caller{Who: db.Who{Org: t.Org, Till: t.ID, TillCode: t.Code}, role: t.Role}, nil
}

// id identifies a credential in memory, which never holds the credential itself.
func (a *auth) id(code, md5hex string) (id [32]byte) {
	mac := hmac.New(sha256.New, a.secret)
	mac.Write([]byte(code + "\x00" + md5hex))
	mac.Sum(id[:0])
	return id
}

// remembered looks up a credential that was correct lately. If anything about tills has changed since, the till is read again: the
// credential stays correct only while the till has the same hash and is not disabled.
func (a *auth) remembered(ctx context.Context, id [32]byte, changed uint64) (t db.Till, known bool, err error) {
	v, ok := a.verified.get(id)
	now := a.clock()
	if !ok || !now.Before(v.until) {
		return t, false, nil
	}
	if v.seen == changed {
		if v.until.Sub(now) < verifiedFor*3/4 {
			a.verified.put(id, verified{v.till, changed, now.Add(verifiedFor)})
		}
		return v.till, true, nil
	}
	t, err = a.store.TillByCode(ctx, v.till.Code)
	if errors.Is(err, db.ErrNotFound) || err == nil && (t.Disabled || t.Password != v.till.Password || t.ID != v.till.ID || t.Org != v.till.Org) {
		a.verified.drop(id)
		return t, false, nil
	}
	if err != nil {
		return t, false, err
	}
	a.verified.put(id, verified{t, changed, now.Add(verifiedFor)})
	return t, true, nil
}

// check compares a password with its hash. It takes equally long whether the till exists or not.
func (a *auth) check(ctx context.Context, id [32]byte, code, md5hex string, from netip.Addr) (db.Till, error) {
	if t, known, err := a.remembered(ctx, id, a.store.Changed()); known || err != nil {
		return t, err // checked while this one was on its way
	}
	everywhere, here, now := guesser{"", from}, guesser{code, from}, a.clock()
	wait := a.guess(everywhere, guessesOfAddress, now, false)
	if wait == 0 {
		wait = a.guess(here, guessesOfTill, now, true) // taken back when it is right
	}
	if wait > 0 {
		a.failed("guesses")
		return db.Till{}, fault.TooManyRequests.New().After(wait)
	}
	if err := a.line.enter(ctx, from, a.standing(from, now)); err != nil {
		a.unguess(here, now)
		return db.Till{}, fault.Unavailable.Because(err).After(time.Second)
	}
	defer a.line.leave()
	changed := a.store.Changed()
	t, err := a.store.TillByCode(ctx, code)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		a.unguess(here, now)
		return t, err
	}
	known, hash := err == nil, t.Password
	if !known {
		hash = a.nobody
	}
	a.checks.Add(1)
	if right := db.CheckPassword(hash, md5hex); !right || !known || t.Disabled {
		a.guess(everywhere, 1<<30, now, true)
		a.failed("password")
		return db.Till{}, fault.Unauthorized.New()
	}
	a.unguess(here, now)
	a.right.put(from, now.Add(rightFor))
	a.verified.put(id, verified{t, changed, a.clock().Add(verifiedFor)})
	return t, nil
}

// standing is the rank of an address among those that wait for a check.
func (a *auth) standing(from netip.Addr, now time.Time) int {
	if until, ok := a.right.get(from); ok && now.Before(until) {
		return rightLately
	}
	if a.guess(guesser{"", from}, 1, now, false) > 0 {
		return wrongLately
	}
	return neverSeen
}

// guess returns how long a guesser has to wait before the next guess. If counts is set and the wait is 0, it counts one.
func (a *auth) guess(g guesser, most int, now time.Time, counts bool) (wait time.Duration) {
	a.guesses.with(g, func(made *[]time.Time) {
		for len(*made) > 0 && now.Sub((*made)[0]) >= guessWindow {
			*made = (*made)[1:]
		}
		switch {
		case len(*made) >= most:
			wait = guessWindow - now.Sub((*made)[len(*made)-most])
		case counts && len(*made) < guessesOfAddress:
			*made = append(*made, now)
		}
	})
	return wait
}

func (a *auth) unguess(g guesser, at time.Time) {
	a.guesses.with(g, func(made *[]time.Time) {
		if i := slices.Index(*made, at); i >= 0 {
			*made = slices.Delete(*made, i, i+1)
		}
	})
}

// basic reads "Basic base64(code:md5hex)". It tolerates a blank after the colon, as one published example has it, and upper-case
// digits (our rule 2). A password in plain text is not accepted.
func basic(header string) (code, md5hex string, ok bool) {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(header), " ")
	if !strings.EqualFold(scheme, "Basic") {
		return "", "", false
	}
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.TrimSpace(rest), "="))
	if err != nil {
		return "", "", false
	}
	code, md5hex, _ = strings.Cut(string(raw), ":")
	code, md5hex = strings.ToLower(code), strings.ToLower(strings.Trim(md5hex, " \t\r\n"))
	if code == "" || len(code) > 255 || !clean(code) || len(md5hex) != 32 {
		return "", "", false
	}
	_, err = hex.DecodeString(md5hex)
	return code, md5hex, err == nil
}
