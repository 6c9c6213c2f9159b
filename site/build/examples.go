package build

import (
	"crypto/md5"
	"encoding/hex"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/arteriole/arteriole/site/build/samples"
)

// What the samples are sent with: the server of `serve --demo`, and the till and the key
// of its organization.
const (
	demoServer   = "http://localhost:8080"
	demoTill     = "store.server"
	demoPassword = "server123"
	demoKey      = "meowmeowmeow"
)

func demoMD5() string {
	sum := md5.Sum([]byte(demoPassword))
	return hex.EncodeToString(sum[:])
}

// call is an entry of x-examples: a request and the answer that it gets.
type call struct {
	ID, Name, Title string
	Of, Operation   string // the title of the operation, and its operationId
	Status          int
	Shows           []*fault
	Settings        []setting // of the organization, set before
	Steps           []*call   // calls made before, in order
	Answer          template.HTML
	Main            bool          // the first of its operation that succeeds: it stands in the page itself
	Plain           template.HTML // the request, method and path first
	request         samples.Request
	answer          string // as JSON; empty when the example has none
}

type setting struct{ Key, Value string }

// sample is a request in a language.
type sample struct {
	Lang string
	Code template.HTML
	text string
}

func (c *call) OK() bool { return c.Status < 300 }

// To is the address of the example: those that are not the main one stand in the page of
// the operation.
func (c *call) To() string {
	if c.Main {
		return "#" + c.ID
	}
	return "operations/" + c.Operation + ".html#" + c.ID
}

// Kind is the style of the status's mark.
func (c *call) Kind() string {
	switch {
	case c.Status >= 500:
		return "fault"
	case c.Status >= 400:
		return "care"
	case len(c.Shows) > 0:
		return "warn"
	}
	return "ok"
}

// Warned says that the call succeeds and has warnings.
func (c *call) Warned() bool { return c.Kind() == "warn" }

// Samples writes the request in every language. Only JSON is coloured: what is not chosen
// is text, and the page's script colours what is.
func (c *call) Samples() ([]sample, error) {
	var all []sample
	for _, l := range samples.Languages() {
		text, err := l.Sample(c.request)
		if err != nil {
			return nil, err
		}
		code := code{{"", text}}.html()
		if l.ID == "json" {
			code = requestCode(text).html()
		}
		all = append(all, sample{l.ID, code, text})
	}
	return all, nil
}

// bare is the request itself: method, path, headers and body.
func (c *call) bare() (string, error) { return samples.Languages()[0].Sample(c.request) }

// requestCode colours the form of a request that names method and path, headers and, after
// an empty line, the body.
func requestCode(text string) code {
	head, body, _ := strings.Cut(text, "\n\n")
	method, rest, _ := strings.Cut(head, " ")
	c := code{{"k", method}}
	if before, token, found := strings.Cut(" "+rest, "Authorization: Basic "); found {
		token, rest, more := strings.Cut(token, "\n")
		c = append(c, piece{"", before + "Authorization: Basic "}, piece{"cred", token})
		if more {
			c = append(c, piece{"", "\n" + rest})
		}
	} else {
		c = append(c, piece{"", " " + rest})
	}
	if body == "" {
		return c
	}
	return append(append(c, piece{"", "\n\n"}), jsonCode(body)...)
}

// Showing is the operation's first example that shows a fault.
func (o *operation) Showing(f *fault) *call {
	for _, c := range slices.Concat([]*call{o.Main}, o.More, o.Failures) {
		if c != nil && slices.Contains(c.Shows, f) {
			return c
		}
	}
	return nil
}

// callIDs gives every example its id and place before any is made, since steps refer to
// examples of other operations, and codes to the first example that shows them.
func (s *spec) callIDs(p place, id string) error {
	first := true
	for _, n := range p.op.at("x-examples").items() {
		name := n.at("name").text()
		if name == "" {
			return n.errorf("an example needs a name")
		}
		key := p.op.at("operationId").text() + "/" + name
		if s.calls[key] != nil {
			return n.errorf("the example %s stands twice", key)
		}
		c := &call{
			Name: name, Title: n.at("summary").text(),
			Of: p.op.at("summary").text(), Operation: p.op.at("operationId").text(), Status: 200,
		}
		if c.Title == "" {
			c.Title = name
		}
		c.ID = s.ids.take(join(id, "example", kebab(name)))
		if status := n.at("status"); status.ok() {
			var err error
			if c.Status, err = strconv.Atoi(status.text()); err != nil {
				return status.errorf("status: %w", err)
			}
		}
		c.Main = first && c.OK()
		first = first && !c.Main
		var err error
		if c.Shows, err = s.named(n.at("shows")); err != nil {
			return err
		}
		for _, f := range c.Shows {
			if f.Example == nil {
				f.Example = c
			}
		}
		s.calls[key] = c
	}
	return nil
}

