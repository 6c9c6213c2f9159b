package cli

import (
	"crypto/rand"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/db"
)

func (a *app) keyCommand() *cobra.Command {
	c := group("key", "Add, list and revoke the keys of the kittens", `A key opens the kittens, the sample resource, and nothing else. It is sent bare in the Authorization header.`)
	c.AddCommand(a.keyAdd(), a.keyList(), a.keyRevoke())
	return c
}

func (a *app) keyAdd() *cobra.Command {
	var org, name string
	c := &cobra.Command{
		Use:     "add --org NAME",
		Short:   "Add a key, and print it once",
		Long:    `Add a key and print it. Only a hash is stored, so it cannot be shown again.`,
		Example: `  arteriole key add --org "Tea House" --name "the web site"`,
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(s *db.Store) error {
				key := rand.Text()
				id, err := s.AddKey(cmd.Context(), org, name, db.HashKey(key))
				if err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "added key %d to %s\n\n", id, org)
				table(a.stdout, [][]string{{"  key", key + "   (shown this once)"}, {"  header", "Authorization: " + key}})
				return nil
			})
		},
	}
	orgFlag(c, &org)
	c.Flags().StringVar(&name, "name", "", "what the key is for")
	return c
}

func (a *app) keyList() *cobra.Command {
	var org string
	c := &cobra.Command{
		Use:     "list --org NAME",
		Short:   "List the keys of an organization",
		Example: `  arteriole key list --org "Tea House"`,
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(s *db.Store) error {
				keys, err := s.Keys(cmd.Context(), org)
				if err != nil {
					return err
				}
				if len(keys) == 0 {
					fmt.Fprintln(a.stdout, "no keys yet: add one with `arteriole key add`")
					return nil
				}
				rows := [][]string{{"ID", "STATE", "SINCE", "NAME"}}
				for _, k := range keys {
					state, since := "active", k.CreatedOn
					switch {
					case k.Revoked:
						state, since = "revoked", k.RevokedOn
					case k.Demo:
						state = "active, demo key"
					}
					rows = append(rows, []string{fmt.Sprint(k.ID), state, moment(since), k.Name})
				}
				table(a.stdout, rows)
				return nil
			})
		},
	}
	orgFlag(c, &org)
	return c
}

func (a *app) keyRevoke() *cobra.Command {
	var org string
	c := &cobra.Command{
		Use:     "revoke --org NAME ID",
		Short:   "Revoke a key",
		Long:    `Revoke a key, effective at once, also in a running server. Get the ids from ` + "`key list`" + `.`,
		Example: `  arteriole key revoke --org "Tea House" 1`,
		Args:    takes("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := idOf(args[0], "a key", "key list")
			if err != nil {
				return err
			}
			return a.with(cmd, func(s *db.Store) error {
				if err := s.RevokeKey(cmd.Context(), org, id); err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "revoked key %d of %s\n", id, org)
				return nil
			})
		},
	}
	orgFlag(c, &org)
	return c
}
