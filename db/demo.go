package db

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

// DemoTime stamps the rows of the demo organization, so that it is the same everywhere.
var DemoTime = time.Date(2026, 1, 5, 10, 0, 0, 0, time.FixedZone("", 5*3600+1800))

// demoTime is DemoTime, or so many whole years later that the demo's points, which expire after a year, are still there now.
func demoTime(now time.Time) time.Time {
	t := DemoTime
	for !t.AddDate(1, 0, 0).After(now) {
		t = t.AddDate(1, 0, 0)
	}
	return t
}

const demoOrg = "demo"

// fixture is what the demo organization and the sandboxes differ in; all else, ids above all, is the same in both, so that
// the printed examples hold.
type fixture struct {
	org           string
	demo          bool
	server, till1 string // codes of the two tills
	hash1, hash2  string // of their passwords
	key           string // HashKey of the kittens' key
	client        Client // of OAuth; none without a key
	webhook       string // HashKey of the secret of its webhook
	settings      map[string]string
}

// EnsureDemo makes the demo organization when there is none; it is safe to call again. Its passwords and key are printed
// in the reference, so its tills carry a mark.
func (s *Store) EnsureDemo(ctx context.Context) (made bool, err error) {
	var there bool
	err = s.read(ctx, func(tx *Tx) error {
		return tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM orgs WHERE name = $1)`, demoOrg).Scan(&there)
	})
	if err != nil || there {
		return false, err
	}
	// Hashed before the transaction: it takes a while, and the writer waits for nobody.
	server, till1 := HashPassword(md5Hex("server123")), HashPassword(md5Hex("123"))
	err = s.write(ctx, func(tx *Tx) error {
		made = false
		var there bool
		if err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM orgs WHERE name = $1)`, demoOrg).Scan(&there); err != nil || there {
			return err
		}
		made = true
		_, err := tx.makeFixture(fixture{org: demoOrg, demo: true, server: "store.server", till1: "store.till1", hash1: server, hash2: till1, key: HashKey("meowmeowmeow"),
			client:  Client{Key: "demoteaclient000000000001", Secret: HashKey("not-a-secret-it-is-printed-for-everybody"), Name: "The client of the reference", Role: "till", TTL: 5 * time.Minute, Demo: true},
			webhook: HashKey("not-a-secret-it-is-printed-for-everybody")})
		return err
	})
	return made, err
}

func md5Hex(s string) string {
	sum := md5.Sum([]byte(s)) // what the vendor's clients send as the password
	return hex.EncodeToString(sum[:])
}

// makeFixture makes an org with sources, tills, customers and kittens, all stamped demoTime.
func (tx *Tx) makeFixture(f fixture) (Org, error) {
	then := *tx
	then.now = demoTime(time.UnixMilli(tx.now)).UnixMilli()
	tx = &then
	settings := map[string]string{"country-code": "91", "national-length": "10", "time-zone": "Asia/Kolkata",
		"ingestion-result-days": "3650"} // the samples read a job of DemoTime
	maps.Copy(settings, f.settings)
	o, err := tx.addOrg(f.org, settings, f.demo)
	if err != nil {
		return o, err
	}
	for _, s := range []string{"INSTORE", "MARTJACK", "ECOMMERCE", "WEBSITE"} {
		if err := tx.enableSource(o.ID, s); err != nil {
			return o, err
		}
	}
	for _, a := range []Place{{"WECHAT", "22232"}, {"WECHAT", "22233"}, {"FACEBOOK", "1234"}, {"MOBILE_APP", "400"}} {
		if err := tx.addSourceAccount(o.ID, a.Source, a.Account, md5Hex("demo "+a.String())); err != nil {
			return o, err
		}
	}
	if err := tx.addStore(o.ID, "store", "Demo store"); err != nil {
		return o, err
	}
	if err := tx.addTill(o.ID, "store", f.server, "admin", f.hash1, f.demo); err != nil {
		return o, err
	}
	if err := tx.addTill(o.ID, "store", f.till1, "till", f.hash2, f.demo); err != nil {
		return o, err
	}
	if err := tx.setTillLookup(o, "storenumber", "0042", f.till1); err != nil {
		return o, err
	}
	if _, err := tx.addKey(o.ID, "the key of the reference", f.key, f.demo); err != nil {
		return o, err
	}
	if f.client.Key != "" {
		if err := tx.addClient(o.ID, f.server, f.client); err != nil {
			return o, err
		}
	}
	if err := tx.makeKittens(o.ID); err != nil {
		return o, err
	}
	if err := tx.makeDemoProgram(o.ID); err != nil {
		return o, err
	}
	who := Who{Org: o.ID, Till: 1, TillCode: f.server, RequestID: "DEMO"}
	if err := tx.makeDemoCustomers(who); err != nil {
		return o, err
	}
	if err := tx.makeDemoBill(who); err != nil {
		return o, err
	}
	if err := tx.makeDemoCoupons(who); err != nil {
		return o, err
	}
	if err := tx.makeDemoJobs(o.ID); err != nil {
		return o, err
	}
	return o, tx.makeDemoEvents(who, f)
}

