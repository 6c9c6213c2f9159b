package db

import (
	"cmp"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// OrgSettings are the parsed settings of one org (x-org-settings of openapi.yaml explains them).
type OrgSettings struct {
	PrimaryIdentifier  string // identifier type, "" for none
	ExternalIDPrefix   string
	ExternalIDLength   int // characters, 0 for any
	CountryCode        string
	NationalLength     int // digits of a national mobile number, 0: a country code is never added
	TimeZone           *time.Location
	CustomFields       []string // nil: free-form
	ExtendedFields     []string // nil: free-form
	CreateDateEarliest time.Time
	CreateDateAhead    time.Duration
	RateLimit          *float64 // requests a second for each till; nil: the server's, 0: off
	RateBurst          *int     // nil: the server's
	MergeNeedsApproval bool
	StatusLabels       []StatusLabel // beside the predefined ones
	Points             PointsSettings
	CardNumbers        []string // sources in which a registration is given an external id, or ALL; nil: none
	BillSettings

	IngestionJobsAtOnce   int
	IngestionMaxMegabytes int
	IngestionMaxRows      int
	IngestionFilesWaiting int
	IngestionResultDays   int
	EventDays             int // that events are kept
	EventDefinitions      int // in use, at most
}

// PointsSettings restrict redemptions further than the program. Points and amounts are in thousandths; 0 means no bound.
type PointsSettings struct {
	Off                                   bool  // nothing can be redeemed
	Multiple                              int64 // of which a redemption is a multiple
	MinBalance, MinLifetime, MinPurchases int64 // that a redeemer has, at least
	CustomerDay, TillDay                  int64 // that are redeemed in a day, at most

	Confirm                   []string // what a customer confirms by a code: redeem, transfer
	ConfirmURL, ConfirmSecret string   // where codes are sent to, and what the messages are signed with; "" when not set
}

// parseSettings reads all settings of an org; absent keys have their defaults. The error names the key.
func parseSettings(values map[string]string) (o OrgSettings, err error) {
	get := func(key string) string {
		if v, ok := values[key]; ok {
			return v
		}
		for _, s := range Settings() {
			if s.Key == key {
				return s.Default
			}
		}
		panic("no such setting: " + key)
	}
	bad := func(key, want string) {
		if err == nil {
			err = Refusal(fmt.Sprintf("%s must be %s", key, want))
		}
	}
	number := func(key string, most int) int {
		n, e := strconv.Atoi(get(key))
		if e != nil || n < 0 || n > most {
			bad(key, fmt.Sprintf("a whole number from 0 to %d", most))
		}
		return n
	}
	list := func(key string) (names []string) {
		for f := range strings.SplitSeq(get(key), ",") {
			if f = strings.TrimSpace(f); f != "" {
				names = append(names, f)
			}
		}
		if len(names) > 200 {
			bad(key, "at most 200 names")
		}
		return names
	}
	switch p := get("primary-identifier"); p {
	case "none":
	case "mobile", "email", "externalId":
		o.PrimaryIdentifier = p
	default:
		bad("primary-identifier", "none, mobile, email or externalId")
	}
	if o.ExternalIDPrefix = get("external-id-prefix"); strings.Contains(o.ExternalIDPrefix, ",") || utf8.RuneCountInString(o.ExternalIDPrefix) > maxExternalID || hasControl(o.ExternalIDPrefix) {
		bad("external-id-prefix", "at most 64 characters, without a comma")
	}
	for key, value := range values {
		if len(value) > 10000 {
			bad(key, "at most 10000 characters")
		}
	}
	o.ExternalIDLength = number("external-id-length", 64)
	if o.CountryCode = get("country-code"); !digits(o.CountryCode, 1, 3) {
		bad("country-code", "1 to 3 digits")
	}
	o.NationalLength = number("national-length", 15)
	if o.NationalLength > 0 && o.NationalLength+len(o.CountryCode) > maxMobileDigits {
		bad("national-length", fmt.Sprintf("at most %d together with the country code", maxMobileDigits))
	}
	tz := get("time-zone")
	if loc, e := time.LoadLocation(tz); e != nil || tz == "" || tz == "Local" {
		bad("time-zone", "a name of the IANA time zone database, as Asia/Kolkata")
	} else {
		o.TimeZone = loc
	}
	o.CustomFields = list("custom-fields")
	labels, e := readStatusLabels(list("status-labels"))
	if e != nil {
		bad("status-labels", "labels with a meaning (ACTIVE, SUSPENDED, DELETED or FRAUD), as Chargeback=FRAUD, none of them twice or predefined")
	}
	o.StatusLabels = labels
	o.ExtendedFields = list("extended-fields")
	if v := get("create-date-earliest"); v != "" && o.TimeZone != nil {
		t, ok := parseDate(v, o.TimeZone)
		if !ok {
			bad("create-date-earliest", "a date as 2020-01-31, or empty")
		}
		o.CreateDateEarliest = t
	}
	o.CreateDateAhead = time.Duration(number("create-date-ahead", 24*366)) * time.Hour
	if v := get("rate-limit"); v != "" {
		f, e := strconv.ParseFloat(v, 64)
		if e != nil || !(f >= 0 && f <= 1e6) {
			bad("rate-limit", "a number from 0 to 1000000, or empty")
		}
		o.RateLimit = &f
	}
	if get("rate-burst") != "" {
		n := number("rate-burst", 1000000)
		o.RateBurst = &n
	}
	thousands := func(key string) int64 { return int64(number(key, 1_000_000_000)) * 1000 }
	o.Points = PointsSettings{
		Multiple: thousands("redeem-multiple"), MinBalance: thousands("redeem-minimum-balance"), MinLifetime: thousands("redeem-minimum-lifetime"),
		MinPurchases: thousands("redeem-minimum-purchases"), CustomerDay: thousands("redeem-customer-day"), TillDay: thousands("redeem-till-day"),
	}
	switch m := get("redeem"); m {
	case "on":
	case "off":
		o.Points.Off = true
	default:
		bad("redeem", "on or off")
	}
	for _, purpose := range list("confirm") {
		if purpose != confirmRedeem && purpose != confirmTransfer {
			bad("confirm", "redeem, transfer, or both with a comma between")
		}
		o.Points.Confirm = append(o.Points.Confirm, purpose)
	}
	if o.Points.ConfirmURL = get("confirm-url"); o.Points.ConfirmURL != "" {
		if u, e := url.Parse(o.Points.ConfirmURL); e != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
			bad("confirm-url", "a URL, as https://example.com/codes")
		}
	}
	if o.Points.ConfirmSecret = get("confirm-secret"); o.Points.ConfirmSecret != "" && (len(o.Points.ConfirmSecret) < 16 || len(o.Points.ConfirmSecret) > 200) {
		bad("confirm-secret", "16 to 200 characters")
	}
	for _, name := range list("card-numbers") {
		src, ok := ParseSource(name)
		switch {
		case strings.EqualFold(name, "ALL"):
			src.Name = "ALL"
		case !ok:
			bad("card-numbers", "sources with commas between, or ALL")
		}
		o.CardNumbers = append(o.CardNumbers, src.Name)
	}
	for key, setting := range map[string]struct {
		to   *int
		most int
	}{
		"ingestion-jobs-at-once": {&o.IngestionJobsAtOnce, 10}, "ingestion-max-megabytes": {&o.IngestionMaxMegabytes, 10_000},
		"ingestion-max-rows": {&o.IngestionMaxRows, 100_000_000}, "ingestion-files-waiting": {&o.IngestionFilesWaiting, 10_000},
		"ingestion-result-days": {&o.IngestionResultDays, 3650},
		"event-days":            {&o.EventDays, 36500}, "event-definitions": {&o.EventDefinitions, 1000},
	} {
		if *setting.to = number(key, setting.most); *setting.to == 0 {
			bad(key, fmt.Sprintf("a whole number from 1 to %d", setting.most))
		}
	}
	switch m := get("merge-mode"); m {
	case "auto":
	case "approve":
		o.MergeNeedsApproval = true
	default:
		bad("merge-mode", "auto or approve")
	}
	o.readBillSettings(get, number, list, bad)
	return o, err
}

