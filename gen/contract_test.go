package gen

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

// document is openapi.yaml as far as it is our own: what kin-openapi does not know.
type document struct {
	Info    struct{ Description string }
	Tags    []tag
	Paths   map[string]map[string]*operation
	Faults  []declaredFault `yaml:"x-faults"`
	Aliases struct {
		Routes []struct {
			Method, Path string
			To           struct{ Method, Path string }
		}
		Query map[string]string
	} `yaml:"x-aliases"`
}

type tag struct {
	Name, Description string
	Operations        []string `yaml:"x-operations"`
}

type declaredFault struct {
	Family, Name, Message string
	Code, Status          int
	As                    []string
}

type operation struct {
	ID           string `yaml:"operationId"`
	method, path string
	spec         *openapi3.Operation
	Bulk         bool      `yaml:"x-bulk"`
	Partial      []string  `yaml:"x-partial"` // statuses of answers some or all of whose parts failed
	Roles        []string  `yaml:"x-roles"`
	Codes        []string  `yaml:"x-fault-codes"`
	Examples     []example `yaml:"x-examples"`
}

var (
	text = must(os.ReadFile("../openapi.yaml"))
	spec = must(openapi3.NewLoader().LoadFromData(text))
	page = must(readDocument(text))

	operations = map[string]*operation{}
	faults     = map[string]declaredFault{}
	settings   = map[string]bool{}
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func readDocument(text []byte) (d document, err error) {
	return d, yaml.Unmarshal(text, &d)
}

func init() {
	for path, item := range page.Paths {
		for method, op := range item {
			op.method, op.path = strings.ToUpper(method), path
			op.spec = spec.Paths.Value(path).GetOperation(op.method)
			operations[op.ID] = op
		}
	}
	for _, f := range page.Faults {
		faults[f.Name] = f
	}
	for _, s := range spec.Extensions["x-org-settings"].([]any) {
		settings[s.(map[string]any)["key"].(string)] = true
	}
}

func TestDocumentIsValid(t *testing.T) {
	if err := spec.Validate(context.Background(), openapi3.EnableExamplesValidation()); err != nil {
		t.Error(err)
	}
	if spec.OpenAPI != "3.0.3" {
		t.Errorf("version %s", spec.OpenAPI)
	}
	for _, s := range spec.Servers {
		if !strings.HasPrefix(s.URL, "/") {
			t.Errorf("server %s is not relative", s.URL)
		}
	}
}

func TestOperationsAreComplete(t *testing.T) {
	camel := regexp.MustCompile(`^[a-z][A-Za-z]+$`)
	for id, op := range operations {
		tills := op.spec.Security == nil
		switch {
		case !camel.MatchString(id):
			t.Errorf("%s: the id makes no Go name", id)
		case op.spec.Summary == "" || op.spec.Description == "":
			t.Errorf("%s: no summary or description", id)
		case len(op.Codes) == 0 || len(op.Examples) == 0:
			t.Errorf("%s: no x-fault-codes or x-examples", id)
		case len(op.spec.Tags) != 1:
			t.Errorf("%s: not one tag", id)
		case tills != (len(op.Roles) > 0):
			t.Errorf("%s: x-roles and security do not fit", id)
		case tills && (op.reads() && !slices.Equal(op.Roles, []string{"admin"})) != slices.Contains(op.Roles, "read"):
			t.Errorf("%s: x-roles and method do not fit", id)
		case !slices.Equal(slices.Sorted(maps.Keys(op.spec.Responses.Map())), op.statuses()):
			t.Errorf("%s: not the responses %s", id, op.statuses())
		case op.spec.RequestBody != nil && !op.spec.RequestBody.Value.Required:
			t.Errorf("%s: the body is not required", id)
		}
		if c := slices.Sorted(slices.Values(op.Codes)); len(slices.Compact(c)) != len(op.Codes) {
			t.Errorf("%s: x-fault-codes holds a name twice", id)
		}
		// A change happens once, however often it is asked for with the same key.
		changes := (tills || id == "pushEvent") && op.method != "GET" && !op.reads()
		keyed := slices.ContainsFunc(op.spec.Parameters, func(p *openapi3.ParameterRef) bool { return p.Ref == "#/components/parameters/IdempotencyKey" })
		if changes != keyed || changes != slices.Contains(op.Codes, "Conflict") {
			t.Errorf("%s: IdempotencyKey among the parameters, and Conflict in x-fault-codes, belong to every POST and PUT that changes anything, and to nothing else", id)
		}
		// What is written can be another till's.
		acting := 0
		for _, name := range []string{"LookupType", "Lookup", "EntityType", "EntityCode"} {
			acting += boolInt(slices.ContainsFunc(op.spec.Parameters, func(p *openapi3.ParameterRef) bool { return p.Ref == "#/components/parameters/Attribution"+name }))
		}
		for _, name := range shownOnce {
			acting += boolInt(slices.Contains(op.Codes, name))
		}
		if tills && op.method != "GET" && !op.reads() && acting != 6 || acting != 6 && acting != 0 {
			t.Errorf("%s: the four headers of attribution, and the faults %v, belong to every POST and PUT of a till that changes anything", id, shownOnce)
		}
		for _, name := range op.Codes {
			if faults[name].Name == "" {
				t.Errorf("%s: no fault is named %s", id, name)
			}
		}
		for _, p := range op.spec.Parameters {
			if p.Value.Description == "" {
				t.Errorf("%s: parameter %s has no description", id, p.Value.Name)
			}
		}
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// reads says whether the operation changes nothing, whatever its method.
func (op *operation) reads() bool {
	return op.method == "GET" && op.ID != "generateExternalId" || strings.HasPrefix(op.ID, "fetch")
}

// statuses are those of the answers; in a bulk operation some or all of the items may fail.
func (op *operation) statuses() []string {
	if op.Bulk {
		return []string{"200", "201", "400", "default"}
	}
	switch op.ID {
	case "createIngestionJob":
		return []string{"200", "202", "default"}
	case "fetchIngestionJob":
		return []string{"200", "304", "default"}
	case "ingestFile":
		return []string{"202", "default"}
	}
	return slices.Concat([]string{"200"}, op.Partial, []string{"default"})
}

func TestEveryFaultBelongsToAnOperation(t *testing.T) {
	var used []string
	for _, op := range operations {
		used = append(used, op.Codes...)
	}
	used = append(used, "NotFound") // an address that is no operation's
	for _, f := range page.Faults {
		if !slices.Contains(used, f.Name) {
			t.Errorf("no operation gives %s", f.Name)
		}
	}
	families := []string{"http", "customers", "organization", "transactions", "points", "coupons", "ingestion", "events", "kittens"}
	for i := 1; i < len(page.Faults); i++ {
		a, b := page.Faults[i-1], page.Faults[i]
		if d := slices.Index(families, b.Family) - slices.Index(families, a.Family); d < 0 || d == 0 && b.Code <= a.Code {
			t.Errorf("%s stands before %s", a.Name, b.Name)
		}
	}
}

func TestAliasesLeadToOperations(t *testing.T) {
	for _, r := range page.Aliases.Routes {
		if op := page.Paths[r.To.Path][strings.ToLower(r.To.Method)]; op == nil {
			t.Errorf("%s %s leads nowhere", r.Method, r.Path)
		}
		if op := page.Paths[r.Path][strings.ToLower(r.Method)]; op != nil {
			t.Errorf("%s %s is an operation", r.Method, r.Path)
		}
	}
	for _, name := range page.Aliases.Query {
		if !strings.Contains(string(text), "name: "+name+"\n") {
			t.Errorf("no parameter is named %s", name)
		}
	}
}

// seedHeadings are the headings of the document that this reference translates, in its order. Errors is its include.
var seedHeadings = []string{
	"Introduction", "Sources", "Account IDs", "Identifiers",
	"Organization Setup", "Authentication", "Authorization Header", "Other Headers Required",
	"customer", "Register Customer", "Prerequisites", "Request URL",
	"Update Customer Details", "Update Customer Identifiers", "Fetch Customers by Partial Strings",
	"Fetch Customer ID", "Fetch Customer Details",
	"transaction", "wallet", "ODIP",
	"Kittens", "Get All Kittens", "My file", "HTTP Request", "Query Parameters",
	"Get a Specific Kitten", "HTTP Request", "URL Parameters",
	"Errors",
}

func TestHeadingsOfTheSeed(t *testing.T) {
	var have []string
	heading := regexp.MustCompile(`(?m)^#{1,3} (.+)$`)
	add := func(markdown string) {
		for _, m := range heading.FindAllStringSubmatch(markdown, -1) {
			have = append(have, m[1])
		}
	}
	listed := map[string]bool{}
	add(page.Info.Description)
	for _, tag := range page.Tags {
		have = append(have, tag.Name)
		add(tag.Description)
		for _, id := range tag.Operations {
			op := operations[id]
			if op == nil || listed[id] || op.spec.Tags[0] != tag.Name {
				t.Fatalf("x-operations of %s: %s", tag.Name, id)
			}
			listed[id] = true
			have = append(have, op.spec.Summary)
			add(op.spec.Description)
		}
	}
	if len(listed) != len(operations) {
		t.Errorf("x-operations list %d of %d operations", len(listed), len(operations))
	}
	rest := have
	for _, h := range seedHeadings {
		i := slices.Index(rest, h)
		if i < 0 {
			t.Fatalf("no heading %q in its place; there are %q", h, have)
		}
		rest = rest[i+1:]
	}
}

func TestWorkedExampleOfAuthentication(t *testing.T) {
	sum := md5.Sum([]byte("server123"))
	hash := hex.EncodeToString(sum[:])
	header := "Basic " + base64.StdEncoding.EncodeToString([]byte("store.server:"+hash))
	for _, want := range []string{
		"`8a16a6b70505eb1f1ff7cdc0cd5559a7`", "`store.server:" + hash + "`",
		"`Authorization: Basic c3RvcmUuc2VydmVyOjhhMTZhNmI3MDUwNWViMWYxZmY3Y2RjMGNkNTU1OWE3`", "`Authorization: " + header + "`",
	} {
		if !strings.Contains(page.Info.Description, want) {
			t.Errorf("the description lacks %s", want)
		}
	}
}

func TestLinksLeadToHeadings(t *testing.T) {
	anchors := map[string]bool{}
	anchor := func(heading string) { anchors[strings.ReplaceAll(strings.ToLower(heading), " ", "-")] = true }
	for _, h := range seedHeadings {
		anchor(h)
	}
	for _, op := range operations {
		anchor(op.spec.Summary)
	}
	for _, m := range regexp.MustCompile(`(?m)^#{1,3} (.+)$`).FindAllStringSubmatch(page.Info.Description, -1) {
		anchor(m[1])
	}
	anchor("Settings") // made from x-org-settings
	for _, m := range regexp.MustCompile(`\]\(#([^)]*)\)`).FindAllSubmatch(text, -1) {
		if !anchors[string(m[1])] {
			t.Errorf("a link leads to #%s", m[1])
		}
	}
}

// TestRequestsAreBoundedAndOpen: what a caller sends has a bound everywhere, and unknown keys pass.
func TestRequestsAreBoundedAndOpen(t *testing.T) {
	seen := map[*openapi3.Schema]bool{}
	var walk func(at string, ref *openapi3.SchemaRef)
	walk = func(at string, ref *openapi3.SchemaRef) {
		s := ref.Value
		if seen[s] {
			return
		}
		seen[s] = true
		switch {
		case s.AdditionalProperties.Has != nil || s.AdditionalProperties.Schema != nil:
			t.Errorf("%s: additionalProperties", at)
		case s.Nullable:
			t.Errorf("%s: nullable", at)
		case s.Type.Is("string") && s.MaxLength == nil:
			t.Errorf("%s: no maxLength", at)
		case s.Type.Is("string") && len(s.Enum) > 0:
			t.Errorf("%s: enum, which compares with case; x-values does not", at)
		case s.Type.Is("array") && s.MaxItems == nil:
			t.Errorf("%s: no maxItems", at)
		case s.Type.Is("object") && len(s.Properties) == 0 && s.MaxProps == nil:
			t.Errorf("%s: no maxProperties", at)
		case s.Type.Is("integer") && s.Min == nil:
			t.Errorf("%s: no minimum", at)
		}
		if s.Items != nil {
			walk(at+"[]", s.Items)
		}
		for name, p := range s.Properties {
			walk(at+"."+name, p)
		}
		for _, p := range slices.Concat(s.AllOf, s.OneOf, s.AnyOf) {
			walk(at, p)
		}
	}
	for id, op := range operations {
		for _, p := range op.spec.Parameters {
			walk(id+" "+p.Value.Name, p.Value.Schema)
		}
		if op.spec.RequestBody != nil {
			for _, media := range op.spec.RequestBody.Value.Content {
				if op.spec.Extensions["x-stream"] == nil {
					walk(id, media.Schema)
				}
			}
		}
	}
}

func TestSchemasAreDescribedAndExact(t *testing.T) {
	keywords := []string{"any", "required", "type", "enum", "minimum", "maximum", "pattern", "minLength", "maxLength", "minItems", "maxItems"}
	seen := map[*openapi3.Schema]bool{}
	var walk func(at string, ref *openapi3.SchemaRef)
	walk = func(at string, ref *openapi3.SchemaRef) {
		s := ref.Value
		if seen[s] {
			return
		}
		seen[s] = true
		if s.Type.Is("number") && s.Extensions["x-go-type"] == nil {
			t.Errorf("%s: a bare number is a float32 in Go", at)
		}
		if _, ok := s.Extensions["x-values"]; ok && !s.Type.Is("string") {
			t.Errorf("%s: x-values on no string", at)
		}
		if faults, ok := s.Extensions["x-fault"].(map[string]any); ok {
			for k := range faults {
				if !slices.Contains(keywords, k) {
					t.Errorf("%s: x-fault for %s", at, k)
				}
			}
		}
		for _, name := range s.Required {
			if s.Properties[name] == nil {
				t.Errorf("%s: %s is required and not there", at, name)
			}
		}
		for name, p := range s.Properties {
			if p.Value.Description == "" {
				t.Errorf("%s.%s: no description", at, name)
			}
			walk(at+"."+name, p)
		}
		if s.Items != nil {
			walk(at+"[]", s.Items)
		}
		for _, p := range slices.Concat(s.AllOf, s.OneOf, s.AnyOf) {
			walk(at, p)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(spec.Components.Schemas)) {
		s := spec.Components.Schemas[name]
		if s.Value.Description == "" {
			t.Errorf("%s: no description", name)
		}
		walk(name, s)
	}
	for name, r := range spec.Components.Responses {
		for header, h := range r.Value.Headers {
			if h.Value.Required {
				t.Errorf("%s: header %s is required", name, header)
			}
		}
	}
	// Siblings of $ref are ignored by OpenAPI 3.0: allOf wraps what needs any.
	var alone func(n *yaml.Node)
	alone = func(n *yaml.Node) {
		if n.Kind == yaml.MappingNode {
			for i := 0; i < len(n.Content); i += 2 {
				if n.Content[i].Value == "$ref" && len(n.Content) > 2 {
					t.Errorf("line %d: $ref has a sibling", n.Line)
				}
			}
		}
		for _, c := range n.Content {
			alone(c)
		}
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	alone(&root)
}
