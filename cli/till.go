package cli

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/db"
)

func (a *app) tillCommand() *cobra.Command {
	c := group("till", "Add, list and disable tills, and change their passwords", `A till is a credential of an organization: its code is the user name for the API. Its role determines what it may do:

  till    use the API of its organization
  admin   the same, and administer the organization
  read    read only`)
	c.AddCommand(a.tillAdd(), a.tillList(), a.tillPassword(), a.tillDisable(), a.tillLookup())
	return c
}

const passwordHelp = "a `password` of your own, or - to read it from standard input; generated if omitted"

func (a *app) tillAdd() *cobra.Command {
	var org, store, code, role, password string
	c := &cobra.Command{
		Use:   "add --org NAME --store CODE --code CODE [flags]",
		Short: "Add a till, and print its password once",
		Long: `Add a till to a store. Its code is its user name, in lower case and unique on the whole server.

The Authorization header made from the password is printed, and so is a generated password. Only a hash is stored, so neither
can be shown again. A password given with --password stays in the shell history: prefer ` + "`--password -`" + `, which
reads it from standard input.`,
		Example: `  arteriole till add --org "Tea House" --store main --code main.till1
  arteriole till add --org "Tea House" --store main --code reports --role read
  pass show till2 | arteriole till add --org "Tea House" --store main --code main.till2 --password -`,
		Args: takes(),
	}
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.with(cmd, func(s *db.Store) error {
			code := strings.ToLower(code)
			secret, err := a.choosePassword(cmd, password, code)
			if err != nil {
				return err
			}
			if err := s.AddTill(cmd.Context(), org, store, code, role, db.HashPassword(md5Hex(secret.text))); err != nil {
				return err
			}
			fmt.Fprintf(a.stdout, "added till %s to %s\n\n", code, org)
			a.tellSecret(code, secret)
			return nil
		})
	}
	orgFlag(c, &org)
	c.Flags().StringVar(&store, "store", "", "`code` of its store")
	c.Flags().StringVar(&code, "code", "", "`code` of the till, which is its user name")
	choose(c, &role, "role", "till", db.Roles, "what the till may do")
	c.Flags().StringVar(&password, "password", "", passwordHelp)
	c.MarkFlagRequired("store")
	c.MarkFlagRequired("code")
	return c
}

func (a *app) tellSecret(code string, p chosenPassword) {
	rows := [][]string{{"  user name", code}}
	if p.made {
		rows = append(rows, []string{"  password", p.text + "   (shown this once)"})
	}
	table(a.stdout, append(rows, []string{"  header", "Authorization: " + authorization(code, p.text)}))
}

// authorization is the header that a till sends: its code, and the md5 of its password.
func authorization(code, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(code+":"+md5Hex(password)))
}

func (a *app) tillList() *cobra.Command {
	var org string
	c := &cobra.Command{
		Use:     "list --org NAME",
		Short:   "List the tills of an organization",
		Example: `  arteriole till list --org "Tea House"`,
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(s *db.Store) error {
				tills, err := s.Tills(cmd.Context(), org)
				if err != nil {
					return err
				}
				if len(tills) == 0 {
					fmt.Fprintln(a.stdout, "no tills yet: add one with `arteriole till add`")
					return nil
				}
				rows := [][]string{{"CODE", "STORE", "ROLE", "STATE", "SINCE"}}
				for _, t := range tills {
					state, since := "active", t.CreatedOn
					switch {
					case t.Disabled:
						state, since = "disabled", t.DisabledOn
					case t.Demo:
						state = "active, demo password"
					}
					rows = append(rows, []string{t.Code, t.StoreCode, t.Role, state, moment(since)})
				}
				table(a.stdout, rows)
				return nil
			})
		},
	}
	orgFlag(c, &org)
	return c
}

func (a *app) tillPassword() *cobra.Command {
	var org, password string
	c := &cobra.Command{
		Use:   "password --org NAME CODE [flags]",
		Short: "Change the password of a till, effective at once",
		Example: `  arteriole till password --org "Tea House" main.till1
  arteriole till password --org "Tea House" main.till1 --password - < new-password`,
		Args: takes("CODE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, func(s *db.Store) error {
				code := strings.ToLower(args[0])
				secret, err := a.choosePassword(cmd, password, code)
				if err != nil {
					return err
				}
				if err := s.SetTillPassword(cmd.Context(), org, code, db.HashPassword(md5Hex(secret.text))); err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "changed the password of till %s of %s; the old one no longer works\n\n", code, org)
				a.tellSecret(code, secret)
				return nil
			})
		},
	}
	orgFlag(c, &org)
	c.Flags().StringVar(&password, "password", "", passwordHelp)
	return c
}

func (a *app) tillDisable() *cobra.Command {
	var org string
	c := &cobra.Command{
		Use:   "disable --org NAME CODE",
		Short: "Disable a till for good",
		Long: `Disable a till, effective at once, also in a running server. The till remains the author of what it did, and its code cannot
be reused. This cannot be undone: add another till instead.`,
		Example: `  arteriole till disable --org "Tea House" main.till1`,
		Args:    takes("CODE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, func(s *db.Store) error {
				if err := s.DisableTill(cmd.Context(), org, args[0]); err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "disabled till %s of %s\n", strings.ToLower(args[0]), org)
				return nil
			})
		},
	}
	orgFlag(c, &org)
	return c
}