func digits(s string, least, most int) bool {
	return len(s) >= least && len(s) <= most && strings.Trim(s, "0123456789") == ""
}

// orgConfig is what a transaction needs to know about its org, apart from customers. It is immutable.
type orgConfig struct {
	OrgSettings
	config   int64                      // of meta, when it was read
	sources  map[string]bool            // switched on
	accounts map[string]map[string]bool // source → account → active
	tills    map[int64]EntityRef
	tillID   map[string]int64 // by code; not the disabled ones
	storeOf  map[int64]int64  // of each till
	stores   map[int64]EntityRef
	programs []Program // of points, as they begin
	webhooks []orgWebhook

	erasureKey []byte // of erased_identifiers; nil while nobody was erased

	maxChanges int64 // audit rows that a sandbox may have; 0: no sandbox
}

// EntityRef is who did something, in answers.
type EntityRef struct {
	ID   int64  `json:"id"`
	Code string `json:"code"`
	Name string `json:"name"`
	Type string `json:"type"` // TILL, or ADMIN_USER for a command
}

type orgCache struct {
	mu sync.Mutex
	m  map[int64]*orgConfig
}

const maxCachedOrgs = 1000

// org returns the configuration of an org as of this transaction.
func (tx *Tx) org(id int64) (*orgConfig, error) {
	config := tx.config
	if config == 0 || tx.moved != nil && *tx.moved {
		if err := tx.QueryRow(`SELECT config FROM meta WHERE id = 1`).Scan(&config); err != nil {
			return nil, err
		}
	}
	if tx.reads {
		tx.config = config
	}
	cache := &tx.s.orgs
	cache.mu.Lock()
	o := cache.m[id]
	cache.mu.Unlock()
	if o != nil && o.config == config {
		return o, nil
	}
	o, err := tx.readOrg(id)
	if err != nil {
		return nil, err
	}
	o.config = config
	if config != tx.config {
		return o, nil // rests on rows that are not committed yet
	}
	cache.mu.Lock()
	defer cache.mu.Unlock()
	if cache.m == nil || len(cache.m) >= maxCachedOrgs {
		cache.m = map[int64]*orgConfig{}
	}
	cache.m[id] = o
	return o, nil
}

