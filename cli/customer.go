package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/db"
)

func (a *app) customerCommand() *cobra.Command {
	c := group("customer", "Export and erase the data of a person", `Export or erase a person's data, when they ask for it.`)
	c.AddCommand(a.customerExport(), a.customerErase())
	return c
}

func (a *app) customerExport() *cobra.Command {
	var org string
	c := &cobra.Command{
		Use:     "export --org NAME ID",
		Short:   "Print all data of a customer, as JSON",
		Long:    `Print all data of a customer, and of those who were merged into them, as JSON.`,
		Example: `  arteriole customer export --org "Tea House" 1001 > 1001.json`,
		Args:    takes("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := idOf(args[0], "a customer", "")
			if err != nil {
				return err
			}
			return a.withOrg(cmd, org, func(s *db.Store, who db.Who) error {
				e, err := s.ExportCustomer(cmd.Context(), who, id)
				if err != nil {
					return err
				}
				out := json.NewEncoder(a.stdout)
				out.SetIndent("", "  ")
				out.SetEscapeHTML(false)
				return out.Encode(e)
			})
		},
	}
	orgFlag(c, &org)
	return c
}

// quickRewrite is the largest file that is rewritten at once after an erasure: writes wait for some two seconds.
const quickRewrite = 256 << 20

func (a *app) customerErase() *cobra.Command {
	var org string
	var sure bool
	c := &cobra.Command{
		Use:   "erase --org NAME --sure ID",
		Short: "Erase the data of a customer for good",
		Long: `Erase the data of a customer and of those who were merged into them: profiles, names, identifiers, channels, fields, logs, and
the details in the audit trail. The id remains, with its bills and points. Registering the same identifiers again is refused.
Only a backup can bring the data back; dealing with earlier backups is up to you.

` + fmt.Sprintf("A database of up to %s is then rewritten, so that no copy stays in unused space; for a larger one, run `arteriole rewrite`.", bytesText(quickRewrite)),
		Example: `  arteriole customer erase --org "Tea House" --sure 1001`,
		Args:    takes("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := idOf(args[0], "a customer", "")
			if err != nil {
				return err
			}
			if !sure {
				return usageError(fmt.Sprintf("erasing customer %d cannot be undone: confirm with --sure", id))
			}
			return a.withOrg(cmd, org, func(s *db.Store, who db.Who) error {
				e, err := s.EraseCustomerAndRows(cmd.Context(), who, id)
				if err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "erased the data of customer %d of %s", id, org)
				if others := e.IDs[1:]; len(others) > 0 {
					fmt.Fprintf(a.stdout, ", including %s, merged into them", strings.Trim(fmt.Sprint(others), "[]"))
				}
				fmt.Fprintln(a.stdout)
				return a.afterErasure(cmd.Context(), s)
			})
		},
	}
	orgFlag(c, &org)
	c.Flags().BoolVar(&sure, "sure", false, "confirm the erasure")
	return c
}

func (a *app) afterErasure(ctx context.Context, s *db.Store) error {
	if size, err := s.Size(); err != nil || size > quickRewrite {
		fmt.Fprintln(a.stdout, "  copies may stay in unused space of the file: run `arteriole rewrite` at a quiet time, as writes wait meanwhile")
		return err
	}
	return a.rewrite(ctx, s)
}

func (a *app) rewriteCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rewrite",
		Short: "Rewrite the database without erased data",
		Long: `Rewrite the database, so that no deleted data is left in unused space of the file or in its write-ahead log. It works beside a
running server: reads continue, and writes wait a few seconds per gigabyte. It needs free disk space of the size of the file
twice: in its folder, and in the folder for temporary files.`,
		Example: `  arteriole rewrite`,
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(s *db.Store) error { return a.rewrite(cmd.Context(), s) })
		},
	}
}

