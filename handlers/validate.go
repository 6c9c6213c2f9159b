package handlers

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/labstack/echo/v4"

	"github.com/arteriole/arteriole/fault"
)

// errBodyTaken is returned when a validated body is read again. The generated handler binds the validated value; if that does not
// fit the Go type, it would decode the raw body once more, ignoring case, and let through what was never validated. So there must
// be nothing to decode.
var errBodyTaken = errors.New("the body has been read and validated")

// validatedBody carries the value that passed the schema to the generated
// handler (runtime.BindJSONValue).
type validatedBody struct {
	value any
	node  *node
}

func (b validatedBody) ValidatedValue() any      { return b.value }
func (b validatedBody) Read([]byte) (int, error) { return 0, misfit(b.node, b.value) }
func (b validatedBody) Close() error             { return nil }

// misfit tells where a valid value does not fit the Go type: JSON Schema accepts 1e9 and 1.0 as integers.
func misfit(n *node, value any) error {
	if place, ok := written(n, "", value); ok {
		return fault.BadRequest.With("reason", "must be written in digits alone, without a point or an exponent").At(join("body", place)).Because(errBodyTaken)
	}
	return errBodyTaken
}

// written finds a whole number that is not written as one.
func written(n *node, path string, value any) (place string, found bool) {
	switch v := value.(type) {
	case json.Number:
		kinds := kindsOf(n.schema)
		whole := slices.Contains(kinds, kindWords["integer"]) && !slices.Contains(kinds, kindWords["number"])
		return path, whole && (strings.ContainsAny(string(v), ".eE") || v == "-0")
	case []any:
		for i := 0; n.items != nil && i < len(v) && !found; i++ {
			place, found = written(n.items, path+"["+strconv.Itoa(i)+"]", v[i])
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(n.props)) {
			if child, ok := v[name]; ok && !found {
				place, found = written(n.props[name], strings.TrimPrefix(path+"."+name, "."), child)
			}
		}
	}
	return place, found
}

// Without these, an error would contain its whole schema and value, many times the size of the request, and nobody reads them.
var (
	visitOptions  = []openapi3.SchemaValidationOption{openapi3.VisitAsRequest(), openapi3.DisableSchemaErrorDetails()}
	filterOptions = &openapi3filter.Options{SkipSettingDefaults: true, SchemaValidationOptions: visitOptions[1:]}
)

// validate checks the parameters in the order of the document, then the body, and leaves on c the request that the generated code
// binds. The first refusal is the answer.
func (s *Server) validate(c echo.Context, op *operation) error {
	r := c.Request()
	query, err := op.readQuery(r.URL.RawQuery)
	if err != nil {
		return err
	}
	for _, p := range op.params {
		if err := p.validate(c, query); err != nil {
			return err
		}
	}
	r.URL.RawQuery = query.Encode()
	if op.stream != nil {
		return nil
	}
	data, err := s.readBody(c)
	if err != nil || !op.takesBody {
		return err
	}
	return s.validateBody(op, r, data)
}

// parseAtOnce is how many bytes of bodies are parsed and validated at a time.
const parseAtOnce = 4 << 20

func (s *Server) validateBody(op *operation, r *http.Request, data []byte) error {
	if len(data) == 0 {
		if op.bodyRequired {
			return refuse(op.body, "body", &openapi3.SchemaError{Schema: op.body.schema, SchemaField: "required"})
		}
		return nil
	}
	// A parsed value takes many times the memory of its text, so only parseAtOnce bytes are parsed at a time.
	weight := min(int64(len(data)), parseAtOnce)
	if err := s.parsing.Acquire(r.Context(), weight); err != nil {
		return fault.Unavailable.Because(err).After(time.Second)
	}
	defer s.parsing.Release(weight)
	c := callOf(r.Context())
	if op.lines && c.form == inList && isObject(data) {
		c.form = alone
	}
	value, err := op.parseBody(data, s.cfg.MaxDepth, c.form)
	var bad *jsonError
	if errors.As(err, &bad) {
		return badRequest("body: line "+strconv.Itoa(bad.line)+" column "+strconv.Itoa(bad.column), "cannot be read: "+bad.reason)
	}
	if err != nil {
		return err
	}
	r.Body = validatedBody{value, op.body}
	r.ContentLength = -1 // at 0, echo's binder would make a zero value without a look at the body
	return nil
}

// parseBody returns the validated value of a body; for a bulk operation, its raw items (bulk.go), split according to its form.
func (op *operation) parseBody(data []byte, maxDepth int, form bodyForm) (any, error) {
	if op.bulk {
		return op.splitBody(data, maxDepth, form)
	}
	value, err := parseJSON(data, maxDepth)
	if err != nil {
		return nil, err
	}
	if err := rename(op.body, op.body, value, nil); err != nil {
		return nil, err
	}
	if err := op.body.validate(value); err != nil {
		return nil, refuse(op.body, "body", err)
	}
	return value, nil
}