func (tx *Tx) readOrg(id int64) (*orgConfig, error) {
	values, err := tx.settings(id)
	if err != nil {
		return nil, err
	}
	o := &orgConfig{sources: map[string]bool{}, accounts: map[string]map[string]bool{}, tills: map[int64]EntityRef{}, tillID: map[string]int64{},
		storeOf: map[int64]int64{}, stores: map[int64]EntityRef{}}
	if o.OrgSettings, err = parseSettings(values); err != nil {
		return nil, fmt.Errorf("settings of org %d: %w", id, err)
	}
	err = tx.Each(func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		o.sources[name] = true
		return err
	}, `SELECT source FROM sources WHERE org = $1`, id)
	if err != nil {
		return nil, err
	}
	err = tx.Each(func(scan func(...any) error) error {
		var source, account string
		var active bool
		err := scan(&source, &account, &active)
		if o.accounts[source] == nil {
			o.accounts[source] = map[string]bool{}
		}
		o.accounts[source][account] = active
		return err
	}, `SELECT source, account, active FROM source_accounts WHERE org = $1`, id)
	if err != nil {
		return nil, err
	}
	err = tx.Each(func(scan func(...any) error) error {
		var t EntityRef
		var disabled bool
		var store int64
		err := scan(&t.ID, &t.Code, &t.Name, &disabled, &store)
		o.storeOf[t.ID] = store
		t.Type = "TILL"
		if t.Name == "" {
			t.Name = t.Code
		}
		o.tills[t.ID] = t
		if !disabled {
			o.tillID[strings.ToLower(t.Code)] = t.ID
		}
		return err
	}, `SELECT id, code, name, disabled_on IS NOT NULL, store FROM tills WHERE org = $1`, id)
	if err != nil {
		return nil, err
	}
	err = tx.Each(func(scan func(...any) error) error {
		t := EntityRef{Type: "STORE"}
		err := scan(&t.ID, &t.Code, &t.Name)
		t.Name = cmp.Or(t.Name, t.Code)
		o.stores[t.ID] = t
		return err
	}, `SELECT id, code, name FROM stores WHERE org = $1`, id)
	if err != nil {
		return nil, err
	}
	if err := tx.readPrograms(o, id); err != nil {
		return nil, err
	}
	if err := tx.readWebhooks(o, id); err != nil {
		return nil, err
	}
	var key string
	err = tx.QueryRow(`SELECT key FROM erasure_keys WHERE org = $1`, id).Scan(&key)
	if err == nil {
		o.erasureKey, err = hex.DecodeString(key)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	err = tx.QueryRow(`SELECT max_changes FROM sandboxes WHERE org = $1`, id).Scan(&o.maxChanges)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return o, err
}

// active says whether a till of the org is not disabled.
func (o *orgConfig) active(till int64) bool {
	t, ok := o.tills[till]
	return ok && o.tillID[strings.ToLower(t.Code)] == till
}

// by is the till that made a change, for answers; 0 is a command.
func (o *orgConfig) by(till int64) EntityRef {
	if t, ok := o.tills[till]; ok {
		return t
	}
	return EntityRef{ID: till, Type: "ADMIN_USER"}
}

// allowed reports whether a field may be used: any may, if none is defined.
func allowed(names []string, name string) bool {
	return len(names) == 0 || slices.Contains(names, name)
}
