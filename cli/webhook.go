package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/webhook"
)

// deliveriesShown is how many deliveries a list shows at most.
const deliveriesShown = 1000

func (a *app) webhookCommand() *cobra.Command {
	c := group("webhook", "Send changes to addresses as they happen", `A webhook is an address to which the server sends the changes of an organization as they happen, in signed messages. Each
message is retried for up to three days.`)
	c.AddCommand(a.webhookAdd(), a.webhookList(), a.webhookDisable(), a.webhookDeliveries(), a.webhookReplay())
	return c
}

func (a *app) webhookAdd() *cobra.Command {
	var org string
	var private bool
	c := &cobra.Command{
		Use:   "add --org NAME URL EVENT…",
		Short: "Add a webhook, and print its secret once",
		Long: `Add a webhook and print the secret that signs its messages, which is not shown again.

` + wrapped("", "Events: "+strings.Join(db.WebhookEvents, ", ")+"."),
		Example: `  arteriole webhook add --org "Tea House" https://shop.example/hooks customer.registered transaction.added`,
		Args:    takes("URL", "EVENT…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := webhook.CheckURL(args[0], private); err != nil {
				hint := ""
				if !private && webhook.CheckURL(args[0], true) == nil {
					hint = ": add --webhook-private, if the server runs with --webhook-private"
				}
				return usageError(fmt.Sprintf("%s cannot be used: %v%s", args[0], err, hint))
			}
			for i, e := range args[1:] {
				if !slices.Contains(db.WebhookEvents, e) || slices.Contains(args[1:i+1], e) {
					return usageError(fmt.Sprintf("%q is not an event, or is given twice; events: %s", e, strings.Join(db.WebhookEvents, ", ")))
				}
			}
			return a.withOrg(cmd, org, func(s *db.Store, who db.Who) error {
				w, err := s.AddWebhook(cmd.Context(), who, args[0], args[1:])
				if err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "added webhook %d to %s\n  secret: %s\n", w.ID, org, w.Secret)
				return nil
			})
		},
	}
	orgFlag(c, &org)
	c.Flags().BoolVar(&private, "webhook-private", false, "accept a private address or plain HTTP, for a server that runs with this flag")
	return c
}

func (a *app) webhookList() *cobra.Command {
	var org string
	c := &cobra.Command{
		Use:     "list --org NAME",
		Short:   "List webhooks and their state",
		Example: `  arteriole webhook list --org "Tea House"`,
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withOrg(cmd, org, func(s *db.Store, who db.Who) error {
				list, _, err := s.Webhooks(cmd.Context(), who, db.Page{Limit: 1000})
				if err != nil {
					return err
				}
				if len(list) == 0 {
					fmt.Fprintln(a.stdout, "no webhooks yet: add one with `arteriole webhook add`")
					return nil
				}
				rows := [][]string{{"ID", "STATE", "PENDING", "FAILURES", "SINCE", "URL", "EVENTS"}}
				for _, w := range list {
					state := "active"
					if w.DisabledOn != nil {
						state = "disabled"
					} else if w.RestsUntil.After(time.Now()) {
						state = "paused"
					}
					rows = append(rows, []string{fmt.Sprint(w.ID), state, count(w.Pending), count(w.Failures), moment(w.CreatedOn), w.URL, strings.Join(w.Events, ",")})
				}
				table(a.stdout, rows)
				return nil
			})
		},
	}
	orgFlag(c, &org)
	return c
}

func (a *app) webhookDisable() *cobra.Command {
	var org string
	c := &cobra.Command{
		Use:     "disable --org NAME ID",
		Short:   "Stop sending to a webhook",
		Example: `  arteriole webhook disable --org "Tea House" 1`,
		Args:    takes("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := idOf(args[0], "a webhook", "webhook list")
			if err != nil {
				return err
			}
			return a.withOrg(cmd, org, func(s *db.Store, who db.Who) error {
				if _, err := s.DisableWebhook(cmd.Context(), who, id); err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "disabled webhook %d of %s\n", id, org)
				return nil
			})
		},
	}
	orgFlag(c, &org)
	return c
}

func (a *app) webhookDeliveries() *cobra.Command {
	var org, status string
	c := &cobra.Command{
		Use:     "deliveries --org NAME ID",
		Short:   "List what was sent to a webhook or is waiting",
		Long:    fmt.Sprintf(`List the deliveries of a webhook, latest change first, at most %d. Deliveries are kept for a week.`, deliveriesShown),
		Example: `  arteriole webhook deliveries --org "Tea House" 1 --status FAILED`,
		Args:    takes("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := idOf(args[0], "a webhook", "webhook list")
			if err != nil {
				return err
			}
			if status = strings.ToUpper(status); status != "" && !slices.Contains(db.WebhookStates, status) {
				return usageError("--status must be one of " + strings.Join(db.WebhookStates, ", "))
			}
			return a.withOrg(cmd, org, func(s *db.Store, who db.Who) error {
				list, _, err := s.Deliveries(cmd.Context(), who, id, status, db.Page{Limit: deliveriesShown})
				if err != nil {
					return err
				}
				if len(list) == 0 {
					fmt.Fprintln(a.stdout, "no deliveries")
					return nil
				}
				rows := [][]string{{"EVENT", "WHAT", "CUSTOMER", "ON", "STATE", "ATTEMPTS", "PROBLEM"}}
				for _, d := range list {
					customer := "-"
					if d.Customer != 0 {
						customer = fmt.Sprint(d.Customer)
					}
					rows = append(rows, []string{fmt.Sprint(d.Event), d.Kind, customer, moment(d.OccurredOn), d.Status, fmt.Sprint(d.Attempts), oneLine(d.Problem)})
				}
				table(a.stdout, rows)
				return nil
			})
		},
	}
	orgFlag(c, &org)
	c.Flags().StringVar(&status, "status", "", "only deliveries in this `state`: "+strings.Join(db.WebhookStates, ", "))
	return c
}

func (a *app) webhookReplay() *cobra.Command {
	var org string
	c := &cobra.Command{
		Use:     "replay --org NAME ID EVENT…",
		Short:   "Send deliveries of a webhook again",
		Example: `  arteriole webhook replay --org "Tea House" 1 204 205`,
		Args:    takes("ID", "EVENT…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := idOf(args[0], "a webhook", "webhook list")
			if err != nil {
				return err
			}
			var events []int64
			for _, s := range args[1:] {
				e, err := idOf(s, "an event", "webhook deliveries")
				if err != nil {
					return err
				}
				events = append(events, e)
			}
			return a.withOrg(cmd, org, func(s *db.Store, who db.Who) error {
				list, err := s.ReplayDeliveries(cmd.Context(), who, id, events)
				if err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "webhook %d of %s will get %s again\n", id, org, plural(int64(len(list)), "events"))
				return nil
			})
		},
	}
	orgFlag(c, &org)
	return c
}