// makeDemoProgram gives the org a points program that has always been there, so that bills of any date earn.
func (tx *Tx) makeDemoProgram(org int64) error {
	o, err := tx.org(org)
	if err != nil {
		return err
	}
	begins := time.Date(2020, 1, 1, 0, 0, 0, 0, o.TimeZone)
	_, err = tx.addProgram(o, Who{Org: org, RequestID: "DEMO"}, DemoProgram(), begins.UnixMilli())
	return err
}

// makeDemoPoints gives some of the customers the points that they brought along when the org began with the program.
func (tx *Tx) makeDemoPoints(who Who) error {
	o, err := tx.org(who.Org)
	if err != nil {
		return err
	}
	p := o.program(tx.now)
	for _, c := range []struct{ customer, points int64 }{{1001, 921}, {1003, 1000}, {1006, 250}} {
		if _, err := tx.award(o, who, c.customer, &p.Rules, c.points*1000, tx.now, event{kind: "EARN", note: "Opening balance"}); err != nil {
			return err
		}
	}
	_, err = tx.redeemPoints(who, RedeemInput{Customer: CustomerRef{ID: 1001}, Points: 80_000, Number: "KOR-1999"})
	return err
}

// DemoProgram is the points program of the demo organization.
func DemoProgram() ProgramRules {
	return ProgramRules{
		Name: "Demo points", Rate: 100_000, Value: 500_000, Minimum: 10_000, Maximum: 5_000_000, ExpireDays: 365,
		Tiers:   []Tier{{"Silver", 0}, {"Gold", 1_000_000}, {"Platinum", 5_000_000}},
		Coupons: []BillCoupon{{Series: 1, Minimum: 10_000_000}, {Series: 3, Minimum: 20_000_000}, {Series: 5, Minimum: 20_000_000}},
	}
}