// examples makes the calls of an operation.
func (s *spec) examples(p place) ([]*call, error) {
	var all []*call
	for _, n := range p.op.at("x-examples").items() {
		name := n.at("name").text()
		c := s.calls[p.op.at("operationId").text()+"/"+name]
		for _, step := range n.at("steps").items() {
			before := s.calls[step.text()]
			if before == nil {
				return nil, step.errorf("there is no example %q", step.text())
			}
			c.Steps = append(c.Steps, before)
		}
		for _, p := range n.at("settings").pairs() {
			c.Settings = append(c.Settings, setting{p.key, p.val.text()})
		}
		body := n.at("body")
		if !body.ok() {
			body = s.media(p.op.at("requestBody")).at("examples", name, "value")
		}
		c.request = s.request(p, n, body)
		plain, err := c.bare()
		if err != nil {
			return nil, n.errorf("%w", err)
		}
		c.Plain = requestCode(plain).html()
		answer := n.at("answer")
		if !answer.ok() {
			answer = s.media(p.op.at("responses", strconv.Itoa(c.Status))).at("examples", name, "value")
		}
		if answer.ok() {
			c.answer = indented(answer)
			c.Answer = jsonCode(c.answer).html()
		}
		all = append(all, c)
	}
	return all, nil
}

// media is the JSON content of a request body or a response; what has none gives nothing.
func (s *spec) media(n node) node {
	n, _, err := s.follow(n)
	if err != nil {
		return node{}
	}
	if c := n.at("content", "application/json"); c.ok() {
		return c
	}
	if all := n.at("content").pairs(); len(all) > 0 {
		return all[0].val
	}
	return node{}
}

// request is what an example sends to the demo server.
func (s *spec) request(p place, example, body node) samples.Request {
	r := samples.Request{Method: p.method, URL: demoServer + address(p, example), Auth: s.credentials(p.op)}
	for _, h := range example.at("headers").pairs() {
		r.Headers = append(r.Headers, samples.Header{Name: h.key, Value: h.val.text()})
	}
	switch raw := example.at("raw"); {
	case raw.ok():
		r.Body = []byte(raw.text())
	case body.ok():
		r.Body = []byte(compact(body))
	}
	return r
}

// credentials is the Authorization header that the demo organization's till or key sends.
func (s *spec) credentials(op node) string {
	for _, name := range s.security(op) {
		scheme := s.root.at("components", "securitySchemes", name)
		switch {
		case scheme.at("type").is("http") && scheme.at("scheme").is("basic"):
			return samples.Till(demoTill, demoPassword)
		case scheme.at("type").is("apiKey") && scheme.at("in").is("header") && strings.EqualFold(scheme.at("name").text(), "Authorization"):
			return demoKey
		}
	}
	return ""
}

// address is the path and the query of an example. A parameter without a value keeps its braces.
func address(p place, example node) string {
	path := p.path
	for _, v := range example.at("path").pairs() {
		path = strings.ReplaceAll(path, "{"+v.key+"}", url.PathEscape(v.val.text()))
	}
	var query []string
	add := func(key, value string) {
		query = append(query, queryEscape(key)+"="+queryEscape(value))
	}
	for _, v := range example.at("query").pairs() {
		if v.val.scalar() {
			add(v.key, v.val.text())
		}
		for _, item := range v.val.items() {
			add(v.key, item.text())
		}
	}
	if query == nil {
		return path
	}
	return path + "?" + strings.Join(query, "&")
}

func queryEscape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

// tabs are the answers of an operation by status: the main one, one with warnings, and
// the first failure of each status.
func tabs(calls []*call) []*call {
	var all []*call
	for _, c := range calls {
		same := func(t *call) bool { return t.Status == c.Status && t.Warned() == c.Warned() }
		if c.Answer != "" && (c.Main || !slices.ContainsFunc(all, same)) {
			all = append(all, c)
		}
	}
	slices.SortStableFunc(all, func(a, b *call) int {
		return a.Status*4 + boolInt(a.Warned())*2 - boolInt(a.Main) - b.Status*4 - boolInt(b.Warned())*2 + boolInt(b.Main)
	})
	return all[:min(len(all), 8)]
}

// demoHeader is the Authorization of the demo's till.
func demoHeader() string { return samples.Till(demoTill, demoPassword) }
