// Arteriole is a server for the Capillary v2.0 API, in one binary with one SQLite file.
package main

import (
	_ "embed"
	"os"

	"github.com/arteriole/arteriole/cli"
)

// Embedding cannot reach a parent folder, so the one source of the contract is embedded here and handed on.
//
//go:embed openapi.yaml
var spec []byte

func main() { os.Exit(cli.Main(spec)) }