func (tx *Tx) makeKittens(org int64) error {
	for i, k := range []struct {
		name, breed          string
		fluffiness, cuteness int
		cat                  bool
		state                string
	}{
		{"Fluffums", "calico", 6, 7, false, "available"},
		{"Max", "unknown", 5, 10, false, "available"},
		{"Pip", "tabby", 7, 8, false, "adopted"},
		{"Duchess", "persian", 9, 6, true, "available"},
		{"Shadow", "bombay", 4, 9, false, "hidden"},
		{"Ghost", "sphynx", 0, 7, false, "removed"},
		{"Pot", "teapot", 1, 5, false, "teapot"},
	} {
		_, err := tx.Exec(`INSERT INTO kittens (org, id, name, breed, fluffiness, cuteness, is_cat, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			org, i+1, k.name, k.breed, k.fluffiness, k.cuteness, bit(k.cat), k.state)
		if err != nil {
			return err
		}
	}
	return nil
}

// makeDemoCustomers goes through the same doors as everybody: registrations, a combination and a merge.
func (tx *Tx) makeDemoCustomers(who Who) error {
	for _, c := range []struct {
		source, account, first, last string
		fields                       map[string]string
		ids                          []Identifier
		loyalty                      string
	}{
		{"INSTORE", "", "Asha", "Rao", map[string]string{"Favorite Tea": "Assam"}, []Identifier{{"mobile", "919845000001"}, {"email", "asha.rao@example.org"}}, ""},
		{"ECOMMERCE", "", "Ravi", "Menon", nil, []Identifier{{"email", "ravi.menon@example.org"}}, ""},
		{"INSTORE", "", "Meera", "Iyer", nil, []Identifier{{"mobile", "919845000003"}, {"externalId", "ARTE-0003"}}, ""},
		{"WECHAT", "22233", "Tomas", "Lind", nil, []Identifier{{"wechat", "oTOMAS22233"}, {"mobile", "919845000004"}}, "non_loyalty"},
		{"MARTJACK", "", "Tomoko", "Sato", nil, []Identifier{{"email", "tomoko.sato@example.org"}, {"martjackId", "MJ-1005"}}, ""},
		{"FACEBOOK", "1234", "Noor", "Khan", nil, []Identifier{{"fbId", "fb-1006"}, {"email", "noor.khan@example.org"}}, ""},
	} {
		p := ProfileInput{FirstName: &c.first, LastName: &c.last, Fields: c.fields, Identifiers: c.ids}
		if _, err := tx.register(who, c.source, c.account, p, CustomerInput{LoyaltyType: c.loyalty}); err != nil {
			return fmt.Errorf("demo customer %s: %w", c.first, err)
		}
	}
	if err := tx.makeDemoPoints(who); err != nil {
		return err
	}
	// Meera follows the store on WeChat: a second profile of hers, with its own identifier.
	o, err := tx.org(who.Org)
	if err != nil {
		return err
	}
	first, last := "Meera", "Iyer"
	if _, err := tx.update(o, who, 1003, "WECHAT", "22232", &ProfileInput{FirstName: &first, LastName: &last}, CustomerInput{}); err != nil {
		return err
	}
	if _, err := tx.changeIdentifiers(who, 1003, "WECHAT", "22232", IdentifierChange{Add: []Identifier{{"wechat", "oMEERA22232"}}}); err != nil {
		return err
	}
	// Noor gives the number that Meera has in the store, and so becomes part of Meera's account; then takes it away again.
	number := []Identifier{{"mobile", "919845000003"}}
	if _, err := tx.changeIdentifiers(who, 1006, "FACEBOOK", "1234", IdentifierChange{Add: number}); err != nil {
		return err
	}
	_, err = tx.changeIdentifiers(who, 1003, "FACEBOOK", "1234", IdentifierChange{Remove: number})
	return err
}

// makeDemoJobs makes an ingestion job that has done its work and one that waits for its file.
func (tx *Tx) makeDemoJobs(org int64) error {
	for _, status := range []string{JobFinished, JobCreated} {
		id, err := tx.next(org, "ingestion_jobs", 1)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO ingestion_jobs (org, id, profile, format, source, account, dry_run, auto_start, external_reference, csv, status, till, created_on, updated_on)
			VALUES ($1, $2, 'CUSTOMER_REGISTER', 'NDJSON', 'INSTORE', '', 0, 1, '', $3, $4, 1, $5, $5)`, org, id, toJSON(IngestionCSV{Delimiter: ",", HasHeader: true}), status, tx.now)
		if err != nil {
			return err
		}
	}
	_, err := tx.Exec(`UPDATE ingestion_jobs SET started_on = $2, finished_on = $2, file_name = 'regulars.ndjson', total = 3, next_row = 4, succeeded = 2, warned = 1, failed = 1
		WHERE org = $1 AND id = 1`, org, tx.now)
	if err != nil {
		return err
	}
	for _, r := range []IngestionRow{
		{Row: 1, Entity: 1001, Warnings: json.RawMessage(`[{"status":false,"code":8050,"message":"Customer 1001 has this identifier in another source; combined"}]`)},
		{Row: 2, Entity: 1002},
		{Row: 3, Errors: json.RawMessage(`[{"status":false,"code":9707,"message":"The row cannot be read: a JSON value is missing (line 1 column 18)"}]`), Raw: `{"profiles": [{]}`},
	} {
		if r.Errors == nil {
			r.Errors = json.RawMessage("[]")
		}
		if r.Warnings == nil {
			r.Warnings = json.RawMessage("[]")
		}
		if err := tx.recordRow(&IngestionJob{Org: org, ID: 1}, &r); err != nil {
			return err
		}
	}
	return nil
}

// makeDemoBill is what Asha has bought so far.
func (tx *Tx) makeDemoBill(who Who) error {
	n := func(n int64) *int64 { return &n }
	_, err := tx.addBill(who, Bill{Type: "REGULAR", Number: "KOR-1001", Amount: 640_500, Gross: n(700_000), Discount: n(59_500),
		Lines:        []BillLine{{ItemCode: "TEA-250", Description: "Assam, 250 g", Quantity: n(2_000), Rate: n(350_000), Value: n(700_000), Discount: n(59_500), Amount: n(640_500)}},
		PaymentModes: []PaymentMode{{Mode: "UPI", Value: 640_500}},
		Source:       "INSTORE", IdentifierName: "mobile", IdentifierText: "919845000001"}, false)
	return err
}
