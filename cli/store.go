package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/db"
)

func (a *app) storeCommand() *cobra.Command {
	c := group("store", "Add and list the stores of an organization, and set their external ids", `Every till belongs to a store, so an organization needs a store before it can have a till.`)
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
				fmt.Fprintf(a.stdout, "added store %s to %s\n  next, a till: %s\n", code, org,
					a.line("till add --org", quoted(org), "--store", quoted(code), "--code", quoted(code+".till1")))
				return nil
			})
		},
	}
	orgFlag(c, &org)
	c.Flags().StringVar(&code, "code", "", "the `code` that commands name the store by, in lower case; unique within the organization")
	c.Flags().StringVar(&name, "name", "", "its display name")
	for i := range external {
		c.Flags().StringVar(&external[i], externalID(i), "", "an `id` that another system uses for it; unique within the organization")
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
		Short: "Set the ids that other systems use for a store",
		Long:  "Sets the ids that other systems use for a store. Callers with access tokens can name the store by them\n(X-CAP-API-ATTRIBUTION-ENTITY-TYPE). An empty value removes an id.",
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
					fmt.Fprintf(a.stdout, "the %s of store %s of %s is %q\n", strings.ReplaceAll(externalID(i), "-", " "), strings.ToLower(args[0]), org, id)
				}
				if !changed {
					return usageError("one of --external-id, --external-id-1 and --external-id-2 is needed")
				}
				return nil
			})
		},
	}
	orgFlag(c, &org)
	for i := range external {
		c.Flags().StringVar(&external[i], externalID(i), "", "the `id`, unique within the organization")
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
					fmt.Fprintln(a.stdout, "no stores: `arteriole store add` makes one")
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
