package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/db"
)

func (a *app) storeCommand() *cobra.Command {
	c := group("store", "Add and list stores, and set their external ids", `A store is where tills are located. An organization needs a store before it can have a till.`)
	c.AddCommand(a.storeAdd(), a.storeList(), a.storeExternalID())
	return c
}

func (a *app) storeAdd() *cobra.Command {
	var org, code, name string
	var external [3]string
	c := &cobra.Command{
		Use:     "add --org NAME --code CODE [flags]",
		Short:   "Add a store",
		Example: `  arteriole store add --org "Tea House" --code main --name "Main street"`,
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(s *db.Store) error {
				if err := s.AddStore(cmd.Context(), org, code, name, external[:]...); err != nil {
					return err
				}
				code := strings.ToLower(code)
				fmt.Fprintf(a.stdout, "added store %s to %s\n  next, add a till: %s\n", code, org,
					a.line("till add --org", quoted(org), "--store", quoted(code), "--code", quoted(code+".till1")))
				return nil
			})
		},
	}
	orgFlag(c, &org)
	c.Flags().StringVar(&code, "code", "", "`code` of the store, in lower case; unique within the organization")
	c.Flags().StringVar(&name, "name", "", "display `name`")
	for i := range external {
		c.Flags().StringVar(&external[i], externalID(i), "", "`id` of the store in another system; unique within the organization")
	}
	c.MarkFlagRequired("code")
	return c
}

// externalID is the name of the flag of one of the ids.
func externalID(number int) string {
	return []string{"external-id", "external-id-1", "external-id-2"}[number]
}

func (a *app) storeExternalID() *cobra.Command {
	var org string
	var external [3]string
	c := &cobra.Command{
		Use:   "external-id --org NAME CODE [flags]",
		Short: "Set the external ids of a store",
		Long:  "Set the ids of a store in other systems. Callers with access tokens can refer to the store by them\n(X-CAP-API-ATTRIBUTION-ENTITY-TYPE). An empty id removes it.",
		Example: `  arteriole store external-id --org "Tea House" main --external-id 0042
  arteriole store external-id --org "Tea House" main --external-id-1 ""`,
		Args: takes("CODE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, func(s *db.Store) error {
				changed := false
				for i, id := range external {
					if !cmd.Flags().Changed(externalID(i)) {
						continue
					}
					if err := s.SetStoreExternalID(cmd.Context(), org, args[0], i, id); err != nil {
						return err
					}
					changed = true
					fmt.Fprintf(a.stdout, "the %s of store %s of %s is now %q\n", strings.ReplaceAll(externalID(i), "-", " "), strings.ToLower(args[0]), org, id)
				}
				if !changed {
					return usageError("--external-id, --external-id-1 or --external-id-2 is missing")
				}
				return nil
			})
		},
	}
	orgFlag(c, &org)
	for i := range external {
		c.Flags().StringVar(&external[i], externalID(i), "", "`id` of the store in another system; unique within the organization, empty to remove")
	}
	return c
}

func (a *app) storeList() *cobra.Command {
	var org string
	c := &cobra.Command{
		Use:     "list --org NAME",
		Short:   "List the stores of an organization",
		Example: `  arteriole store list --org "Tea House"`,
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(s *db.Store) error {
				list, err := s.Stores(cmd.Context(), org)
				if err != nil {
					return err
				}
				if len(list) == 0 {
					fmt.Fprintln(a.stdout, "no stores yet: add one with `arteriole store add`")
					return nil
				}
				rows := [][]string{{"CODE", "TILLS", "SINCE", "NAME"}}
				for _, st := range list {
					name := st.Name
					for i, id := range st.ExternalIDs {
						if id != "" {
							name = strings.TrimLeft(fmt.Sprintf("%s  %s %s", name, externalID(i), id), " ")
						}
					}
					rows = append(rows, []string{st.Code, fmt.Sprint(st.Tills), moment(st.CreatedOn), name})
				}
				table(a.stdout, rows)
				return nil
			})
		},
	}
	orgFlag(c, &org)
	return c
}
