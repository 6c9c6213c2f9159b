package handlers

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/arteriole/arteriole/fault"
)

// example is one entry of x-examples, with the bodies it takes from the operation's own examples.
type example struct {
	Name     string            `yaml:"name"`
	Summary  string            `yaml:"summary"`
	Path     map[string]any    `yaml:"path"`
	Query    map[string]any    `yaml:"query"`
	Headers  map[string]string `yaml:"headers"`
	Body     any               `yaml:"body"`
	Raw      string            `yaml:"raw"`
	Steps    []string          `yaml:"steps"`
	Settings map[string]string `yaml:"settings"`
	Shows    []string          `yaml:"shows"`
	Status   int               `yaml:"status"`
	Answer   any               `yaml:"answer"`

	operation, method, path string
	kittens                 bool
	open                    bool // takes no credentials
}

// readExamples reads every example of openapi.yaml, by operationId/name.
func readExamples(t testing.TB) map[string]*example {
	t.Helper()
	type media struct {
		Content map[string]struct {
			Examples map[string]struct {
				Value any `yaml:"value"`
			} `yaml:"examples"`
		} `yaml:"content"`
	}
	var doc struct {
		Paths map[string]map[string]yaml.Node `yaml:"paths"`
	}
	if err := yaml.Unmarshal(specBytes(), &doc); err != nil {
		t.Fatal(err)
	}
	all := map[string]*example{}
	for path, item := range doc.Paths {
		for method, node := range item {
			if !slices.Contains([]string{"get", "put", "post", "delete", "patch"}, method) {
				continue
			}
			var op struct {
				OperationID string           `yaml:"operationId"`
				Body        media            `yaml:"requestBody"`
				Responses   map[string]media `yaml:"responses"`
				Examples    []*example       `yaml:"x-examples"`
				Security    *[]any           `yaml:"security"`
			}
			if err := node.Decode(&op); err != nil {
				t.Fatal(err)
			}
			used := map[string]bool{}
			for _, e := range op.Examples {
				e.operation, e.method, e.path, e.kittens = op.OperationID, strings.ToUpper(method), path, strings.HasPrefix(path, "/api/")
				e.open = op.Security != nil && len(*op.Security) == 0
				if e.Status == 0 {
					e.Status = 200
				}
				if b, ok := op.Body.Content["application/json"].Examples[e.Name]; ok && e.Body == nil && e.Raw == "" {
					e.Body, used["request "+e.Name] = b.Value, true
				}
				if a, ok := op.Responses[fmt.Sprint(e.Status)].Content["application/json"].Examples[e.Name]; ok && e.Answer == nil {
					e.Answer, used["answer "+e.Name] = a.Value, true
				}
				if e.Answer == nil {
					t.Errorf("%s/%s prints no answer", e.operation, e.Name)
				}
				key := e.operation + "/" + e.Name
				if all[key] != nil {
					t.Errorf("%s stands twice", key)
				}
				all[key] = e
			}
			// An example that no call uses would be printed and never run.
			for name := range op.Body.Content["application/json"].Examples {
				if !used["request "+name] {
					t.Errorf("%s: the request example %s is in no x-examples", op.OperationID, name)
				}
			}
			for status, r := range op.Responses {
				for name := range r.Content["application/json"].Examples {
					if !used["answer "+name] {
						t.Errorf("%s: the answer example %s of %s is in no x-examples", op.OperationID, name, status)
					}
				}
			}
		}
	}
	return all
}

// address is path and query.
func (e *example) address() string {
	path := e.path
	for k, v := range e.Path {
		path = strings.ReplaceAll(path, "{"+k+"}", url.PathEscape(fmt.Sprint(v)))
	}
	q := url.Values{}
	for k, v := range e.Query {
		q.Set(k, fmt.Sprint(v))
	}
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return path
}

// send makes the call of an example.
func (e *example) send(w *world) answer {
	w.t.Helper()
	path, body := e.address(), e.Raw
	if e.Body != nil {
		b, err := json.Marshal(e.Body)
		if err != nil {
			w.t.Fatal(err)
		}
		body = string(b)
	}
	caller := w
	switch {
	case e.kittens:
		caller = w.as(demoKey)
	case e.open:
		caller = w.as("")
	}
	var headers []string
	for k, v := range e.Headers {
		if strings.EqualFold(k, "Authorization") {
			caller = w.as(v)
			continue
		}
		headers = append(headers, k+": "+v)
	}
	return caller.call(e.method, path, body, headers...)
}

