package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/db"
)

func (a *app) mergeRequests() *cobra.Command {
	var org, status string
	var customer int64
	c := &cobra.Command{
		Use:   "requests --org NAME",
		Short: "List the merges that wait for approval",
		Long: fmt.Sprintf(`List the merges that wait for approval, latest first, at most %d: those that someone asked for and, if the setting merge-mode
is approve, those that an identifier change needs. Use --status to list those already decided.`, mergesShown),
		Example: `  arteriole merge requests --org "Tea House"`,
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			status := strings.ToUpper(status)
			if status == "ALL" {
				status = ""
			} else if !slices.Contains(db.RequestStatuses, status) {
				return usageError("--status must be pending, approved, rejected or all")
			}
			return a.withOrg(cmd, org, func(s *db.Store, who db.Who) error {
				p, err := s.MergeRequests(cmd.Context(), who, customer, db.MergeRequestFilter{Status: status, Limit: mergesShown})
				if err != nil {
					return err
				}
				if len(p.Items) == 0 {
					fmt.Fprintln(a.stdout, "no requests")
					return nil
				}
				rows := [][]string{{"ID", "CUSTOMER", "INTO", "STATUS", "ASKED", "BY", "FOR", "COMMENTS"}}
				for _, r := range p.Items {
					rows = append(rows, []string{fmt.Sprint(r.ID), fmt.Sprint(r.Victim), fmt.Sprint(r.Survivor), r.Status, moment(r.AddedOn), actor(r.AddedBy), asked(r), printable(r.Comments)})
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
	c.Flags().StringVar(&status, "status", "pending", "`pending`, approved, rejected or all")
	c.Flags().Int64Var(&customer, "customer", 0, "only requests that involve the customer with this `id`")
	return c
}

// asked says what waits for a merge.
func asked(r db.MergeRequest) string {
	var what []string
	for _, c := range r.Asked {
		for _, id := range c.Remove {
			what = append(what, "-"+id.Type+" "+printable(id.Value))
		}
		for _, id := range c.Add {
			what = append(what, "+"+id.Type+" "+printable(id.Value))
		}
	}
	if len(what) == 0 {
		return "the merge"
	}
	return strings.Join(what, ", ")
}

func (a *app) mergeApprove() *cobra.Command {
	return a.mergeDecide("approve", db.RequestApproved, "Approve a request: merge its two customers", `Merge the two customers of a pending request, and make the identifier changes that wait for it. If the two can no longer be
merged, or the changes no longer lead to this merge, nothing is changed and the reason is printed.`,
		func(r db.MergeRequest) string {
			return fmt.Sprintf("merged customer %d into %d, as merge %d", r.Victim, r.Survivor, r.Merge)
		})
}

func (a *app) mergeReject() *cobra.Command {
	return a.mergeDecide("reject", db.RequestRejected, "Reject a request", `Leave the two customers of a request as they are, without making the identifier changes that wait for it.`,
		func(r db.MergeRequest) string {
			return fmt.Sprintf("customers %d and %d remain separate", r.Victim, r.Survivor)
		})
}

func (a *app) mergeReopen() *cobra.Command {
	return a.mergeDecide("reopen", db.RequestPending, "Reopen a rejected request", `Put a rejected request back to pending.`,
		func(r db.MergeRequest) string {
			return fmt.Sprintf("the merge of %d into %d waits for approval", r.Victim, r.Survivor)
		})
}

func (a *app) mergeDecide(name, status, short, long string, said func(db.MergeRequest) string) *cobra.Command {
	var org, comments string
	c := &cobra.Command{
		Use:     name + " --org NAME ID",
		Short:   short,
		Long:    long + "\nGet the request ids from `merge requests`.",
		Example: `  arteriole merge ` + name + ` --org "Tea House" 12`,
		Args:    takes("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := idOf(args[0], "a request", "merge requests")
			if err != nil {
				return err
			}
			d := db.MergeDecision{ID: id, Status: status}
			if cmd.Flags().Changed("comments") {
				if comments = strings.TrimSpace(comments); len([]rune(comments)) > 1000 {
					return usageError("--comments must be at most 1000 characters")
				}
				d.Comments = &comments
			}
			return a.withOrg(cmd, org, func(s *db.Store, who db.Who) error {
				r, err := s.DecideMerge(cmd.Context(), who, d)
				if err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "request %d of %s: %s\n", id, org, said(r))
				return nil
			})
		},
	}
	orgFlag(c, &org)
	c.Flags().StringVar(&comments, "comments", "", "comment to keep with the request")
	return c
}
