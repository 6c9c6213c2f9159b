package build

import (
	"html/template"
	"slices"
	"strconv"
	"strings"
)

// reference is the document, read: what all pages draw from.
type reference struct {
	Document, Version string
	Server            string
	First             *call // the shortest request that needs no more than the demo
	Lede              template.HTML
	Start             []section // the prose of the document
	Setup             []section // what its data say about an organization: a page of its own
	Groups            []group   // its tags
	Rules             *ownRules
}

// ownRules is the section about what we decided.
type ownRules struct {
	chunk
	Rules  []*ownRule
	source string
}

// section is prose under a heading, or a table that the document's data make.
type section struct {
	chunk
	Wide       bool   // no samples stand beside it
	Name       string // of its guide, as an anchor, if the title makes another one
	Settings   []orgSetting
	Calculator bool // of the Authorization header
	Roles      []role
	Reasons    []*ownRule
	Aliases    *aliases
}

type orgSetting struct {
	ID, Key, Type string
	Default       []string // the parts of a list
	Help          template.HTML
}

// role says how many of each group's operations a role may call.
type role struct {
	Name string
	May  []share
}

type share struct {
	ID, Title string
	Some, All int
}

type aliases struct {
	Routes []alias
	Query  []setting // spelling, key
	Body   []setting
	Header []setting
}

type alias struct{ From, To, ID, Title string }

// group is a tag with its operations.
type group struct {
	ID, Title  string
	Chunks     []chunk
	Operations []*operation
	Errors     *errorTables // of the tag Errors
}

type errorTables struct {
	Envelope field
	Headers  []field
	Families []family
}

type family struct {
	ID, Name string
	Faults   []*fault
}

// operation is a section of its own.
type operation struct {
	ID, Title, Method, Path, Name string
	Source                        string        // the whole prose, as Markdown
	Writes                        string        // what it may change, in words
	Repeat                        *fault        // what the same request gives when sent again
	Lede, Text                    template.HTML // the first paragraph, and what follows it
	Chunks                        []opChunk
	Credentials                   []credential
	Roles                         []string
	Also                          []string // other addresses that are served
	Parameters                    []parameters
	Shared                        parameters // the headers of many operations
	BodyText                      template.HTML
	BodyHeading                   chunk
	Body                          *field
	BodyRequired                  bool
	Answers                       []answer
	Envelope                      string // the id of the section about failures
	CodesHeading, ExamplesHeading chunk
	Codes, Common                 []*fault // its own, and those of family http
	Tabs                          []*call  // the answers by status
	Examples                      int      // how many there are
	Main                          *call    // the first that succeeds
	More, Failures                []*call
}

// opChunk is a heading of an operation's prose, with the parameters that it announces.
type opChunk struct {
	chunk
	Fields []field
}

type credential struct {
	Name string
	Text template.HTML
	Link string // an id, if the page has a section about it
}

type parameters struct {
	chunk
	Fields []field
}

// answer is a response. The one for every other status has no fields: all failures look alike.
type answer struct {
	chunk
	Status  string
	Headers []field
	Body    *field
	Failure bool
	Same    string // the id of an answer above that has the same fields
}

// Kind is the style of the status's mark.
func (a answer) Kind() string {
	switch {
	case strings.HasPrefix(a.Status, "5"):
		return "fault"
	case failed(a.Status):
		return "care"
	}
	return "ok"
}

// PathParts cuts a path at its parameters: text and parameter in turn.
func (o *operation) PathParts() []string {
	return strings.FieldsFunc(strings.NewReplacer("{", "\x00{", "}", "}\x00").Replace(o.Path), func(r rune) bool { return r == 0 })
}

