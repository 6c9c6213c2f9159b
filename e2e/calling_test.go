package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"

	"github.com/arteriole/arteriole/handlers"
)

// try opens the form of an operation.
func (tb *tab) try(operation string) {
	tb.t.Helper()
	tb.press(fmt.Sprintf("[data-operation=%s] button.try", operation))
	tb.until(fmt.Sprintf(`document.querySelector("[data-operation=%s].trying .send .go")`, operation))
}

// set fills in a field of the open form.
func (tb *tab) set(path, value string) {
	tb.t.Helper()
	tb.js(`(p, v) => { const e = document.querySelector(".trying li[data-path='" + p + "'] :is(input, select, textarea)")
		e.value = v
		e.dispatchEvent(new Event(e.matches("select") ? "change" : "input", {bubbles: true}))
		return "" }`, path, value)
}

func (tb *tab) send() {
	tb.t.Helper()
	tb.js(`() => { document.querySelector("#answer")?.remove(); return "" }`)
	tb.press(".trying .send .go")
	tb.js(`() => { document.querySelector(".trying .send .go.destroys")?.click(); return "" }`) // it asks before it deletes
	tb.until(`document.querySelector(".trying #answer .res")`)
}

const (
	status  = `() => document.querySelector(".trying #answer .res .st").textContent.slice(0, 3)`
	printed = `() => document.querySelector(".trying #answer pre")?.textContent ?? ""`
	sample  = `() => [...document.querySelectorAll(".trying .slip pre[data-lang]")].find(e => e.offsetParent).textContent`
)

func TestRegisterLive(t *testing.T) {
	p := newWorld(t).at(t, "/", look{})
	p.try("registerCustomer")
	p.set("body.profiles", `[{"firstName": "Mei", "identifiers": [{"type": "email", "value": "mei.o'hara@example.org"}]}]`)
	p.press("#l-shell")
	p.until(`(` + sample + `)().includes("mei.o'hara@example.org")`)
	p.send()
	p.want(status, "200")
	if got := p.js(printed); !contains(got, `"createdId": 1007`) {
		t.Errorf("the answer is %s", got)
	}
	p.until(`document.querySelector(".trying .hd summary").textContent.includes("headers")`)
	// Once more: refused, with the code as a link to its entry.
	p.send()
	p.want(status, "409")
	p.want(`() => document.querySelector(".trying #answer pre a").getAttribute("href")`, "#code-customers-8006")
	// The log has both, and sends one again.
	p.want(`() => [...document.querySelectorAll(".trying .log tbody .st")].map(e => e.textContent).join(" ")`, "409 200")
	p.js(`() => { document.querySelector("#answer").remove(); return "" }`)
	p.press(".trying .log button")
	p.until(`document.querySelectorAll(".trying .log tbody tr").length === 3`)
	p.press(".trying .tryit .cap .btn") // Clear
	p.until(`document.querySelectorAll(".trying .log tbody tr").length === 0`)
	// Closing gives the page back.
	p.press("[data-operation=registerCustomer] button.try")
	p.until(`!document.querySelector(".trying, .ask, .jsn, .send, .formtop")`)
	p.until(`document.activeElement.matches("button.try")`)
}

// By keyboard alone: to the operation, into the form, through its fields, to Send.
func TestRegisterByKeyboard(t *testing.T) {
	p := newWorld(t).at(t, "/#get-a-specific-kitten", look{})
	p.js(`() => { document.querySelector("[data-operation=getKitten] button.try").focus(); return "" }`)
	p.keys(input.Enter)
	p.until(`document.activeElement.closest("li[data-path='path.id']")`)
	p.control('a')
	p.MustInsertText("2")
	for range 12 {
		if p.js(`() => document.activeElement.textContent`) == "Send" {
			break
		}
		p.keys(input.Tab)
	}
	p.want(`() => document.activeElement.textContent`, "Send")
	p.keys(input.Enter)
	p.until(`document.querySelector(".trying #answer .res")`)
	p.want(status, "200")
}

