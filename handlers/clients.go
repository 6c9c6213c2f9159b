package handlers

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/netip"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

const (
	maxToken   = 4096 // bytes
	issuer     = "arteriole"
	accessUse  = "token_access"
	maxClients = 10_000 // remembered
)

// GenerateAccessToken is POST /v3/oauth/token/generate.
func (a *API) GenerateAccessToken(ctx context.Context, r gen.GenerateAccessTokenRequestObject) (gen.GenerateAccessTokenResponseObject, error) {
	token, life, err := a.auth.generate(ctx, r.Body.Key, r.Body.Secret, neighbourhood(callOf(ctx).address))
	if err != nil {
		return nil, err
	}
	return gen.GenerateAccessToken200JSONResponse{Data: gen.AccessToken{AccessToken: token, TtlSeconds: int(life / time.Second)}}, nil
}

// generate issues a token for a client's key and secret. Guessing secrets is slowed down like guessing passwords.
func (a *auth) generate(ctx context.Context, key, secret string, from netip.Addr) (token string, life time.Duration, err error) {
	changed, id := a.store.Changed(), a.id("client\x00"+key, secret)
	everywhere, here, now := guesser{"", from}, guesser{"client\x00" + key, from}, a.clock()
	until, _ := a.generated.get(id)
	known := now.Before(until) // a client that works gets in whatever guessers do beside it
	if !known {
		wait := a.guess(everywhere, guessesOfAddress, now, false)
		if wait == 0 {
			wait = a.guess(here, guessesOfTill, now, true) // taken back when it is right
		}
		if wait > 0 {
			a.failed("guesses")
			return "", 0, fault.TooManyRequests.New().After(wait)
		}
	}
	c, err := a.store.ClientByKey(ctx, key)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		a.unguess(here, now)
		return "", 0, err
	}
	// Hash and compare for an unknown key, too, so that it takes as long.
	right := subtle.ConstantTimeCompare([]byte(db.HashKey(secret)), []byte(c.Secret)) == 1
	if err != nil || !right || c.Revoked {
		if known {
			a.generated.drop(id)
			a.guess(here, guessesOfTill, now, true)
		}
		a.guess(everywhere, 1<<30, now, true)
		a.failed("secret")
		return "", 0, fault.Unauthorized.New()
	}
	if !known {
		a.unguess(here, now)
	}
	if token, err = a.tokens.sign(ctx, c, changed); err != nil {
		return "", 0, err
	}
	a.generated.put(id, now.Add(verifiedFor+c.TTL))
	return token, c.TTL, nil
}

// client returns the caller that an access token belongs to. The token only names its client; role and revocation are looked up on
// each request (our rule 32).
func (a *auth) client(ctx context.Context, token string, changed uint64) (caller, error) {
	claims, err := a.tokens.verify(ctx, token, changed)
	if err == nil {
		var c db.Client
		if c, err = a.tokens.client(ctx, claims.OrgID, claims.ClientID, changed); err == nil && c.Key == claims.ClientKey && !c.Revoked {
			return caller{Who: db.Who{Org: c.Org, Till: c.Till, TillCode: c.TillCode, Client: c.ID}, role: c.Role}, nil
		}
	}
	if err == nil || errors.Is(err, errToken) || errors.Is(err, db.ErrNotFound) {
		a.failed("token")
		return caller{}, fault.Unauthorized.New()
	}
	return caller{}, err
}

// claims of an access token, by the names that the vendor's tokens use.
type claims struct {
	jwt.RegisteredClaims
	ClientID    int64  `json:"client_id"`
	ClientKey   string `json:"client_key"`
	OrgID       int64  `json:"org_id"`
	DefaultTill int64  `json:"default_till"`
	TokenUse    string `json:"token_use"`
	Scopes      string `json:"scopes"` // JSON in a string
}

type scope struct {
	Permission string   `json:"permission"`
	EntityID   int64    `json:"entityId"`
	Resources  []string `json:"resources"`
}

// errToken means that a token is not one of ours, or no longer valid. Callers are not told why.
var errToken = errors.New("the token is not valid")

// tokens signs and verifies. Keys and clients are cached for as long as store.Changed() stays the same.
type tokens struct {
	store   *db.Store
	clock   func() time.Time
	parser  *jwt.Parser
	keys    *bounded[struct{}, rememberedKeys]
	clients *bounded[[2]int64, rememberedClient]
}

