package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/db"
)

// waitingShown is how many bills a list shows at most.
const waitingShown = 1000

func (a *app) loyaltyCommand() *cobra.Command {
	c := group("loyalty", "List bills that wait for their points, and retry failed ones", `Bills sent with use_async or X-CAP-DIRECT-REPLAY are stored at once; the server gives their points, and the coupons that the
program gives with them, soon after. After many failures a bill is not tried again, and is reported by `+"`arteriole check`"+`.`)
	c.AddCommand(a.loyaltyList(), a.loyaltyRetry())
	return c
}

func (a *app) loyaltyList() *cobra.Command {
	var org string
	var failed bool
	c := &cobra.Command{
		Use:   "list --org NAME",
		Short: "List bills that wait for their points",
		Long:  fmt.Sprintf(`List the bills that wait for their points, oldest first, at most %d, and how often each was tried.`, waitingShown),
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
					state := "waiting"
					if w.Failed != "" {
						state = "failed: " + w.Failed
					}
					rows = append(rows, []string{fmt.Sprint(w.ID), printable(w.Number), fmt.Sprint(w.Customer), moment(w.Since), fmt.Sprint(w.Attempts), state})
				}
				table(a.stdout, rows)
				if more := total - len(list); more > 0 {
					fmt.Fprintf(a.stdout, "and %d newer ones\n", more)
				}
				return nil
			})
		},
	}
	orgFlag(c, &org)
	c.Flags().BoolVar(&failed, "failed", false, "only bills that are no longer tried")
	return c
}

func (a *app) loyaltyRetry() *cobra.Command {
	var org string
	var all bool
	c := &cobra.Command{
		Use:   "retry --org NAME {ID… | --all}",
		Short: "Give waiting bills their points now",
		Long: `Give bills the points that they wait for, each independently, by the program in force on their date, and print the results: the
bills with the given ids or, with --all, all that are no longer tried. What has been returned of them since earns nothing. A
bill that fails again stays as it is; its error is printed, and the exit code is 1. Points of a customer who has been merged
since go to the survivor. Get the ids from ` + "`loyalty list --failed`" + `. This works beside a running server.`,
		Example: `  arteriole loyalty retry --org "Tea House" 5001 5002
  arteriole loyalty retry --org "Tea House" --all`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if all == (len(args) > 0) {
				return usageError("give bill ids, or --all")
			}
			var ids []int64
			for _, arg := range args {
				id, err := idOf(arg, "a bill", "loyalty list")
				if err != nil {
					return err
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
					fmt.Fprintf(a.stdout, "transaction %d of %s earned %s points\n", id, org, db.Decimal(points))
				}
				if bad > 0 && len(ids) > 1 {
					return fmt.Errorf("%d of %d bills did not get their points", bad, len(ids))
				}
				return failed
			})
		},
	}
	orgFlag(c, &org)
	c.Flags().BoolVar(&all, "all", false, "all bills that are no longer tried")
	return c
}