// What is wrong is marked while one types, with its line, and may be sent all the same.
func TestValidation(t *testing.T) {
	p := newWorld(t).at(t, "/", look{})
	p.try("registerCustomer")
	p.set("body.profiles", "[\n  {\n    \"identifiers\": [\n      {\"type\": \"e-mail\", \"value\": 7.5}\n    ]\n  }\n]")
	p.until(`document.querySelector(".trying li .jsn textarea[aria-invalid]")`)
	p.want(`() => document.querySelector(".trying li .jsn .err").textContent`, "Line 4, value: it must be text or a whole number.")
	p.want(`() => document.querySelector(".trying li .jsn .ln.bad").textContent.trim()`, `{"type": "e-mail", "value": 7.5}`)
	p.set("body.profiles", `[{"identifiers": [{"type": "emial", "value": "x"}]}]`)
	p.until(`document.querySelector(".trying li .jsn .err").textContent.includes("Did you mean email?")`)
	for text, says := range map[string]string{
		`[{“a”: 1}]`:  "“ is no quotation mark of JSON",
		`[{"a": 1,}]`: "the comma before it is one too many",
		`[{"a" 1}]`:   "a colon is missing",
		`[1`:          "it ends before ]",
		`[{},{}]`:     "2 entries are too many; 1 may stand there",
	} {
		p.set("body.profiles", text)
		if got := p.js(`() => document.querySelector(".trying li .jsn .err").textContent`); !contains(got, says) {
			t.Errorf("%s: %s", text, got)
		}
	}
	p.until(`document.querySelector(".trying .send p[role=status]").textContent.includes("the response will be 400")`)
	p.send()
	p.want(status, "400")
}

func TestReproduce(t *testing.T) {
	p := newWorld(t).at(t, "/", look{})
	for _, tt := range []struct{ code, status string }{
		{"code-customers-8015", "404"}, {"code-customers-8003", "400"}, {"code-kittens-418", "418"}, {"code-customers-8055", "200"},
	} {
		p.press("#" + tt.code + " .reproduce")
		p.until(`document.querySelector(".trying .send .go") === document.activeElement`)
		p.send()
		p.want(status, tt.status)
		if number := tt.code[strings.LastIndex(tt.code, "-")+1:]; !contains(p.js(printed), `"code": `+number) {
			t.Errorf("%s gives %s", tt.code, p.js(printed))
		}
		p.press(".trying button.try")
		p.until(`!document.querySelector(".trying")`)
	}
	// Steps are made when told to, not before.
	steps := p.js(`() => [...document.querySelectorAll("tr button.reproduce")].map(b => b.closest("tr").id + " " + b.dataset.operation + "/" + b.dataset.example).join("\n")`)
	if !contains(steps, "code-customers-8015") {
		t.Fatalf("the codes that can be reproduced: %s", steps)
	}
}

// Every code that can be reproduced gives that code on a fresh demo organization, unless the
// organization must be set up otherwise for it. The page stays; the server behind it is
// another one where a call may have changed what the last held.
func TestReproduceEach(t *testing.T) {
	if testing.Short() {
		t.Skip("a server for each code")
	}
	var behind atomic.Pointer[handlers.Server]
	behind.Store(newServer(t))
	w := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { behind.Load().ServeHTTP(w, r) }))
	p := w.at(t, "/", look{})
	var list [][3]string
	if err := json.Unmarshal([]byte(p.js(`() => JSON.stringify([...document.querySelectorAll("tr button.reproduce")].map(b => [b.closest("tr").id, b.dataset.operation,
		document.querySelector("[data-operation=" + b.dataset.operation + "] .mth").textContent]))`)), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) < 40 {
		t.Errorf("only %d codes can be reproduced", len(list))
	}
	used, whole := false, t
	for _, code := range list {
		id, operation, method := code[0], code[1], code[2]
		t.Run(id, func(t *testing.T) {
			p := p.within(t)
			if used {
				behind.Store(newServer(whole))
			}
			used = method != "GET"
			p.press("#" + id + " .reproduce")
			p.until(fmt.Sprintf(`document.activeElement === document.querySelector("[data-operation=%s].trying .send .go")`, operation))
			defer func() {
				p.press(".trying button.try")
				p.until(`!document.querySelector(".trying")`)
			}()
			if contains(p.js(`() => document.querySelector(".fnote:not([hidden])")?.textContent ?? ""`), "in an organization with") {
				t.Skip("the organization must be set up for it")
			}
			if p.MustHas(".fnote:not([hidden]) button") {
				used = true
				p.press(".fnote button")
				p.until(`document.querySelector(".fnote").textContent.includes("Done")`)
			}
			p.send()
			number := id[strings.LastIndex(id, "-")+1:]
			if got := p.js(printed); !contains(got, `"code": `+number) {
				t.Errorf("it gives %s %s", p.js(status), got)
			}
		})
	}
}

