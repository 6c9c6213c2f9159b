package handlers

import (
	"encoding/json"
	"reflect"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

// An accepter recognizes good values of a schema. The general validator takes ten times as long; it judges whatever an accepter does
// not recognize, and it alone says what is wrong. What an accepter accepts, the validator accepts as well (FuzzBody).
type accepter struct {
	unsure     bool   // the schema has a keyword that is not known here
	kind       string // of a value; "" for any
	all, one   []*accepter
	properties map[string]*accepter
	required   []string
	items      *accepter

	minLength                      uint64
	minItems                       uint64
	maxLength, maxItems, maxFields *uint64
	min, max                       *float64
}

func (c *compiler) accepter(s *openapi3.Schema) *accepter {
	if a := c.accepters[s]; a != nil {
		return a
	}
	a := &accepter{required: s.Required, minLength: s.MinLength, minItems: s.MinItems, maxLength: s.MaxLength, maxItems: s.MaxItems,
		maxFields: s.MaxProps, min: s.Min, max: s.Max}
	c.accepters[s] = a // a schema may contain itself
	if types := s.Type.Slice(); len(types) == 1 {
		a.kind = types[0]
	}
	for _, part := range s.AllOf {
		a.all = append(a.all, c.accepter(part.Value))
	}
	for _, part := range s.OneOf {
		a.one = append(a.one, c.accepter(part.Value))
	}
	if s.Items != nil {
		a.items = c.accepter(s.Items.Value)
	}
	for name, p := range s.Properties {
		if a.properties == nil {
			a.properties = make(map[string]*accepter, len(s.Properties))
		}
		a.properties[name] = c.accepter(p.Value)
	}
	a.unsure = s.MinLength > 1 || len(s.Type.Slice()) > 1 || s.Format != "" && (s.Format != "int64" || a.kind != openapi3.TypeInteger) || !apart(a.one) || hasMore(*s)
	return a
}

// hasMore says whether a schema has keywords beside those that an accepter knows and those that restrict nothing.
func hasMore(s openapi3.Schema) bool {
	s.Extensions, s.Origin, s.Title, s.Description, s.Default, s.Example, s.Deprecated = nil, nil, "", "", nil, nil, false
	s.Type, s.Format, s.MinLength, s.MaxLength, s.Min, s.Max = nil, "", 0, nil, nil, nil
	s.AllOf, s.OneOf, s.Items, s.Properties, s.Required, s.MinItems, s.MaxItems, s.MaxProps = nil, nil, nil, nil, nil, 0, nil, nil
	return !reflect.ValueOf(s).IsZero()
}

// apart says whether no value can be of two of the kinds: one that is of one of them is then of exactly one.
func apart(options []*accepter) bool {
	seen := map[string]bool{}
	for _, o := range options {
		kind := o.kind
		if kind == openapi3.TypeInteger {
			kind = openapi3.TypeNumber
		}
		if kind == "" || seen[kind] {
			return false
		}
		seen[kind] = true
	}
	return true
}

func (a *accepter) accepts(value any) bool {
	if a.unsure {
		return false
	}
	good := false
	switch v := value.(type) {
	case string:
		// Bytes are never fewer than characters.
		good = a.is(openapi3.TypeString) && (a.minLength == 0 || v != "") && atMost(len(v), a.maxLength)
	case json.Number:
		good = a.acceptsNumber(string(v))
	case bool:
		good = a.is(openapi3.TypeBoolean)
	case []any:
		good = a.acceptsList(v)
	case map[string]any:
		good = a.acceptsObject(v)
	}
	if !good {
		return false
	}
	for _, part := range a.all {
		if !part.accepts(value) {
			return false
		}
	}
	for _, option := range a.one {
		if option.accepts(value) {
			return true
		}
	}
	return len(a.one) == 0
}

func (a *accepter) is(kind string) bool { return a.kind == "" || a.kind == kind }

func atMost(n int, most *uint64) bool { return most == nil || uint64(n) <= *most }

// maxExact bounds the integers that the validator, which compares floats, judges exactly.
const maxExact = 1 << 53

func (a *accepter) acceptsNumber(text string) bool {
	var f float64
	switch a.kind {
	case openapi3.TypeInteger:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < -maxExact || n > maxExact {
			return false
		}
		f = float64(n)
	case openapi3.TypeNumber, "":
		var err error
		if f, err = strconv.ParseFloat(text, 64); err != nil {
			return false
		}
	default:
		return false
	}
	return (a.min == nil || f >= *a.min) && (a.max == nil || f <= *a.max)
}

func (a *accepter) acceptsList(list []any) bool {
	if !a.is(openapi3.TypeArray) || uint64(len(list)) < a.minItems || !atMost(len(list), a.maxItems) {
		return false
	}
	if a.items != nil {
		for _, item := range list {
			if !a.items.accepts(item) {
				return false
			}
		}
	}
	return true
}

func (a *accepter) acceptsObject(object map[string]any) bool {
	if !a.is(openapi3.TypeObject) || !atMost(len(object), a.maxFields) {
		return false
	}
	for _, name := range a.required {
		if _, given := object[name]; !given {
			return false
		}
	}
	for name, value := range object {
		if p := a.properties[name]; p != nil && !p.accepts(value) {
			return false
		}
	}
	return true
}
