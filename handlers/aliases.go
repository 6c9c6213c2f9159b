package handlers

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// aliases are the other spellings that x-aliases of openapi.yaml promises.
type aliases struct {
	routes []aliasRoute
	query  map[string]string // key of a query → its name
	body   map[string]string // key of a body → its name
	header map[string]string // name of a header → its name now
}

type aliasRoute struct {
	method, path     string
	toMethod, toPath string
}

func readAliases(ext any) (a aliases, err error) {
	if ext == nil {
		return a, nil
	}
	m, ok := ext.(map[string]any)
	if !ok {
		return a, fmt.Errorf("not a map")
	}
	if a.query, err = stringMap(m["query"]); err != nil {
		return a, fmt.Errorf("query: %w", err)
	}
	if a.body, err = stringMap(m["body"]); err != nil {
		return a, fmt.Errorf("body: %w", err)
	}
	if a.header, err = stringMap(m["header"]); err != nil {
		return a, fmt.Errorf("header: %w", err)
	}
	routes, _ := m["routes"].([]any)
	for _, r := range routes {
		from, _ := r.(map[string]any)
		to, _ := from["to"].(map[string]any)
		text := func(m map[string]any, key string) string {
			s, _ := m[key].(string)
			return s
		}
		route := aliasRoute{text(from, "method"), text(from, "path"), text(to, "method"), text(to, "path")}
		if route.method == "" || route.path == "" || route.toMethod == "" || route.toPath == "" {
			return a, fmt.Errorf("a route needs method, path and to: {method, path}")
		}
		a.routes = append(a.routes, route)
	}
	return a, nil
}

// stringMap reads a map of strings.
func stringMap(ext any) (map[string]string, error) {
	if ext == nil {
		return nil, nil
	}
	m, ok := ext.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("not a map")
	}
	out := map[string]string{}
	for k, v := range m {
		s, ok := v.(string)
		if !ok {
			return nil, fmt.Errorf("not a map of strings")
		}
		out[k] = s
	}
	return out, nil
}

// renameHeaders puts headers that came under an alias of x-aliases under their own name, where the operation takes that one.
func (op *operation) renameHeaders(h http.Header) {
	for alias, name := range op.headers {
		if old := h.Values(alias); len(old) > 0 && len(h.Values(name)) == 0 {
			h[http.CanonicalHeaderKey(name)] = old
		}
	}
}

// paths is every path that the router has, for what the router itself cannot
// say: that PUT /v2/customers/search is a wrong method and not the customer
// "search", and which methods a path has.
type paths struct {
	literal  map[string][]string // path → methods
	patterns []pattern
	aliases  []aliasRoute
}

type pattern struct {
	path    string
	methods []string
}

func newPaths(aliases []aliasRoute) *paths {
	return &paths{literal: map[string][]string{}, aliases: aliases}
}

func (p *paths) add(method, path string) {
	if !strings.Contains(path, "{") {
		p.literal[path] = append(p.literal[path], method)
		return
	}
	i := slices.IndexFunc(p.patterns, func(q pattern) bool { return q.path == path })
	if i < 0 {
		i = len(p.patterns)
		p.patterns = append(p.patterns, pattern{path: path})
	}
	p.patterns[i].methods = append(p.patterns[i].methods, method)
}

// find gives the declared path that serves path, and its methods; none for a
// path that is not served.
func (p *paths) find(path string) (declared string, methods []string) {
	if m := p.literal[path]; m != nil {
		return path, m
	}
	for _, q := range p.patterns {
		if _, ok := match(q.path, path); ok {
			return q.path, q.methods
		}
	}
	return "", nil
}

// rewrite gives the method and the path that an alias stands for.
func (p *paths) rewrite(method, path string) (string, string) {
	for _, a := range p.aliases {
		if a.method != method {
			continue
		}
		values, ok := match(a.path, path)
		if !ok || len(values) > 0 && p.literal[path] != nil {
			continue
		}
		to := a.toPath
		for name, v := range values {
			to = strings.ReplaceAll(to, "{"+name+"}", v)
		}
		return a.toMethod, to
	}
	return method, path
}

// taken are the methods that are taken at a path, with those that stand for one of its own.
func (p *paths) taken(path string, methods []string) []string {
	all := slices.Clone(methods)
	for _, a := range p.aliases {
		if values, ok := match(a.path, path); ok && a.toPath == a.path && (len(values) == 0 || p.literal[path] == nil) {
			all = append(all, a.method)
		}
	}
	return all
}

// match compares a path with a declared one, segment by segment; a parameter
// takes any segment that is not empty.
func match(declared, path string) (values map[string]string, ok bool) {
	if strings.Count(declared, "/") != strings.Count(path, "/") {
		return nil, false
	}
	for more := true; more; {
		var want, have string
		want, declared, more = strings.Cut(declared, "/")
		have, path, _ = strings.Cut(path, "/")
		name, param := strings.CutPrefix(want, "{")
		switch {
		case param && have != "":
			if values == nil {
				values = map[string]string{}
			}
			values[strings.TrimSuffix(name, "}")] = have
		case param || want != have:
			return nil, false
		}
	}
	return values, true
}
