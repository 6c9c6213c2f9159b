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
  from: 2026-04-01            # the day it begins; without it, now
  earn:
    points-per-unit: 0.1      # for one unit of the currency; 640.50 gives 64.05
    decimals: 0               # of points, up to 3: 64.05 is awarded as 64
  redeem:
    value-of-a-point: 0.5     # in the currency
    minimum: 10               # points of one redemption
    maximum: 5000
  expire:
    after-days: 365           # at the end of the day; 0 for never
  tiers:                      # by points earned and not taken back
    - {name: Silver, from: 0}
    - {name: Gold, from: 1000}
  # coupons:                  # that a bill gives, of a series made with POST /v2/coupon/series
  #   - {series: 1, minimum-amount: 500}  # one of series 1, with a bill of 500 or more`

func (a *app) programCommand() *cobra.Command {
	c := group("program", "Set up the points program of an organization", `The program defines how bills earn points, what points are worth, when they expire, and the tiers. A new organization has
none, and its bills earn nothing.

A program changes in versions, each of which starts on a given day. A bill earns by the version in force at its billing
date; a return takes back by that same version.`)
	c.AddCommand(a.programSet(), a.programShow(), a.programList(), a.programPreview())
	return c
}

func (a *app) programSet() *cobra.Command {
	var org string
	c := &cobra.Command{
		Use:   "set --org NAME FILE",
		Short: "Set the program of an organization, or a new version of it",
		Long: `Reads a program from a YAML file (- is standard input) and adds it as a new version. It applies from the day named in the
file: today or later, or any day for the first version. A running server uses it at once. Points already earned do not
change. Run ` + "`program preview`" + ` first to see its effect.

A file looks like this:

` + programExample + `

Further conditions for redemptions, and how much a customer or a till may redeem per day, are settings of the organization:
` + "`org set --help`" + ` lists them.`,
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
				fmt.Fprintf(a.stdout, "%s of %s has version %d, which begins %s\n", p.Rules.Name, org, p.Version, p.Begins.Format(time.RFC3339))
				return nil
			})
		},
	}
	orgFlag(c, &org)
	return c
}

// readProgram reads the file of a program, or standard input.
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
		Short: "Print the program in force, in the format that set reads",
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
					return fmt.Errorf("the program of %s has no version %d: `arteriole program list` shows those there are", org, version)
				}
				return errNoProgram(org, len(all) > 0)
			})
		},
	}
	orgFlag(c, &org)
	c.Flags().Int64Var(&version, "number", 0, "print this version instead, by its `number`")
	return c
}

func errNoProgram(org string, some bool) error {
	if some {
		return fmt.Errorf("no version of the program of %s has begun yet: `arteriole program list` shows them", org)
	}
	return errors.New(org + " has no program: `arteriole program set` gives it one")
}

func (a *app) programList() *cobra.Command {
	var org string
	c := &cobra.Command{
		Use:     "list --org NAME",
		Short:   "List the versions of a program by their start",
		Example: `  arteriole program list --org "Tea House"`,
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(s *db.Store) error {
				all, now, err := s.Programs(cmd.Context(), org)
				if err != nil {
					return err
				}
				if len(all) == 0 {
					fmt.Fprintln(a.stdout, "no program: `arteriole program set` gives the organization one")
					return nil
				}
				rows := [][]string{{"VERSION", "BEGINS", "STATE", "NAME"}}
				for i, p := range all {
					state := "past"
					switch {
					case i == now:
						state = "in force"
					case i > now:
						state = "to come"
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
		Short: "Show the effect of a version, without setting it",
		Long: `Compares a program with the one in force: what recent bills would have earned under it, and what the points that customers
hold now would be worth. It changes nothing.`,
		Example: `  arteriole program preview --org "Tea House" tea-points.yaml --days 90`,
		Args:    takes("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if days < 1 || days > 3660 {
				return usageError("--days is from 1 to 3660")
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
	c.Flags().IntVar(&days, "days", 365, "how many `days` of bills to compare")
	return c
}

func (a *app) printPreview(v db.ProgramPreview) {
	fmt.Fprintf(a.stdout, "It would begin %s.\n\n", v.Begins.Format(time.RFC3339))
	fmt.Fprintf(a.stdout, "Bills of the last %d days that earned by the program: %s, for %s\n", v.Days, count(v.Bills), db.Decimal(v.Amount))
	bills := [][]string{
		{"", "AS IT WAS", "BY THIS VERSION"},
		{"points earned", db.Decimal(v.Earned), db.Decimal(v.WouldEarn)},
		{"what they are worth", db.Decimal(v.Cost), db.Decimal(v.WouldCost)},
		{"bills that earn more", "", count(v.More)},
		{"bills that earn less", "", count(v.Less)},
	}
	if v.Coupons+v.WouldGive > 0 {
		bills = append(bills, []string{"coupons, if their series allow them", count(v.Coupons), count(v.WouldGive)})
	}
	if v.Covers > 0 {
		bills = append(bills,
			[]string{"points earned in a year like these " + days(v.Covers), db.Decimal(v.Year(v.Earned)), db.Decimal(v.Year(v.WouldEarn))},
			[]string{"what they are worth", db.Decimal(v.Year(v.Cost)), db.Decimal(v.Year(v.WouldCost))})
	}
	table(a.stdout, bills)
	fmt.Fprintf(a.stdout, "\nCustomers with points: %s, with %s points\n", count(v.Customers), db.Decimal(v.Points))
	table(a.stdout, [][]string{
		{"", "NOW", "BY THIS VERSION"},
		{"what the points are worth", db.Decimal(v.Worth), db.Decimal(v.WouldBe)},
		{"customers who can redeem", count(v.May), count(v.WouldMay)},
		{"points live", v.Expires, v.WouldLive},
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
