package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
	"github.com/arteriole/arteriole/webhook"
)

// issueCode makes a confirmation code and hands it on to be sent, where the organization wants customers to confirm. That it was
// not sent is a warning: the question that was asked beside it has its answer.
func (a *API) issueCode(ctx context.Context, issue func() (*db.Confirmation, error)) ([]*fault.Fault, error) {
	if callOf(ctx).caller.role == "read" {
		return nil, fault.Forbidden.New()
	}
	c, err := issue()
	if f, ok := fault.Of(err); ok && f.Code == fault.ConfirmationNotSent {
		return []*fault.Fault{f}, nil
	}
	if err != nil || c == nil {
		return nil, err
	}
	body, err := json.Marshal(confirmationMessage(c))
	if err != nil {
		return nil, err
	}
	m := webhook.Message{Org: who(ctx).Org, URL: c.URL, Secret: c.Secret, Event: "confirmation.code", ID: fmt.Sprintf("confirmation-%d-%d", who(ctx).Org, c.ID), Body: body}
	if a.cfg.Deliver == nil || !a.cfg.Deliver(m, c.Expires) {
		return []*fault.Fault{fault.ConfirmationNotSent.With("reason", "too many messages wait")}, nil
	}
	return nil, nil
}

// confirmationBody is what an organization's service is sent, to pass the code on to the customer.
type confirmationBody struct {
	Event      string          `json:"event"`
	ID         int64           `json:"id"`
	Org        string          `json:"org"`
	CustomerID int64           `json:"customerId"`
	Contacts   []contact       `json:"contacts"`
	Purpose    string          `json:"purpose"` // redeem or transfer
	Points     json.RawMessage `json:"points"`
	ToCustomer int64           `json:"toCustomerId,omitempty"`
	Code       string          `json:"code"`
	ExpiresOn  string          `json:"expiresOn"`
}

type contact struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

func confirmationMessage(c *db.Confirmation) confirmationBody {
	b := confirmationBody{Event: "confirmation.code", ID: c.ID, Org: c.Org, CustomerID: c.Customer, Contacts: []contact{}, Purpose: c.Purpose, Points: json.RawMessage(db.Decimal(c.Points)),
		ToCustomer: c.Taker, Code: c.Code, ExpiresOn: c.Expires.Format(time.RFC3339)}
	for _, i := range c.Contacts {
		b.Contacts = append(b.Contacts, contact{i.Type, i.Value})
	}
	return b
}

// confirmationCode reads a code as people type it.
func confirmationCode(sent *gen.LooseString) string { return strings.ReplaceAll(loose(sent), " ", "") }