// The page of one operation has the same form, and finds what it needs a folder up.
func TestOwnPage(t *testing.T) {
	p := newWorld(t).at(t, "/operations/getKitten.html", look{})
	p.try("getKitten")
	p.send()
	p.want(status, "200")
	p.press("#l-python")
	p.until(`(` + sample + `)().startsWith("import requests")`)
	p.search("register")
	p.until(`document.querySelector(".find [aria-selected=true]")`)
	p.keys(input.Enter)
	p.until(`location.pathname === "/" && location.hash === "#register-customer"`)
}

func (tb *tab) credentials(till, password string, forever bool) {
	tb.t.Helper()
	tb.press("#credentials")
	tb.until(`document.querySelector("dialog.creds[open]")`)
	tb.js(`(till, password, keep) => {
		const [t, p] = document.querySelectorAll(".creds .inp")
		t.value = till; p.value = password
		document.querySelector(".creds .keep input").checked = keep
		document.querySelector(".creds button.btn.go:not([type])").click()
		return "" }`, till, password, forever)
	tb.until(`!document.querySelector("dialog[open]")`)
}

func TestCredentials(t *testing.T) {
	w := newWorld(t, func(c *handlers.Config) { c.ShowDemo = false })
	b, err := chromium()
	if err != nil {
		t.Fatal(err)
	}
	if b == nil {
		missing(t, "Chromium")
	}
	own, err := b.Incognito()
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	p := w.in(t, own, "/?shell", look{})
	mine := base64Of("store.till1:" + md5Hex("123"))
	p.try("getKitten")
	p.until(`document.querySelector(".trying .send p[role=status]").textContent.includes("Without credentials the response will be 401")`)
	p.send()
	p.want(status, "401")
	p.press(".trying button.try")

	p.credentials("store.till1", "123", false)
	p.want(`() => document.querySelector("#credentials .lbl").textContent`, "store.till1")
	samples := func(p *tab, whose string) {
		t.Helper()
		p.whole("registerCustomer")
		p.want(`() => document.querySelector("[data-operation=registerCustomer] pre[data-lang=shell]").textContent.includes(`+quoted(mine)+`) ? "mine" : "theirs"`, whose)
	}
	samples(p, "mine")
	p.want(`() => JSON.stringify([...Object.values(localStorage), ...Object.values(sessionStorage)]).includes("\"123\"") + ""`, "false")
	p.MustReload().MustWaitLoad() // kept in the tab
	samples(p, "mine")
	p.try("fetchCustomerDetails")
	p.send()
	p.want(status, "200")

	other := w.in(t, own, "/?shell", look{}) // not in another
	samples(other, "theirs")
	p.credentials("store.till1", "", true) // kept in the browser when asked
	third := w.in(t, own, "/?shell", look{})
	samples(third, "mine")
	third.press("#credentials")
	third.until(`document.querySelector("dialog.creds[open]")`)
	third.js(`() => { [...document.querySelectorAll(".creds .acts button")].find(b => b.textContent === "Forget them").click(); return "" }`)
	third.want(`() => JSON.stringify(Object.entries(localStorage)).includes("credentials") + ""`, "false")
}

func TestSandbox(t *testing.T) {
	limits := handlers.SandboxLimits()
	w := newWorld(t, func(c *handlers.Config) {
		c.ShowDemo, c.Sandbox = false, &limits
	})
	p := w.at(t, "/", look{})
	p.press("#credentials")
	p.until(`document.querySelector("dialog.creds[open] .own .btn")`)
	p.press(".creds .own .btn")
	p.until(`document.querySelector("#credentials .lbl").textContent.includes("·")`)
	p.keys(input.Escape)
	p.until(`!document.querySelector("dialog[open]")`)
	p.try("fetchCustomerDetails")
	p.send()
	p.want(status, "200")
	p.MustReload().MustWaitLoad()
	p.until(`document.querySelector("#credentials .lbl").textContent.includes("·")`)
	p.try("getAllKittens")
	p.send()
	p.want(status, "200")
	p.press(".trying button.try")
	p.until(`document.querySelectorAll(".trying").length < 2`)
	// It can be thrown away at once, and is gone then.
	held := p.js(`() => sessionStorage.getItem("credentials")`)
	p.press("#credentials")
	p.until(`document.querySelector("dialog.creds[open] .own .btn:nth-of-type(2)")?.checkVisibility()`)
	p.press(".creds .own .btn:nth-of-type(2)")
	p.until(`document.querySelector(".creds [role=status]").textContent.startsWith("It is thrown away")`)
	p.want(`() => sessionStorage.getItem("credentials") ?? ""`, "")
	p.js(`kept => { sessionStorage.setItem("credentials", kept); return "" }`, held)
	p.MustReload().MustWaitLoad()
	p.try("fetchCustomerDetails")
	p.send()
	p.want(status, "401")
}

