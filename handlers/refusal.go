package handlers

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/arteriole/arteriole/fault"
)

// refuse makes the answer to a value that its schema refuses. It states place and reason in our own words: neither the text of the
// schema nor what was sent. at is the place of n ("body", or "query: limit").
func refuse(n *node, at string, err error) error {
	var e *openapi3.SchemaError
	if !errors.As(err, &e) {
		return fault.Internal.Because(err)
	}
	path, leaf := leafOf(e)
	keyword := keywordOf(leaf)
	place, chain := walk(n, at, path)
	for i, here := range slices.Backward(chain) {
		code := here.faults["any"]
		if own := here.faults[keyword]; own != nil && i == len(chain)-1 {
			code = own // a keyword speaks of its own place, "any" also of what lies within
		}
		if code != nil {
			return code.With("reason", reason(leaf, keyword), "min", low(leaf.Schema), "max", high(leaf.Schema)).At(place)
		}
	}
	return badRequest(place, reason(leaf, keyword))
}

// refuseKeyword is refuse for what is decided before the schema is asked.
func refuseKeyword(p *param, keyword string) error {
	return refuse(p.node, p.place, &openapi3.SchemaError{Schema: p.node.schema, SchemaField: keyword})
}

func badRequest(place, reason string) error {
	return fault.BadRequest.With("reason", reason).At(place)
}

// leafOf finds the relevant refusal inside allOf, oneOf and anyOf, with its path: of several, one that is about more than the
// type.
func leafOf(e *openapi3.SchemaError) ([]string, *openapi3.SchemaError) {
	path := e.JSONPointer()
	var parts openapi3.SchemaRefs
	switch e.SchemaField {
	case "allOf":
		parts = e.Schema.AllOf
	case "oneOf":
		parts = e.Schema.OneOf
	case "anyOf":
		parts = e.Schema.AnyOf
	}
	var within []string
	var best *openapi3.SchemaError
	for _, part := range parts {
		var inner *openapi3.SchemaError
		if !errors.As(part.Value.VisitJSON(e.Value, visitOptions...), &inner) {
			continue
		}
		p, leaf := leafOf(inner)
		speaks := len(p) > 0 || keywordOf(leaf) != "type"
		if speaks || best == nil && e.SchemaField == "allOf" {
			within, best = p, leaf
		}
		if speaks {
			break
		}
	}
	if best == nil {
		return path, e
	}
	return append(path, within...), best
}

// keywordOf names the refusal as x-fault does.
func keywordOf(e *openapi3.SchemaError) string {
	switch e.SchemaField {
	case "nullable", "oneOf", "anyOf", "allOf":
		return "type"
	case "exclusiveMinimum":
		return "minimum"
	case "exclusiveMaximum":
		return "maximum"
	case "format": // of the ones we use, only int32 and int64 refuse anything
		if f, ok := e.Value.(float64); ok && f < 0 {
			return "minimum"
		}
		return "maximum"
	}
	return e.SchemaField
}

// walk follows a JSON pointer through the declared schema. It stops where the caller's own keys begin (as in fields), which are
// not repeated to anybody.
func walk(n *node, at string, path []string) (place string, chain []*node) {
	chain = []*node{n}
	var b strings.Builder
	for _, step := range path {
		next := n.props[step]
		switch {
		case next != nil:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(step)
		case n.items != nil:
			next = n.items
			b.WriteString("[" + step + "]")
		default:
			return join(at, b.String()), chain
		}
		n = next
		chain = append(chain, n)
	}
	return join(at, b.String()), chain
}

func join(at, path string) string {
	switch {
	case path == "":
		return at
	case at == "body":
		return "body: " + path
	}
	return at + path
}

// trueOrFalse is the pattern of texts that are read as a boolean (LooseBool).
const trueOrFalse = `^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$`

// reason states in a few words what would have been accepted.
func reason(e *openapi3.SchemaError, keyword string) string {
	s := e.Schema
	switch keyword {
	case "required":
		return "is required"
	case "type":
		if kinds := kindsOf(s); len(kinds) > 0 {
			return "must be " + strings.Join(kinds, " or ")
		}
	case "enum":
		if values := words(s.Enum); values != "" {
			return "must be " + values
		}
		return "is not one of the values it can have"
	case "minimum":
		return "must be at least " + low(s)
	case "maximum":
		return "must be at most " + high(s)
	case "minLength":
		if s.MinLength == 1 {
			return "must not be empty"
		}
		return fmt.Sprintf("must have at least %d characters", s.MinLength)
	case "maxLength":
		return fmt.Sprintf("must have at most %s characters", high(s))
	case "minItems":
		return fmt.Sprintf("must have at least %s", count(s.MinItems, "item"))
	case "maxItems":
		return fmt.Sprintf("must have at most %s", count(*s.MaxItems, "item"))
	case "minProperties":
		return fmt.Sprintf("must have at least %s", count(s.MinProps, "key"))
	case "maxProperties":
		return fmt.Sprintf("must have at most %s", count(*s.MaxProps, "key"))
	case "pattern":
		if s.Pattern == trueOrFalse {
			return "must be " + kindWords["boolean"]
		}
		return "does not have the right form"
	case "uniqueItems":
		return "must not hold an item twice"
	}
	return "is not valid"
}

func count(n uint64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// low and high are the bounds of a schema, for messages: of a number, of a
// text's length, of a list's.
func low(s *openapi3.Schema) string {
	switch s = plain(s); {
	case s.Min != nil:
		return strconv.FormatFloat(*s.Min, 'f', -1, 64)
	case s.Type.Is("integer"):
		return "-9223372036854775808"
	case s.MinLength > 0:
		return strconv.FormatUint(s.MinLength, 10)
	}
	return strconv.FormatUint(s.MinItems, 10)
}

func high(s *openapi3.Schema) string {
	switch s = plain(s); {
	case s.Max != nil:
		return strconv.FormatFloat(*s.Max, 'f', -1, 64)
	case s.Type.Is("integer"):
		return "9223372036854775807"
	case s.MaxLength != nil:
		return strconv.FormatUint(*s.MaxLength, 10)
	case s.MaxItems != nil:
		return strconv.FormatUint(*s.MaxItems, 10)
	}
	return ""
}

// plain is the schema that has the type, inside the allOf wrappers of a $ref.
func plain(s *openapi3.Schema) *openapi3.Schema {
	for s.Type == nil && len(s.AllOf) > 0 {
		s = s.AllOf[0].Value
	}
	return s
}

var kindWords = map[string]string{
	"string": "a string", "integer": "a whole number", "number": "a number",
	"boolean": "true or false", "array": "a list", "object": "an object",
}

func kindsOf(s *openapi3.Schema) []string {
	var out []string
	for _, t := range s.Type.Slice() {
		out = append(out, kindWords[t])
	}
	for _, part := range slices.Concat(s.AllOf, s.OneOf, s.AnyOf) {
		for _, k := range kindsOf(part.Value) {
			if !slices.Contains(out, k) {
				out = append(out, k)
			}
		}
	}
	return out
}

// words joins a short list of allowed words: "A, B or C".
func words(enum []any) string {
	if len(enum) > 8 {
		return ""
	}
	var out []string
	for _, v := range enum {
		s, ok := v.(string)
		if !ok {
			return ""
		}
		out = append(out, s)
	}
	if len(out) < 2 {
		return strings.Join(out, "")
	}
	return strings.Join(out[:len(out)-1], ", ") + " or " + out[len(out)-1]
}
