package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/db"
)

const programExample = `  name: Tea points
  from: 2026-04-01            # date from which it applies; now if omitted
  earn:
    points-per-unit: 0.1      # per unit of the currency: 640.50 gives 64.05
    decimals: 0               # decimals of points, up to 3: 64.05 is awarded as 64
  redeem:
    value-of-a-point: 0.5     # in the currency
    minimum: 10               # points per redemption
    maximum: 5000
  expire:
    after-days: 365           # at the end of that day; 0 for never
  tiers:                      # by points earned and not taken back
    - {name: Silver, from: 0}
    - {name: Gold, from: 1000}
  # coupons:                  # given with a bill; create the series with POST /v2/coupon/series
  #   - {series: 1, minimum-amount: 500}  # a coupon of series 1 with a bill of 500 or more`

func (a *app) programCommand() *cobra.Command {
	c := group("program", "Set up the points program of an organization", `A program defines how bills earn points, what points are worth, when they expire, and which tiers there are. Until an
organization is given a program, its bills earn nothing.

A program changes by versions, each with its own start date. A bill earns by the version in force at its billing date, and a
return takes back by the same version.`)
	c.AddCommand(a.programSet(), a.programShow(), a.programList(), a.programPreview())
	return c
}

func (a *app) programSet() *cobra.Command {
	var org string
	c := &cobra.Command{
		Use:   "set --org NAME FILE",
		Short: "Set a program, or a new version of it",
		Long: `Read a program from a YAML file, or from standard input for -, and add it as a version. It applies from its start date, which
is today or later, or any day for the first version, and takes effect at once in a running server. Nothing earned before
changes. Use ` + "`program preview`" + ` to see beforehand what it would do.

An example file:

` + programExample + `

Further requirements for redemptions, and daily limits per customer and till, are settings of the organization: see
` + "`org set --help`" + `.`,
		Example: `  arteriole program set --org "Tea House" tea-points.yaml`,
		Args:    takes("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := a.readProgram(args[0])
			if err != nil {
				return err
			}
			return a.with(cmd, func(s *db.Store) error {
				p, err := s.SetProgram(cmd.Context(), org, f)
				if err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "%s of %s: version %d begins %s\n", p.Rules.Name, org, p.Version, p.Begins.Format(time.RFC3339))
				return nil
			})
		},
	}
	orgFlag(c, &org)
	return c
}

// readProgram reads a program from a file, or from standard input.
func (a *app) readProgram(path string) (f db.ProgramFile, err error) {
	in := a.stdin
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return f, err
		}
		defer file.Close()
		in = file
	}
	text, err := io.ReadAll(io.LimitReader(in, 1<<20))
	if err != nil {
		return f, err
	}
	if f, err = db.ParseProgram(text); err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return f, err
}

func (a *app) programShow() *cobra.Command {
	var org string
	var version int64
	c := &cobra.Command{
		Use:   "show --org NAME",
		Short: "Print the program in force, as a file for program set",
		Example: `  arteriole program show --org "Tea House" > tea-points.yaml
  arteriole program show --org "Tea House" --number 2`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(s *db.Store) error {
				all, now, err := s.Programs(cmd.Context(), org)
				if err != nil {
					return err
				}
				for i, p := range all {
					if version == p.Version || version == 0 && i == now {
						fmt.Fprintf(a.stdout, "# version %d, from %s\n%s", p.Version, p.Begins.Format(time.RFC3339), p.File().Text())
						return nil
					}
				}
				if version != 0 {
					return fmt.Errorf("the program of %s has no version %d: see `arteriole program list`", org, version)
				}
				return errNoProgram(org, len(all) > 0)
			})
		},
	}
	orgFlag(c, &org)
	c.Flags().Int64Var(&version, "number", 0, "`number` of another version")
	return c
}

func errNoProgram(org string, some bool) error {
	if some {
		return fmt.Errorf("no version of the program of %s has begun yet: see `arteriole program list`", org)
	}
	return errors.New(org + " has no program: set one with `arteriole program set`")
}