type rememberedKeys struct {
	list []db.SigningKey
	seen uint64
}

type rememberedClient struct {
	db.Client
	seen uint64
}

func newTokens(store *db.Store, clock func() time.Time) *tokens {
	return &tokens{
		store: store, clock: clock,
		keys:    newBounded[struct{}, rememberedKeys](1),
		clients: newBounded[[2]int64, rememberedClient](maxClients),
		// One algorithm, whatever the token's own header says.
		parser: jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodRS256.Alg()}), jwt.WithTimeFunc(clock), jwt.WithExpirationRequired(),
			jwt.WithIssuedAt(), jwt.WithIssuer(issuer), jwt.WithStrictDecoding()),
	}
}

func (t *tokens) sign(ctx context.Context, c db.Client, changed uint64) (string, error) {
	key, err := t.signing(ctx, changed)
	if err != nil {
		return "", err
	}
	permission := "READWRITE"
	if c.Role == "read" {
		permission = "READ"
	}
	scopes, err := json.Marshal([]scope{{permission, c.Org, []string{".*"}}})
	if err != nil {
		return "", err
	}
	now := t.clock()
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: issuer, Subject: c.Name, ID: rand.Text(),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(c.TTL)),
		},
		ClientID: c.ID, ClientKey: c.Key, OrgID: c.Org, DefaultTill: c.Till, TokenUse: accessUse, Scopes: string(scopes),
	})
	token.Header["kid"] = key.ID
	return token.SignedString(key.Private)
}

// signing returns the current signing key, creating it if there is none.
func (t *tokens) signing(ctx context.Context, changed uint64) (db.SigningKey, error) {
	keys, err := t.all(ctx, changed)
	if err != nil {
		return db.SigningKey{}, err
	}
	if len(keys) > 0 && keys[0].RetiredOn.IsZero() {
		return keys[0], nil
	}
	return t.store.SigningKey(ctx)
}

func (t *tokens) all(ctx context.Context, changed uint64) ([]db.SigningKey, error) {
	if k, ok := t.keys.get(struct{}{}); ok && k.seen == changed {
		return k.list, nil
	}
	list, err := t.store.SigningKeys(ctx)
	if err == nil {
		t.keys.put(struct{}{}, rememberedKeys{list, changed})
	}
	return list, err
}

func (t *tokens) client(ctx context.Context, org, id int64, changed uint64) (db.Client, error) {
	key := [2]int64{org, id}
	if c, ok := t.clients.get(key); ok && c.seen == changed {
		return c.Client, nil
	}
	c, err := t.store.ClientByID(ctx, org, id)
	if err == nil {
		t.clients.put(key, rememberedClient{c, changed})
	}
	return c, err
}

// verify returns the claims of a valid token that one of our keys signed. Its error is errToken, or the store's.
func (t *tokens) verify(ctx context.Context, token string, changed uint64) (*claims, error) {
	keys, err := t.all(ctx, changed)
	if err != nil {
		return nil, err
	}
	var c claims
	parsed, err := t.parser.ParseWithClaims(token, &c, func(parsed *jwt.Token) (any, error) {
		for _, k := range keys {
			if parsed.Header["kid"] == k.ID {
				return &k.Private.PublicKey, nil
			}
		}
		return nil, errToken
	})
	if err != nil {
		return nil, errToken
	}
	return &c, t.judge(parsed, &c, keys)
}

// judge checks what the parser does not: a retired key signs nothing new and is forgotten after an hour, no token lives longer
// than that, and it must be an access token.
func (t *tokens) judge(parsed *jwt.Token, c *claims, keys []db.SigningKey) error {
	if c.IssuedAt == nil || c.TokenUse != accessUse || c.ExpiresAt.Sub(c.IssuedAt.Time) > db.MaxTokenLife {
		return errToken
	}
	for _, k := range keys {
		if parsed.Header["kid"] != k.ID || k.RetiredOn.IsZero() {
			continue
		}
		if c.IssuedAt.After(k.RetiredOn) || !t.clock().Before(k.RetiredOn.Add(db.MaxTokenLife)) {
			return errToken
		}
	}
	return nil
}
