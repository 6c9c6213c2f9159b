package handlers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// The contract as the generator leaves it (gen/contract). kin-openapi's own reader parses the same text once for each level of
// nesting, and would take most of the start-up time. A keyword that is not declared here is refused, and
// TestTheShortContractIsTheWholeOne compares the result with kin-openapi's.
type (
	shortContract struct {
		OpenAPI  string
		Info     openapi3.Info
		Security openapi3.SecurityRequirements
		Paths    map[string]map[string]*shortOperation
		Aliases  any `json:"x-aliases"`

		Components struct {
			Parameters      map[string]*shortParam
			Schemas         map[string]*shortSchema
			SecuritySchemes openapi3.SecuritySchemes
		}
	}
	shortOperation struct {
		OperationID string
		Security    *openapi3.SecurityRequirements
		Parameters  []*shortParam
		RequestBody *shortBody
		Responses   map[string]shortBody // those that are not JSON alone
		Roles       any                  `json:"x-roles"`
		Stream      any                  `json:"x-stream"`
		Bulk        any                  `json:"x-bulk"`
		Lines       any                  `json:"x-lines"`
	}
	shortBody struct {
		Required bool
		Content  map[string]struct{ Schema *shortSchema }
	}
	shortParam struct {
		Ref                       string `json:"$ref"`
		Name, In                  string
		Required, AllowEmptyValue bool
		Schema                    *shortSchema
		Fault                     any `json:"x-fault"`
		StripQuotes               any `json:"x-strip-quotes"`
	}
	shortSchema struct {
		Ref                                string `json:"$ref"`
		Type, Format, Pattern              string
		AllOf, OneOf, AnyOf                []*shortSchema
		Properties                         map[string]*shortSchema
		Items                              *shortSchema
		Required                           []string
		Default                            any
		Enum                               []any
		Minimum, Maximum                   *float64
		MinLength, MinItems                uint64
		MaxLength, MaxItems, MaxProperties *uint64
		Fault                              any `json:"x-fault"`
	}
)

// readShort makes of a short contract the document that kin-openapi's loader would, with references resolved.
func readShort(text []byte) (*openapi3.T, error) {
	var short shortContract
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&short); err != nil {
		return nil, err
	}
	r := &shortReader{short: &short, schemas: map[string]*openapi3.Schema{}, params: map[string]*openapi3.Parameter{}}
	doc := &openapi3.T{OpenAPI: short.OpenAPI, Info: &short.Info, Security: short.Security, Paths: openapi3.NewPaths(),
		Components: &openapi3.Components{SecuritySchemes: short.Components.SecuritySchemes}, Extensions: map[string]any{"x-aliases": short.Aliases}}
	for path, operations := range short.Paths {
		item := &openapi3.PathItem{}
		for method, op := range operations {
			item.SetOperation(strings.ToUpper(method), r.operation(op))
		}
		doc.Paths.Set(path, item)
	}
	return doc, r.err
}

type shortReader struct {
	short   *shortContract
	schemas map[string]*openapi3.Schema
	params  map[string]*openapi3.Parameter
	err     error // the first reference that leads nowhere
}

func (r *shortReader) operation(op *shortOperation) *openapi3.Operation {
	out := &openapi3.Operation{OperationID: op.OperationID, Security: op.Security, Responses: &openapi3.Responses{},
		Extensions: extensions("x-roles", op.Roles, "x-stream", op.Stream, "x-bulk", op.Bulk, "x-lines", op.Lines)}
	for _, p := range op.Parameters {
		out.Parameters = append(out.Parameters, &openapi3.ParameterRef{Ref: p.Ref, Value: r.param(p)})
	}
	if op.RequestBody != nil {
		out.RequestBody = &openapi3.RequestBodyRef{Value: &openapi3.RequestBody{Required: op.RequestBody.Required, Content: r.content(op.RequestBody)}}
	}
	for status, response := range op.Responses {
		out.Responses.Set(status, &openapi3.ResponseRef{Value: &openapi3.Response{Content: r.content(&response)}})
	}
	return out
}

func (r *shortReader) content(b *shortBody) openapi3.Content {
	out := openapi3.Content{}
	for media, one := range b.Content {
		out[media] = &openapi3.MediaType{Schema: r.ref(one.Schema)}
	}
	return out
}

func (r *shortReader) param(p *shortParam) *openapi3.Parameter {
	if p.Ref != "" {
		return follow(r, p.Ref, "#/components/parameters/", r.short.Components.Parameters, r.params, r.fillParam)
	}
	out := &openapi3.Parameter{}
	r.fillParam(p, out)
	return out
}

func (r *shortReader) fillParam(p *shortParam, out *openapi3.Parameter) {
	*out = openapi3.Parameter{Name: p.Name, In: p.In, Required: p.Required, AllowEmptyValue: p.AllowEmptyValue, Schema: r.ref(p.Schema),
		Extensions: extensions("x-fault", p.Fault, "x-strip-quotes", p.StripQuotes)}
}

func (r *shortReader) ref(s *shortSchema) *openapi3.SchemaRef {
	switch {
	case s == nil:
		return nil
	case s.Ref != "":
		return &openapi3.SchemaRef{Ref: s.Ref, Value: follow(r, s.Ref, "#/components/schemas/", r.short.Components.Schemas, r.schemas, r.fillSchema)}
	}
	out := &openapi3.Schema{}
	r.fillSchema(s, out)
	return &openapi3.SchemaRef{Value: out}
}

func (r *shortReader) refs(list []*shortSchema) (out openapi3.SchemaRefs) {
	for _, s := range list {
		out = append(out, r.ref(s))
	}
	return out
}

func (r *shortReader) fillSchema(s *shortSchema, out *openapi3.Schema) {
	*out = openapi3.Schema{Format: s.Format, Pattern: s.Pattern, AllOf: r.refs(s.AllOf), OneOf: r.refs(s.OneOf), AnyOf: r.refs(s.AnyOf),
		Items: r.ref(s.Items), Required: s.Required, Default: s.Default, Enum: s.Enum, Min: s.Minimum, Max: s.Maximum,
		MinLength: s.MinLength, MaxLength: s.MaxLength, MinItems: s.MinItems, MaxItems: s.MaxItems, MaxProps: s.MaxProperties,
		Extensions: extensions("x-fault", s.Fault)}
	if s.Type != "" {
		out.Type = &openapi3.Types{s.Type}
	}
	for name, p := range s.Properties {
		if out.Properties == nil {
			out.Properties = openapi3.Schemas{}
		}
		out.Properties[name] = r.ref(p)
	}
}

// follow gives what a reference names, the same for all that refer to it, themselves included.
func follow[S, V any](r *shortReader, ref, place string, from map[string]*S, made map[string]*V, fill func(*S, *V)) *V {
	v := made[ref]
	if v != nil {
		return v
	}
	v = new(V)
	made[ref] = v
	if s := from[strings.TrimPrefix(ref, place)]; s != nil {
		fill(s, v)
	} else if r.err == nil {
		r.err = fmt.Errorf("%s is not there", ref)
	}
	return v
}

// extensions makes a map of those that are given.
func extensions(pairs ...any) (out map[string]any) {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != nil {
			if out == nil {
				out = map[string]any{}
			}
			out[pairs[i].(string)] = pairs[i+1]
		}
	}
	return out
}
