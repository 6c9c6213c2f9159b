package handlers

import (
	"fmt"
	"strings"
	"testing"
)

// Rows of subscriptions, coupons and redemptions: each is its single call, with its codes; in a dry run none happens; retried, only
// those that failed happen.
func TestJobsOfSingleCalls(t *testing.T) {
	t.Parallel()
	for profile, c := range map[string]struct {
		rows    []string
		want    []string // of a real run
		dry     []string // where it differs: each row as if it were the only one
		effect  func(w *world) string
		before  string
		after   string
		mend    func(w *world) // what lets the last row succeed
		retried string
	}{
		"subscription": {
			[]string{`{"id":1001,"subscriptions":[{"channel":"SMS","priority":"BULK","type":"OPTOUT"}],"reason":"asked"}`,
				`{"identifierName":"mobile","identifierValue":919845000003,"source":"INSTORE","subscriptions":[{"channel":"EMAIL","priority":"TRANS","type":"OPTIN"}]}`,
				`{"id":1001,"subscriptions":[{"channel":"PIGEON","priority":"BULK","type":"OPTOUT"}]}`,
				`{"subscriptions":[{"channel":"SMS","priority":"BULK","type":"OPTOUT"}]}`,
				`{"id":1006,"subscriptions":[{"channel":"SMS","priority":"BULK","type":"OPTOUT"}]}`,
				`{"identifierName":"mobile","identifierValue":"9845000100","subscriptions":[{"channel":"SMS","priority":"BULK","type":"OPTOUT"}]}`},
			[]string{"1: 0", "2: 0", "3: 0 E1101", "4: 0 E9707", "5: 0 E8069", "6: 0 E8015"}, nil,
			func(w *world) string {
				log := w.want(200, nil, "GET", "/v2/customers/1001/subscriptionStatusChangeLog", "").body + w.want(200, nil, "GET", "/v2/customers/1003/subscriptionStatusChangeLog", "").body
				return fmt.Sprint(strings.Count(log, `TRANS`), strings.Count(log, `"asked"`))
			}, "0 0", "1 1",
			func(w *world) { w.register("INSTORE", "mobile:9845000100") }, "6: 0",
		},
		"COUPON-ISSUE": {
			[]string{`{"seriesId":2,"customer":{"mobile":919845000001}}`, `{"seriesId":"x","customer":{"id":1001}}`, `{"seriesId":99,"customer":{"id":1001}}`, `{"seriesId":5,"customer":{"id":1003}}`,
				`{"seriesId":3,"customer":{"id":1001}}`, `{"customer":{"id":1001}}`, `{"seriesId":2,"customer":{"mobile":"9845000100"}}`},
			[]string{"1: 11", "2: 0 E400", "3: 0 E707", "4: 0 E722", "5: 0 E712", "6: 0 E746", "7: 0 E701"}, nil,
			func(w *world) string {
				return fmt.Sprint(w.want(200, nil, "GET", "/v2/coupon/series?ids=2", "").get(w.t, "entity").([]any)[0].(map[string]any)["numIssued"])
			}, "1", "2",
			func(w *world) { w.register("INSTORE", "mobile:9845000100") }, "7: 12",
		},
		"PointsRedemption": {
			[]string{`{"points":20,"identifier":{"type":"mobile","value":"919845000001"},"externalReferenceNumber":"R-1"}`,
				`{"points":30,"identifier":{"type":"mobile","value":"919845000001"},"externalReferenceNumber":"R-1"}`,
				`{"points":"25","identifier":{"type":"id","value":1001}}`, `{"points":-1,"identifier":{"type":"id","value":1001}}`, `{"points":5000,"identifier":{"type":"id","value":1001}}`,
				`{"points":20,"identifier":{"type":"id","value":1006}}`, `{"points":20}`, `{"points":20,"identifier":{"type":"mobile","value":"9845000100"}}`},
			[]string{"1: 1001", "2: 0 E9841", "3: 1001", "4: 0 E801", "5: 0 E803", "6: 0 E8069", "7: 0 E802", "8: 0 E8015"},
			[]string{"1: 1001", "2: 1001", "3: 1001", "4: 0 E801", "5: 0 E803", "6: 0 E8069", "7: 0 E802", "8: 0 E8015"},
			func(w *world) string { return fmt.Sprint(w.balance(1001)) }, "905", "860",
			func(w *world) {
				w.register("INSTORE", "mobile:9845000100")
				w.want(200, nil, "POST", "/v2/points/adjust", `{"points":100,"reason":"x","identifier":{"type":"mobile","value":"9845000100"}}`)
			}, "8: 1007",
		},
	} {
		t.Run(profile, func(t *testing.T) {
			t.Parallel()
			w := working(t)
			file := strings.Join(c.rows, "\n")
			dry := w.job(`{"profile":"`+profile+`","source":"INSTORE","dryRun":true}`, "application/x-ndjson", file)
			w.ended(dry)
			if c.dry == nil {
				c.dry = c.want
			}
			same(t, "dry run", w.outcomes(dry), c.dry...)
			if got := c.effect(w); got != c.before {
				t.Errorf("after a dry run: %s, want %s", got, c.before)
			}
			id := w.job(`{"profile":"`+profile+`","source":"INSTORE"}`, "application/x-ndjson", file)
			w.ended(id)
			same(t, "rows", w.outcomes(id), c.want...)
			if got := c.effect(w); got != c.after {
				t.Errorf("after the job: %s, want %s", got, c.after)
			}
			c.mend(w)
			w.want(200, nil, "POST", fmt.Sprintf("/v2/dataIngestion/jobs/%d/retryFailed", id), "")
			w.ended(id)
			got := w.outcomes(id)
			if got[len(got)-1] != c.retried {
				t.Errorf("retried: %q, want %s", got, c.retried)
			}
			if got := c.effect(w); profile != "COUPON-ISSUE" && got != c.after || profile == "COUPON-ISSUE" && got != "3" {
				t.Errorf("after the retry: %s", got)
			}
		})
	}
}

// Cells of a CSV file reach the places of the single call.
func TestCSVJobsOfSingleCalls(t *testing.T) {
	t.Parallel()
	w := working(t)
	for profile, c := range map[string]struct{ csv, file, want string }{
		"SUBSCRIPTION":      {`{"columns":{"identifierValue":0,"subscriptions[0].type":1},"constants":{"identifierName":"mobile","subscriptions[0].channel":"SMS","subscriptions[0].priority":"BULK"}}`, "number,what\n919845000001,OPTOUT\n919845000003,MAYBE\n", "1: 0 2: 0 E1106"},
		"COUPON_ISSUE":      {`{"hasHeader":false,"columns":{"customer.mobile":0},"constants":{"seriesId":"2"}}`, "919845000001\n1\n", "1: 11 2: 0 E701"},
		"POINTS_REDEMPTION": {`{}`, "points,identifier.type,identifier.value\n20,mobile,919845000001\nmany,mobile,919845000001\n", "1: 1001 2: 0 E801"},
	} {
		id := w.job(`{"profile":"`+profile+`","source":"INSTORE","format":"CSV","csv":`+c.csv+`}`, "text/csv", c.file)
		w.ended(id)
		if got := strings.Join(w.outcomes(id), " "); got != c.want {
			t.Errorf("%s: %s, want %s", profile, got, c.want)
		}
	}
}
