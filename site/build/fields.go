package build

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
)

// field is a parameter or a property: a line of the tree, with what hangs below it.
type field struct {
	Name, ID, Type string
	Path           string // of its value in a request: "query.source", "body.profiles.0.firstName"; answers have none
	Required       bool
	Sometimes      bool // of an answer: not always there
	Deprecated     bool
	Text           template.HTML
	Source         string    // the text as Markdown
	Values         []string  // the vocabulary, if it has one
	Rules          []string  // limits, in words
	Default        string    // as JSON
	Refusals       []refusal // what a request gets that breaks a rule
	Fields         []field
	Again          string   // the id of the field above whose fields this one has again
	ref            string   // of its schema, or of that of its entries
	unsaid         []string // the Rules that the text does not say in its own words
	shared         bool     // a parameter of many operations, which may be left out
}

// refusal is a fault, and when it comes: "" for whatever is wrong.
type refusal struct {
	When  string
	Fault *fault
}

// schema is a schema with its $refs and allOfs laid over each other, outermost first.
type schema struct {
	layers []node
	refs   []string
}

const deepest = 24 // levels of a tree of fields; a real schema has six

func (s *spec) schema(n node) (schema, error) { return s.layered(n, 0) }

func (s *spec) layered(n node, depth int) (schema, error) {
	if depth > deepest {
		return schema{}, n.errorf("allOf nests too deep")
	}
	at, ref, err := s.follow(n)
	if err != nil {
		return schema{}, err
	}
	all := schema{layers: []node{at}}
	if ref != "" {
		all.refs = append(all.refs, ref)
	}
	for _, part := range at.at("allOf").items() {
		more, err := s.layered(part, depth+1)
		if err != nil {
			return schema{}, err
		}
		all.layers = append(all.layers, more.layers...)
		all.refs = append(all.refs, more.refs...)
	}
	return all, nil
}

// at is the outermost value of a key.
func (c schema) at(key string) node {
	for _, layer := range c.layers {
		if v := layer.at(key); v.ok() {
			return v
		}
	}
	return node{}
}

// properties are those of all layers; the first of a name counts.
func (c schema) properties() []pair {
	var all []pair
	for _, layer := range c.layers {
		for _, p := range layer.at("properties").pairs() {
			if !slices.ContainsFunc(all, func(q pair) bool { return q.key == p.key }) {
				all = append(all, p)
			}
		}
	}
	return all
}

func (c schema) required(name string) bool {
	return slices.ContainsFunc(c.layers, func(layer node) bool {
		return slices.Contains(layer.at("required").texts(), name)
	})
}

// choices are the schemas of oneOf or anyOf.
func (c schema) choices() []node {
	if one := c.at("oneOf").items(); one != nil {
		return one
	}
	return c.at("anyOf").items()
}

// above is a field on the way down to the one at hand, with the schemas it refers to.
type above struct {
	id   string
	refs []string
}

// tree fills in f from its schema, and its fields with ids below f's. It stops where a
// schema comes again on the way down, and says where its fields are listed.
func (s *spec) tree(f *field, n node, codes []*fault, way []above) error {
	if len(way) > deepest {
		return n.errorf("schemas nest too deep")
	}
	c, err := s.schema(n)
	if err != nil {
		return err
	}
	if f.Text == "" {
		f.Source = c.at("description").text()
		if f.Text, err = s.prose(f.Source, codes); err != nil {
			return n.errorf("%w", err)
		}
	}
	if f.Type, err = s.words(c, 0); err != nil {
		return err
	}
	if c.at("nullable").is("true") {
		f.Type += " or null"
	}
	f.Deprecated = f.Deprecated || c.at("deprecated").is("true")
	if d := c.at("default"); d.ok() {
		f.Default = compact(d)
	}
	if f.Refusals == nil {
		if f.Refusals, err = s.refusals(c.at("x-fault")); err != nil {
			return err
		}
	}
	if err := s.rule(f, c, ""); err != nil {
		return err
	}
	for _, before := range way {
		if slices.ContainsFunc(before.refs, func(ref string) bool { return slices.Contains(c.refs, ref) }) {
			f.Again = before.id
			return nil
		}
	}
	if len(c.refs) > 0 {
		f.ref = c.refs[0]
	}
	return s.below(f, c, f.Path, codes, append(slices.Clip(way), above{f.ID, c.refs}))
}

