package main

import "testing"

func TestShorten(t *testing.T) {
	got, err := shorten([]byte(`openapi: 3.0.3
info: {title: T, version: "1", description: prose}
tags: [{name: x}]
x-faults: []
paths:
  /a:
    get:
      summary: prose
      x-examples: [{name: a}]
      x-roles: [till]
      parameters: [{name: q, description: prose, schema: {type: string, example: x}}, {$ref: '#/components/parameters/P'}]
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/example'}}}}
      responses: {"200": {content: {application/json: {schema: {$ref: '#/components/schemas/Answer'}}, text/csv: {schema: {type: string}}}}, default: {$ref: '#/components/responses/E'}}
components:
  securitySchemes: {till: {type: http, scheme: basic}}
  parameters: {P: {name: p, in: query, schema: {$ref: '#/components/schemas/Deep'}}, Unused: {name: u, in: query}}
  responses: {E: {description: prose}}
  schemas:
    Answer: {type: string}
    Deep: {type: array, x-values: [a], x-fault: {any: description}, items: {$ref: '#/components/schemas/Deep'}}
    example: {type: object, description: prose, properties: {description: {type: string, description: prose}, responses: {type: string}}}
`))
	const want = `{"components":{` +
		`"parameters":{"P":{"in":"query","name":"p","schema":{"$ref":"#/components/schemas/Deep"}}},` +
		`"schemas":{"Deep":{"items":{"$ref":"#/components/schemas/Deep"},"type":"array","x-fault":{"any":"description"}},` +
		`"example":{"properties":{"description":{"type":"string"},"responses":{"type":"string"}},"type":"object"}},` +
		`"securitySchemes":{"till":{"scheme":"basic","type":"http"}}},` +
		`"info":{"title":"T","version":"1"},"openapi":"3.0.3","paths":{"/a":{"get":{` +
		`"parameters":[{"name":"q","schema":{"type":"string"}},{"$ref":"#/components/parameters/P"}],` +
		`"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/example"}}}},` +
		`"responses":{"200":{"content":{"text/csv":{}}}},"x-roles":["till"]}}},"security":null,"x-aliases":null}`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
	if _, err := shorten([]byte(`paths: {/a: {$ref: '#/components/pathItems/A'}}`)); err == nil {
		t.Error("a reference that leads nowhere is taken")
	}
	if _, err := shorten([]byte(":")); err == nil {
		t.Error("what is no YAML is taken")
	}
}
