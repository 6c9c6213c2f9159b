// Package gen is the Go of openapi.yaml: the server's interface and the types of its requests
// and answers (api.gen.go), with the hand-written types that they name (values.go).
package gen

//go:generate go tool oapi-codegen -config oapi-codegen.yaml ../openapi.yaml
//go:generate go run ./contract ../openapi.yaml contract.gen.json
//go:generate go run ./faults ../openapi.yaml ../fault/codes.gen.go ../db/settings.gen.go