// below fills in the fields of an object, of the objects in an array or a map, and of
// every choice. Their values are below path; within an answer path is empty.
func (s *spec) below(f *field, c schema, path string, codes []*fault, way []above) error {
	for _, p := range c.properties() {
		if slices.ContainsFunc(f.Fields, func(g field) bool { return g.Name == p.key }) {
			continue // of an earlier choice
		}
		g := field{Name: p.key, ID: s.ids.take(join(f.ID, fieldID(p.key))), Path: under(path, p.key), Required: c.required(p.key)}
		if err := s.tree(&g, p.val, codes, way); err != nil {
			return err
		}
		f.Fields = append(f.Fields, g)
	}
	type part struct {
		path string
		node
	}
	var inner []part
	for _, n := range c.choices() {
		inner = append(inner, part{path, n})
	}
	if items := c.at("items"); items.ok() {
		inner = append(inner, part{under(path, "0"), items})
	}
	if values := c.at("additionalProperties"); values.mapping() {
		inner = append(inner, part{under(path, "*"), values})
	}
	for _, n := range inner {
		d, err := s.schema(n.node)
		if err != nil {
			return err
		}
		for _, before := range way {
			if slices.ContainsFunc(before.refs, func(ref string) bool { return slices.Contains(d.refs, ref) }) {
				f.Again = before.id
				return nil
			}
		}
		if f.ref == "" && len(d.refs) > 0 && len(inner) == 1 {
			f.ref = d.refs[0]
		}
		if len(way) > deepest {
			return n.errorf("schemas nest too deep")
		}
		if err := s.below(f, d, n.path, codes, append(slices.Clip(way), above{f.ID, d.refs})); err != nil {
			return err
		}
	}
	return nil
}

func under(path, key string) string {
	if path == "" {
		return ""
	}
	return path + "." + key
}

// words names a type: "string", "array of objects", "string or integer", "map of string".
func (s *spec) words(c schema, depth int) (string, error) {
	inner := func(n node) (string, error) {
		if depth > deepest {
			return "value", nil
		}
		d, err := s.schema(n)
		if err != nil {
			return "", err
		}
		return s.words(d, depth+1)
	}
	if choices := c.choices(); choices != nil {
		var names []string
		for _, n := range choices {
			name, err := inner(n)
			if err != nil {
				return "", err
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		return strings.Join(names, " or "), nil
	}
	switch kind, format := c.at("type").text(), c.at("format").text(); {
	case kind == "array":
		name, err := inner(c.at("items"))
		if one, rest, many := strings.Cut(name, " "); many {
			return "array of " + one + "s " + rest, err
		}
		return "array of " + name + "s", err
	case kind == "object" || kind == "" && len(c.properties()) > 0:
		if values := c.at("additionalProperties"); values.mapping() && len(c.properties()) == 0 {
			name, err := inner(values)
			return "map of " + name, err
		}
		return "object", nil
	case kind == "string" && format != "":
		return format, nil
	case kind == "":
		return "any value", nil
	default:
		return kind, nil
	}
}

// parameters makes the fields of one place ("path", "query", "header") of an operation.
func (s *spec) parameters(p place, in, id string, codes []*fault) ([]field, error) {
	var all []field
	seen := map[string]bool{}
	for _, n := range append(p.op.at("parameters").items(), p.item.at("parameters").items()...) {
		n, ref, err := s.follow(n)
		if err != nil {
			return nil, err
		}
		name := n.at("name").text()
		if !n.at("in").is(in) || seen[name] {
			continue
		}
		seen[name] = true
		f := field{
			Name: name, ID: s.ids.take(join(id, in, fieldID(name))), Path: in + "." + name, Source: n.at("description").text(),
			Required: n.at("required").is("true"), Deprecated: n.at("deprecated").is("true"),
		}
		f.shared = ref != "" && !f.Required
		if f.Text, err = s.prose(f.Source, codes); err != nil {
			return nil, n.errorf("%w", err)
		}
		if f.Refusals, err = s.refusals(n.at("x-fault")); err != nil {
			return nil, err
		}
		if err := s.tree(&f, n.at("schema"), codes, nil); err != nil {
			return nil, fmt.Errorf("parameter %s: %w", name, err)
		}
		if n.at("allowEmptyValue").is("true") {
			f.Rules = append(f.Rules, "may be empty")
			f.unsaid = append(f.unsaid, "may be empty")
		}
		all = append(all, f)
	}
	return all, nil
}

// body makes the tree of a body: its root has no name of its own. Path is "body", or
// empty for that of an answer.
func (s *spec) body(n node, id, path string, codes []*fault) (field, error) {
	f := field{ID: id, Path: path}
	err := s.tree(&f, n, codes, nil)
	return f, err
}

// answered turns what is required of a request into what is always there in an answer.
func answered(fields []field) {
	for i := range fields {
		f := &fields[i]
		f.Required, f.Sometimes = false, !f.Required
		answered(f.Fields)
	}
}

// once lists what has a schema of its own only where it comes first, and lets the others
// refer to it. Seen has the ids of the first ones by their schemas.
func once(fields []field, seen map[string]string) []field {
	all := slices.Clone(fields)
	for i := range all {
		f := &all[i]
		if f.ref != "" && len(f.Fields) > 0 {
			if before := seen[f.ref]; before != "" {
				f.Again, f.Fields = before, nil
				continue
			}
			seen[f.ref] = f.ID
		}
		f.Fields = once(f.Fields, seen)
	}
	return all
}