// rewrite retries for a while: a reader may still need the WAL.
func (a *app) rewrite(ctx context.Context, s *db.Store) error {
	for range 3 {
		done, err := s.Rewrite(ctx)
		if err != nil {
			return err
		}
		if done {
			fmt.Fprintln(a.stdout, "rewrote the database")
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
	return db.Refusal("rewrote the database, but its log is in use and not empty yet: run `arteriole rewrite` again")
}

// auditShown is how many changes a list shows.
const auditShown = 100

func (a *app) auditCommand() *cobra.Command {
	var org, of string
	var customer int64
	var limit, offset int
	c := &cobra.Command{
		Use:   "audit --org NAME {--customer ID | --of KIND}",
		Short: "Show who changed what and when: customers, webhooks, tills, settings",
		Long: fmt.Sprintf(`Show who changed what about a customer and their points, and when, latest change first: the till, the sender if different, the
request id, and each field before and after, as JSON. For a customer whose data was erased, it shows only that changes
happened, not what they were.

%s
Signing keys belong to the server, whichever organization is given.`, wrapped("", "With --of, show the changes of other things: "+strings.Join(db.AuditKinds(), ", ")+".")),
		Example: `  arteriole audit --org "Tea House" --customer 1001
  arteriole audit --org "Tea House" --of webhooks`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (of == "") != cmd.Flags().Changed("customer") {
				return usageError("give --customer or --of")
			}
			if of == "" && customer < 1 || limit < 1 || offset < 0 {
				return usageError("--customer and --limit must be 1 or more, --offset 0 or more")
			}
			if of != "" && !slices.Contains(db.AuditKinds(), of) {
				return usageError(fmt.Sprintf("--of is %q: it must be %s", of, orList(db.AuditKinds())))
			}
			return a.withOrg(cmd, org, func(s *db.Store, who db.Who) error {
				var p db.AuditPage
				var err error
				if of == "" {
					p, err = s.Audit(cmd.Context(), who, customer, limit, offset)
				} else {
					p, err = s.AuditOfKind(cmd.Context(), who, of, limit, offset)
				}
				if err != nil {
					return err
				}
				for _, w := range p.Warnings {
					fmt.Fprintln(a.stdout, w.Text())
				}
				for _, e := range p.Items {
					fmt.Fprintf(a.stdout, "%s  %s", moment(e.On), e.Action)
					if of != "" && e.Subject != 0 {
						fmt.Fprintf(a.stdout, "  %s %d", e.Kind, e.Subject)
					}
					fmt.Fprintf(a.stdout, "  by %s", actor(e.By))
					if e.SentBy != nil {
						fmt.Fprintf(a.stdout, "  sent by %s", actor(*e.SentBy))
					}
					if e.Client != nil {
						fmt.Fprintf(a.stdout, "  client %d", e.Client.ID)
						if e.Client.Name != "" {
							fmt.Fprintf(a.stdout, " (%s)", e.Client.Name)
						}
					}
					if e.RequestID != "" {
						fmt.Fprintf(a.stdout, "  request %s", e.RequestID)
					}
					fmt.Fprintln(a.stdout)
					for _, c := range e.Changes {
						fmt.Fprintf(a.stdout, "  %s: %s → %s\n", printable(c.Field), shown(c.Before), shown(c.After))
					}
				}
				if more := p.Total - offset - len(p.Items); more > 0 {
					fmt.Fprintf(a.stdout, "and %d older ones: continue with --offset %d\n", more, offset+len(p.Items))
				}
				return nil
			})
		},
	}
	orgFlag(c, &org)
	c.Flags().Int64Var(&customer, "customer", 0, "`id` of the customer")
	c.Flags().StringVar(&of, "of", "", "`kind` of other things whose changes to show")
	c.Flags().IntVar(&limit, "limit", auditShown, "maximum number of changes to show")
	c.Flags().IntVar(&offset, "offset", 0, "number of latest changes to skip")
	return c
}

// shown formats the value of a field, which is JSON and so has no control characters.
func shown(v json.RawMessage) string {
	if v == nil {
		return "-"
	}
	return string(v)
}

// printable removes control characters, by which a caller could move the cursor.
func printable(s string) string {
	q := strconv.QuoteToGraphic(s)
	return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
}
