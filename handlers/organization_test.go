package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/arteriole/arteriole/db"
)

const sourcesOfDemo = "/v2/org/1/sources"

// An account is made, used, switched off, in which every request that names it is 8127, and switched on again.
func TestSourceAccountsOnAndOff(t *testing.T) {
	w := newWorld(t)
	made := w.want(200, nil, "POST", sourcesOfDemo, `{"name":" Second ","sourceAccountIdentifier":"wx-2","sourceTypeName":"wechat","toMirror":1,"configs":{"accessToken":"s3cret-token","retries":3}}`)
	uuid := made.get(t, "uuid").(string)
	if made.get(t, "toMirror") != true || made.get(t, "name") != "Second" || made.get(t, "sourceTypeName") != "WECHAT" || fmt.Sprint(made.get(t, "configs")) != "map[accessToken:s3cret-token retries:3]" {
		t.Error(made.body)
	}
	one := sourcesOfDemo + "/" + uuid
	const register = `{"profiles":[{"identifiers":[{"type":"wechat","value":"o%d"}]}]}`
	first := w.want(200, nil, "POST", "/v2/customers?source=WECHAT&accountId=wx-2", fmt.Sprintf(register, 1))
	id := int64(first.get(t, "createdId").(float64))
	calls := func(status int, codes ...int) {
		t.Helper()
		w.want(status, codes, "GET", fmt.Sprintf("/v2/customers/%d?source=WECHAT&accountId=wx-2", id), "")
		w.want(status, codes, "GET", "/v2/customers/lookup?source=WECHAT&accountId=wx-2&identifierName=wechat&identifierValue=o1", "")
		w.want(status, codes, "PUT", fmt.Sprintf("/v2/customers/%d?source=WECHAT&accountId=wx-2", id), `{"profiles":[{"firstName":"A"}]}`)
	}
	calls(200)
	for _, off := range []string{"false", `"False"`, "0"} {
		if a := w.want(200, nil, "PUT", one, `{"isActive":`+off+`}`); a.get(t, "isActive") != false {
			t.Error(a.body)
		}
		calls(400, 8127)
		w.want(400, []int{8127}, "POST", "/v2/customers?source=WECHAT&accountId=wx-2", fmt.Sprintf(register, 2))
		// What is there stays, and is answered when no account is asked for.
		if a := w.want(200, nil, "GET", fmt.Sprintf("/v2/customers/%d", id), ""); !strings.Contains(a.body, `"accountId":"wx-2"`) {
			t.Error(a.body)
		}
		w.want(409, []int{9821}, "POST", sourcesOfDemo, `{"name":"Again","sourceAccountIdentifier":"wx-2","sourceTypeName":"WECHAT"}`)
		w.want(200, nil, "PUT", one, `{"isActive":true}`)
		calls(200)
	}
	// Only what is sent changes; the source and an id in use stay.
	w.want(400, []int{400}, "PUT", one, `{"sourceTypeName":"LINE"}`)
	w.want(409, []int{9825}, "PUT", one, `{"sourceAccountIdentifier":"wx-3"}`)
	after := w.want(200, nil, "PUT", one, `{"name":"Renamed","sourceTypeName":"WECHAT","sourceAccountIdentifier":"wx-2"}`)
	if after.get(t, "name") != "Renamed" || after.get(t, "toMirror") != true || fmt.Sprint(after.get(t, "configs")) != "map[accessToken:s3cret-token retries:3]" {
		t.Error(after.body)
	}
	// An account that nobody is in may be renamed; a source that was off is on once it has an account.
	unused := w.want(200, nil, "POST", sourcesOfDemo, `{"name":"L","sourceAccountIdentifier":"l","sourceTypeName":"LINE"}`).get(t, "uuid").(string)
	w.want(200, nil, "PUT", sourcesOfDemo+"/"+unused, `{"sourceAccountIdentifier":"line-1"}`)
	w.want(200, nil, "POST", "/v2/customers?source=LINE&accountId=line-1", `{"profiles":[{"identifiers":[{"type":"line","value":"L1"}]}]}`)
	w.want(400, []int{8127}, "POST", "/v2/customers?source=LINE&accountId=l", `{"profiles":[{"identifiers":[{"type":"line","value":"L2"}]}]}`)
	for _, body := range []string{`{"name":" ","sourceAccountIdentifier":"x","sourceTypeName":"LINE"}`, `{"name":"x","sourceAccountIdentifier":"\u200b","sourceTypeName":"LINE"}`,
		`{"name":"x","sourceAccountIdentifier":"x","sourceTypeName":"SHOP"}`, `{"name":"x","sourceAccountIdentifier":"x","sourceTypeName":"LINE","configs":{"a":[]}}`,
		`{"name":"x","sourceAccountIdentifier":"x","sourceTypeName":"LINE","toMirror":2}`, `{"name":"x","sourceAccountIdentifier":"x"}`} {
		w.want(400, []int{400}, "POST", sourcesOfDemo, body)
	}
}

