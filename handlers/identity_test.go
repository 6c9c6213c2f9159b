package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/arteriole/arteriole/db"
)

// outcome is what a call about one customer gave: status, codes, and the id.
type outcome struct {
	status int
	codes  []int
	id     int64
}

func (o outcome) String() string { return fmt.Sprint(o.status, " ", o.codes, " ", o.id) }

// ids writes "mobile:9845 email:a@b" as JSON.
func ids(s string) string {
	list := []map[string]string{}
	for _, f := range strings.Fields(s) {
		t, v, _ := strings.Cut(f, ":")
		list = append(list, map[string]string{"type": t, "value": v})
	}
	b, _ := json.Marshal(list)
	return string(b)
}

// in writes "WECHAT/22232" as query parameters.
func in(place string) string {
	source, account, _ := strings.Cut(place, "/")
	if account == "" {
		return "source=" + source
	}
	return "source=" + source + "&accountId=" + account
}

func (a answer) outcome(key string) outcome {
	o := outcome{status: a.status, codes: a.codes()}
	var m map[string]any
	json.Unmarshal([]byte(a.body), &m)
	if n, ok := m[key].(float64); ok {
		o.id = int64(n)
	}
	return o
}

func (w *world) register(place, identifiers string) outcome {
	w.t.Helper()
	return w.call("POST", "/v2/customers?"+in(place), `{"profiles":[{"firstName":"X","identifiers":`+ids(identifiers)+`}]}`).outcome("createdId")
}

func (w *world) change(id int64, place, add, remove string) outcome {
	w.t.Helper()
	return w.call("POST", fmt.Sprintf("/v2/customers/%d/changeIdentifier?%s", id, in(place)), `{"add":`+ids(add)+`,"remove":`+ids(remove)+`}`).outcome("createdId")
}

func (w *world) update(id int64, place, body string) outcome {
	w.t.Helper()
	return w.call("PUT", fmt.Sprintf("/v2/customers/%d?%s", id, in(place)), body).outcome("createdId")
}

func (w *world) lookup(place, identifier string) outcome {
	w.t.Helper()
	t, v, _ := strings.Cut(identifier, ":")
	q := "identifierName=" + t + "&identifierValue=" + url.QueryEscape(v)
	if place != "" {
		q += "&" + in(place)
	}
	return w.call("GET", "/v2/customers/lookup?"+q, "").outcome("entity")
}

func (w *world) details(id int64, place string) outcome {
	w.t.Helper()
	q := ""
	if place != "" {
		q = "?" + in(place)
	}
	return w.call("GET", fmt.Sprintf("/v2/customers/%d%s", id, q), "").outcome("id")
}

// profiles of a customer, as "SOURCE/account first: type:value …".
func (w *world) profiles(id int64) (ps []string) {
	w.t.Helper()
	a := w.call("GET", fmt.Sprintf("/v2/customers/%d", id), "")
	var c struct {
		Profiles []struct {
			Source, AccountID, FirstName string
			UserID                       int64
			Identifiers                  []struct{ Type, Value string }
			ConflictingProfileList       []int64
		}
	}
	if err := json.Unmarshal([]byte(a.body), &c); err != nil {
		w.t.Fatal(err)
	}
	for _, p := range c.Profiles {
		s := p.Source
		if p.AccountID != "" {
			s += "/" + p.AccountID
		}
		for _, id := range p.Identifiers {
			s += " " + id.Type + ":" + id.Value
		}
		if len(p.ConflictingProfileList) > 0 {
			s += fmt.Sprint(" !", p.ConflictingProfileList)
		}
		ps = append(ps, s)
	}
	return ps
}

