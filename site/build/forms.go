package build

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// What the forms need to know of the operations, as JSON. Prose is left out: it stands in
// the page, and the form takes its place there.
type (
	formData struct {
		Operations map[string]formOperation  `json:"operations"`
		Schemas    map[string]map[string]any `json:"schemas"`
	}
	formOperation struct {
		ID       string             `json:"id"` // of its section
		Title    string             `json:"title"`
		Method   string             `json:"method"`
		Path     string             `json:"path"`
		Deletes  bool               `json:"deletes,omitempty"` // for good: the visitor is asked first
		Auth     []string           `json:"auth"`              // till, key, token
		Params   []formParam        `json:"params"`
		Body     *formBody          `json:"body,omitempty"`
		Examples []formExample      `json:"examples"`
		Codes    map[string]formFor `json:"codes"` // by number
	}
	formFor struct {
		ID     string `json:"id"` // of the code's entry
		Status int    `json:"status"`
	}
	formParam struct {
		Name     string            `json:"name"`
		In       string            `json:"in"`
		Required bool              `json:"required,omitempty"`
		Schema   map[string]any    `json:"schema"`
		Faults   map[string]string `json:"faults,omitempty"`
	}
	formBody struct {
		Required bool           `json:"required,omitempty"`
		Media    string         `json:"media"`
		Schema   map[string]any `json:"schema"`
	}
	formExample struct {
		Name     string          `json:"name"`
		Title    string          `json:"title"`
		Path     json.RawMessage `json:"path,omitempty"`
		Query    json.RawMessage `json:"query,omitempty"`
		Headers  json.RawMessage `json:"headers,omitempty"`
		Body     json.RawMessage `json:"body,omitempty"`
		Raw      *string         `json:"raw,omitempty"`
		Steps    []string        `json:"steps,omitempty"`
		Settings json.RawMessage `json:"settings,omitempty"`
		Codes    []int           `json:"codes,omitempty"`
	}
)