// Configs may hold tokens of other services: an admin sees them, and nobody else; the audit trail keeps their names alone.
func TestConfigsAreForAdmins(t *testing.T) {
	w := newWorld(t)
	uuid := w.want(200, nil, "POST", sourcesOfDemo, `{"name":"x","sourceAccountIdentifier":"wx-9","sourceTypeName":"WECHAT","configs":{"accessToken":"s3cret-token"}}`).get(t, "uuid").(string)
	w.want(200, nil, "PUT", sourcesOfDemo+"/"+uuid, `{"configs":{"accessToken":"s3cret-token-2"}}`)
	for _, c := range credentialsOf(t, w) {
		one, all := w.as("").call("GET", sourcesOfDemo+"/"+uuid, "", c.header), w.as("").call("GET", sourcesOfDemo, "", c.header)
		if one.status != 200 || all.status != 200 || strings.Contains(one.body, "s3cret-token-2") != (c.role == "admin") || strings.Contains(all.body, "s3cret") {
			t.Errorf("%s of role %s: %d %s\n%d %s", c.name, c.role, one.status, one.body, all.status, all.body)
		}
	}
}

func TestTillsOfTheOrganization(t *testing.T) {
	w := newWorld(t)
	if err := w.store.DisableTill(context.Background(), "demo", "store.till1"); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"?code=STORE.server":            `"code":"store.server","id":1,"isActive":true`,
		"/2":                            `"code":"store.till1","id":2,"isActive":false`,
		"?code=store.till1&format=json": `"code":"store.till1","id":2,"isActive":false`,
	} {
		if a := w.want(200, nil, "GET", "/v2/organization/till"+path, ""); !strings.Contains(a.body, want) {
			t.Errorf("%s: %s", path, a.body)
		}
	}
	w.want(400, []int{400}, "GET", "/v2/organization/till", "")
	w.want(400, []int{400}, "GET", "/v2/organization/till/x", "")
	w.want(404, []int{9823}, "GET", "/v2/organization/till/3", "")
}