func (w *world) is(what string, got, want outcome) {
	w.t.Helper()
	if got.String() != want.String() {
		w.t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func (w *world) has(id int64, want ...string) {
	w.t.Helper()
	if got := w.profiles(id); !slices.Equal(got, want) {
		w.t.Errorf("customer %d has\n%s\nwant\n%s", id, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func ok(id int64, codes ...int) outcome { return outcome{200, codes, id} }
func no(status, code int) outcome       { return outcome{status, []int{code}, 0} }
func on(t *testing.T, f func(*world), n string) {
	t.Run(n, func(t *testing.T) { t.Parallel(); f(newWorld(t)) })
}

// The decision table of Register Customer in openapi.yaml, row by row. The demo gives 1007 next.
func TestRegisterTable(t *testing.T) {
	on(t, func(w *world) {
		w.is("nobody has it", w.register("INSTORE", "mobile:9000000001"), ok(1007))
		w.has(1007, "INSTORE mobile:919000000001")
	}, "new")
	on(t, func(w *world) {
		w.is("in the same source", w.register("INSTORE", "mobile:919845000001"), no(409, 8006))
		w.is("with a free one beside it", w.register("INSTORE", "mobile:9000000001 email:asha.rao@example.org"), no(409, 8006))
		w.is("nothing was written", w.lookup("", "mobile:9000000001"), no(404, 8015))
		w.is("and no id was used up", w.register("INSTORE", "mobile:9000000001"), ok(1007))
	}, "same source")
	on(t, func(w *world) {
		w.is("one other, free here", w.register("ECOMMERCE", "mobile:919845000001 email:asha@example.com"), ok(1001, 8050))
		w.has(1001, "INSTORE mobile:919845000001 email:asha.rao@example.org", "ECOMMERCE mobile:919845000001 email:asha@example.com")
		w.is("found by the new one", w.lookup("ECOMMERCE", "email:asha@example.com"), ok(1001))
		w.is("again", w.register("ECOMMERCE", "mobile:919845000001"), no(409, 8006))
	}, "combine")
	on(t, func(w *world) {
		w.is("one other with a profile here", w.register("INSTORE", "wechat:oMEERA22232 mobile:9000000001"), no(409, 8066))
		w.has(1003, "INSTORE mobile:919845000003 externalId:ARTE-0003", "WECHAT/22232 wechat:oMEERA22232", "FACEBOOK/1234 fbId:fb-1006 email:noor.khan@example.org")
		w.is("nothing was written", w.lookup("", "mobile:9000000001"), no(404, 8015))
	}, "cannot combine")
	on(t, func(w *world) {
		w.is("two others", w.register("WEBSITE", "mobile:919845000001 email:ravi.menon@example.org"), ok(1007, 8052))
		w.has(1007, "WEBSITE mobile:919845000001 email:ravi.menon@example.org ![1001 1002]")
		w.is("a lookup everywhere now finds several", w.lookup("", "mobile:919845000001"), ok(1001, 8074))
		w.is("one in its source", w.lookup("WEBSITE", "mobile:919845000001"), ok(1007))
		w.is("details by it, the same", w.call("GET", "/v2/customers/lookup/customerDetails?identifierName=mobile&identifierValue=919845000001", "").outcome("id"), ok(1001, 8074))
	}, "conflict")
	on(t, func(w *world) {
		w.is("first account", w.register("WECHAT/22232", "wechat:oX"), ok(1007))
		w.is("the same account", w.register("WECHAT/22232", "wechat:oX"), no(409, 8006))
		w.is("another account is another place", w.register("WECHAT/22233", "wechat:oX"), ok(1007, 8050))
		w.has(1007, "WECHAT/22232 wechat:oX", "WECHAT/22233 wechat:oX")
		w.is("an account is needed", w.register("WECHAT", "wechat:oY"), no(400, 8045))
		w.is("that exists", w.register("WECHAT/9", "wechat:oY"), no(400, 8127))
		w.is("where there are several only", w.register("INSTORE/9", "mobile:9000000001"), ok(1008))
		w.has(1008, "INSTORE mobile:919000000001")
	}, "two WeChat accounts")
	on(t, func(w *world) {
		w.is("an identifier that a victim brought", w.register("WEBSITE", "email:noor.khan@example.org"), ok(1003, 8050))
	}, "victim")
	on(t, func(w *world) {
		w.is("repeated in one request", w.register("INSTORE", "mobile:9000000001 mobile:+919000000001 mobile:00919000000001"), ok(1007))
		w.has(1007, "INSTORE mobile:919000000001")
	}, "collapsed")
}

// The decision table of changeIdentifier, row by row.
func TestChangeIdentifierTable(t *testing.T) {
	on(t, func(w *world) {
		w.is("mobile", w.change(1001, "INSTORE", "mobile:9845000001", ""), ok(1001, 8071, 8070))
		w.is("email", w.change(1001, "INSTORE", "email:ASHA.RAO@example.org", ""), ok(1001, 8072, 8070))
		w.is("external id", w.change(1003, "INSTORE", "externalId:ARTE-0003", ""), ok(1003, 8073, 8070))
		w.is("another type", w.change(1005, "MARTJACK", "martjackId:MJ-1005", ""), ok(1005, 8070))
		w.is("beside a free one", w.change(1001, "INSTORE", "mobile:9845000001 mobile:9000000001", ""), ok(1001, 8071))
		w.has(1001, "INSTORE mobile:919845000001 email:asha.rao@example.org mobile:919000000001")
	}, "already there")
	on(t, func(w *world) {
		w.is("taken in the same source", w.change(1001, "INSTORE", "mobile:919845000003", ""), no(409, 8007))
		w.is("wins over a conflict", w.change(1001, "INSTORE", "email:ravi.menon@example.org email:tomoko.sato@example.org mobile:919845000003", ""), no(409, 8007))
		w.has(1001, "INSTORE mobile:919845000001 email:asha.rao@example.org")
	}, "taken")
	on(t, func(w *world) {
		w.is("the one being edited becomes the victim", w.change(1001, "INSTORE", "email:ravi.menon@example.org", ""), ok(1002, 8051))
		w.has(1002, "ECOMMERCE email:ravi.menon@example.org", "INSTORE mobile:919845000001 email:asha.rao@example.org email:ravi.menon@example.org")
	}, "merge, one direction")
	on(t, func(w *world) {
		w.is("the other way round the other survives", w.change(1002, "ECOMMERCE", "mobile:919845000001", ""), ok(1001, 8051))
		w.has(1001, "INSTORE mobile:919845000001 email:asha.rao@example.org", "ECOMMERCE email:ravi.menon@example.org mobile:919845000001")
	}, "merge, other direction")
	on(t, func(w *world) {
		w.is("a free and a held one: merged, then added", w.change(1001, "INSTORE", "mobile:9000000001 email:ravi.menon@example.org", "email:asha.rao@example.org"), ok(1002, 8051))
		w.has(1002, "ECOMMERCE email:ravi.menon@example.org", "INSTORE mobile:919845000001 mobile:919000000001 email:ravi.menon@example.org")
	}, "merge and add")
	on(t, func(w *world) {
		w.is("the holder has a profile here", w.change(1001, "INSTORE", "wechat:oMEERA22232", ""), no(409, 8066))
		w.is("a source that both have elsewhere", w.register("ECOMMERCE", "mobile:919845000003"), ok(1003, 8050))
		w.is("shared on both sides", w.change(1002, "ECOMMERCE", "externalId:ARTE-0003", ""), no(409, 8066))
		w.is("1005 joins ECOMMERCE", w.register("ECOMMERCE", "email:tomoko.sato@example.org"), ok(1005, 8050))
		w.is("no merge through a third source either", w.change(1005, "MARTJACK", "externalId:ARTE-0003", ""), no(409, 8066))
	}, "shared sources")
	on(t, func(w *world) {
		w.is("1001 joins one account", w.register("WECHAT/22233", "mobile:919845000001"), ok(1001, 8050))
		w.is("1005 joins the other", w.register("WECHAT/22232", "email:tomoko.sato@example.org"), ok(1005, 8050))
		w.is("accounts of one source do not hinder a merge", w.change(1005, "MARTJACK", "email:asha.rao@example.org", ""), ok(1001, 8051))
		w.has(1001, "INSTORE mobile:919845000001 email:asha.rao@example.org", "WECHAT/22233 mobile:919845000001",
			"MARTJACK email:tomoko.sato@example.org martjackId:MJ-1005 email:asha.rao@example.org", "WECHAT/22232 email:tomoko.sato@example.org")
	}, "two WeChat accounts")
	on(t, func(w *world) {
		w.is("two holders", w.change(1001, "INSTORE", "email:ravi.menon@example.org martjackId:MJ-1005", ""), no(409, 8053))
		w.is("a third customer with the address of the second", w.register("WEBSITE", "email:ravi.menon@example.org mobile:919845000003"), ok(1007, 8052))
		w.is("one identifier of two holders", w.change(1001, "INSTORE", "email:ravi.menon@example.org", ""), no(409, 8053))
		w.has(1001, "INSTORE mobile:919845000001 email:asha.rao@example.org")
	}, "conflict")
	on(t, func(w *world) {
		w.is("a second profile", w.register("ECOMMERCE", "mobile:919845000001"), ok(1001, 8050))
		w.is("one's own of another source is simply added", w.change(1001, "ECOMMERCE", "email:asha.rao@example.org", ""), ok(1001))
		w.has(1001, "INSTORE mobile:919845000001 email:asha.rao@example.org", "ECOMMERCE mobile:919845000001 email:asha.rao@example.org")
	}, "own")
	on(t, func(w *world) {
		w.is("no profile here", w.change(1001, "WEBSITE", "mobile:9000000001", ""), no(404, 8065))
		w.is("nobody", w.change(9999, "INSTORE", "mobile:9000000001", ""), no(404, 8009))
		w.is("a merged one", w.change(1006, "FACEBOOK/1234", "mobile:9000000001", ""), no(409, 8067))
	}, "who")
	on(t, func(w *world) {
		w.is("not there", w.change(1001, "INSTORE", "", "mobile:9000000001"), ok(1001, 8070))
		w.is("one of two", w.change(1001, "INSTORE", "", "mobile:919845000001"), ok(1001))
		w.is("it is free now", w.lookup("", "mobile:919845000001"), no(404, 8015))
		w.is("the last one", w.change(1001, "INSTORE", "", "email:asha.rao@example.org"), no(409, 91005))
		w.is("the last one, replaced", w.change(1001, "INSTORE", "mobile:9000000001", "email:asha.rao@example.org"), ok(1001))
		w.is("removed and added again", w.change(1001, "INSTORE", "mobile:9000000001", "mobile:9000000001"), ok(1001, 8070))
		w.has(1001, "INSTORE mobile:919000000001")
		w.is("others may have what was removed", w.register("INSTORE", "mobile:919845000001 email:asha.rao@example.org"), ok(1007))
	}, "remove")
	on(t, func(w *world) {
		set(w, "primary-identifier", "mobile")
		w.is("the primary one", w.change(1001, "INSTORE", "", "mobile:919845000001"), no(409, 91005))
		w.is("the primary one, replaced", w.change(1001, "INSTORE", "mobile:9000000001", "mobile:919845000001"), ok(1001))
		w.is("not the primary one", w.change(1001, "INSTORE", "", "email:asha.rao@example.org"), ok(1001))
		w.is("who never had one", w.change(1005, "MARTJACK", "", "martjackId:MJ-1005"), ok(1005))
	}, "primary")
	on(t, func(w *world) {
		w.is("invalid ones are left out", w.change(1001, "INSTORE", "mobile:12 email:nobody externalId:a,b mobile:9000000001", ""), ok(1001, 8056, 8055, 8064))
		w.is("nothing but invalid ones", w.change(1001, "INSTORE", "mobile:12", ""), ok(1001, 8070, 8056))
		w.is("an invalid one to remove", w.change(1001, "INSTORE", "", "mobile:12"), ok(1001, 8070))
	}, "invalid")
}

// A merge in all its consequences: the victim read and written, chains, and what the search finds.
func TestMergedCustomers(t *testing.T) {
	on(t, func(w *world) {
		w.is("merged", w.change(1001, "INSTORE", "email:ravi.menon@example.org", ""), ok(1002, 8051))
		w.is("read by id", w.details(1001, ""), ok(1002, 8069))
		w.is("read by id in a source", w.details(1001, "INSTORE"), ok(1002, 8069))
		w.is("read by id in a source that neither has", w.details(1001, "WEBSITE"), no(404, 8065))
		w.is("looked up by what the victim brought", w.lookup("", "mobile:919845000001"), ok(1002, 8069))
		w.is("looked up by what the survivor had", w.lookup("ECOMMERCE", "email:ravi.menon@example.org"), ok(1002))
		w.is("updated", w.update(1001, "INSTORE", `{"profiles":[{"firstName":"A"}]}`), no(409, 8069))
		w.is("changed", w.change(1001, "INSTORE", "mobile:9000000001", ""), no(409, 8067))
		w.is("updated by what the victim brought", w.call("PUT", "/v2/customers/lookup?source=INSTORE&identifierName=mobile&identifierValue=919845000001", `{"profiles":[{"firstName":"A"}]}`).outcome("createdId"), ok(1002, 8069))
		a := w.want(200, nil, "GET", "/v2/customers/search?q=9845000001", "")
		if !strings.Contains(a.body, `"userId":1002`) || strings.Contains(a.body, `"userId":1001`) {
			t.Errorf("the search finds %s", a.body)
		}
	}, "victim")
	on(t, func(w *world) {
		w.is("1001 into 1002", w.change(1001, "INSTORE", "email:ravi.menon@example.org", ""), ok(1002, 8051))
		w.is("1002 into 1005", w.change(1002, "ECOMMERCE", "martjackId:MJ-1005", ""), ok(1005, 8051))
		w.is("1005 into 1004", w.change(1005, "MARTJACK", "wechat:oTOMAS22233", ""), ok(1004, 8051))
		for _, victim := range []int64{1001, 1002, 1005} {
			w.is("each victim gives the last survivor", w.details(victim, ""), ok(1004, 8069))
			w.is("and is merged into that one", w.change(victim, "INSTORE", "mobile:9000000001", ""), no(409, 8067))
		}
		w.has(1004, "WECHAT/22233 wechat:oTOMAS22233 mobile:919845000004", "MARTJACK email:tomoko.sato@example.org martjackId:MJ-1005 wechat:oTOMAS22233",
			"ECOMMERCE email:ravi.menon@example.org martjackId:MJ-1005", "INSTORE mobile:919845000001 email:asha.rao@example.org email:ravi.menon@example.org")
		a := w.want(200, nil, "GET", "/v2/customers/1004", "")
		if !strings.Contains(a.body, `"loyaltyType":"loyalty"`) {
			t.Error("one of them was in the programme, so the survivor is")
		}
	}, "chain")
	on(t, func(w *world) {
		set(w, "merge-mode", "approve")
		w.is("it waits", w.change(1001, "INSTORE", "email:ravi.menon@example.org mobile:9000000001", ""), ok(1001, 9801))
		w.is("asked again it still waits", w.change(1001, "INSTORE", "email:ravi.menon@example.org", ""), ok(1001, 9801))
		w.has(1001, "INSTORE mobile:919845000001 email:asha.rao@example.org")
		w.is("nothing of it was done", w.lookup("", "mobile:9000000001"), no(404, 8015))
		w.is("what needs no merge is done", w.change(1001, "INSTORE", "mobile:9000000001", ""), ok(1001))
	}, "approve")
}

func TestUpdateCustomer(t *testing.T) {
	on(t, func(w *world) {
		w.is("names", w.update(1001, "INSTORE", `{"profiles":[{"firstName":" Aisha ","fields":{"Favorite Sport":"Cricket"}}]}`), ok(1001))
		a := w.want(200, nil, "GET", "/v2/customers/1001", "")
		for _, s := range []string{`"firstName":"Aisha"`, `"lastName":"Rao"`, `"Favorite Tea":"Assam"`, `"Favorite Sport":"Cricket"`} {
			if !strings.Contains(a.body, s) {
				t.Errorf("no %s in %s", s, a.body)
			}
		}
		for q, n := range map[string]float64{"aish": 1, "asha": 1, "rao": 1} { // asha.rao@… is still an address
			if got := w.want(200, nil, "GET", "/v2/customers/search?q="+q, "").get(t, "pagination").(map[string]any)["total"]; got != n {
				t.Errorf("search %s: %v", q, got)
			}
		}
	}, "only what is given changes")
	on(t, func(w *world) {
		w.is("a source that the customer lacks", w.update(1001, "WEBSITE", `{"profiles":[{"firstName":"A","identifiers":[{"type":"mobile","value":9845000001}]}]}`), ok(1001))
		w.has(1001, "INSTORE mobile:919845000001 email:asha.rao@example.org", "WEBSITE")
		w.is("no profile, no new source", w.update(1001, "ECOMMERCE", `{"loyaltyInfo":{"loyaltyType":"loyalty"}}`), ok(1001))
		w.has(1001, "INSTORE mobile:919845000001 email:asha.rao@example.org", "WEBSITE")
	}, "a new source")
	on(t, func(w *world) {
		w.is("another's identifier here", w.update(1001, "INSTORE", `{"profiles":[{"identifiers":[{"type":"mobile","value":"919845000003"}]}]}`), no(409, 8008))
		w.is("another's elsewhere is ignored", w.update(1001, "INSTORE", `{"profiles":[{"identifiers":[{"type":"email","value":"ravi.menon@example.org"}]}]}`), ok(1001))
		w.has(1001, "INSTORE mobile:919845000001 email:asha.rao@example.org")
	}, "identifiers are never changed")
	on(t, func(w *world) {
		w.is("into the programme", w.update(1004, "WECHAT/22233", `{"loyaltyInfo":{"loyaltyType":"LOYALTY"}}`), ok(1004))
		w.is("and out again", w.update(1004, "WECHAT/22233", `{"loyaltyInfo":{"loyaltyType":"non_loyalty"}}`), no(409, 8018))
	}, "loyalty")
	on(t, func(w *world) {
		w.is("POST is PUT", w.call("POST", "/v2/customers/1001?source=instore&account_Id=9", `{"profiles":[{"Firstname":"A","Lastname":"B"}]}`).outcome("createdId"), ok(1001))
		if a := w.want(200, nil, "GET", "/v2/customers/1001", ""); !strings.Contains(a.body, `"firstName":"A"`) {
			t.Error(a.body)
		}
	}, "aliases")
}

// The samples of section 8, rows 13 to 15 (of the third only what this contract has): numbers and strings in each other's place.
func TestLooseSamples(t *testing.T) {
	w := newWorld(t)
	body := `{"profiles":[{"firstName":"Tom","lastName":"Sawyer","identifiers":[{"type":"mobile","value":919111111111}],
		"commChannels":[{"type":"mobile","value":919111111111,"primary":"true","verified":"false","meta":{"residence":"True","office":"FALSE","lastViewedDate":""}}],
		"fields":{"employee":"true","age":42,"member":true}}]}`
	w.is("register", w.call("POST", "/v2/customers?source=INSTORE", body).outcome("createdId"), ok(1007))
	w.is("update", w.update(1007, "INSTORE", body), ok(1007))
	w.is("lookup by a number", w.lookup("", "mobile:919111111111"), ok(1007))
	a := w.want(200, nil, "GET", "/v2/customers/1007", "")
	for _, s := range []string{`{"type":"mobile","value":"919111111111"}`, `"primary":true`, `"verified":false`, `"employee":"true"`, `"age":"42"`, `"member":"true"`, `"residence":true`} {
		if !strings.Contains(a.body, s) {
			t.Errorf("no %s in %s", s, a.body)
		}
	}
	for _, bad := range []string{`9.5`, `9e10`, `true`, `null`, `[1]`, `{"a":1}`, `1E400`} {
		b := strings.ReplaceAll(body, `"value":919111111111}]`, `"value":`+bad+`}]`)
		if a := w.call("POST", "/v2/customers?source=INSTORE", b); a.status != 400 {
			t.Errorf("%s: %d %s", bad, a.status, a.body)
		}
	}
}

// The search: prefixes, no wildcards, order, pages, accounts.
func TestSearch(t *testing.T) {
	w := newWorld(t)
	find := func(q string) (ids []int64) {
		a := w.want(200, nil, "GET", "/v2/customers/search?"+q, "")
		var r struct {
			Pagination struct{ Total int }
			Data       []struct{ UserID int64 }
		}
		if err := json.Unmarshal([]byte(a.body), &r); err != nil {
			t.Fatal(err)
		}
		for _, d := range r.Data {
			ids = append(ids, d.UserID)
		}
		return ids
	}
	for _, c := range []struct {
		q    string
		want []int64
	}{
		{"q=tom", []int64{1004, 1005}},
		{"q=TOM", []int64{1004, 1005}},
		{"q=%20tom%20", []int64{1004, 1005}},
		{"q=%EF%BC%B4om", []int64{1004, 1005}}, // a full-width T
		{"q=tom&limit=1", []int64{1004}},
		{"q=tom&limit=1&offset=1", []int64{1005}},
		{"q=tom&offset=2", nil},
		{"q=9198", []int64{1001, 1003, 1004}},
		{"q=98450", []int64{1001, 1003, 1004}},
		{"q=%2B91%2098450-00", []int64{1001, 1003, 1004}},
		{"q=8450", nil}, // a prefix, not any part
		{"q=%25", nil},
		{"q=_", nil},
		{"q=9%25", nil},
		{"q=arte-", []int64{1003}},
		{"q=omeera", []int64{1003}},
		{"q=o&accountId=22233", []int64{1004}},
		{"q=o&account_id=22232", []int64{1003}},
		{"q=noor", []int64{1003}}, // a victim's profile, with the survivor
	} {
		if got := find(c.q); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.q, got, c.want)
		}
	}
	w.want(400, []int{400}, "GET", "/v2/customers/search", "")
	w.want(400, []int{400}, "GET", "/v2/customers/search?q=%20", "")
	w.want(400, []int{8100}, "GET", "/v2/customers/search?q=a&offset=-1", "")
	w.want(400, []int{8101}, "GET", "/v2/customers/search?q=a&limit=0", "")
	w.want(400, []int{8102}, "GET", "/v2/customers/search?q=a&limit=101", "")
	w.want(400, []int{8127}, "GET", "/v2/customers/search?q=a&accountId=9", "")
}

// A total is exact up to ten thousand, and says so beyond.
func TestSearchTotal(t *testing.T) {
	oneByOne(t)
	w := newWorld(t)
	fill := func(from, to int) {
		t.Helper()
		errs := make(chan error, to-from)
		for i := from; i < to; i++ {
			go func() {
				first := "Zzz"
				_, err := w.store.RegisterCustomer(context.Background(), db.Who{Org: 1, Till: 1}, "INSTORE", "",
					db.ProfileInput{FirstName: &first, Identifiers: []db.Identifier{{Type: "mobile", Value: fmt.Sprint(918000000000 + i)}}}, db.CustomerInput{})
				errs <- err
			}()
		}
		for range to - from {
			if err := <-errs; err != nil {
				t.Fatal(err)
			}
		}
	}
	total := func(a answer) any { return a.get(t, "pagination").(map[string]any)["total"] }
	for i := 0; i < 10_000; i += 2000 {
		fill(i, i+2000)
	}
	if n := total(w.want(200, nil, "GET", "/v2/customers/search?q=zzz", "")); n != 10_000.0 {
		t.Errorf("total %v", n)
	}
	fill(10_000, 10_001)
	if n := total(w.want(200, []int{9802}, "GET", "/v2/customers/search?q=zzz", "")); n != 10_000.0 {
		t.Errorf("total %v", n)
	}
	if a := w.want(200, []int{9802}, "GET", "/v2/customers/search?q=zzz&offset=9999", ""); strings.Count(a.body, `"userId"`) != 1 {
		t.Errorf("the last page has %s", a.body)
	}
	if a := w.want(200, []int{9802}, "GET", "/v2/customers/search?q=zzz&offset=10000", ""); strings.Count(a.body, `"userId"`) != 0 {
		t.Errorf("behind the last page: %s", a.body)
	}
}

// What an INSTORE customer may be written to follows their identifiers.
func TestChannelsFollowIdentifiers(t *testing.T) {
	w := newWorld(t)
	channels := func() string {
		a := w.want(200, nil, "GET", "/v2/customers/1001", "")
		var c struct {
			Profiles []struct {
				CommChannels []struct{ Type, Value string }
			}
		}
		if err := json.Unmarshal([]byte(a.body), &c); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(c.Profiles[0].CommChannels)
	}
	if got := channels(); got != "[{mobile 919845000001} {email asha.rao@example.org}]" {
		t.Error(got)
	}
	w.is("replaced", w.change(1001, "INSTORE", "mobile:9000000001", "mobile:919845000001"), ok(1001))
	if got := channels(); got != "[{email asha.rao@example.org} {mobile 919000000001}]" {
		t.Error(got)
	}
}

func set(w *world, key, value string) {
	w.t.Helper()
	if err := w.store.SetOrg(context.Background(), "demo", key, value); err != nil {
		w.t.Fatal(err)
	}
}
