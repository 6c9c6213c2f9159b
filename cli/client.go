package cli

import (
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/db"
)

func (a *app) clientCommand() *cobra.Command {
	c := group("client", "Add, list and revoke OAuth clients, and rotate the keys that sign their tokens", `A client is a program that gets access tokens for its key and secret (POST /v3/oauth/token/generate) and sends them instead
of a till's password. It acts for a till, and has a role of its own:

  till    use the API of its organization
  admin   the same, and administer the organization
  read    read only`)
	c.AddCommand(a.clientAdd(), a.clientList(), a.clientRevoke(), a.clientRotateKeys())
	return c
}

func (a *app) clientAdd() *cobra.Command {
	var org, till, name, role string
	var life time.Duration
	c := &cobra.Command{
		Use:   "add --org NAME --till CODE [flags]",
		Short: "Add a client, and print its key and secret once",
		Long: `Add a client and print its key and secret. Only a hash of the secret is stored, so it cannot be shown again.

What the client writes is attributed to its till, together with the client.`,
		Example: `  arteriole client add --org "Tea House" --till main.till1 --name "the web shop"
  arteriole client add --org "Tea House" --till main.till1 --name reports --role read --ttl 5m`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(s *db.Store) error {
				key, secret := rand.Text(), (rand.Text() + rand.Text())[:40] // 130 and 200 bits
				err := s.AddClient(cmd.Context(), org, till, db.Client{Key: key, Secret: db.HashKey(secret), Name: name, Role: role, TTL: life})
				if err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "added client to %s, acting for %s\n\n", org, strings.ToLower(till))
				table(a.stdout, [][]string{{"  key", key}, {"  secret", secret + "   (shown this once)"}})
				return nil
			})
		},
	}
	orgFlag(c, &org)
	c.Flags().StringVar(&till, "till", "", "`code` of the till that it acts for")
	c.Flags().StringVar(&name, "name", "", "what the client is for")
	choose(c, &role, "role", "till", db.Roles, "what the client may do")
	c.Flags().DurationVar(&life, "ttl", db.MaxTokenLife, "lifetime of its tokens, 1m to 60m")
	c.MarkFlagRequired("till")
	return c
}

func (a *app) clientList() *cobra.Command {
	var org string
	c := &cobra.Command{
		Use:     "list --org NAME",
		Short:   "List the clients of an organization",
		Example: `  arteriole client list --org "Tea House"`,
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(s *db.Store) error {
				clients, err := s.Clients(cmd.Context(), org)
				if err != nil {
					return err
				}
				if len(clients) == 0 {
					fmt.Fprintln(a.stdout, "no clients yet: add one with `arteriole client add`")
					return nil
				}
				rows := [][]string{{"KEY", "TILL", "ROLE", "TTL", "STATE", "SINCE", "NAME"}}
				for _, c := range clients {
					state, since := "active", c.CreatedOn
					switch {
					case !c.RevokedOn.IsZero():
						state, since = "revoked", c.RevokedOn
					case c.Revoked:
						state = "till is disabled"
					case c.Demo:
						state = "active, demo secret"
					}
					rows = append(rows, []string{c.Key, c.TillCode, c.Role, c.TTL.String(), state, moment(since), c.Name})
				}
				table(a.stdout, rows)
				return nil
			})
		},
	}
	orgFlag(c, &org)
	return c
}

func (a *app) clientRevoke() *cobra.Command {
	var org string
	c := &cobra.Command{
		Use:     "revoke --org NAME KEY",
		Short:   "Revoke a client and all its tokens",
		Long:    `Revoke a client and all its tokens, effective at once, also in a running server. Get the keys from ` + "`client list`" + `.`,
		Example: `  arteriole client revoke --org "Tea House" 5QTB2XKQ3V4Y7ZJ6M2LRNWHCDA`,
		Args:    takes("KEY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, func(s *db.Store) error {
				if err := s.RevokeClient(cmd.Context(), org, args[0]); err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "revoked client %s of %s\n", args[0], org)
				return nil
			})
		},
	}
	orgFlag(c, &org)
	return c
}

func (a *app) clientRotateKeys() *cobra.Command {
	var end bool
	c := &cobra.Command{
		Use:   "rotate-keys [--end-tokens]",
		Short: "Sign the access tokens of the whole server with a new key",
		Long: `Create a new key that signs access tokens from now on, also in a running server. Signing keys are kept in the database, so
anyone who can read that file or a backup of it can sign tokens. Tokens already issued remain valid until they expire,
within an hour. If a key may have leaked, end them now with --end-tokens: each client then has to request a new one.`,
		Example: `  arteriole client rotate-keys
  arteriole client rotate-keys --end-tokens`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(s *db.Store) error {
				k, err := s.RotateSigningKey(cmd.Context(), end)
				if err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "tokens are now signed with key %s\n", k.ID)
				if end {
					fmt.Fprintln(a.stdout, "all tokens issued before are invalid")
				}
				return nil
			})
		},
	}
	c.Flags().BoolVar(&end, "end-tokens", false, "invalidate all tokens issued before")
	return c
}
