package build

import (
	"html/template"
	"slices"
	"strings"
)

type parameterPlace struct{ in, title string }

var parameterPlaces = []parameterPlace{
	{"path", "URL Parameters"},
	{"query", "Query Parameters"},
	{"header", "Headers"},
	{"cookie", "Cookies"},
}

// announces says whether a heading of the prose is one that parameters stand under.
func announces(title string) bool {
	return slices.ContainsFunc(parameterPlaces, func(p parameterPlace) bool { return strings.EqualFold(p.title, title) })
}

// operation makes the section of an operation.
func (s *spec) operation(at place, id string) (*operation, error) {
	op := at.op
	o := &operation{
		ID: id, Title: op.at("summary").text(), Method: at.method, Path: at.path,
		Name: op.at("operationId").text(), Source: op.at("description").text(), Roles: op.at("x-roles").texts(), Also: s.aliases[at.method+" "+at.path],
	}
	o.Envelope, o.CodesHeading = s.envelope, s.heading("Codes", id+"-codes")
	o.Writes = "all or nothing"
	if at.method == "GET" || at.method == "HEAD" {
		o.Writes = "nothing"
	}
	if name := op.at("x-repeat").text(); name != "" {
		if o.Repeat = s.byName[name]; o.Repeat == nil {
			return nil, op.at("x-repeat").errorf("no fault is named %q", name)
		}
	}
	codes, err := s.named(op.at("x-fault-codes"))
	if err != nil {
		return nil, err
	}
	for _, f := range codes {
		if f.Family == "http" {
			o.Common = append(o.Common, f)
		} else {
			o.Codes = append(o.Codes, f)
		}
	}
	prose, err := s.chunks(op.at("description").text(), id, 1, codes)
	if err != nil {
		return nil, err
	}
	for _, c := range prose {
		if c.Level == 0 {
			o.Lede, o.Text = firstParagraph(c.Text)
			continue
		}
		c.Level = max(c.Level, 4) // below the operation's own heading
		o.Chunks = append(o.Chunks, opChunk{chunk: c})
	}
	for _, part := range parameterPlaces {
		fields, err := s.parameters(at, part.in, id, codes)
		if err != nil {
			return nil, err
		}
		if part.in == "header" {
			own := slices.DeleteFunc(slices.Clone(fields), func(f field) bool { return f.shared })
			o.Shared = parameters{s.heading("More Headers", join(id, "more-headers")), slices.DeleteFunc(fields, func(f field) bool { return !f.shared })}
			fields = own
		}
		if len(fields) == 0 {
			continue
		}
		announced := slices.IndexFunc(o.Chunks, func(c opChunk) bool { return strings.EqualFold(c.Title, part.title) })
		if announced >= 0 {
			o.Chunks[announced].Fields = fields
			continue
		}
		o.Parameters = append(o.Parameters, parameters{s.heading(part.title, join(id, kebab(part.title))), fields})
	}
	if err := s.requestBody(o, op, codes); err != nil {
		return nil, err
	}
	if err := s.answers(o, op, codes); err != nil {
		return nil, err
	}
	for _, name := range s.security(op) {
		c, err := s.credential(name)
		if err != nil {
			return nil, err
		}
		o.Credentials = append(o.Credentials, c)
	}
	calls, err := s.examples(at)
	if err != nil {
		return nil, err
	}
	o.Tabs, o.Examples, o.ExamplesHeading = tabs(calls), len(calls), s.heading("Examples", id+"-examples")
	for _, c := range calls {
		switch {
		case !c.OK():
			o.Failures = append(o.Failures, c)
		case c.Main:
			o.Main = c
		default:
			o.More = append(o.More, c)
		}
	}
	return o, nil
}

// heading is one below that of an operation.
func (s *spec) heading(title, id string) chunk {
	return chunk{Level: 4, Title: title, ID: s.ids.take(id)}
}

// shared lists the fields of answers once in the page that has seen, and those of a body
// that is the same as one before.
func (o operation) shared() *operation {
	seen := map[string]string{}
	if o.Body != nil && o.Body.ref != "" {
		seen[o.Body.ref] = o.BodyHeading.ID
	}
	o.Answers = slices.Clone(o.Answers)
	for i := range o.Answers {
		a := &o.Answers[i]
		if a.Body == nil || a.Failure {
			continue
		}
		body := *a.Body
		if before := seen[body.ref]; before != "" && body.ref != "" && len(body.Fields) > 0 {
			a.Same, body.Fields = before, nil
		} else {
			seen[body.ref] = a.ID
			body.Fields = once(body.Fields, seen)
		}
		a.Body = &body
	}
	return &o
}