// forms writes the requests of all operations.
func (s *spec) forms() ([]byte, error) {
	places, err := s.places()
	if err != nil {
		return nil, err
	}
	data := formData{map[string]formOperation{}, map[string]map[string]any{}}
	for _, tag := range s.root.at("tags").items() {
		for _, at := range places[tag.at("name").text()] {
			if data.Operations[at.op.at("operationId").text()], err = s.formOf(at, data.Schemas); err != nil {
				return nil, err
			}
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err = e.Encode(data)
	return b.Bytes(), err
}

func (s *spec) formOf(at place, schemas map[string]map[string]any) (formOperation, error) {
	op := at.op
	f := formOperation{
		ID: kebab(op.at("summary").text()), Title: op.at("summary").text(), Method: at.method, Path: at.path,
		Deletes: at.method == "DELETE" || op.at("x-deletes").is("true"),
		Auth:    []string{}, Params: []formParam{}, Examples: []formExample{}, Codes: map[string]formFor{},
	}
	codes, err := s.named(op.at("x-fault-codes"))
	if err != nil {
		return f, err
	}
	for _, c := range codes {
		f.Codes[strconv.Itoa(c.Number)] = formFor{c.ID(), c.Status}
	}
	for _, name := range s.security(op) {
		scheme := s.root.at("components", "securitySchemes", name)
		switch {
		case scheme.at("type").is("http") && scheme.at("scheme").is("basic"):
			f.Auth = append(f.Auth, "till")
		case strings.EqualFold(scheme.at("name").text(), "Authorization"):
			f.Auth = append(f.Auth, "key")
		case !slices.Contains(f.Auth, "token"):
			f.Auth = append(f.Auth, "token")
		}
	}
	for _, n := range append(op.at("parameters").items(), at.item.at("parameters").items()...) {
		n, _, err := s.follow(n)
		if err != nil {
			return f, err
		}
		if slices.ContainsFunc(f.Params, func(p formParam) bool { return n.at("name").is(p.Name) && n.at("in").is(p.In) }) {
			continue
		}
		p := formParam{Name: n.at("name").text(), In: n.at("in").text(), Required: n.at("required").is("true"), Faults: s.faultNumbers(n.at("x-fault"))}
		if p.Schema, err = s.formSchema(n.at("schema"), p.Name, schemas, 0); err != nil {
			return f, err
		}
		f.Params = append(f.Params, p)
	}
	if n, _, err := s.follow(op.at("requestBody")); err != nil {
		return f, err
	} else if content := n.at("content").pairs(); len(content) > 0 {
		media := content[0]
		if n.at("content", "application/json").ok() {
			media = pair{"application/json", n.at("content", "application/json")}
		}
		f.Body = &formBody{Required: n.at("required").is("true"), Media: media.key}
		if f.Body.Schema, err = s.formSchema(media.val.at("schema"), "", schemas, 0); err != nil {
			return f, err
		}
	}
	for _, n := range op.at("x-examples").items() {
		e, err := s.formExample(op, n)
		if err != nil {
			return f, err
		}
		f.Examples = append(f.Examples, e)
	}
	return f, nil
}

func (s *spec) formExample(op, n node) (formExample, error) {
	raw := func(n node) json.RawMessage {
		if !n.ok() {
			return nil
		}
		return json.RawMessage(compact(n))
	}
	e := formExample{
		Name: n.at("name").text(), Title: n.at("summary").text(), Steps: n.at("steps").texts(), Settings: raw(n.at("settings")),
		Path: raw(n.at("path")), Query: raw(n.at("query")), Headers: raw(n.at("headers")), Body: raw(n.at("body")),
	}
	if text := n.at("raw"); text.ok() {
		t := text.text()
		e.Raw = &t
	} else if e.Body == nil {
		e.Body = raw(s.media(op.at("requestBody")).at("examples", e.Name, "value"))
	}
	shows, err := s.named(n.at("shows"))
	for _, f := range shows {
		e.Codes = append(e.Codes, f.Number)
	}
	return e, err
}

// faultNumbers are the codes that an x-fault names, by keyword.
func (s *spec) faultNumbers(n node) map[string]string {
	var all map[string]string
	for _, p := range n.pairs() {
		if f := s.byName[p.val.text()]; f != nil {
			if all == nil {
				all = map[string]string{}
			}
			all[p.key] = strconv.Itoa(f.Number)
		}
	}
	return all
}

// keywords are those of a schema that the forms check or show.
var keywords = []string{
	"type", "format", "enum", "default", "nullable", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
	"multipleOf", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "required",
}

// formSchema keeps what a form needs of a schema: allOf is laid together, a component
// is named by "ref" and put into schemas once.
func (s *spec) formSchema(n node, name string, schemas map[string]map[string]any, depth int) (map[string]any, error) {
	if depth > deepest {
		return nil, n.errorf("schemas nest too deep")
	}
	out := map[string]any{}
	if to := n.at("$ref"); to.ok() {
		found, ref, err := s.follow(n)
		if err != nil {
			return nil, err
		}
		ref = ref[strings.LastIndex(ref, "/")+1:]
		if schemas[ref] == nil {
			schemas[ref] = out // it may hold itself
			if schemas[ref], err = s.formSchema(found, ref, schemas, depth+1); err != nil {
				return nil, err
			}
		}
		return map[string]any{"ref": ref}, nil
	}
	for _, part := range n.at("allOf").items() {
		inner, err := s.formSchema(part, name, schemas, depth+1)
		if err != nil {
			return nil, err
		}
		for k, v := range inner {
			out[k] = v
		}
	}
	for _, key := range keywords {
		if v := n.at(key); v.ok() {
			out[key] = json.RawMessage(compact(v))
		}
	}
	if v := n.at("x-values"); v.ok() {
		out["values"] = json.RawMessage(compact(v))
	}
	// Dates of requests are read leniently, so the contract gives most of them no format.
	if n.at("type").is("string") && !n.at("format").ok() && strings.HasSuffix(name, "Date") {
		out["format"] = "date-time"
		out["lenient"] = true
	}
	if faults := s.faultNumbers(n.at("x-fault")); faults != nil {
		out["faults"] = faults
	}
	for _, key := range []string{"oneOf", "anyOf"} {
		for _, choice := range n.at(key).items() {
			inner, err := s.formSchema(choice, name, schemas, depth+1)
			if err != nil {
				return nil, err
			}
			list, _ := out["oneOf"].([]any)
			out["oneOf"] = append(list, inner)
		}
	}
	for _, key := range []string{"items", "additionalProperties"} {
		if v := n.at(key); v.mapping() {
			inner, err := s.formSchema(v, "", schemas, depth+1)
			if err != nil {
				return nil, err
			}
			out[key] = inner
		}
	}
	if all := n.at("properties").pairs(); all != nil {
		properties := map[string]any{}
		for _, p := range all {
			inner, err := s.formSchema(p.val, p.key, schemas, depth+1)
			if err != nil {
				return nil, err
			}
			properties[p.key] = inner
		}
		out["properties"] = properties
	}
	return out, nil
}
