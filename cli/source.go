package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/db"
)

func (a *app) sourceCommand() *cobra.Command {
	c := group("source", "Enable the sources of an organization", `A source is a place where an organization meets its customers, such as INSTORE or WECHAT. A request for a source that is
not enabled is refused.`)
	c.AddCommand(a.sourceEnable(), a.sourceAdd(), a.sourceList())
	return c
}

// orgFlag adds --org, which most commands require.
func orgFlag(cmd *cobra.Command, org *string) {
	cmd.Flags().StringVar(org, "org", "", "`name` of the organization")
	cmd.MarkFlagRequired("org")
}

func (a *app) sourceEnable() *cobra.Command {
	var org string
	c := &cobra.Command{
		Use:   "enable --org NAME SOURCE…",
		Short: "Enable sources",
		Long: `Enable sources for an organization. A source with accounts accepts customers only after an account has been added with
` + "`source add`" + `.

Sources: ` + sourceNames(false) + `.
With accounts: ` + sourceNames(true) + `.`,
		Example: `  arteriole source enable --org "Tea House" INSTORE ECOMMERCE`,
		Args:    takes("SOURCE…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, func(s *db.Store) error {
				if err := s.EnableSources(cmd.Context(), org, args); err != nil {
					return err
				}
				for _, arg := range args {
					src, _ := db.ParseSource(arg)
					fmt.Fprintf(a.stdout, "enabled %s for %s\n", src.Name, org)
					if src.Accounts {
						fmt.Fprintf(a.stdout, "  next, add an account: %s\n", a.line("source add --org", quoted(org), "--source", src.Name, "--account ID"))
					}
				}
				return nil
			})
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) (names []string, _ cobra.ShellCompDirective) {
			for _, s := range db.Sources() {
				names = append(names, s.Name)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
	orgFlag(c, &org)
	return c
}

func sourceNames(accounts bool) string {
	var names []string
	for _, s := range db.Sources() {
		if s.Accounts == accounts {
			names = append(names, s.Name)
		}
	}
	return strings.Join(names, ", ")
}

func (a *app) sourceAdd() *cobra.Command {
	var org, source, account string
	c := &cobra.Command{
		Use:     "add --org NAME --source SOURCE --account ID",
		Short:   "Add an account to a source with accounts",
		Long:    `Add an account to a source with accounts (` + sourceNames(true) + `), and enable the source.`,
		Example: `  arteriole source add --org "Tea House" --source WECHAT --account 22232`,
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(s *db.Store) error {
				if err := s.AddSourceAccount(cmd.Context(), org, source, account); err != nil {
					return err
				}
				src, _ := db.ParseSource(source)
				fmt.Fprintf(a.stdout, "enabled %s for %s, with account %s\n", src.Name, org, strings.TrimSpace(account))
				return nil
			})
		},
	}
	orgFlag(c, &org)
	c.Flags().StringVar(&source, "source", "", "`source` with accounts")
	c.Flags().StringVar(&account, "account", "", "account `id`, as callers send it in accountId")
	c.MarkFlagRequired("source")
	c.MarkFlagRequired("account")
	c.RegisterFlagCompletionFunc("source", cobra.FixedCompletions(strings.Split(sourceNames(true), ", "), cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (a *app) sourceList() *cobra.Command {
	var org string
	c := &cobra.Command{
		Use:     "list --org NAME",
		Short:   "List the enabled sources and their accounts",
		Example: `  arteriole source list --org "Tea House"`,
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(s *db.Store) error {
				list, err := s.SourcesOf(cmd.Context(), org)
				if err != nil {
					return err
				}
				if len(list) == 0 {
					fmt.Fprintln(a.stdout, "no sources yet: enable some with `arteriole source enable`")
					return nil
				}
				rows := [][]string{{"SOURCE", "ACCOUNTS"}}
				for _, src := range list {
					accounts := strings.Join(src.Active, ", ")
					switch {
					case !src.Accounts:
						accounts = "-"
					case accounts == "":
						accounts = "none yet: add one with `arteriole source add`"
					}
					rows = append(rows, []string{src.Name, accounts})
				}
				table(a.stdout, rows)
				return nil
			})
		},
	}
	orgFlag(c, &org)
	return c
}
