package cli

import (
	"encoding/csv"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/db"
)

func (a *app) pointsCommand() *cobra.Command {
	c := group("points", "Adjust the points of a customer, and report on points", `Points are earned with bills, by the organization's program. They can be corrected here, or by an admin through the API; the
reason is kept.`)
	c.AddCommand(a.pointsAdjust(), a.pointsLiability(), a.pointsDays())
	return c
}

func (a *app) pointsAdjust() *cobra.Command {
	var org, points, reason string
	var customer int64
	c := &cobra.Command{
		Use:   "adjust --org NAME --customer ID --points NUMBER --reason TEXT",
		Short: "Give a customer points, or take points",
		Long: `Give a customer points, or take points if the number is negative. The reason is kept with the adjustment. Points given expire
as if they were earned today.`,
		Example: `  arteriole points adjust --org "Tea House" --customer 1001 --points 50 --reason "The parcel came late"
  arteriole points adjust --org "Tea House" --customer 1001 --points=-50 --reason "Given twice"`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			n, ok := db.ParseThousandths(points)
			if !ok {
				return usageError("--points must be a number with at most 3 decimals")
			}
			if reason = strings.TrimSpace(reason); len(reason) > 255 {
				return usageError("--reason must be at most 255 characters")
			}
			return a.withOrg(cmd, org, func(s *db.Store, who db.Who) error {
				out, err := s.AdjustPoints(cmd.Context(), who, db.CustomerRef{ID: customer}, n, reason)
				if err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "customer %d of %s now has %s points\n", out.Customer, org, db.Decimal(out.Balance))
				return nil
			})
		},
	}
	orgFlag(c, &org)
	c.Flags().Int64Var(&customer, "customer", 0, "`id` of the customer")
	c.Flags().StringVar(&points, "points", "", "`number` of points; negative to take points")
	c.Flags().StringVar(&reason, "reason", "", "reason for the adjustment")
	for _, f := range []string{"customer", "points", "reason"} {
		c.MarkFlagRequired(f)
	}
	return c
}

func (a *app) pointsLiability() *cobra.Command {
	var org string
	var asCSV bool
	c := &cobra.Command{
		Use:   "liability --org NAME",
		Short: "Report outstanding points, by month of expiry",
		Long:  `Report the points that customers can redeem now and their value by the program in force, by month of expiry.`,
		Example: `  arteriole points liability --org "Tea House"
  arteriole points liability --org "Tea House" --csv > liability.csv`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(s *db.Store) error {
				list, err := s.PointsLiability(cmd.Context(), org)
				if err != nil {
					return err
				}
				rows := [][]string{{"EXPIRE", "CUSTOMERS", "POINTS", "WORTH"}}
				for _, l := range list {
					rows = append(rows, []string{l.Month, fmt.Sprint(l.Customers), db.Decimal(l.Points), db.Decimal(l.Worth)})
				}
				return a.printRows(rows, asCSV, "no points")
			})
		},
	}
	orgFlag(c, &org)
	c.Flags().BoolVar(&asCSV, "csv", false, "print comma-separated values")
	return c
}

func (a *app) pointsDays() *cobra.Command {
	var org string
	var days int
	var asCSV bool
	c := &cobra.Command{
		Use:   "days --org NAME",
		Short: "Report points by day and till",
		Long: `Report by day and till how many points were earned, taken back by returns, redeemed, given back, expired, adjusted and
transferred. Changes made by the server or by commands have no till.`,
		Example: `  arteriole points days --org "Tea House" --days 7 --csv`,
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if days < 1 || days > 3660 {
				return usageError("--days must be 1 to 3660")
			}
			return a.with(cmd, func(s *db.Store) error {
				list, err := s.PointsByDay(cmd.Context(), org, days)
				if err != nil {
					return err
				}
				rows := [][]string{{"DAY", "TILL", "EARNED", "RETURNED", "REDEEMED", "REVERSED", "EXPIRED", "ADJUSTED", "TRANSFERRED"}}
				for _, d := range list {
					rows = append(rows, []string{d.Day, d.Till, db.Decimal(d.Earned), db.Decimal(d.Returned), db.Decimal(d.Redeemed), db.Decimal(d.Reversed),
						db.Decimal(d.Expired), db.Decimal(d.Adjusted), db.Decimal(d.Transferred)})
				}
				return a.printRows(rows, asCSV, "nothing happened to points")
			})
		},
	}
	orgFlag(c, &org)
	c.Flags().IntVar(&days, "days", 30, "number of `days`, including today")
	c.Flags().BoolVar(&asCSV, "csv", false, "print comma-separated values")
	return c
}

// printRows prints rows, the first of which is the header, as CSV or as a table, of which it says none when there is only the
// header. No cell can be taken for a formula by a spreadsheet: codes of tills begin with a letter or a digit.
func (a *app) printRows(rows [][]string, asCSV bool, none string) error {
	if !asCSV && len(rows) == 1 {
		fmt.Fprintln(a.stdout, none)
		return nil
	}
	if !asCSV {
		table(a.stdout, rows)
		return nil
	}
	for i, name := range rows[0] { // as other programs know them
		rows[0][i] = strings.ToLower(name)
	}
	w := csv.NewWriter(a.stdout)
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	return w.Error()
}