// A call that takes its time can be given up; one that deletes is asked about first.
func TestAbortAndDelete(t *testing.T) {
	p := newWorld(t).at(t, "/", look{})
	asked := 0
	router := p.HijackRequests()
	router.MustAdd("*/v2/customers/*/erase", func(h *rod.Hijack) {
		asked++
		h.Response.SetBody("{}")
	})
	router.MustAdd("*/api/kittens*", func(h *rod.Hijack) {
		time.Sleep(3 * time.Second)
		h.Response.SetBody("[]")
	})
	go router.Run()
	defer router.MustStop()
	p.try("getAllKittens")
	p.press(".trying .send .go")
	p.until(`!document.querySelectorAll(".trying .send .btn")[1].disabled`)
	p.js(`() => { document.querySelectorAll(".trying .send .btn")[1].click(); return "" }`)
	p.until(`document.querySelector(".trying #answer .res .st").textContent.startsWith("Aborted")`)
	p.press(".trying button.try")
	p.until(`!document.querySelector(".trying")`)

	p.try("eraseCustomer")
	p.press(".trying .send .go")
	p.want(`() => document.querySelector(".trying .send .go").textContent`, "Delete")
	if asked != 0 {
		t.Error("it was sent without asking")
	}
	p.js(`() => { document.querySelectorAll(".trying .send .btn")[1].click(); return "" }`)
	p.want(`() => document.querySelector(".trying .send .go").textContent`, "Send")
	// A key that is held down does not confirm, and another customer is asked about anew.
	enter := `repeat => { document.querySelector(".trying .ask input").dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", repeat, bubbles: true })); return "" }`
	p.js(enter, false)
	p.js(enter, true)
	p.want(`() => document.querySelector(".trying .send .go").textContent`, "Delete")
	p.js(`() => { const i = document.querySelector(".trying .ask input"); i.value = "1002"; i.dispatchEvent(new Event("input", { bubbles: true })); return "" }`)
	p.want(`() => document.querySelector(".trying .send .go").textContent`, "Send")
	if asked != 0 {
		t.Error("it was sent without asking")
	}
	p.press(".trying .send .go")
	p.want(`() => document.querySelector(".trying .send .go").textContent`, "Delete")
	p.press(".trying .send .go")
	p.until(`document.querySelector(".trying #answer .res .st").textContent.startsWith("200")`)
	p.js(`() => { document.querySelector(".log tbody button").click(); return "" }`)
	p.want(`() => document.querySelector(".log tbody button").textContent`, "Delete again?")
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

// The headers that many operations take stand behind the body, out of the way until an
// example has one of them.
func TestMoreHeaders(t *testing.T) {
	p := newWorld(t).at(t, "/", look{})
	p.try("registerCustomer")
	p.want(`() => { const s = document.querySelector(".trying"), d = s.querySelector(".hds")
		const after = (a, b) => !!(a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING)
		return [d.open, after(s.querySelector("li[data-path='body.associatedWith']"), d), after(d, s.querySelector(".send")), d.contains(s.querySelector(".send, .formtop")),
			[...d.querySelectorAll(".fn")].map(e => e.textContent).join(" ")].join() }`,
		"false,true,true,false,Idempotency-Key X-CAP-API-ATTRIBUTION-LOOKUP-TYPE X-CAP-API-ATTRIBUTION-LOOKUP X-CAP-API-ATTRIBUTION-ENTITY-TYPE X-CAP-API-ATTRIBUTION-ENTITY-CODE")
	p.js(`() => { const s = document.querySelector(".from select"); s.value = [...s.options].find(o => o.text.includes("for the till known as")).value; s.dispatchEvent(new Event("change")); return "" }`)
	p.want(`() => String(document.querySelector(".trying .hds").open)`, "true")
	p.send()
	p.want(status, "200")
	// A link to one of them opens the group.
	p.MustNavigate("about:blank")
	p.MustNavigate(p.w.url + "/#update-customer-details-header-Idempotency-Key")
	p.until(`document.querySelector(":target")?.checkVisibility({contentVisibilityAuto: true})`)
}
