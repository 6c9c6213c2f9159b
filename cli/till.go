package cli

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/db"
)

func (a *app) tillCommand() *cobra.Command {
	c := group("till", "Add, list and disable tills, and change their passwords", `A till is a credential of an organization: its code is the user name for the API. Its role decides what it may do:

  till    the API of its organization
  admin   the same, and administration of the organization
  read    reading only`)
	c.AddCommand(a.tillAdd(), a.tillList(), a.tillPassword(), a.tillDisable(), a.tillLookup())
	return c
}

const passwordHelp = "a `password` of your choice, or - to read it from standard input; without the flag, one is generated"

func (a *app) tillAdd() *cobra.Command {
	var org, store, code, role, password string
	c := &cobra.Command{
		Use:   "add --org NAME --store CODE --code CODE [flags]",
		Short: "Add a till, and print its password once",
		Long: `Adds a till to a store. Its code is its user name, in lower case, and unique on the whole server.

The password is printed together with its Authorization header. Only a hash is stored, so neither can be shown again. A
password given with --password stays in the shell's history; ` + "`--password -`" + ` reads it from standard input instead.`,
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
	c.Flags().StringVar(&store, "store", "", "the store it belongs to, by its `code`")
	c.Flags().StringVar(&code, "code", "", "its `code`, which is its user name")
	choose(c, &role, "role", "till", db.Roles, "what it may do")
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

// authorization is the header that a till sends: its code and the md5 of its password.
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
					fmt.Fprintln(a.stdout, "no tills: `arteriole till add` makes one")
					return nil
				}
				rows := [][]string{{"CODE", "STORE", "ROLE", "STATE", "SINCE"}}
				for _, t := range tills {
					state, since := "active", t.CreatedOn
					switch {
					case t.Disabled:
						state, since = "disabled", t.DisabledOn
					case t.Demo:
						state = "active, password of the demo"
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
		Short: "Give a till a new password; the old one is refused at once",
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
				fmt.Fprintf(a.stdout, "till %s of %s has a new password; the old one is refused from now on\n\n", code, org)
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
		Long: `Disables a till, at once and in a running server too. It remains the author of what it did, and its code cannot be used
again. A disabled till cannot be enabled: add another one instead.`,
		Example: `  arteriole till disable --org "Tea House" main.till1`,
		Args:    takes("CODE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, func(s *db.Store) error {
				if err := s.DisableTill(cmd.Context(), org, args[0]); err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "till %s of %s is disabled\n", strings.ToLower(args[0]), org)
				return nil
			})
		},
	}
	orgFlag(c, &org)
	return c
}
