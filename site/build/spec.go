package build

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
)

// spec is openapi.yaml, read as far as every part of the page needs it.
type spec struct {
	root    node
	ids     *ids
	faults  []*fault
	byName  map[string]*fault
	aliases map[string][]string // by "PUT /path": the other addresses that lead there
	calls   map[string]*call    // by "operationId/name"
	titles  map[string]string   // of operations, by operationId

	envelope string              // the id of the section that shows what every failure looks like
	rules    map[string]*ownRule // our own rules, by number
	cited    map[string]bool     // the numbers that texts name
}

// ownRule says why we do what the published API leaves open.
type ownRule struct {
	Number, Title, ID string
	Text              template.HTML
	source            string
}

// fault is an entry of x-faults.
type fault struct {
	Family, Name, Message, Help string
	Number, Status              int
	Error, Warning, Ours        bool
	Example                     *call // the first that shows it
}

// Sort is what the filter of the codes goes by.
func (f *fault) Sort() string {
	if f.Warning && f.Error {
		return "both"
	}
	if f.Warning {
		return "warning"
	}
	return "error"
}

func (f *fault) ID() string { return fmt.Sprintf("code-%s-%d", kebab(f.Family), f.Number) }

// Kind is the style of the fault's mark: what to do about it, told by shape and colour.
func (f *fault) Kind() string {
	switch {
	case !f.Error:
		return "warn"
	case f.Status >= 500:
		return "fault"
	}
	return "care"
}

// Words says with which status the fault comes.
func (f *fault) Words() string {
	switch {
	case !f.Error:
		return "warning"
	case f.Warning:
		return strconv.Itoa(f.Status) + " or warning"
	}
	return strconv.Itoa(f.Status)
}

// MessageParts cuts the message at its placeholders: text and placeholder in turn.
func (f *fault) MessageParts() []string {
	var parts []string
	rest := f.Message
	for {
		before, after, found := strings.Cut(rest, "{")
		name, tail, closed := strings.Cut(after, "}")
		if !found || !closed {
			return append(parts, rest)
		}
		parts, rest = append(parts, before, name), tail
	}
}

func read(text []byte) (*spec, error) {
	root, err := parse(text)
	if err != nil {
		return nil, err
	}
	s := &spec{
		root: root, ids: &ids{}, byName: map[string]*fault{}, aliases: map[string][]string{},
		calls: map[string]*call{}, titles: map[string]string{},
		rules: map[string]*ownRule{}, cited: map[string]bool{},
	}
	for _, n := range root.at("x-faults").items() {
		f := &fault{
			Family: n.at("family").text(), Name: n.at("name").text(),
			Message: n.at("message").text(), Help: n.at("help").text(), Ours: n.at("ours").is("true"),
			Error: slices.Contains(n.at("as").texts(), "error"), Warning: slices.Contains(n.at("as").texts(), "warning"),
		}
		if f.Number, err = strconv.Atoi(n.at("code").text()); err != nil {
			return nil, n.errorf("x-faults: %w", err)
		}
		if f.Status, err = strconv.Atoi(n.at("status").text()); err != nil {
			return nil, n.errorf("x-faults: %w", err)
		}
		if s.byName[f.Name] != nil {
			return nil, n.errorf("x-faults: %s stands twice", f.Name)
		}
		s.byName[f.Name] = f
		s.faults = append(s.faults, f)
	}
	for _, n := range root.at("x-aliases", "routes").items() {
		to := strings.ToUpper(n.at("to", "method").text()) + " " + n.at("to", "path").text()
		s.aliases[to] = append(s.aliases[to], strings.ToUpper(n.at("method").text())+" "+n.at("path").text())
	}
	return s, nil
}

// named finds the faults that a list names.
func (s *spec) named(n node) ([]*fault, error) {
	var all []*fault
	for _, item := range n.items() {
		f := s.byName[item.text()]
		if f == nil {
			return nil, item.errorf("no fault is named %q", item.text())
		}
		all = append(all, f)
	}
	return all, nil
}

// place is an operation as it stands in paths.
type place struct {
	method, path string
	op, item     node
}

var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// places lists the operations of each tag, in the order of the tag's x-operations and
// then of the document. An operation belongs to its first tag.
func (s *spec) places() (map[string][]place, error) {
	byID, inTag := map[string]place{}, map[string][]string{}
	for _, path := range s.root.at("paths").pairs() {
		item, _, err := s.follow(path.val)
		if err != nil {
			return nil, err
		}
		for _, m := range item.pairs() {
			if !slices.Contains(methods, m.key) {
				continue
			}
			id := m.val.at("operationId").text()
			tags := m.val.at("tags").texts()
			switch {
			case id == "" || m.val.at("summary").text() == "":
				return nil, m.val.errorf("%s %s: operationId and summary are needed", m.key, path.key)
			case byID[id].method != "":
				return nil, m.val.errorf("operationId %s stands twice", id)
			case len(tags) == 0:
				return nil, m.val.errorf("%s has no tag", id)
			}
			byID[id] = place{strings.ToUpper(m.key), path.key, m.val, item}
			inTag[tags[0]] = append(inTag[tags[0]], id)
			s.titles[id] = m.val.at("summary").text()
		}
	}
	all, known := map[string][]place{}, map[string]bool{}
	for _, tag := range s.root.at("tags").items() {
		name := tag.at("name").text()
		known[name] = true
		order := tag.at("x-operations").texts()
		for _, id := range order {
			if !slices.Contains(inTag[name], id) {
				return nil, tag.errorf("x-operations of %s: %s is no operation of the tag", name, id)
			}
		}
		for _, id := range inTag[name] {
			if !slices.Contains(order, id) {
				order = append(order, id)
			}
		}
		for _, id := range order {
			all[name] = append(all[name], byID[id])
		}
	}
	for name := range inTag {
		if !known[name] {
			return nil, s.root.at("tags").errorf("tag %s is not declared", name)
		}
	}
	return all, nil
}

// security gives the names of the schemes that an operation takes, any of them.
func (s *spec) security(op node) []string {
	n := op.at("security")
	if !n.ok() {
		n = s.root.at("security")
	}
	var all []string
	for _, item := range n.items() {
		for _, p := range item.pairs() {
			all = append(all, p.key)
		}
	}
	return all
}
