package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/db"
)

func (a *app) mergeCommand() *cobra.Command {
	c := group("merge", "List, undo, approve and reject merges of customers", `Two customers become one when the same identifier turns up with both, or when someone asks for it. A merge can be undone for 30
days. If the setting merge-mode is approve, a merge waits until it is approved.`)
	c.AddCommand(a.mergeList(), a.mergeUndo(), a.mergeRequests(), a.mergeApprove(), a.mergeReject(), a.mergeReopen())
	return c
}

// mergesShown is how many merges a list shows at most.
const mergesShown = 1000

func (a *app) mergeList() *cobra.Command {
	var org string
	var customer int64
	c := &cobra.Command{
		Use:     "list --org NAME",
		Short:   "List the merges of the last 30 days, or of a customer",
		Long:    fmt.Sprintf(`List the merges of the last 30 days, or all merges that a customer was part of, latest first, at most %d.`, mergesShown),
		Example: `  arteriole merge list --org "Tea House"`,
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withOrg(cmd, org, func(s *db.Store, who db.Who) error {
				p, err := s.Merges(cmd.Context(), who, customer, mergesShown, 0)
				if err != nil {
					return err
				}
				if len(p.Items) == 0 {
					fmt.Fprintln(a.stdout, "no merges")
					return nil
				}
				rows := [][]string{{"ID", "CUSTOMER", "INTO", "ON", "BY", "UNDO"}}
				for _, m := range p.Items {
					undo := "too old"
					switch {
					case m.UndoneOn != nil:
						undo = "undone " + moment(*m.UndoneOn)
					case m.UndoUntil != nil:
						undo = "until " + moment(*m.UndoUntil)
					}
					rows = append(rows, []string{fmt.Sprint(m.ID), fmt.Sprint(m.Victim), fmt.Sprint(m.Survivor), moment(m.On), actor(m.By), undo})
				}
				table(a.stdout, rows)
				if more := p.Total - len(p.Items); more > 0 {
					fmt.Fprintf(a.stdout, "and %d older ones\n", more)
				}
				return nil
			})
		},
	}
	orgFlag(c, &org)
	c.Flags().Int64Var(&customer, "customer", 0, "only merges of the customer with this `id`")
	return c
}

// actor names who did something.
func actor(e db.EntityRef) string {
	if e.Code == "" {
		return "a command"
	}
	return e.Code
}

func (a *app) mergeUndo() *cobra.Command {
	var org string
	c := &cobra.Command{
		Use:   "undo --org NAME ID",
		Short: "Split a merged customer into two again",
		Long: `Split a merged customer into two again: each gets back what they brought into the merge, with later changes to it. Get the
merge ids from ` + "`merge list`" + `. If the merge cannot be undone completely, nothing is changed and the reason is printed.`,
		Example: `  arteriole merge undo --org "Tea House" 12`,
		Args:    takes("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := idOf(args[0], "a merge", "merge list")
			if err != nil {
				return err
			}
			return a.withOrg(cmd, org, func(s *db.Store, who db.Who) error {
				m, err := s.UndoMerge(cmd.Context(), who, id)
				if err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "undid merge %d of %s: %d and %d are two customers again\n", id, org, m.Victim, m.Survivor)
				return nil
			})
		},
	}
	orgFlag(c, &org)
	return c
}
