package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arteriole/arteriole/db"
)

// credential is one way to be somebody: a header.
type credential struct{ name, role, header string }

// credentialsOf makes, in the demo organization of w, a till and a client of each role.
func credentialsOf(t testing.TB, w *world) (all []credential) {
	t.Helper()
	ctx := context.Background()
	hash := roleHash()
	for _, role := range db.Roles {
		code := "role." + role
		if err := w.store.AddTill(ctx, "demo", "store", code, role, hash); err != nil {
			t.Fatal(err)
		}
		all = append(all, credential{"a till", role, "Authorization: " + basicOf(code, rolePassword)})
	}
	for _, role := range db.Roles {
		token := newClient(t, w, "store.server", role, 5*time.Minute).token(t, w)
		all = append(all, credential{"a client", role, "X-CAP-API-OAUTH-TOKEN: " + token}, credential{"a client as Bearer", role, "Authorization: Bearer " + token})
	}
	return all
}

const rolePassword = "a password of some length"

var roleHash = sync.OnceValue(func() string { return db.HashPassword(md5Of(rolePassword)) })

// testClient is a client and its secret.
type testClient struct{ key, secret string }

var clientNumber struct {
	sync.Mutex
	n int
}

func newClient(t testing.TB, w *world, till, role string, life time.Duration) testClient {
	t.Helper()
	clientNumber.Lock()
	clientNumber.n++
	c := testClient{fmt.Sprintf("testclient%015d", clientNumber.n), fmt.Sprintf("a secret of the tests, number %d", clientNumber.n)}
	clientNumber.Unlock()
	err := w.store.AddClient(context.Background(), "demo", till, db.Client{Key: c.key, Secret: db.HashKey(c.secret), Name: "test", Role: role, TTL: life})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (c testClient) ask(w *world) answer {
	w.t.Helper()
	b, _ := json.Marshal(map[string]string{"key": c.key, "secret": c.secret})
	return w.as("").call("POST", "/v3/oauth/token/generate", string(b))
}

func (c testClient) token(t testing.TB, w *world) string {
	t.Helper()
	a := c.ask(w)
	var body struct{ Data struct{ AccessToken string } }
	if err := json.Unmarshal([]byte(a.body), &body); err != nil || body.Data.AccessToken == "" {
		t.Fatalf("%d %s %v", a.status, a.body, err)
	}
	return body.Data.AccessToken
}

// Every operation × every role × every kind of credential: x-roles of the contract decides, and nothing else. A read may read
// what is not set up by an admin, a till may also write, an admin may do all.
func TestRolesOfEveryOperation(t *testing.T) {
	oneByOne(t)
	for _, s := range samples(t) {
		if s.kittens || s.open {
			continue
		}
		t.Run(s.id, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			s.after(w)
			roles := rolesOf(t, s)
			if !slices.Contains(roles, "admin") || slices.Contains(roles, "read") && !slices.Contains(roles, "till") {
				t.Errorf("x-roles %q", roles)
			}
			for _, c := range credentialsOf(t, w) {
				a := w.as("").call(s.method, s.path, s.body, c.header)
				if may := slices.Contains(roles, c.role); may == (a.status == 403) || a.status == 401 {
					t.Errorf("%s of role %s: %d %s; x-roles are %q", c.name, c.role, a.status, a.body, roles)
				}
			}
		})
	}
}

func rolesOf(t testing.TB, s sample) (roles []string) {
	t.Helper()
	path, _, _ := strings.Cut(s.path, "?")
	list, _ := contractDoc().find(s.method, path).op.Extensions["x-roles"].([]any)
	for _, r := range list {
		roles = append(roles, r.(string))
	}
	if len(roles) == 0 {
		t.Fatalf("%s has no x-roles", s.id)
	}
	return roles
}