// alone is the operation for a page of its own: its title is that of the page, and every
// heading below it goes up by two levels. The page's script puts such a section into the
// page of the whole reference, where they go down again.
func (o *operation) alone() *operation { return o.shared().raised() }

func (o operation) raised() *operation {
	up := func(c *chunk) { c.Level -= 2 }
	o.Chunks = slices.Clone(o.Chunks)
	for i := range o.Chunks {
		up(&o.Chunks[i].chunk)
	}
	o.Parameters = slices.Clone(o.Parameters)
	for i := range o.Parameters {
		up(&o.Parameters[i].chunk)
	}
	o.Answers = slices.Clone(o.Answers)
	for i := range o.Answers {
		up(&o.Answers[i].chunk)
	}
	up(&o.BodyHeading)
	up(&o.CodesHeading)
	up(&o.ExamplesHeading)
	return &o
}

func (s *spec) requestBody(o *operation, op node, codes []*fault) error {
	n, _, err := s.follow(op.at("requestBody"))
	if err != nil || !n.ok() {
		return err
	}
	o.BodyRequired = n.at("required").is("true")
	o.BodyHeading = s.heading("Body", join(o.ID, "body"))
	body, err := s.body(s.media(n).at("schema"), o.BodyHeading.ID, "body", codes)
	if err != nil {
		return err
	}
	o.Body, o.BodyText = &body, body.Text
	if text := n.at("description").text(); text != "" {
		o.BodyText, err = s.prose(text, codes)
	}
	return err
}

func (s *spec) answers(o *operation, op node, codes []*fault) error {
	var good int
	for _, p := range op.at("responses").pairs() {
		good += boolInt(!failed(p.key))
	}
	for _, p := range op.at("responses").pairs() {
		n, _, err := s.follow(p.val)
		if err != nil {
			return err
		}
		if p.key == "default" {
			a := answer{Status: "default", Failure: true}
			if a.Text, err = s.prose(n.at("description").text(), codes); err != nil {
				return err
			}
			o.Answers = append(o.Answers, a)
			continue
		}
		title, id := "Response", join(o.ID, "answer")
		if good > 1 || failed(p.key) {
			title = "Response " + p.key
		}
		if len(o.Answers) > 0 { // the first keeps the plain anchor, whatever comes after it
			id = join(id, kebab(p.key))
		}
		head := s.heading(title, id)
		a, err := s.answer(n, head.ID, codes)
		if err != nil {
			return err
		}
		head.Text = a.Text
		a.Status, a.chunk = p.key, head
		o.Answers = append(o.Answers, a)
	}
	return nil
}

// credential describes a security scheme.
func (s *spec) credential(name string) (credential, error) {
	n := s.root.at("components", "securitySchemes", name)
	if !n.ok() {
		return credential{}, s.root.at("components").errorf("security scheme %s is not declared", name)
	}
	text, err := s.prose(n.at("description").text(), nil)
	c := credential{Text: text}
	switch {
	case n.at("type").is("http"):
		c.Name = "HTTP " + strings.ToUpper(n.at("scheme").text()[:1]) + n.at("scheme").text()[1:]
		if s.ids.taken["authentication"] {
			c.Link = "authentication"
		}
	case n.at("type").is("apiKey"):
		c.Name = "a key in " + n.at("name").text()
		link := "odip"
		if !strings.EqualFold(n.at("name").text(), "Authorization") {
			c.Name, link = n.at("name").text(), "access-tokens"
		}
		if s.ids.taken[link] {
			c.Link = link
		}
	default:
		c.Name = n.at("type").text()
	}
	return c, err
}

// firstParagraph cuts rendered prose behind its first paragraph, if it begins with one.
func firstParagraph(text template.HTML) (first, rest template.HTML) {
	const end = "</p>"
	at := strings.Index(string(text), end)
	if !strings.HasPrefix(string(text), "<p>") || at < 0 {
		return "", text
	}
	return text[:at+len(end)], text[at+len(end):]
}
