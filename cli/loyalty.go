package cli

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/db"
)

// waitingShown is how many bills a list shows at most.
const waitingShown = 1000

func (a *app) loyaltyCommand() *cobra.Command {
	c := group("loyalty", "List the bills whose points are still to be given, and retry those that failed", `Bills sent with use_async or X-CAP-DIRECT-REPLAY are stored at once; the server gives their points, and the coupons that go
with them, soon after. After many failed attempts it gives up on a bill, which `+"`arteriole check`"+` then reports.`)
	c.AddCommand(a.loyaltyList(), a.loyaltyRetry())
	return c
}

func (a *app) loyaltyList() *cobra.Command {
	var org string
	var failed bool
	c := &cobra.Command{
		Use:   "list --org NAME",
		Short: "List the bills whose points are still to be given",
		Long:  fmt.Sprintf(`Lists the bills whose points are still to be given, oldest first, at most %d, with the number of attempts.`, waitingShown),
		Example: `  arteriole loyalty list --org "Tea House"
  arteriole loyalty list --org "Tea House" --failed`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(s *db.Store) error {
				list, total, err := s.WaitingBills(cmd.Context(), org, failed, waitingShown)
				if err != nil {
					return err
				}
				if len(list) == 0 {
					fmt.Fprintln(a.stdout, "no bills")
					return nil
				}
				rows := [][]string{{"ID", "NUMBER", "CUSTOMER", "SINCE", "TRIES", "STATE"}}
				for _, w := range list {
					state := "waits"
					if w.Failed != "" {
						state = "failed: " + w.Failed
					}
					rows = append(rows, []string{fmt.Sprint(w.ID), printable(w.Number), fmt.Sprint(w.Customer), moment(w.Since), fmt.Sprint(w.Attempts), state})
				}
				table(a.stdout, rows)
				if more := total - len(list); more > 0 {
					fmt.Fprintf(a.stdout, "and %d younger ones\n", more)
				}
				return nil
			})
		},
	}
	orgFlag(c, &org)
	c.Flags().BoolVar(&failed, "failed", false, "only those that the server has given up on")
	return c
}

func (a *app) loyaltyRetry() *cobra.Command {
	var org string
	var all bool
	c := &cobra.Command{
		Use:   "retry --org NAME {ID… | --all}",
		Short: "Try again to give bills their points",
		Long: `Gives the named bills their points now, or with --all every bill that the server has given up on, and reports on each. A
bill earns by the program in force at its billing date; what was returned meanwhile earns nothing, and the points of a
customer who was merged meanwhile go to the survivor. A bill that fails again stays as it is, and the exit code is 1.
` + "`loyalty list --failed`" + ` shows the ids. It works while the server runs.`,
		Example: `  arteriole loyalty retry --org "Tea House" 5001 5002
  arteriole loyalty retry --org "Tea House" --all`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if all == (len(args) > 0) {
				return usageError("give the ids of bills, or --all")
			}
			var ids []int64
			for _, arg := range args {
				id, err := strconv.ParseInt(arg, 10, 64)
				if err != nil || id < 1 {
					return usageError(fmt.Sprintf("%q is no id of a bill: `arteriole loyalty list` shows them", arg))
				}
				ids = append(ids, id)
			}
			return a.with(cmd, func(s *db.Store) error {
				if all {
					list, _, err := s.WaitingBills(cmd.Context(), org, true, -1)
					if err != nil {
						return err
					}
					for _, w := range list {
						ids = append(ids, w.ID)
					}
					if len(ids) == 0 {
						fmt.Fprintln(a.stdout, "no bills")
						return nil
					}
				}
				var failed error
				bad := 0
				for _, id := range ids {
					points, err := s.RetryLoyalty(cmd.Context(), org, id)
					if cmd.Context().Err() != nil {
						return err
					}
					if err != nil {
						failed = err
						if bad++; len(ids) > 1 {
							fmt.Fprintf(a.stderr, "transaction %d: %s\n", id, oneLine(explain(err)))
						}
						continue
					}
					fmt.Fprintf(a.stdout, "transaction %d of %s has earned %s points\n", id, org, db.Decimal(points))
				}
				if bad > 0 && len(ids) > 1 {
					return fmt.Errorf("%d of %d bills have not got their points", bad, len(ids))
				}
				return failed
			})
		},
	}
	orgFlag(c, &org)
	c.Flags().BoolVar(&all, "all", false, "all that the server has given up on")
	return c
}
