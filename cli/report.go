package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/db"
)

func (a *app) reportCommand() *cobra.Command {
	c := group("report", "Report on coupons", `Reports change nothing and work beside a running server. Use --csv for other programs.`)
	c.AddCommand(a.reportCoupons())
	return c
}

func (a *app) reportCoupons() *cobra.Command {
	var org string
	var asCSV bool
	c := &cobra.Command{
		Use:   "coupons --org NAME",
		Short: "Report on the coupons of each series",
		Long: `Report for each coupon series: coupons issued, codes waiting, redemptions in effect and taken back, coupons still redeemable and
coupons that expired unused, and the total of the bills of the redemptions.`,
		Example: `  arteriole report coupons --org "Tea House" --csv`,
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(s *db.Store) error {
				list, err := s.ReportCoupons(cmd.Context(), org)
				if err != nil {
					return err
				}
				rows := [][]string{{"SERIES", "CODE", "DESCRIPTION", "ISSUED", "WAITING", "REDEEMED", "REACTIVATED", "UNUSED", "EXPIRED", "BILLS"}}
				text := func(s string) string { return s }
				if asCSV {
					text = plainCell
				}
				for _, r := range list {
					rows = append(rows, []string{fmt.Sprint(r.ID), text(r.Code), text(r.Description), fmt.Sprint(r.Issued), fmt.Sprint(r.Waiting), fmt.Sprint(r.Redeemed), fmt.Sprint(r.Reactivated),
						fmt.Sprint(r.Unused), fmt.Sprint(r.Expired), db.Decimal(r.BillAmount)})
				}
				return a.printRows(rows, asCSV, "no series of coupons")
			})
		},
	}
	orgFlag(c, &org)
	c.Flags().BoolVar(&asCSV, "csv", false, "print comma-separated values, with a header line")
	return c
}

// plainCell prevents a spreadsheet from taking text of the organization for a formula.
func plainCell(cell string) string {
	if cell != "" && (cell[0] == '=' || cell[0] == '+' || cell[0] == '@' || cell[0] == '\t' || cell[0] == '\r' || cell[0] == '-') {
		return "'" + cell
	}
	return cell
}