func (a *app) programList() *cobra.Command {
	var org string
	c := &cobra.Command{
		Use:     "list --org NAME",
		Short:   "List the versions of a program, earliest first",
		Example: `  arteriole program list --org "Tea House"`,
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(s *db.Store) error {
				all, now, err := s.Programs(cmd.Context(), org)
				if err != nil {
					return err
				}
				if len(all) == 0 {
					fmt.Fprintln(a.stdout, "no program yet: set one with `arteriole program set`")
					return nil
				}
				rows := [][]string{{"VERSION", "BEGINS", "STATE", "NAME"}}
				for i, p := range all {
					state := "past"
					switch {
					case i == now:
						state = "in force"
					case i > now:
						state = "future"
					}
					rows = append(rows, []string{fmt.Sprint(p.Version), p.Begins.Format(time.RFC3339), state, p.Rules.Name})
				}
				table(a.stdout, rows)
				return nil
			})
		},
	}
	orgFlag(c, &org)
	return c
}

func (a *app) programPreview() *cobra.Command {
	var org string
	var days int
	c := &cobra.Command{
		Use:   "preview --org NAME FILE",
		Short: "Show what a program would do, without setting it",
		Long: `Compare a program with the one in force: what recent bills would have earned by it, and what the points that customers have
now would be worth. Nothing is changed.`,
		Example: `  arteriole program preview --org "Tea House" tea-points.yaml --days 90`,
		Args:    takes("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if days < 1 || days > 3660 {
				return usageError("--days must be 1 to 3660")
			}
			f, err := a.readProgram(args[0])
			if err != nil {
				return err
			}
			return a.with(cmd, func(s *db.Store) error {
				v, err := s.PreviewProgram(cmd.Context(), org, f, days)
				if err != nil {
					return err
				}
				a.printPreview(v)
				return nil
			})
		},
	}
	orgFlag(c, &org)
	c.Flags().IntVar(&days, "days", 365, "number of `days` to look back at bills")
	return c
}

func (a *app) printPreview(v db.ProgramPreview) {
	fmt.Fprintf(a.stdout, "This version would begin %s.\n\n", v.Begins.Format(time.RFC3339))
	fmt.Fprintf(a.stdout, "Bills of the last %d days that earned points: %s, totalling %s\n", v.Days, count(v.Bills), db.Decimal(v.Amount))
	bills := [][]string{
		{"", "AS EARNED", "WITH THIS VERSION"},
		{"points earned", db.Decimal(v.Earned), db.Decimal(v.WouldEarn)},
		{"their value", db.Decimal(v.Cost), db.Decimal(v.WouldCost)},
		{"bills that earn more", "", count(v.More)},
		{"bills that earn less", "", count(v.Less)},
	}
	if v.Coupons+v.WouldGive > 0 {
		bills = append(bills, []string{"coupons, if their series allow", count(v.Coupons), count(v.WouldGive)})
	}
	if v.Covers > 0 {
		bills = append(bills,
			[]string{"points earned per year at the rate of these " + days(v.Covers), db.Decimal(v.Year(v.Earned)), db.Decimal(v.Year(v.WouldEarn))},
			[]string{"their value", db.Decimal(v.Year(v.Cost)), db.Decimal(v.Year(v.WouldCost))})
	}
	table(a.stdout, bills)
	fmt.Fprintf(a.stdout, "\nCustomers with points: %s, with %s points\n", count(v.Customers), db.Decimal(v.Points))
	table(a.stdout, [][]string{
		{"", "NOW", "WITH THIS VERSION"},
		{"value of the points", db.Decimal(v.Worth), db.Decimal(v.WouldBe)},
		{"customers who can redeem", count(v.May), count(v.WouldMay)},
		{"validity of points", v.Expires, v.WouldLive},
		{"tiers", tiers(v.Tiers), tiers(v.WouldTiers)},
	})
}

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprint(n, " days")
}

func tiers(list []db.TierCount) string {
	var s []string
	for _, t := range list {
		s = append(s, t.Name+" "+count(t.Customers))
	}
	return strings.Join(s, ", ")
}
