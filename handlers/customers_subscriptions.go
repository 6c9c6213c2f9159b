package handlers

import (
	"context"
	"strconv"
	"strings"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

// UpdateSubscriptions is POST /v2/customers/{id}/subscriptions.
func (a *API) UpdateSubscriptions(ctx context.Context, r gen.UpdateSubscriptionsRequestObject) (gen.UpdateSubscriptionsResponseObject, error) {
	asked, err := subscriptionsInput(r.Body)
	if err != nil {
		return nil, err
	}
	out, err := a.store.SetSubscriptions(ctx, who(ctx), r.Id, asked, text(r.Body.Reason))
	if err != nil {
		return nil, err
	}
	return gen.UpdateSubscriptions200JSONResponse(subscriptionsResult(r.Body, out)), nil
}

// FetchSubscriptions is GET /v2/customers/{id}/subscriptions.
func (a *API) FetchSubscriptions(ctx context.Context, r gen.FetchSubscriptionsRequestObject) (gen.FetchSubscriptionsResponseObject, error) {
	out, err := a.store.Subscriptions(ctx, who(ctx), r.Id)
	if err != nil {
		return nil, err
	}
	return gen.FetchSubscriptions200JSONResponse(subscriptionList(out)), nil
}

// UpdateSubscriptionsByIdentifier is POST /v2/customers/lookup/subscriptions.
func (a *API) UpdateSubscriptionsByIdentifier(ctx context.Context, r gen.UpdateSubscriptionsByIdentifierRequestObject) (gen.UpdateSubscriptionsByIdentifierResponseObject, error) {
	id, err := lookupIdentifier(r.Params.IdentifierName, r.Params.IdentifierValue)
	if err != nil {
		return nil, err
	}
	asked, err := subscriptionsInput(r.Body)
	if err != nil {
		return nil, err
	}
	out, err := a.store.SetSubscriptionsByIdentifier(ctx, who(ctx), id, r.Params.Source, text(r.Params.AccountId), asked, text(r.Body.Reason))
	if err != nil {
		return nil, err
	}
	return gen.UpdateSubscriptionsByIdentifier200JSONResponse(subscriptionsResult(r.Body, out)), nil
}

// FetchSubscriptionsByIdentifier is GET /v2/customers/lookup/subscriptions.
func (a *API) FetchSubscriptionsByIdentifier(ctx context.Context, r gen.FetchSubscriptionsByIdentifierRequestObject) (gen.FetchSubscriptionsByIdentifierResponseObject, error) {
	id, err := lookupIdentifier(r.Params.IdentifierName, r.Params.IdentifierValue)
	if err != nil {
		return nil, err
	}
	out, err := a.store.SubscriptionsByIdentifier(ctx, who(ctx), id, text(r.Params.Source), text(r.Params.AccountId))
	if err != nil {
		return nil, err
	}
	return gen.FetchSubscriptionsByIdentifier200JSONResponse(subscriptionList(out)), nil
}

// FetchSubscriptionLog is GET /v2/customers/{id}/subscriptionStatusChangeLog.
func (a *API) FetchSubscriptionLog(ctx context.Context, r gen.FetchSubscriptionLogRequestObject) (gen.FetchSubscriptionLogResponseObject, error) {
	log, err := a.subscriptionLog(ctx, db.CustomerRef{ID: r.Id}, r.Params.Limit, r.Params.Offset)
	return gen.FetchSubscriptionLog200JSONResponse(log), err
}

// FetchSubscriptionLogByIdentifier is GET /v2/customers/lookup/subscriptionStatusChangeLog.
func (a *API) FetchSubscriptionLogByIdentifier(ctx context.Context, r gen.FetchSubscriptionLogByIdentifierRequestObject) (gen.FetchSubscriptionLogByIdentifierResponseObject, error) {
	of, err := queryRef(r.Params.IdentifierName, r.Params.IdentifierValue, r.Params.Source, r.Params.AccountId)
	if err != nil {
		return nil, err
	}
	log, err := a.subscriptionLog(ctx, of, r.Params.Limit, r.Params.Offset)
	return gen.FetchSubscriptionLogByIdentifier200JSONResponse(log), err
}

func (a *API) subscriptionLog(ctx context.Context, of db.CustomerRef, limit, offset *int) (gen.SubscriptionLog, error) {
	p, err := a.page(100, limit, offset)
	if err != nil {
		return gen.SubscriptionLog{}, err
	}
	log, w, err := a.store.SubscriptionLog(ctx, who(ctx), of, p)
	if err != nil {
		return gen.SubscriptionLog{}, err
	}
	out := gen.SubscriptionLog{Data: make([]gen.SubscriptionChange, len(log)), Warnings: warnings(w), Errors: []gen.Status{}}
	for i, e := range log {
		out.Data[i] = gen.SubscriptionChange{OrgUnitId: -1, Source: e.Source, AccountId: e.Account, OrgSourceId: -1, CommChannelId: -1, CommChannelType: e.Channel,
			CommunicationCategoryId: -1, Priority: e.Priority, Status: e.OptedIn, AddedBy: entityRef(e.By), AddedOn: gen.Time{Time: e.At}, Reason: e.Reason}
	}
	return out, nil
}

func subscriptionsInput(b *gen.SubscriptionsRequest) (asked []db.Subscription, err error) {
	if s := b.Scope; s != nil {
		if s.Scope != nil && !strings.EqualFold(*s.Scope, "USER") {
			return nil, fault.SubscriptionScopeInvalid.At("body: scope.scope")
		}
		if s.SubScope != nil && !strings.EqualFold(*s.SubScope, "NONE") {
			return nil, fault.SubscriptionScopeInvalid.At("body: scope.subScope")
		}
	}
	for i, sent := range b.Subscriptions {
		place := "body: subscriptions[" + strconv.Itoa(i) + "]"
		s := db.Subscription{Place: db.Place{Source: text(sent.SourceName), Account: text(sent.AccountId)}, OptedIn: strings.EqualFold(sent.Type, "OPTIN")}
		var ok bool
		if s.Channel, ok = db.ParseSubscriptionChannel(sent.Channel); !ok {
			return nil, fault.SubscriptionChannelInvalid.At(place + ".channel")
		}
		if s.Priority, ok = db.ParseSubscriptionPriority(sent.Priority); !ok {
			return nil, fault.SubscriptionPriorityInvalid.At(place + ".priority")
		}
		if !s.OptedIn && !strings.EqualFold(sent.Type, "OPTOUT") {
			return nil, fault.SubscriptionTypeInvalid.At(place + ".type")
		}
		asked = append(asked, s)
	}
	return asked, nil
}

func subscriptionsResult(b *gen.SubscriptionsRequest, out db.Subscriptions) gen.SubscriptionsResult {
	return gen.SubscriptionsResult{Scope: gen.SubscriptionScope{Scope: "USER", SubScope: "NONE"}, Subscriptions: subscriptions(out.List),
		CampaignId: number(b.CampaignId, -1), CommunicationId: number(b.CommunicationId, -1), Reason: text(b.Reason), Warnings: warnings(out.Warnings)}
}

func subscriptionList(out db.Subscriptions) gen.SubscriptionList {
	return gen.SubscriptionList{Subscriptions: subscriptions(out.List), Warnings: warnings(out.Warnings)}
}

func subscriptions(list []db.Subscription) []gen.Subscription {
	out := make([]gen.Subscription, len(list))
	for i, s := range list {
		out[i] = gen.Subscription{Channel: s.Channel, Priority: s.Priority, Type: "OPTOUT", SourceName: s.Source, AccountId: s.Account}
		if s.OptedIn {
			out[i].Type = "OPTIN"
		}
	}
	return out
}
