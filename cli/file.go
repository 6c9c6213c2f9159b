package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/db"
)

func (a *app) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy the database while it is in use",
		Long: `Copy a consistent snapshot of the database to a new file, and verify the copy. This works beside a running server, which is
not interrupted. An existing file is never overwritten, and a failed backup leaves no file.

The copy is a single plain file, which ` + "`arteriole restore`" + ` puts back. It contains everything, with credentials as hashes and
personal data in the clear: store it accordingly.`,
		Example: `  arteriole backup arteriole-$(date +%F).db`,
		Args:    takes("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			p := newProgress(a.stderr, "backup")
			c, err := db.Backup(cmd.Context(), a.db, args[0], p.tell)
			p.end()
			if err != nil {
				return err
			}
			fmt.Fprintf(a.stdout, "backed up %s to %s: %s, schema %d\n", a.db, args[0], bytesText(c.Bytes), c.Schema)
			return nil
		},
	}
}

func (a *app) restoreCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "restore FILE",
		Short: "Replace the database with a backup",
		Long: `Replace the database with a copy of a backup. The whole backup is checked first, and nothing is changed if it is damaged, is
not an Arteriole database, or was written by a newer version. No server may be running.

The previous database is not deleted, but kept beside the new one as FILE.replaced-<time>.`,
		Example: `  arteriole restore arteriole-2026-01-31.db`,
		Args:    takes("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			p := newProgress(a.stderr, "restore")
			c, err := db.Restore(cmd.Context(), a.db, args[0], time.Now(), p.tell)
			p.end()
			if err != nil {
				return err
			}
			fmt.Fprintf(a.stdout, "restored %s from %s: %s, schema %d\n", a.db, args[0], bytesText(c.Bytes), c.Schema)
			if c.Kept != "" {
				fmt.Fprintf(a.stdout, "the previous database is kept as %s\n", c.Kept)
			}
			if known := len(db.Migrations()); c.Schema < known {
				fmt.Fprintf(a.stdout, "the next server or command will migrate it to schema %d, after a backup\n", known)
			}
			return nil
		},
	}
}

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Check the whole database for errors",
		Long: `Check a consistent snapshot of the whole database, without changing anything: the integrity of the file, and the rules that
hold between its rows. Each problem is printed as one line, without personal data; if there is any, the exit code is 1. This
works beside a running server.`,
		Example: `  arteriole check
  arteriole check --db arteriole-2026-01-31.db`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.check(cmd) },
	}
}

func (a *app) check(cmd *cobra.Command) error {
	fmt.Fprintf(a.stdout, "checking %s\n", a.db)
	p := newProgress(a.stderr, "check")
	start := time.Now()
	problems, err := db.Check(cmd.Context(), a.db, db.CheckReport{
		Begin:    func(what string) { p.what = what },
		Progress: p.tell,
		Problem: func(text string) {
			p.end()
			fmt.Fprintln(a.stdout, "  problem: "+oneLine(text))
		},
		End: func(what string, n int64, of string, bad int64) {
			p.end()
			state := "ok"
			if bad > 0 {
				state = "BAD"
			}
			fmt.Fprintf(a.stdout, "  %-3s  %-40s  %s\n", state, what, plural(n, of))
		},
	})
	p.end()
	if err != nil {
		return err
	}
	if problems > 0 {
		return fmt.Errorf("%s has errors: %s found. Where a line names a command, run it; otherwise keep a copy of the file, then restore the last good backup with `arteriole restore`", a.db, plural(problems, "problems"))
	}
	fmt.Fprintf(a.stdout, "no problems found, %s\n", time.Since(start).Round(time.Millisecond))
	return nil
}

// plural counts things, whose name is given for many.
func plural(n int64, things string) string {
	if n == 1 {
		things = strings.TrimSuffix(things, "s")
	}
	return count(n) + " " + things
}

func (a *app) migrateCommand() *cobra.Command {
	c := group("migrate", "Show the schema of the database", `The schema of a database is migrated automatically when the server or a command opens it. Before that, the database is backed
up beside itself.`)
	c.AddCommand(&cobra.Command{
		Use:     "status",
		Short:   "Show applied and pending migrations, without changing anything",
		Example: `  arteriole migrate status`,
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.migrateStatus(cmd)
		},
	})
	return c
}

func (a *app) migrateStatus(cmd *cobra.Command) error {
	if err := db.Exists(a.db); err != nil {
		return err
	}
	have, err := db.SchemaVersion(cmd.Context(), a.db)
	if err != nil {
		return err
	}
	all := db.Migrations()
	rows := [][]string{}
	for _, m := range all {
		state := "applied"
		if m.Version > have {
			state = "pending"
		}
		rows = append(rows, []string{fmt.Sprintf("  %d", m.Version), m.Name, state})
	}
	fmt.Fprintf(a.stdout, "%s has schema %d, this program has schema %d\n", a.db, have, len(all))
	table(a.stdout, rows)
	switch pending := int64(len(all) - have); {
	case pending < 0:
		return fmt.Errorf("%s was written by a newer version of Arteriole: use that version", a.db)
	case pending > 0:
		fmt.Fprintf(a.stdout, "%s pending: the next server or command will run them, after a backup\n", plural(pending, "migrations"))
	default:
		fmt.Fprintln(a.stdout, "no migrations pending")
	}
	return nil
}
