// Package languages runs what the reference prints against a running server: the samples of
// every language, with the languages' own programs.
package languages

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/arteriole/arteriole/e2e/demo"
	"github.com/arteriole/arteriole/site/build/samples"
)

// The till and the key of the demo organization, which the samples are printed with.
const demoUser, demoPassword, demoKey = demo.Till, demo.Password, "meowmeowmeow"

var demoTill = samples.Till(demoUser, demoPassword)

// example is an entry of x-examples. Its body is in the order of openapi.yaml, as printed.
type example struct {
	Name     string            `yaml:"name"`
	Path     map[string]string `yaml:"path"`
	Query    yaml.Node         `yaml:"query"`
	Headers  yaml.Node         `yaml:"headers"`
	Body     yaml.Node         `yaml:"body"`
	Raw      string            `yaml:"raw"`
	Steps    []string          `yaml:"steps"`
	Settings map[string]string `yaml:"settings"`
	Status   int               `yaml:"status"`
	Answer   yaml.Node         `yaml:"answer"`

	key, method, path, auth string
}

// readExamples reads every example of openapi.yaml, in its order.
func readExamples(t *testing.T) (all []*example) {
	t.Helper()
	text, err := os.ReadFile("../../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	type media struct {
		Content map[string]struct {
			Examples map[string]struct {
				Value yaml.Node `yaml:"value"`
			} `yaml:"examples"`
		} `yaml:"content"`
	}
	var doc struct {
		Paths yaml.Node `yaml:"paths"`
	}
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	for path, item := range pairs(doc.Paths) {
		for method, node := range pairs(*item) {
			if !slices.Contains([]string{"get", "put", "post", "delete", "patch"}, method) {
				continue
			}
			var op struct {
				OperationID string                `yaml:"operationId"`
				Body        media                 `yaml:"requestBody"`
				Responses   map[string]media      `yaml:"responses"`
				Examples    []*example            `yaml:"x-examples"`
				Security    []map[string][]string `yaml:"security"`
			}
			if err := node.Decode(&op); err != nil {
				t.Fatal(err)
			}
			if len(op.Examples) == 0 {
				t.Errorf("%s has no examples", op.OperationID)
			}
			for _, e := range op.Examples {
				e.key, e.method, e.path, e.auth = op.OperationID+"/"+e.Name, strings.ToUpper(method), path, demoTill
				if op.Security != nil && len(op.Security) == 0 {
					e.auth = ""
				}
				if len(op.Security) > 0 && op.Security[0]["kittensKey"] != nil {
					e.auth = demoKey
				}
				if e.Status == 0 {
					e.Status = 200
				}
				if e.Body.IsZero() {
					e.Body = op.Body.Content["application/json"].Examples[e.Name].Value
				}
				if e.Answer.IsZero() {
					e.Answer = op.Responses[fmt.Sprint(e.Status)].Content["application/json"].Examples[e.Name].Value
				}
				all = append(all, e)
			}
		}
	}
	return all
}

// request is an example's, to a server.
func (e *example) request(t *testing.T, server string) samples.Request {
	t.Helper()
	r := samples.Request{Method: e.method, URL: server + e.path, Auth: e.auth, Body: []byte(e.Raw)}
	for k, v := range e.Path {
		r.URL = strings.ReplaceAll(r.URL, "{"+k+"}", url.PathEscape(v))
	}
	between := "?"
	for k, v := range pairs(e.Query) {
		r.URL += between + url.QueryEscape(k) + "=" + url.QueryEscape(v.Value)
		between = "&"
	}
	for k, v := range pairs(e.Headers) {
		r.Headers = append(r.Headers, samples.Header{Name: k, Value: v.Value})
	}
	if !e.Body.IsZero() {
		r.Body = []byte(toJSON(t, e.Body))
	}
	return r
}

// writes says whether the example may change what the store holds.
func (e *example) writes() bool { return e.method != "GET" && e.Status < 400 }

// pairs yields the keys of a mapping with their values.
func pairs(n yaml.Node) func(func(string, *yaml.Node) bool) {
	return func(yield func(string, *yaml.Node) bool) {
		if n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i < len(n.Content); i += 2 {
			if !yield(n.Content[i].Value, n.Content[i+1]) {
				return
			}
		}
	}
}

// toJSON keeps the order of keys.
func toJSON(t *testing.T, n yaml.Node) string {
	t.Helper()
	var parts []string
	switch n.Kind {
	case yaml.MappingNode:
		for k, v := range pairs(n) {
			parts = append(parts, quote(t, k)+":"+toJSON(t, *v))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case yaml.SequenceNode:
		for _, v := range n.Content {
			parts = append(parts, toJSON(t, *v))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case yaml.AliasNode:
		return toJSON(t, *n.Alias)
	}
	var v any
	if n.ShortTag() == "!!str" || n.ShortTag() == "!!timestamp" {
		v = n.Value
	} else if json.Valid([]byte(n.Value)) {
		return n.Value
	} else if err := n.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return quote(t, v)
}

func quote(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