// reference reads the whole document.
func (s *spec) reference(rules []byte) (*reference, error) {
	info := s.root.at("info")
	p := &reference{Document: info.at("title").text(), Version: info.at("version").text(), Server: demoServer}
	places, err := s.places()
	if err != nil {
		return nil, err
	}
	for _, id := range ownIDs { // of the templates
		s.ids.take(id)
	}
	for _, f := range s.faults {
		s.ids.take(f.ID())
	}
	byID := map[string]string{} // ids of operations
	for _, tag := range s.root.at("tags").items() {
		p.Groups = append(p.Groups, group{Title: tag.at("name").text(), ID: s.ids.take(kebab(tag.at("name").text()))})
		for _, at := range places[tag.at("name").text()] {
			id := s.ids.take(kebab(at.op.at("summary").text()))
			byID[at.op.at("operationId").text()] = id
			if err := s.callIDs(at, id); err != nil {
				return nil, err
			}
		}
	}
	s.envelope = s.ids.take("envelope")
	if p.Rules, err = s.readRules(rules); err != nil {
		return nil, err
	}
	if err := s.start(p, places, byID); err != nil {
		return nil, err
	}
	for i, tag := range s.root.at("tags").items() {
		g := &p.Groups[i]
		if g.Chunks, err = s.chunks(tag.at("description").text(), g.ID, 1, nil); err != nil {
			return nil, tag.errorf("%w", err)
		}
		for _, at := range places[g.Title] {
			o, err := s.operation(at, byID[at.op.at("operationId").text()])
			if err != nil {
				return nil, at.op.errorf("%s: %w", at.op.at("operationId").text(), err)
			}
			g.Operations = append(g.Operations, o)
		}
		if g.Title == "Errors" {
			if g.Errors, err = s.errors(places); err != nil {
				return nil, err
			}
		}
	}
	p.First = shortest(p)
	return p, s.drawRules(p.Rules)
}

// ownIDs are ids that the templates and the scripts have for themselves.
var ownIDs = []string{
	"top", "main", "contents", "search", "credentials", "codes", "all-codes", "code-filter", "code-count", "our-rules",
	"address", "cu", "cp", "c-md5", "c-pair", "c-head",
}

// start makes the part before the operations, and the page about settings, roles and other
// spellings, which few readers need.
func (s *spec) start(p *reference, places map[string][]place, byID map[string]string) error {
	prose, err := s.chunks(s.root.at("info", "description").text(), "", 1, nil)
	if err != nil {
		return err
	}
	for _, c := range prose {
		if c.Level == 0 {
			p.Lede = c.Text
			continue
		}
		p.Start = append(p.Start, section{chunk: c, Calculator: c.ID == "authorization-header"})
	}
	under := func(title, text string) (section, error) {
		html, err := s.prose(text, nil)
		return section{chunk: chunk{Level: 2, Title: title, ID: s.ids.take(kebab(title)), Text: html}}, err
	}
	if all := s.root.at("x-org-settings").items(); all != nil {
		sec, err := under("Settings", "What an organization can set, by the key of `org set`.")
		if err != nil {
			return err
		}
		for _, n := range all {
			key := n.at("key").text()
			set := orgSetting{ID: s.ids.take("setting-" + key), Key: key, Type: n.at("type").text()}
			if initial := n.at("default").text(); initial != "" {
				set.Default = strings.Split(initial, ",")
			}
			if set.Help, err = s.prose(n.at("help").text(), nil); err != nil {
				return n.errorf("%w", err)
			}
			sec.Settings = append(sec.Settings, set)
		}
		p.Setup = append(p.Setup, sec)
	}
	if all := s.roles(p, places); all != nil {
		sec, err := under("Roles", "How many of the operations each role of a till's credentials may call.")
		if err != nil {
			return err
		}
		sec.Roles = all
		p.Setup = append(p.Setup, sec)
	}
	if n := s.root.at("x-aliases"); n.ok() {
		sec, err := under("Other Spellings", n.at("description").text())
		if err != nil {
			return err
		}
		sec.Aliases = &aliases{}
		for _, route := range n.at("routes").items() {
			to := route.at("to", "method").text() + " " + route.at("to", "path").text()
			a := alias{From: route.at("method").text() + " " + route.at("path").text(), To: to}
			id := s.root.at("paths", route.at("to", "path").text(), strings.ToLower(route.at("to", "method").text()), "operationId").text()
			if id == "" {
				return route.errorf("x-aliases: %s is no operation", to)
			}
			a.ID, a.Title = byID[id], s.titles[id]
			sec.Aliases.Routes = append(sec.Aliases.Routes, a)
		}
		for _, key := range n.at("query").pairs() {
			sec.Aliases.Query = append(sec.Aliases.Query, setting{key.key, key.val.text()})
		}
		for _, key := range n.at("body").pairs() {
			sec.Aliases.Body = append(sec.Aliases.Body, setting{key.key, key.val.text()})
		}
		for _, key := range n.at("header").pairs() {
			sec.Aliases.Header = append(sec.Aliases.Header, setting{key.key, key.val.text()})
		}
		p.Setup = append(p.Setup, sec)
	}
	return nil
}

