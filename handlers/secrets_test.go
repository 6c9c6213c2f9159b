package handlers

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/arteriole/arteriole/db"
)

// forms are how a secret could stand somewhere: as it is, its md5, or either in an encoding.
func forms(secret string) map[string]string {
	out := map[string]string{}
	for what, s := range map[string]string{"": secret, "md5 of ": md5Of(secret)} {
		out[what+"it"] = s
		out[what+"it in upper case"] = strings.ToUpper(s)
		out[what+"it in hex"] = hex.EncodeToString([]byte(s))
		out[what+"it in a query"] = url.QueryEscape(s)
		for shift, pad := range []string{"", "\x00", "\x00\x00"} { // Base64 looks different at each offset from a multiple of 3
			b := base64.RawStdEncoding.EncodeToString([]byte(pad + s))
			out[fmt.Sprint(what, "it in Base64, shifted by ", shift)] = b[(shift*8+5)/6 : len(b)-1]
		}
	}
	return out
}

// Nothing that opens anything is kept anywhere: not in the database, its WAL, a backup, the logs or the metrics, after every
// credential was used rightly and wrongly, and in wrong places.
func TestSecretsAreNowhere(t *testing.T) {
	log := &lockedBuffer{}
	w := newWorld(t, func(c *Config) {
		c.Log = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		c.MetricsOnMain = true
		c.Sandbox = &db.SandboxLimits{Lifetime: time.Hour, Changes: 100, Rate: 10, Burst: 100, Most: 2}
	})
	ctx := context.Background()
	const password, wrong, key, badKey = "a Quiet kettle, 27", "a Quiet kettle, 28", "purr.Purr-5551", "purr.Purr-5552"
	if err := w.store.AddTill(ctx, "demo", "store", "quiet.till", "till", db.HashPassword(md5Of(password))); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.AddKey(ctx, "demo", "test", db.HashKey(key)); err != nil {
		t.Fatal(err)
	}
	client := newClient(t, w, "quiet.till", "till", time.Minute)
	bad := testClient{client.key, client.secret + ", not"}
	token := client.token(t, w)
	badToken := token[:len(token)-8] + "AAAAAAAA"
	if a := bad.ask(w); a.status != 401 {
		t.Fatalf("a wrong secret: %d %s", a.status, a.body)
	}
	const register = "/v2/customers?source=INSTORE"
	body := func(i int) string {
		return fmt.Sprintf(`{"profiles":[{"identifiers":[{"type":"mobile","value":"98450002%02d"}]}]}`, i)
	}
	try := func(status int, method, path, body string, headers ...string) {
		t.Helper()
		if a := w.as("").call(method, path, body, headers...); a.status != status {
			t.Errorf("%s %s %v: %d %s, want %d", method, path, headers, a.status, a.body, status)
		}
	}
	for i, auth := range []string{basicOf("quiet.till", password), "Bearer " + token} {
		try(200, "POST", register, body(i), "Authorization: "+auth, fmt.Sprint("Idempotency-Key: k", i))
		try(200, "POST", register, body(i), "Authorization: "+auth, fmt.Sprint("Idempotency-Key: k", i))
		try(409, "POST", register, body(i), "Authorization: "+auth)
		try(400, "POST", register, "{", "Authorization: "+auth)
		try(200, "GET", "/v2/customers/1001?password="+url.QueryEscape(password)+"&token="+token, "", "Authorization: "+auth)
		try(404, "GET", "/v2/nothing/"+url.PathEscape(password), "", "Authorization: "+auth)
		try(404, "GET", "/"+token, "", "Authorization: "+auth)
	}
	try(200, "GET", "/v2/customers/1001", "", "X-CAP-API-OAUTH-TOKEN: "+token)
	try(200, "GET", "/api/kittens", "", "Authorization: "+key)
	for _, auth := range []string{
		basicOf("quiet.till", wrong), "Bearer " + badToken, basicOf(password, "quiet.till"), // the last has the two the wrong way round
		"Basic " + b64("quiet.till:"+password), "Basic " + password, key, "Bearer " + client.secret, "Bearer " + key,
	} {
		try(401, "GET", "/v2/customers/1001", "", "Authorization: "+auth)
	}
	for _, auth := range []string{badKey, password, basicOf("quiet.till", password)} {
		try(401, "GET", "/api/kittens", "", "Authorization: "+auth)
	}
	for range 11 { // until it is refused without a look
		w.as("").call("GET", "/v2/customers/1001", "", "Authorization: "+basicOf("quiet.till", wrong))
	}
	res, err := http.Post(w.url+"/sandbox", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	var sandbox struct{ Password, Password2, KittensKey string }
	if a := readAnswer(t, res); a.status >= 300 || json.Unmarshal([]byte(a.body), &sandbox) != nil || sandbox.Password == "" {
		t.Fatalf("a sandbox: %d %s", a.status, a.body)
	}
	if _, err := w.store.SigningKey(ctx); err != nil {
		t.Fatal(err)
	}

	places := map[string][]byte{"the log": []byte(log.String())}
	backup := filepath.Join(t.TempDir(), "backup.db")
	if _, err := db.Backup(ctx, w.store.Path(), backup, nil); err != nil {
		t.Fatal(err)
	}
	for what, path := range map[string]string{"the database": w.store.Path(), "the WAL": w.store.Path() + "-wal", "the backup": backup} {
		if places[what], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	res, err = http.Get(w.url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	places["the metrics"] = []byte(readAnswer(t, res).body)

	find := func(needle string) (where []string) {
		for what, text := range places {
			if bytes.Contains(text, []byte(needle)) {
				where = append(where, what)
			}
		}
		return where
	}
	header, payload, signature := "", "", ""
	if part := strings.Split(token, "."); len(part) == 3 {
		header, payload, signature = part[0], part[1], part[2]
	}
	for what, secret := range map[string]string{
		"the password": password, "a wrong password": wrong, "the client's secret": client.secret, "a wrong secret": bad.secret,
		"the access token": token, "its header and payload": header + "." + payload, "its signature": signature, "a wrong token": badToken,
		"the kittens' key": key, "a wrong key": badKey,
		"a sandbox's password": sandbox.Password, "its other password": sandbox.Password2, "its key": sandbox.KittensKey,
	} {
		if len(secret) < 10 {
			t.Errorf("%s is %q", what, secret)
		}
		for how, form := range forms(secret) {
			if where := find(form); len(where) > 0 {
				t.Errorf("%s (%s) stands in %q", what, how, where)
			}
		}
	}
	if where := find(basicOf("quiet.till", password)); len(where) > 0 {
		t.Errorf("a till's header stands in %q", where)
	}

	// The search finds what is there. What opens nothing is kept: codes of tills, keys of clients, hashes.
	for needle, want := range map[string][]string{
		"Asha":                 {"the database", "the backup"},
		"quiet.till":           {"the WAL", "the backup", "the log"},
		client.key:             {"the backup"},
		db.HashKey(key):        {"the backup"},
		"arteriole_auth_failu": {"the metrics"},
		"registerCustomer":     {"the metrics", "the log"},
		"98450002":             {"the WAL", "the backup"},
	} {
		where := find(needle)
		for _, place := range want {
			if !strings.Contains(strings.Join(where, ","), place) {
				t.Errorf("%s is not found in %s, only in %q: the search finds nothing", needle, place, where)
			}
		}
	}
	// And each form is found when it is there.
	for how, form := range forms(password) {
		places = map[string][]byte{"here": []byte("x" + password + "y" + md5Of(password) + strings.ToUpper(password+md5Of(password)) + hex.EncodeToString([]byte(password+md5Of(password))) +
			url.QueryEscape(password) + b64("quiet.till:"+password) + b64("quiet.till:_"+password) + b64("quiet.till:__"+password) +
			b64("quiet.till:"+md5Of(password)) + b64("quiet.till:_"+md5Of(password)) + b64("quiet.till:__"+md5Of(password)))}
		if len(find(form)) == 0 {
			t.Errorf("the form %q of a secret is not found though it is there", how)
		}
	}
}
