// Arteriole is a server for the Capillary v2.0 API, in one binary with one SQLite file.
package main

import (
	"os"

	"github.com/arteriole/arteriole/cli"
)

func main() { os.Exit(cli.Main()) }