func (s *spec) roles(p *reference, places map[string][]place) []role {
	var all []role
	for _, g := range p.Groups {
		for _, at := range places[g.Title] {
			for _, name := range at.op.at("x-roles").texts() {
				if !slices.ContainsFunc(all, func(r role) bool { return r.Name == name }) {
					all = append(all, role{Name: name})
				}
			}
		}
	}
	for i := range all {
		for _, g := range p.Groups {
			some, of := 0, 0
			for _, at := range places[g.Title] {
				if roles := at.op.at("x-roles").texts(); roles != nil {
					of++
					some += boolInt(slices.Contains(roles, all[i].Name))
				}
			}
			if of > 0 {
				all[i].May = append(all[i].May, share{g.ID, g.Title, some, of})
			}
		}
	}
	return all
}

// errors makes the tables of the tag Errors: the envelope of every failure, and all codes.
func (s *spec) errors(places map[string][]place) (*errorTables, error) {
	t := &errorTables{}
	for _, tag := range s.root.at("tags").items() {
		for _, at := range places[tag.at("name").text()] {
			failure := at.op.at("responses", "default")
			if !failure.ok() || t.Envelope.ID != "" {
				continue
			}
			a, err := s.answer(failure, s.envelope, nil)
			if err != nil {
				return nil, err
			}
			t.Headers = a.Headers
			if a.Body != nil {
				t.Envelope = *a.Body
			}
		}
	}
	for _, f := range s.faults {
		at := slices.IndexFunc(t.Families, func(g family) bool { return g.Name == f.Family })
		if at < 0 {
			at = len(t.Families)
			t.Families = append(t.Families, family{ID: s.ids.take("codes-" + kebab(f.Family)), Name: f.Family})
		}
		t.Families[at].Faults = append(t.Families[at].Faults, f)
	}
	return t, nil
}

// shortest is the call to begin with.
func shortest(p *reference) *call {
	var first *call
	for _, g := range p.Groups {
		for _, o := range g.Operations {
			c := o.Main
			if c != nil && c.Steps == nil && c.Settings == nil && (first == nil || len(c.Plain) < len(first.Plain)) {
				first = c
			}
		}
	}
	return first
}

// answer reads a response.
func (s *spec) answer(n node, id string, codes []*fault) (answer, error) {
	n, _, err := s.follow(n)
	if err != nil {
		return answer{}, err
	}
	a := answer{chunk: chunk{ID: id}}
	if a.Text, err = s.prose(n.at("description").text(), codes); err != nil {
		return a, n.errorf("%w", err)
	}
	for _, h := range n.at("headers").pairs() {
		head, _, err := s.follow(h.val)
		if err != nil {
			return a, err
		}
		f := field{Name: h.key, ID: s.ids.take(join(id, "header", fieldID(h.key))), Source: head.at("description").text()}
		if f.Text, err = s.prose(f.Source, codes); err != nil {
			return a, head.errorf("%w", err)
		}
		if err := s.tree(&f, head.at("schema"), codes, nil); err != nil {
			return a, err
		}
		a.Headers = append(a.Headers, f)
	}
	if schema := s.orFailure(s.media(n).at("schema")); schema.ok() {
		body, err := s.body(schema, id, "", codes)
		if err != nil {
			return a, err
		}
		answered(body.Fields)
		a.Body = &body
	}
	return a, nil
}

// orFailure is the schema of an answer without the choice of a Failure beside it, which is described with the errors.
func (s *spec) orFailure(n node) node {
	at, _, err := s.follow(n)
	if err != nil {
		return n
	}
	one := at.at("oneOf").items()
	if len(one) == 2 && strings.HasSuffix(one[1].at("$ref").text(), "/Failure") {
		return one[0]
	}
	return n
}

// failed says whether a status, "4XX" and "default" among them, is that of a failure.
func failed(status string) bool {
	n, err := strconv.Atoi(strings.ReplaceAll(strings.ToUpper(status), "X", "0"))
	return err != nil || n >= 400
}