// rename moves keys that were sent under an alias of x-aliases to their proper name, in objects that declare it. path starts at
// root.
func rename(root, n *node, value any, path []string) error {
	switch v := value.(type) {
	case []any:
		if n.items == nil {
			return nil
		}
		for i, item := range v {
			if err := rename(root, n.items, item, append(path, strconv.Itoa(i))); err != nil {
				return err
			}
		}
	case map[string]any:
		for alias, name := range n.rename {
			given, ok := v[alias]
			if !ok {
				continue
			}
			if _, both := v[name]; both {
				place, _ := walk(root, "body", append(path, name))
				return badRequest(place, "is given under two names")
			}
			v[name] = given
			delete(v, alias)
		}
		for name, prop := range n.props {
			if child, ok := v[name]; ok {
				if err := rename(root, prop, child, append(path, name)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// readQuery is lenient about keys (case, underscores, empty parts, undeclared ones) and strict about values. The result has the
// keys of the document, with defaults filled in.
func (op *operation) readQuery(raw string) (url.Values, error) {
	out := url.Values{}
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		rawKey, rawValue, _ := strings.Cut(part, "=")
		key, err := url.QueryUnescape(rawKey)
		if err != nil || !clean(key) {
			return nil, badRequest("query", "has a key that is not well-formed")
		}
		p := op.query[foldKey(key)]
		place := "query"
		if p != nil {
			place = p.place
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil || !clean(value) {
			return nil, badRequest(place, "is not well-formed: percent escapes, UTF-8 and no NUL")
		}
		if p == nil {
			continue
		}
		if p.quotes {
			value = strings.Trim(value, `"“”`)
		}
		if p.kind == openapi3.TypeBoolean {
			value = strings.ToLower(value)
		}
		name := p.spec.Name
		if had, given := out[name]; given && !p.list {
			if had[0] != value {
				return nil, badRequest(place, "is given twice")
			}
			continue
		}
		out[name] = append(out[name], value)
	}
	for _, p := range op.params {
		if _, given := out[p.spec.Name]; p.filler != nil && !given {
			out.Set(p.spec.Name, *p.filler)
		}
	}
	return out, nil
}

// clean text is valid UTF-8 without NUL.
func clean(s string) bool {
	return utf8.ValidString(s) && !strings.Contains(s, "\x00")
}

func (p *param) validate(c echo.Context, query url.Values) error {
	r, value, given := c.Request(), "", false
	switch p.spec.In {
	case openapi3.ParameterInPath:
		value, given = c.Param(p.spec.Name), true
	case openapi3.ParameterInQuery:
		if list := query[p.spec.Name]; len(list) > 0 {
			value, given = list[0], true
		}
	case openapi3.ParameterInHeader:
		list := r.Header.Values(p.spec.Name)
		if len(list) > 1 {
			return badRequest(p.place, "is given twice")
		}
		if len(list) == 1 {
			value, given = list[0], true
		}
		if !clean(value) {
			return badRequest(p.place, "is not well-formed")
		}
	}
	if p.spec.Required && value == "" { // "source=" names no source
		return refuseKeyword(p, "required")
	}
	if given && !p.list {
		if keyword := p.wrongForm(value); keyword != "" {
			return refuseKeyword(p, keyword)
		}
	}
	if !given && !p.spec.Required || p.accepts(value) {
		return nil
	}
	input := &openapi3filter.RequestValidationInput{Request: r, PathParams: map[string]string{p.spec.Name: value}, QueryParams: query, Options: filterOptions}
	err := openapi3filter.ValidateParameter(r.Context(), input, p.spec)
	var schema *openapi3.SchemaError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, openapi3filter.ErrInvalidRequired):
		return refuseKeyword(p, "required")
	case errors.As(err, &schema):
		return refuse(p.node, p.place, schema)
	}
	return refuseKeyword(p, "type")
}

// accepts recognizes a good value of the right form, as an accepter does.
func (p *param) accepts(value string) bool {
	if value == "" || p.spec.Style != "" {
		return false
	}
	switch p.kind {
	case openapi3.TypeString:
		return p.node.good.accepts(value)
	case openapi3.TypeInteger:
		return p.node.good.accepts(json.Number(value))
	}
	return false
}

// wrongForm refuses forms of numbers and booleans that the parsers behind us accept or interpret differently: each value has one
// spelling. Ids in a path are digits only.
func (p *param) wrongForm(value string) (keyword string) {
	switch p.kind {
	case openapi3.TypeInteger:
		digits := value
		if p.spec.In != openapi3.ParameterInPath {
			digits = strings.TrimPrefix(value, "-")
		}
		if digits == "" || strings.Trim(digits, "0123456789") != "" {
			return "type"
		}
		if _, err := strconv.ParseInt(value, 10, 64); err != nil {
			if digits != value {
				return "minimum"
			}
			return "maximum"
		}
	case openapi3.TypeBoolean:
		if value != "true" && value != "false" {
			return "type"
		}
	}
	return ""
}
