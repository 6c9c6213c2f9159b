package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/db"
)

func (a *app) tillLookup() *cobra.Command {
	c := group("lookup", "Name tills as other systems do, for callers that act for them", `Middleware that sends requests for many tills identifies each till by its name in another system:

  X-CAP-API-ATTRIBUTION-LOOKUP-TYPE: storeNumber
  X-CAP-API-ATTRIBUTION-LOOKUP: 0042

What it writes is attributed to that till, and the audit trail records who sent it. Its permissions are those of its own
credentials.`)
	c.AddCommand(a.tillLookupSet(), a.tillLookupList(), a.tillLookupRemove())
	return c
}

func lookupFlags(c *cobra.Command, org, typ, value *string) {
	orgFlag(c, org)
	c.Flags().StringVar(typ, "type", "", "`type` of name; case is ignored")
	c.Flags().StringVar(value, "value", "", "the `name`; case-sensitive")
	c.MarkFlagRequired("type")
	c.MarkFlagRequired("value")
}

func (a *app) tillLookupSet() *cobra.Command {
	var org, typ, value string
	c := &cobra.Command{
		Use:     "set --org NAME --type TYPE --value NAME TILL",
		Short:   "Point a name to a till, replacing any previous one",
		Example: `  arteriole till lookup set --org "Tea House" --type storeNumber --value 0042 main.till1`,
		Args:    takes("TILL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, func(s *db.Store) error {
				if err := s.SetTillLookup(cmd.Context(), org, typ, value, args[0]); err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "%s %s now points to till %s of %s\n", strings.ToLower(typ), value, strings.ToLower(args[0]), org)
				return nil
			})
		},
	}
	lookupFlags(c, &org, &typ, &value)
	return c
}

func (a *app) tillLookupList() *cobra.Command {
	var org string
	c := &cobra.Command{
		Use:     "list --org NAME",
		Short:   "List the names of tills",
		Example: `  arteriole till lookup list --org "Tea House"`,
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(s *db.Store) error {
				list, err := s.TillLookups(cmd.Context(), org)
				if err != nil {
					return err
				}
				if len(list) == 0 {
					fmt.Fprintln(a.stdout, "no names yet: add one with `arteriole till lookup set`")
					return nil
				}
				rows := [][]string{{"TYPE", "VALUE", "TILL", "SINCE"}}
				for _, l := range list {
					till := l.Till
					if l.Disabled {
						till += " (disabled)"
					}
					rows = append(rows, []string{l.Type, l.Value, till, moment(l.CreatedOn)})
				}
				table(a.stdout, rows)
				return nil
			})
		},
	}
	orgFlag(c, &org)
	return c
}

func (a *app) tillLookupRemove() *cobra.Command {
	var org, typ, value string
	c := &cobra.Command{
		Use:     "remove --org NAME --type TYPE --value NAME",
		Short:   "Remove a name",
		Example: `  arteriole till lookup remove --org "Tea House" --type storeNumber --value 0042`,
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(s *db.Store) error {
				if err := s.RemoveTillLookup(cmd.Context(), org, typ, value); err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "removed %s %s of %s\n", strings.ToLower(typ), value, org)
				return nil
			})
		},
	}
	lookupFlags(c, &org, &typ, &value)
	return c
}
