package handlers

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/arteriole/arteriole/fault"
)

// A contract is openapi.yaml compiled at start-up: no request has to look anything up by name.
type contract struct {
	operations []*operation // in no order of meaning
	aliases    aliases
	roots      map[string]bool // first path segments of the API and of its aliases
	streams    map[string]bool // "PUT /path" of the operations that take their body as it arrives
}

// operation returns the operation with an operationId, which must exist.
func (c *contract) operation(id string) *operation {
	return c.operations[slices.IndexFunc(c.operations, func(op *operation) bool { return op.id == id })]
}

// An operation is what the path of a request needs to know about one operationId.
type operation struct {
	id           string
	method, path string
	schemes      schemes  // any of them; none: anybody may ask
	challenges   []string // WWW-Authenticate of its 401
	roles        []string // nil: any credential
	params       []*param // in the order of the document
	query        map[string]*param
	headers      map[string]string // aliases of its headers
	takesBody    bool
	bodyRequired bool
	keyed        bool // takes an Idempotency-Key
	acting       bool // takes the headers that name another till (attribution.go)
	body         *node
	stream       []string // media types of a body that is taken as it arrives (stream.go); nil: JSON, read whole
	answers      []string // media types of its answers beside application/json
	bulk         bool     // x-bulk: the body is an array whose items are judged one by one (bulk.go)
	lines        bool     // x-lines: of a bulk operation, the body may also be one item, or NDJSON
}

// schemes is a set of kinds of credentials.
type schemes int

const (
	tillScheme   schemes = 1 << iota // Basic, the md5 of a till's password
	keyScheme                        // the bare key of the kittens
	headerScheme                     // an access token in X-CAP-API-OAUTH-TOKEN
	bearerScheme                     // the same as Bearer
)

func (all schemes) has(one schemes) bool { return all&one != 0 }

// A param is one declared parameter.
type param struct {
	spec   *openapi3.Parameter
	place  string // "query: limit"
	node   *node  // faults and schema
	kind   string // its schema's type, "" when it has several
	list   bool
	quotes bool // x-strip-quotes
	filler *string
}

// A node is a place in a request: a parameter, a body, a property or an item, with the faults for refusals there (x-fault).
type node struct {
	schema *openapi3.Schema
	good   *accepter
	faults map[string]*fault.Code // by keyword
	props  map[string]*node
	items  *node
	rename map[string]string // aliases of its keys
}

// validate returns the validator's error for a value that does not fit the schema.
func (n *node) validate(value any) error {
	if n.good.accepts(value) {
		return nil
	}
	return n.schema.VisitJSON(value, visitOptions...)
}

// foldKey is how keys of a query compare: without case and underscores.
func foldKey(key string) string {
	return strings.ToLower(strings.ReplaceAll(key, "_", ""))
}