// Every example of the contract is run on a fresh copy of the demo organization, and its whole answer compared.
func TestEveryExample(t *testing.T) {
	oneByOne(t)
	all := readExamples(t)
	shown := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		e := all[key]
		for _, s := range e.Shows {
			shown[s] = true
		}
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for k, v := range e.Settings {
				if err := w.store.SetOrg(context.Background(), "demo", k, v); err != nil {
					t.Fatal(err)
				}
			}
			for _, s := range e.Steps {
				step := all[s]
				if step == nil {
					t.Fatalf("there is no example %s to do first", s)
				}
				if a := step.send(w); a.status >= 400 {
					t.Fatalf("%s, done first: %d %s", s, a.status, a.body)
				}
			}
			a := e.send(w)
			if a.status != e.Status {
				t.Fatalf("%d %s, want %d", a.status, a.body, e.Status)
			}
			if e.Status >= 400 {
				e.failsAlike(w, a)
			}
			if plain, ok := e.Answer.(string); ok {
				if a.body != plain {
					t.Errorf("the printed answer differs: given\n%s", a.body)
				}
				return
			}
			var got any
			if err := json.Unmarshal([]byte(a.body), &got); err != nil {
				t.Fatal(err)
			}
			want, err := json.Marshal(e.Answer)
			if err != nil {
				t.Fatal(err)
			}
			var wanted any
			if err := json.Unmarshal(want, &wanted); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(timeless(t, wanted), timeless(t, got)); diff != "" {
				t.Errorf("the printed answer differs (-printed +given):\n%s\ngiven: %s", diff, a.body)
			}
			for _, name := range e.Shows {
				if !slices.ContainsFunc(fault.All, func(c *fault.Code) bool { return c.Name == name && slices.Contains(a.codes(), c.Number) }) {
					t.Errorf("it does not show %s: %s", name, a.body)
				}
			}
		})
	}
	// Each code has an example, but for those of the transport, which need no reproduction from the page, the one that takes
	// ten thousand customers, the one that only a sandbox has, and the one that takes 30 days.
	for _, c := range fault.All {
		if !shown[c.Name] && c.Family != "http" && c != fault.SearchTotalCapped && c != fault.SandboxFull && c != fault.MergeTooOld && c != fault.ProgramMissing {
			t.Errorf("no example shows %s (%d)", c.Name, c.Number)
		}
	}
}

var times = []string{"billingTime", "expiryDate", "billingDate", "startedOn", "finishedOn", "updatedOn", "createDate", "createdDate", "addedOn", "createdOn", "modifiedDate", "autoUpdateTime", "lastViewedDate", "mergedOn", "undoUntil", "undoneOn", "on", "exportedOn", "erasedOn", "modifiedOn", "createdDate", "issuedOn", "date"}

// issuedCode is the form of the code of a coupon that was just issued; those of the demo organization are shorter.
var issuedCode = regexp.MustCompile(`^[2-9A-HJ-NP-Z]{10}$`)

// random is what differs with each answer, and its form.
var random = map[string]*regexp.Regexp{
	"uuid":        regexp.MustCompile(`^[0-9a-f]{32}$`),
	"requestId":   regexp.MustCompile(`^.+$`),
	"webHookUri":  regexp.MustCompile(`^/v2/events/push/[A-Z2-7]{26}$`),
	"secret":      regexp.MustCompile(`^whsec_[A-Z2-7]{52}$`),
	"accessToken": regexp.MustCompile(`^eyJ[\w-]+\.[\w-]+\.[\w-]+$`),
}

// millis are the times of uploads of coupons.
var millis = regexp.MustCompile(`^\d{13}$`)

// timeless replaces times, which must be times, and what is random by a word.
func timeless(t *testing.T, v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = timeless(t, v[i])
		}
	case map[string]any:
		for k := range v {
			if s, ok := v[k].(string); ok && slices.Contains(times, k) {
				form := time.RFC3339
				if len(s) == len(time.DateOnly) {
					form = time.DateOnly
				}
				if _, err := time.Parse(form, s); err != nil && !millis.MatchString(s) {
					t.Errorf("%s: %v", k, err)
				}
				v[k] = "a time"
				continue
			}
			if s, ok := v[k].(string); ok && slices.Contains([]string{"code", "couponCode", "trimmedCouponCode", "voucherCode"}, k) && issuedCode.MatchString(s) {
				v[k] = "another each time"
				continue
			}
			if s, ok := v[k].(string); ok && random[k] != nil {
				if !random[k].MatchString(s) {
					t.Errorf("%s: %s", k, s)
				}
				v[k] = "another each time"
				continue
			}
			v[k] = timeless(t, v[k])
		}
	}
	return v
}

// The worked example of the reference, and the curl lines of the README, hold.
func TestTheWorkedExampleOfAuthentication(t *testing.T) {
	const md5, header = "8a16a6b70505eb1f1ff7cdc0cd5559a7", "c3RvcmUuc2VydmVyOjhhMTZhNmI3MDUwNWViMWYxZmY3Y2RjMGNkNTU1OWE3"
	if got := base64.StdEncoding.EncodeToString([]byte("store.server:" + md5)); got != header {
		t.Fatal(got)
	}
	if demoTill != "Basic "+header {
		t.Fatal(demoTill)
	}
	for _, s := range []string{md5, header} {
		if !strings.Contains(string(specBytes()), s) {
			t.Errorf("openapi.yaml does not print %s", s)
		}
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if m := regexp.MustCompile(`Basic [A-Za-z0-9+/=]{20,}`).FindAllString(string(readme), -1); len(m) == 0 || slices.ContainsFunc(m, func(s string) bool { return s != demoTill }) {
		t.Errorf("headers of README: %q", m)
	}
	newWorld(t).want(200, nil, "GET", "/v2/customers/1001", "")
}
