package handlers

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"github.com/arteriole/arteriole/fault"
)

// An ingestionKind is a profile: it turns a row into requests. The outcome is that of the last one; entity is the key of its answer that holds the id, "" for none.
type ingestionKind struct {
	name      string
	operation string // whose body schema says what the cells of a CSV file are
	entity    string
	requests  func(row map[string]any, at rowPlace) ([]rowRequest, error)
}

type rowRequest struct {
	method, path string
	query        url.Values
	body         any
	idFrom       bool // "{id}" in the path is what the request before answers as entity
}

// rowPlace is the source and the account of a row.
type rowPlace struct{ source, account string }

func (p rowPlace) query(pairs ...string) url.Values {
	q := url.Values{}
	if p.source != "" {
		q.Set("source", p.source)
		if p.account != "" {
			q.Set("accountId", p.account)
		}
	}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return q
}

var profiles = []ingestionKind{
	{"CUSTOMER_REGISTER", "registerCustomer", "createdId", func(row map[string]any, at rowPlace) ([]rowRequest, error) {
		if list, _ := row["profiles"].([]any); len(list) > 0 {
			if p, _ := list[0].(map[string]any); p != nil && cell(p, "source") != "" && cell(row, "source") == "" {
				at = rowPlace{} // the address would win over the profile
			}
		}
		return []rowRequest{{method: "POST", path: "/v2/customers", query: at.query(), body: row}}, nil
	}},
	{"CUSTOMER_UPDATE", "updateCustomerDetails", "createdId", func(row map[string]any, at rowPlace) ([]rowRequest, error) {
		return ofCustomer(row, at, rowRequest{method: "PUT", path: "/v2/customers/{id}", body: row}, rowRequest{method: "PUT", path: "/v2/customers/lookup", body: row})
	}},
	{"TRANSACTION", "addTransaction", "createdId", func(row map[string]any, at rowPlace) ([]rowRequest, error) {
		name := cell(row, "identifierType")
		if name == "" {
			name = cell(row, "identifierName")
		}
		return []rowRequest{{method: "POST", path: "/v2/transactions", query: at.query("identifierName", name, "identifierValue", cell(row, "identifierValue")), body: row}}, nil
	}},
	{"IDENTIFIER_CHANGE", "updateCustomerIdentifiers", "createdId", func(row map[string]any, at rowPlace) ([]rowRequest, error) {
		change := rowRequest{method: "POST", path: "/v2/customers/{id}/changeIdentifier", body: row}
		byIdentifier := change
		byIdentifier.query, byIdentifier.idFrom = at.query(), true
		return ofCustomer(row, at, change, rowRequest{method: "GET", path: "/v2/customers/lookup"}, byIdentifier)
	}},
	{"SUBSCRIPTION", "updateSubscriptions", "", func(row map[string]any, at rowPlace) ([]rowRequest, error) {
		return ofCustomer(row, at, rowRequest{method: "POST", path: "/v2/customers/{id}/subscriptions", body: row}, rowRequest{method: "POST", path: "/v2/customers/lookup/subscriptions", body: row})
	}},
	{"COUPON_ISSUE", "issueCoupon", "id", func(row map[string]any, _ rowPlace) ([]rowRequest, error) {
		return []rowRequest{{method: "POST", path: "/v2/coupon/issue", body: row}}, nil
	}},
	{"COUPON_CODE", "addCouponCode", "createdId", func(row map[string]any, _ rowPlace) ([]rowRequest, error) {
		series := cell(row, "seriesId")
		if series == "" {
			return nil, fault.CouponSeriesMissing.At("body: seriesId")
		}
		return []rowRequest{{method: "POST", path: "/v2/coupon/series/" + url.PathEscape(series) + "/codes", body: row}}, nil
	}},
	{"POINTS_REDEMPTION", "redeemPoints", "customerId", func(row map[string]any, _ rowPlace) ([]rowRequest, error) {
		return []rowRequest{{method: "POST", path: "/v2/points/redeem", body: row}}, nil
	}},
	{"EVENT", "addEvents", "entityId", func(row map[string]any, at rowPlace) ([]rowRequest, error) {
		if at.source != "" && cell(row, "source") == "" { // an event names its source in its body
			row["source"], row["accountId"] = at.source, at.account
		}
		return []rowRequest{{method: "POST", path: "/v2/dataIngestion/events", body: row}}, nil
	}},
}

// ofCustomer addresses a request by the id of the row, or by its identifier.
func ofCustomer(row map[string]any, at rowPlace, byID rowRequest, byIdentifier ...rowRequest) ([]rowRequest, error) {
	if id := cell(row, "id"); id != "" {
		byID.path, byID.query = strings.ReplaceAll(byID.path, "{id}", url.PathEscape(id)), at.query()
		return []rowRequest{byID}, nil
	}
	name, value := cell(row, "identifierName"), cell(row, "identifierValue")
	if name == "" || value == "" {
		return nil, fault.IngestionRowUnreadable.With("reason", "id, or identifierName and identifierValue, must say which customer it is about")
	}
	byIdentifier[0].query = at.query("identifierName", name, "identifierValue", value)
	return byIdentifier, nil
}

// cell is a text or a number of a row as text, "" for anything else.
func cell(row map[string]any, key string) string {
	switch v := row[key].(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return ""
}

// ingestionProfile finds a profile by its name; case, _ and - do not count.
func ingestionProfile(name string) (*ingestionKind, bool) {
	fold := func(s string) string {
		return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(strings.TrimSpace(s)))
	}
	for i := range profiles {
		if fold(profiles[i].name) == fold(name) {
			return &profiles[i], true
		}
	}
	return nil, false
}