// An external id is made where the organization says so, follows its rule, is unique whatever was given by hand and by however
// many at once, and replaces nothing.
func TestGeneratedExternalIDs(t *testing.T) {
	w := newWorld(t)
	set := func(key, value string) {
		t.Helper()
		if err := w.store.SetOrg(context.Background(), "demo", key, value); err != nil {
			t.Fatal(err)
		}
	}
	number := func() string {
		t.Helper()
		return w.want(200, nil, "GET", "/v2/cardNumber", "").get(t, "entity").(string)
	}
	external := func(id int64) (all []string) {
		t.Helper()
		for _, p := range w.want(200, nil, "GET", fmt.Sprintf("/v2/customers/%d", id), "").get(t, "profiles").([]any) {
			for _, i := range p.(map[string]any)["identifiers"].([]any) {
				if m := i.(map[string]any); m["type"] == "externalId" {
					all = append(all, m["value"].(string))
				}
			}
		}
		return all
	}
	is := func(what string, got, want []string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	is("off", external(w.register("INSTORE", "mobile:9100000001").id), nil)
	set("card-numbers", "INSTORE, website")
	is("on", external(w.register("INSTORE", "mobile:9100000002").id), []string{"1000000001"})
	is("another source", external(w.register("MARTJACK", "email:m@example.org").id), nil)
	is("one that was sent", external(w.register("INSTORE", "externalId:MINE-1").id), []string{"MINE-1"})
	is("one that was sent and is not valid", external(w.register("INSTORE", "mobile:9100000003 externalId:a,b").id), nil)
	is("asked for", []string{number()}, []string{"1000000002"})
	// By hand: the next ones are passed over.
	for _, taken := range []string{"1000000003", "1000000004", "1000000006"} {
		w.register("MARTJACK", "externalId:"+taken)
	}
	if n := number(); n == "1000000003" || n == "1000000004" || n == "1000000006" {
		t.Errorf("given twice: %s", n)
	}
	// Combining with a customer who has one adds none; with one who has none, it does.
	w.register("MARTJACK", "email:has@example.org externalId:HAS-1")
	is("combined, had one", external(w.register("INSTORE", "email:has@example.org").id), []string{"HAS-1"})
	w.register("MARTJACK", "email:none@example.org")
	if got := external(w.register("INSTORE", "email:none@example.org").id); len(got) != 1 {
		t.Errorf("combined, had none: %q", got)
	}
	// The organization's rule, and an external id that it asks for.
	set("external-id-prefix", "ARTE-")
	set("external-id-length", "20")
	set("primary-identifier", "externalId")
	set("card-numbers", "ALL")
	if got := external(w.register("MARTJACK", "email:p@example.org").id); len(got) != 1 || len(got[0]) != 20 || !strings.HasPrefix(got[0], "ARTE-") {
		t.Errorf("by the rule: %q", got)
	}
	w.want(400, []int{8005}, "POST", "/v2/customers?source=INSTORE", `{"profiles":[{"identifiers":[{"type":"mobile","value":"1"}]}]}`)
	// Many at once.
	var wg sync.WaitGroup
	var mu sync.Mutex
	given := map[string]bool{}
	for range 40 {
		wg.Go(func() {
			n := number()
			mu.Lock()
			defer mu.Unlock()
			if given[n] {
				t.Errorf("%s was given twice", n)
			}
			given[n] = true
		})
	}
	wg.Wait()
	if err := w.store.SetOrg(context.Background(), "demo", "card-numbers", "SHOP"); err == nil {
		t.Error("a source that does not exist is taken")
	}
}

// A full sandbox takes none of the organization's changes either.
func TestSandboxFullOfSetUp(t *testing.T) {
	limits := SandboxLimits()
	limits.Changes = 1
	w := newWorld(t, func(c *Config) { c.Sandbox = &limits })
	b := newSandbox(t, w)
	a := w.as(basicOf(b.Till, b.Password))
	org := int64(0)
	orgs, _, err := w.store.Orgs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range orgs {
		org = max(org, o.ID)
		if !o.Demo {
			if err := w.store.SetOrg(t.Context(), o.Name, "card-numbers", "ALL"); err != nil {
				t.Fatal(err)
			}
		}
	}
	list, err := w.store.SourceAccounts(t.Context(), db.Who{Org: org}, org)
	if err != nil {
		t.Fatal(err)
	}
	sources := fmt.Sprintf("/v2/org/%d/sources", org)
	a.want(403, []int{9803}, "GET", "/v2/cardNumber", "")
	a.want(403, []int{9803}, "POST", sources, `{"name":"x","sourceAccountIdentifier":"x","sourceTypeName":"WECHAT"}`)
	a.want(403, []int{9803}, "PUT", sources+"/"+list[0].UUID, `{"isActive":false}`)
}

func TestCustomFieldsByScope(t *testing.T) {
	w := newWorld(t)
	for key, value := range map[string]string{"custom-fields": "Favorite Tea", "bill-custom-fields": "Table"} {
		if err := w.store.SetOrg(context.Background(), "demo", key, value); err != nil {
			t.Fatal(err)
		}
	}
	tea, table := `"name":"Favorite Tea","scope":"loyalty_registration"`, `"name":"Table","scope":"loyalty_transaction"`
	for query, want := range map[string][2]bool{"": {true, true}, "?scope=LOYALTY_registration": {true, false}, "?scope=loyalty_transaction": {false, true}, "?scope=customer_card": {false, false}} {
		a := w.want(200, nil, "GET", "/v2/organization/customFields"+query, "")
		if got := [2]bool{strings.Contains(a.body, tea), strings.Contains(a.body, table)}; got != want {
			t.Errorf("%s: %s", query, a.body)
		}
	}
}
