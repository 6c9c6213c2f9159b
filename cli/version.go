package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/db"
)

// version is set when a release is built: -ldflags '-X github.com/arteriole/arteriole/cli.version=v1.2.3'.
var version string

// programVersion is the version that was built: the release, or the commit.
func programVersion() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "development"
	}
	return info.Main.Version
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Show the versions of the program, Go, SQLite and the schema",
		Example: `  arteriole version`,
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			table(a.stdout, [][]string{
				{"arteriole", programVersion()},
				{"go", runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH},
				{"sqlite", db.SQLiteVersion()},
				{"schema", fmt.Sprint(len(db.Migrations()))},
			})
			return nil
		},
	}
}
