// Package cli is the command line of Arteriole. A command reads its flags, asks the store for one thing, and reports what was
// done; `serve` puts the handlers on a listener.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // it was tried and did not work
	exitUsage  = 2 // it was not tried: the command line or the environment is wrong
)

// app is shared by all commands.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	db             string // --db
	ran            bool   // the command line was right, and the command has begun
}

// Main runs the command line of the process and returns its exit code.
func Main() int {
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal ends the process at once
	return a.run(ctx, os.Args[1:])
}

func (a *app) run(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(args)
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitOK
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		err = errors.New("interrupted")
	}
	fmt.Fprintln(a.stderr, "arteriole: "+oneLine(explain(err)))
	if !a.ran || errors.As(err, new(usageError)) {
		return exitUsage
	}
	return exitFailed
}

// usageError is a mistake on the command line that shows only once the command runs.
type usageError string

func (e usageError) Error() string { return string(e) }

// explain leaves the words that are meant for callers of the API to them.
func explain(err error) string {
	f, ok := fault.Of(err)
	if !ok {
		return err.Error()
	}
	if f.Unwrap() == nil {
		if hint := hints[f.Code]; hint != "" {
			return f.Text() + ": " + hint
		}
		return f.Text()
	}
	return "the database cannot do this at the moment: " + f.Unwrap().Error()
}

// hints say what to do at a prompt, where a message of the API does not.
var hints = map[*fault.Code]string{
	fault.MergeNotFound:          "see `arteriole merge list`",
	fault.MergeRequestNotFound:   "see `arteriole merge requests`",
	fault.CustomerNotFound:       "find the id with Fetch Customer ID of the API, by mobile number or e-mail address",
	fault.UpdateCustomerNotFound: "find the id with Fetch Customer ID of the API, by mobile number or e-mail address",
}

func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}

const longHelp = `Arteriole serves the Capillary v2.0 API for customers and loyalty from one SQLite file.

To try it with a demo organization:

  arteriole serve --demo

To set up an organization of your own:

  arteriole org add "Tea House" --country-code 91 --time-zone Asia/Kolkata
  arteriole source enable --org "Tea House" INSTORE ECOMMERCE
  arteriole store add --org "Tea House" --code main
  arteriole till add --org "Tea House" --store main --code main.till1
  arteriole serve

All commands except import and restore work beside a running server, which applies their changes at once.

Every flag can also be set by an environment variable: --tls-cert by ARTERIOLE_TLS_CERT, and so on. The command line takes
precedence, and an empty variable counts as not set.

Exit codes: 0 success, 1 failure, 2 invalid command line or environment.`

func (a *app) root() *cobra.Command {
	root := group("arteriole", "Server for the Capillary v2.0 API, in one binary with one database file", longHelp)
	root.SilenceErrors, root.SilenceUsage = true, true
	// No template is set: a program that executes one keeps every exported method of every type, a ninth of its size.
	usage := root.UsageFunc()
	root.SetUsageFunc(func(cmd *cobra.Command) error {
		if run := cmd.RunE; cmd.HasAvailableSubCommands() { // a group runs only to show its help, and its usage line is that of its commands
			cmd.RunE = nil
			defer func() { cmd.RunE = run }()
		}
		return usage(cmd)
	})
	cobra.EnableCommandSorting = false
	root.Version = programVersion()
	root.PersistentFlags().StringVar(&a.db, "db", "arteriole.db", "database `file`")
	root.MarkPersistentFlagFilename("db", "db")
	root.AddGroup(&cobra.Group{ID: "serve", Title: "Server:"}, &cobra.Group{ID: "org", Title: "Organizations and access:"},
		&cobra.Group{ID: "customer", Title: "Customers:"}, &cobra.Group{ID: "file", Title: "Database:"})
	add := func(id string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = id
			root.AddCommand(c)
		}
	}
	add("serve", a.serveCommand(), a.docsCommand())
	add("org", a.orgCommand(), a.sourceCommand(), a.storeCommand(), a.tillCommand(), a.clientCommand(), a.keyCommand(), a.webhookCommand(), a.programCommand())
	add("customer", a.auditCommand(), a.mergeCommand(), a.customerCommand(), a.pointsCommand(), a.loyaltyCommand(), a.reportCommand())
	add("file", a.backupCommand(), a.restoreCommand(), a.exportCommand(), a.importCommand(), a.checkCommand(), a.rewriteCommand(), a.migrateCommand())
	root.AddCommand(a.versionCommand())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()

	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return flagError(cmd, err) })
	root.PersistentPreRunE = func(cmd *cobra.Command, args []string) error {
		if err := fromEnvironment(cmd.Flags()); err != nil {
			return err
		}
		// Resolve a symbolic link: the lock, and what a restore replaces, belong to the file itself.
		if st, err := os.Lstat(a.db); err == nil && st.Mode()&os.ModeSymlink != 0 {
			if real, err := filepath.EvalSymlinks(a.db); err == nil {
				a.db = real
			}
		}
		return needed(cmd)
	}
	a.eachCommand(root)
	return root
}

// eachCommand completes each command with what all of them have.
func (a *app) eachCommand(cmd *cobra.Command) {
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			a.ran = true
			return run(cmd, args)
		}
	}
	cmd.DisableFlagsInUseLine = true
	cmd.Flags().SortFlags = false
	nameVariables(cmd.LocalNonPersistentFlags())
	nameVariables(cmd.PersistentFlags())
	for _, sub := range cmd.Commands() {
		a.eachCommand(sub)
	}
}

// group is a command that only holds other commands.
func group(use, short, long string) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Long: long,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			hint := fmt.Sprintf("see `%s --help`", cmd.CommandPath())
			cmd.SuggestionsMinimumDistance = 2
			if like := cmd.SuggestionsFor(args[0]); len(like) > 0 {
				hint = fmt.Sprintf("did you mean `%s %s`?", cmd.CommandPath(), like[0])
			}
			return fmt.Errorf("unknown command `%s %s`: %s", cmd.CommandPath(), args[0], hint)
		},
		RunE: func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
}

// takes checks the number of arguments against their names in the usage line; the last one may end in "…" for one or
// more.
func takes(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		many := len(names) > 0 && strings.HasSuffix(names[len(names)-1], "…")
		switch {
		case len(args) < len(names):
			return fmt.Errorf("%s is missing; usage: %s", strings.TrimSuffix(names[len(args)], "…"), cmd.UseLine())
		case len(args) > len(names) && !many:
			return fmt.Errorf("unexpected argument %q; usage: %s", args[len(names)], cmd.UseLine())
		}
		return nil
	}
}

// open opens the database for a command. It creates a missing one only if create is set.
func (a *app) open(cmd *cobra.Command, create bool) (*db.Store, error) {
	if !create {
		if err := db.Exists(a.db); err != nil {
			return nil, err
		}
	}
	return db.Open(cmd.Context(), a.db, db.Options{Readers: 1, Progress: func(text string) { fmt.Fprintln(a.stderr, text) }})
}

// with runs f on the database.
func (a *app) with(cmd *cobra.Command, f func(*db.Store) error) error {
	s, err := a.open(cmd, false)
	if err != nil {
		return err
	}
	return errors.Join(f(s), s.Close())
}

// withOrg runs f on the database, with the caller that a command is in an org.
func (a *app) withOrg(cmd *cobra.Command, org string, f func(*db.Store, db.Who) error) error {
	return a.with(cmd, func(s *db.Store) error {
		id, err := s.OrgNamed(cmd.Context(), org)
		if err != nil {
			return err
		}
		return f(s, db.Who{Org: id, Admin: true})
	})
}
