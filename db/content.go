package db

import (
	"fmt"
	"slices"
	"strings"
)

// contentFormat is the version of the file that ExportOrg writes and ImportOrg reads.
const contentFormat = 1

// contentTables are the tables that ExportOrg writes; a table comes after those it refers to, so that a file can be read in one
// pass.
var contentTables = []string{
	"org_settings", "sources", "source_accounts", "stores", "tills", "till_lookups", "programs",
	"customers", "profiles", "identifiers", "channels", "subscriptions", "subscription_log", "customer_statuses", "identifier_log", "merges", "merge_requests",
	"transactions", "transaction_lines", "transaction_returns", "purchases", "loyalty_queue",
	"points_events", "points_batches", "points_ledger", "points_accounts", "points_earnings", "points_redemptions", "points_transfers",
	"coupon_series", "coupon_exclusions", "coupons", "coupon_codes", "coupon_redemptions",
	"event_definitions", "event_mappings", "events",
	"counters",
}

// ContentTables returns the tables of an export, in its order.
func ContentTables() []string { return slices.Clone(contentTables) }

// notContent are the tables of an org that an export leaves out, with the reason.
var notContent = map[string]string{
	"api_keys":           "credentials",
	"clients":            "credentials",
	"confirmations":      "codes of a few minutes",
	"erasure_keys":       "a secret; without it the next table says nothing",
	"erased_identifiers": "see erasure_keys",
	"erasure_scrubs":     "work of a server, gone when it is done",
	"search_terms":       "made anew from the profiles",
	"audit":              "the trail of one database, which a backup keeps",
	"event_webhooks":     "credentials",
	"idempotency":        "answers for repeats within a day",
	"ingestion_jobs":     "work of a server, gone after days",
	"ingestion_rows":     "work of a server, gone after days",
	"webhooks":           "addresses that belong to one installation, with their secrets",
	"webhook_events":     "gone after a week",
	"webhook_deliveries": "gone after a week",
	"kittens":            "no content of an organization's own",
	"sandboxes":          "no content",
}

// contentColumns lists the exported columns of tables that are not exported whole: tills without their password. An imported till
// has a password that nobody knows, until it gets one.
var contentColumns = map[string][]string{"tills": {"id", "store", "code", "name", "role", "created_on", "disabled_on"}}

// kindJSON is a column of text that always holds an object or a list.
const kindJSON = "JSON"

// contentJSON are the columns of that kind beside those that are {} or [] by default.
var contentJSON = map[string][]string{
	"coupon_series": {"redemption_range", "stores", "kept"}, "event_definitions": {"actions", "fields"}, "event_mappings": {"mapping"}, "events": {"attributes", "trace"}, "programs": {"rules"},
	"identifier_log": {"identifiers"},
}

// contentCounters are the counters of tables that are not exported.
var contentCounters = []string{"api_keys", "audit", "clients", "confirmations", "event_webhooks", "ingestion_jobs", "webhook_events", "webhooks"}

// contentTable describes how one table is written and read.
type contentTable struct {
	name    string
	columns []string // without org
	types   []string // as declared
	key     []string // of the primary key, without org
}

// contentTable reads the shape of a table from the schema.
func (tx *Tx) contentTable(name string) (t contentTable, err error) {
	t.name = name
	keys := map[int]string{}
	err = tx.Each(func(scan func(...any) error) error {
		var column, kind, usual string
		var pk int
		if err := scan(&column, &kind, &pk, &usual); err != nil {
			return err
		}
		if usual == "'{}'" || usual == "'[]'" || slices.Contains(contentJSON[name], column) {
			kind = kindJSON
		}
		if pk > 0 {
			keys[pk] = column
		}
		if some := contentColumns[name]; column != "org" && (some == nil || slices.Contains(some, column)) {
			t.columns, t.types = append(t.columns, column), append(t.types, kind)
		}
		return nil
	}, `SELECT name, type, pk, coalesce(dflt_value, '') FROM pragma_table_info($1) ORDER BY cid`, name)
	for i := 1; keys[i] != ""; i++ {
		if keys[i] != "org" {
			t.key = append(t.key, keys[i])
		}
	}
	if err == nil && len(t.key) == 0 {
		err = fmt.Errorf("table %s has no key", name)
	}
	return t, err
}

// passes are the conditions of the successive passes over the rows: a merge's victim comes after its survivor.
func (t contentTable) passes() []string {
	switch t.name {
	case "customers":
		return []string{"merged_into IS NULL", "merged_into IS NOT NULL"}
	case "counters":
		return []string{"name NOT IN ('" + strings.Join(contentCounters, "', '") + "')"}
	case "org_settings":
		return []string{"key NOT IN ('" + strings.Join(secretSettings(), "', '") + "')"}
	}
	return []string{"true"}
}

// secretSettings are the keys of settings that are secrets.
func secretSettings() (keys []string) {
	for _, s := range settings {
		if s.Type == "secret" {
			keys = append(keys, s.Key)
		}
	}
	return keys
}
