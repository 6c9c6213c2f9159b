package gen

import _ "embed"

// Contract is openapi.yaml without its prose and examples, as JSON: what the server checks requests by.
//
//go:embed contract.gen.json
var Contract []byte
