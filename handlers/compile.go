package handlers

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

// compileOnce compiles the program's own contract, which the generator has validated. It takes a while and always gives the same
// result, so all servers of a process share it.
var compileOnce = sync.OnceValues(func() (*contract, error) {
	doc, err := readShort(gen.Contract)
	if err != nil {
		return nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	return compileDoc(doc)
})

// Prepare compiles the contract ahead of New, for a caller that can do something else meanwhile.
func Prepare() { compileOnce() }

// compile validates and compiles a contract.
func compile(spec []byte) (*contract, error) {
	loader := openapi3.NewLoader()
	loader.IsExternalRefsAllowed = false
	doc, err := loader.LoadFromData(spec)
	if err != nil {
		return nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.0.") { // 3.1 has another validator, with other errors
		return nil, fmt.Errorf("openapi.yaml: version %q is not 3.0", doc.OpenAPI)
	}
	if err := doc.Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
		return nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	return compileDoc(doc)
}

func compileDoc(doc *openapi3.T) (*contract, error) {
	c := &compiler{doc: doc, nodes: map[*openapi3.Schema]*node{}, accepters: map[*openapi3.Schema]*accepter{}, codes: map[string]*fault.Code{}}
	for _, code := range fault.All {
		c.codes[code.Name] = code
	}
	var err error
	out := &contract{roots: map[string]bool{}, streams: map[string]bool{}}
	if out.aliases, err = readAliases(doc.Extensions["x-aliases"]); err != nil {
		return nil, fmt.Errorf("openapi.yaml: x-aliases: %w", err)
	}
	c.aliases = out.aliases
	for path, item := range doc.Paths.Map() {
		out.roots[root(path)] = true
		for method, op := range item.Operations() {
			compiled, err := c.operation(method, path, item, op)
			if err != nil {
				return nil, fmt.Errorf("openapi.yaml: %s: %w", op.OperationID, err)
			}
			out.operations = append(out.operations, compiled)
			out.streams[method+" "+path] = compiled.stream != nil
		}
	}
	for _, a := range out.aliases.routes {
		out.roots[root(a.path)] = true
	}
	return out, nil
}

// root is the first segment of a path.
func root(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return first
}

type compiler struct {
	doc       *openapi3.T
	nodes     map[*openapi3.Schema]*node
	accepters map[*openapi3.Schema]*accepter
	codes     map[string]*fault.Code
	aliases   aliases
}

func (c *compiler) operation(method, path string, item *openapi3.PathItem, spec *openapi3.Operation) (*operation, error) {
	op := &operation{id: spec.OperationID, method: method, path: path, query: map[string]*param{}}
	if op.id == "" {
		return nil, fmt.Errorf("%s %s has no operationId", method, path)
	}
	var err error
	if op.schemes, op.challenges, err = c.security(spec); err != nil {
		return nil, err
	}
	if op.roles, err = names(spec.Extensions["x-roles"]); err != nil {
		return nil, fmt.Errorf("x-roles: %w", err)
	}
	if err := c.params(op, item, spec); err != nil {
		return nil, err
	}
	for _, r := range spec.Responses.Map() {
		for media := range r.Value.Content {
			if media != "application/json" {
				op.answers = append(op.answers, media)
			}
		}
	}
	return op, c.requestBody(op, spec)
}

// params compiles the parameters of an operation, with those of its path, and the aliases of both.
func (c *compiler) params(op *operation, item *openapi3.PathItem, spec *openapi3.Operation) error {
	var declared openapi3.Parameters
	for _, p := range item.Parameters {
		if spec.Parameters.GetByInAndName(p.Value.In, p.Value.Name) == nil {
			declared = append(declared, p)
		}
	}
	for _, ref := range append(declared, spec.Parameters...) {
		p, err := c.param(ref.Value)
		if err != nil {
			return err
		}
		op.params = append(op.params, p)
		op.keyed = op.keyed || p.spec.In == openapi3.ParameterInHeader && p.spec.Name == headerKey
		op.acting = op.acting || p.spec.In == openapi3.ParameterInHeader && p.spec.Name == headerEntityCode
		if p.spec.In == openapi3.ParameterInQuery {
			op.query[foldKey(p.spec.Name)] = p
		}
	}
	for alias, name := range c.aliases.query {
		if p := op.query[foldKey(name)]; p != nil && op.query[foldKey(alias)] == nil {
			op.query[foldKey(alias)] = p
		}
	}
	for alias, name := range c.aliases.header {
		if spec.Parameters.GetByInAndName(openapi3.ParameterInHeader, name) == nil {
			continue
		}
		if op.headers == nil {
			op.headers = map[string]string{}
		}
		op.headers[alias] = name
	}
	return nil
}

// requestBody compiles the body that an operation takes: JSON with a schema, or a stream of other types.
func (c *compiler) requestBody(op *operation, spec *openapi3.Operation) (err error) {
	if op.stream, err = names(spec.Extensions["x-stream"]); err != nil {
		return fmt.Errorf("x-stream: %w", err)
	}
	if spec.RequestBody == nil || op.stream != nil {
		return nil
	}
	media := spec.RequestBody.Value.Content["application/json"]
	if media == nil || len(spec.RequestBody.Value.Content) != 1 || media.Schema == nil {
		return fmt.Errorf("a request body must be application/json with a schema, and nothing else")
	}
	op.takesBody, op.bodyRequired = true, spec.RequestBody.Value.Required
	if op.body, err = c.node(media.Schema); err != nil {
		return err
	}
	op.bulk, op.lines = spec.Extensions["x-bulk"] == true, spec.Extensions["x-lines"] == true
	if s := plain(op.body.schema); op.bulk && (kind(s) != openapi3.TypeArray || s.MaxItems == nil) {
		return fmt.Errorf("x-bulk: the body must be an array with maxItems")
	}
	if op.lines && !op.bulk {
		return fmt.Errorf("x-lines without x-bulk")
	}
	return nil
}

// security reads which credentials an operation takes: alternatives, each of one scheme.
func (c *compiler) security(spec *openapi3.Operation) (all schemes, challenges []string, err error) {
	required := c.doc.Security
	if spec.Security != nil {
		required = *spec.Security
	}
	for _, alternative := range required {
		if len(alternative) != 1 {
			return 0, nil, fmt.Errorf("a security requirement of %d schemes is not supported: alternatives have one each", len(alternative))
		}
		for name := range alternative {
			one, challenge, err := c.scheme(name)
			if err != nil {
				return 0, nil, err
			}
			all |= one
			if challenge != "" {
				challenges = append(challenges, challenge)
			}
		}
	}
	if all.has(keyScheme) && all != keyScheme {
		return 0, nil, fmt.Errorf("a bare key in Authorization leaves no room for another scheme")
	}
	return all, challenges, nil
}

func (c *compiler) scheme(name string) (one schemes, challenge string, err error) {
	ref := c.doc.Components.SecuritySchemes[name]
	if ref == nil {
		return 0, "", fmt.Errorf("there is no security scheme %s", name)
	}
	kind, where := ref.Value.Type, ref.Value.Scheme
	if kind == "apiKey" {
		where = ref.Value.In + " " + ref.Value.Name
	}
	switch strings.ToLower(kind + " " + where) {
	case "http basic":
		return tillScheme, `Basic realm="arteriole"`, nil
	case "http bearer":
		return bearerScheme, `Bearer realm="arteriole"`, nil
	case "apikey header x-cap-api-oauth-token":
		return headerScheme, "", nil // of the bearer's kind, to which the challenge leads
	case "apikey header authorization":
		return keyScheme, `ApiKey realm="kittens"`, nil
	}
	return 0, "", fmt.Errorf("security scheme %s is not supported", name)
}

func (c *compiler) param(spec *openapi3.Parameter) (*param, error) {
	if spec.Schema == nil {
		return nil, fmt.Errorf("parameter %s has no schema", spec.Name)
	}
	n, err := c.node(spec.Schema)
	if err != nil {
		return nil, fmt.Errorf("parameter %s: %w", spec.Name, err)
	}
	own, err := c.faults(spec.Extensions["x-fault"])
	if err != nil {
		return nil, fmt.Errorf("parameter %s: %w", spec.Name, err)
	}
	if own != nil {
		wrapped := *n
		wrapped.faults = own
		n = &wrapped
	}
	p := &param{spec: spec, place: spec.In + ": " + spec.Name, node: n, kind: kind(spec.Schema.Value), quotes: spec.Extensions["x-strip-quotes"] == true}
	p.list = p.kind == openapi3.TypeArray
	if v := defaultOf(spec.Schema.Value); v != nil && spec.In == openapi3.ParameterInQuery && !p.list {
		text := fmt.Sprint(v)
		p.filler = &text
	}
	return p, nil
}

func defaultOf(s *openapi3.Schema) any {
	if s.Default != nil {
		return s.Default
	}
	for _, part := range s.AllOf {
		if v := defaultOf(part.Value); v != nil {
			return v
		}
	}
	return nil
}

// kind is the single type of a schema, through allOf; "" if it has none or several.
func kind(s *openapi3.Schema) string {
	if types := s.Type.Slice(); len(types) == 1 {
		return types[0]
	}
	for _, part := range s.AllOf {
		if k := kind(part.Value); k != "" {
			return k
		}
	}
	return ""
}

// node compiles a schema. What its allOf, oneOf and anyOf parts say of properties, items and faults applies to it as well; its own
// word comes first.
func (c *compiler) node(ref *openapi3.SchemaRef) (*node, error) {
	s := ref.Value
	if n := c.nodes[s]; n != nil {
		return n, nil
	}
	n := &node{schema: s, good: c.accepter(s), props: map[string]*node{}}
	c.nodes[s] = n
	var err error
	if n.faults, err = c.faults(s.Extensions["x-fault"]); err != nil {
		return nil, err
	}
	for name, p := range s.Properties {
		if n.props[name], err = c.node(p); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if s.Items != nil {
		if n.items, err = c.node(s.Items); err != nil {
			return nil, err
		}
	}
	for _, part := range slices.Concat(s.AllOf, s.OneOf, s.AnyOf) {
		p, err := c.node(part)
		if err != nil {
			return nil, err
		}
		if n.faults == nil {
			n.faults = p.faults
		}
		if n.items == nil {
			n.items = p.items
		}
		for name, prop := range p.props {
			if n.props[name] == nil {
				n.props[name] = prop
			}
		}
	}
	for alias, name := range c.aliases.body {
		if n.props[name] != nil && n.props[alias] == nil {
			if n.rename == nil {
				n.rename = map[string]string{}
			}
			n.rename[alias] = name
		}
	}
	return n, nil
}

var faultKeywords = []string{
	"required", "type", "enum", "minimum", "maximum", "pattern",
	"minLength", "maxLength", "minItems", "maxItems", "any",
}

func (c *compiler) faults(ext any) (map[string]*fault.Code, error) {
	if ext == nil {
		return nil, nil
	}
	m, ok := ext.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("x-fault is not a map")
	}
	out := map[string]*fault.Code{}
	for keyword, v := range m {
		name, _ := v.(string)
		if !slices.Contains(faultKeywords, keyword) {
			return nil, fmt.Errorf("x-fault: unknown keyword %q", keyword)
		}
		if out[keyword] = c.codes[name]; out[keyword] == nil {
			return nil, fmt.Errorf("x-fault: unknown fault %q", name)
		}
	}
	return out, nil
}

// names reads a list of strings.
func names(ext any) ([]string, error) {
	if ext == nil {
		return nil, nil
	}
	list, ok := ext.([]any)
	if !ok {
		return nil, fmt.Errorf("not a list")
	}
	out := []string{}
	for _, v := range list {
		s, ok := v.(string)
		if !ok {
			return nil, fmt.Errorf("not a list of strings")
		}
		out = append(out, s)
	}
	sort.Strings(out)
	return out, nil
}
