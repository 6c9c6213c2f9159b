package e2e

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"
)

const chosen = `() => document.querySelector("input[name=lang]:checked").value`

func TestLanguage(t *testing.T) {
	p := newWorld(t).at(t, "/", look{})
	first := p.js(chosen)
	p.whole("registerCustomer")
	p.press("#l-ruby")
	p.want(`() => location.search`, "?ruby")
	p.until(`[...document.querySelectorAll("pre[data-lang=ruby]")].every(e => getComputedStyle(e).display === "block" || e.closest("details:not([open]), .tab"))`)
	p.js(`() => { document.querySelector("[data-operation=registerCustomer] pre[data-lang=ruby]").scrollIntoView({block: "center"}); return "" }`) // what is far is not painted
	p.until(`document.querySelector("[data-operation=registerCustomer] pre[data-lang=ruby] .s")`)
	p.MustReload().MustWaitLoad()
	p.want(chosen, "ruby")
	p.MustNavigate(p.w.url + "/").MustWaitLoad() // kept, without the address
	p.want(chosen, "ruby")
	p.MustNavigate(p.w.url + "/?go#register-customer").MustWaitLoad() // the address goes first
	p.want(chosen, "go")
	p.js(`() => new Promise(r => setTimeout(() => r(""), 1100))`) // steps that follow at once are one
	p.press("#l-php")
	p.want(`() => location.search + location.hash`, "?php#register-customer")
	p.MustNavigateBack()
	p.until(`location.search === "?go"`)
	p.until(`document.querySelector("input[name=lang]:checked").value === "go"`)
	p.MustNavigateForward()
	p.until(`document.querySelector("input[name=lang]:checked").value === "php"`)
	if first != "json" {
		t.Errorf("the first language is %s", first)
	}
}

func TestTheme(t *testing.T) {
	p := newWorld(t).at(t, "/", look{})
	ground := `() => getComputedStyle(document.body).backgroundColor`
	light := p.js(ground)
	p.press("#t-dark")
	dark := p.js(ground)
	if dark == light {
		t.Error("dark is as light")
	}
	p.MustReload().MustWaitLoad()
	p.want(ground, dark)
	p.press("#t-light")
	p.want(ground, light)
	if got := newWorld(t).at(t, "/", look{dark: true}).js(ground); got != dark {
		t.Errorf("a dark system has %s, want %s", got, dark)
	}
}

// whole waits until all of an operation is in its place.
func (tb *tab) whole(operation string) {
	tb.t.Helper()
	tb.js(`id => { document.querySelector("[data-operation=" + id + "]").scrollIntoView(); return "" }`, operation)
	tb.until(fmt.Sprintf(`!document.querySelector("[data-operation=%s]").matches("[data-brief]")`, operation))
}

// Every id that the page has can be linked to, and is in sight then.
func TestDeepLinks(t *testing.T) {
	w := newWorld(t)
	p := w.at(t, "/", look{})
	for _, id := range []string{"register-customer", "code-customers-8006", "codes-customers", "authentication"} {
		p.MustNavigate("about:blank")
		p.MustNavigate(w.url + "/#" + id).MustWaitLoad()
		p.until(fmt.Sprintf(`(r => r.top >= 0 && r.top < innerHeight)(document.getElementById(%s).getBoundingClientRect())`, quoted(id)))
	}
	p.want(`() => [...document.querySelectorAll('a[href^="#"]')].map(a => a.getAttribute("href")).filter(h => h !== "#" && !document.getElementById(decodeURIComponent(h.slice(1)))).join(" ")`, "")
	// What has yet to be put in place is found too, from outside and within the page.
	for _, id := range []string{"register-customer-query-source", "update-customer-identifiers-body-add", "fetch-customer-details-codes", "register-customer-example-combine"} {
		for _, from := range []string{"about:blank", w.url + "/"} {
			p.MustNavigate(from)
			p.MustNavigate(w.url + "/#" + id)
			p.until(fmt.Sprintf(`document.querySelector(":target")?.id === %s`, quoted(id)))
			p.until(fmt.Sprintf(`(r => r.bottom > 0 && r.top < innerHeight && r.height)(document.getElementById(%s).getBoundingClientRect())`, quoted(id)))
		}
	}
}

// settled waits until all that is near has been put in its place, and nothing has moved for a while.
func (tb *tab) settled() {
	tb.t.Helper()
	tb.until(`![...document.querySelectorAll("[data-brief]")].some(s => (r => r.bottom > -innerHeight && r.top < 2 * innerHeight)(s.getBoundingClientRect()))`)
	tb.js(`async () => { for (let last = -1, same = 0; same < 10; last = document.body.scrollHeight + scrollY) {
		await new Promise(r => setTimeout(r, 30))
		same = last === document.body.scrollHeight + scrollY ? same + 1 : 0
	} return "" }`)
}

// Where operations are linked to, from outside, in the list and by a way back, their headings stand at the top, also when what
// stands around them was put in its place after the reader had come.
func TestOperationsAreWhereTheirLinksLead(t *testing.T) {
	w := newWorld(t)
	for _, l := range []look{{width: 1440, height: 900}, {width: 1920, height: 1080}, {width: 390, height: 800}} {
		t.Run(fmt.Sprint(l.width), func(t *testing.T) {
			p := w.at(t, "/", l)
			ids := strings.Fields(p.js(`() => [...document.querySelectorAll("section[data-operation]")].map(s => s.id).join(" ")`))
			top := func(id string) {
				t.Helper()
				p.settled()
				y := p.js(`id => String(Math.round(document.getElementById(id).querySelector("h3").getBoundingClientRect().top))`, id)
				if n, err := strconv.Atoi(y); err != nil || n < 60 || n > 140 {
					t.Errorf("the heading of %s is at %s, want it below the bar", id, y)
				}
			}
			for i := 0; i < len(ids); i += 14 {
				p = p.within(t)
				p.MustNavigate("about:blank")
				p.MustNavigate(w.url + "/#" + ids[i])
				top(ids[i])
				next := ids[(i+5)%len(ids)]
				p.js(`id => { const a = document.querySelector("nav a[href='#" + id + "']"); a.dispatchEvent(new PointerEvent("pointerdown", {bubbles: true})); a.click(); return "" }`, next)
				top(next)
			}
			// Who scrolls on is let go.
			id := ids[40]
			p.MustNavigate("about:blank")
			p.MustNavigate(w.url + "/#" + id)
			p.until(`document.readyState === "complete"`)
			p.js(`() => { dispatchEvent(new WheelEvent("wheel")); scrollBy(0, 3000); return "" }`)
			p.settled()
			if y := p.js(`id => String(document.getElementById(id).getBoundingClientRect().top)`, id); !strings.HasPrefix(y, "-") {
				t.Errorf("scrolled on: %s is at %s", id, y)
			}
		})
	}
}

func TestKeyboard(t *testing.T) {
	p := newWorld(t).at(t, "/", look{})
	p.keys('j')
	p.until(`location.hash.length > 1`)
	first := p.js(`() => location.hash`)
	p.keys('j')
	p.until(`location.hash !== ` + quoted(first))
	p.keys('k')
	p.until(`location.hash === ` + quoted(first))
	// The list follows.
	p.until(`document.querySelector("#contents [aria-current=location]")?.hash === ` + quoted(first))
	// The way through the page by Tab: each stop is visible and has a name.
	p.MustNavigate(p.w.url + "/").MustWaitLoad()
	p.keys(input.Tab)
	p.want(`() => document.activeElement.className`, "skip")
	for range 40 {
		p.keys(input.Tab)
		if got := p.js(`() => { const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect()
			const ring = [e, e.parentElement].some(x => getComputedStyle(x).outlineStyle !== "none")
			return (r.width && r.height ? "" : "invisible ") + (ring ? "" : "no ring ") + ((e.ariaLabel || e.textContent || e.labels?.[0]?.textContent || "").trim() ? "" : "no name ") + "" || "" }`); got != "" {
			t.Errorf("%s: %s", p.js(`() => document.activeElement.outerHTML.slice(0, 200)`), got)
		}
	}
	// Languages by arrow keys.
	p.js(`() => { document.querySelector("#l-json").focus(); return "" }`)
	p.keys(input.ArrowRight)
	p.want(chosen, "shell")
}

func TestDrawer(t *testing.T) {
	p := newWorld(t).at(t, "/#register-customer", look{width: 390, height: 800})
	p.js(`() => new Promise(r => setTimeout(() => r(""), 200))`)
	before := p.number(`() => scrollY`)
	p.press("a.menu")
	p.until(`getComputedStyle(document.querySelector("#contents")).visibility === "visible"`)
	p.keys(input.Escape)
	p.until(`getComputedStyle(document.querySelector("#contents")).visibility === "hidden"`)
	if after := p.number(`() => scrollY`); after < before-5 || after > before+5 {
		t.Errorf("the place was %v and is %v", before, after)
	}
	p.press("a.menu")
	p.press("#contents li a[href='#update-customer-details']")
	p.until(`getComputedStyle(document.querySelector("#contents")).visibility === "hidden"`)
}

func TestCopy(t *testing.T) {
	w := newWorld(t)
	p := w.at(t, "/", look{})
	p.js(`() => { Object.defineProperty(navigator, "clipboard", {value: {writeText: s => (window.copied = s, Promise.resolve())}}); return "" }`)
	p.whole("registerCustomer")
	p.press("[data-operation=registerCustomer] .ep .copy")
	p.until(`window.copied === "/v2/customers"`)
	p.until(`[...document.querySelectorAll("[role=status]")].some(e => e.textContent === "Copied")`)
	p.press("#l-shell")
	p.press("[data-operation=registerCustomer] .slip .copy")
	p.until(`window.copied.startsWith("curl ")`)
}

func TestCodesFilter(t *testing.T) {
	p := newWorld(t).at(t, "/", look{})
	all := p.number(`() => document.querySelectorAll('tr[id^="code-"]').length`)
	p.MustElement("#code-filter").MustInput("8006")
	p.until(`document.querySelector("#code-customers-8006").offsetParent && !document.querySelector("#code-customers-8015").offsetParent`)
	p.want(`() => document.querySelector("#code-count").textContent.replace(/^\d+/, "n")`, fmt.Sprintf("n of %v", all))
}

// md5, base64 and header of RFC 1321's cases and of the demo till.
func TestCalculator(t *testing.T) {
	w := newWorld(t)
	p := w.at(t, "/", look{})
	if !p.MustHas(".calc") {
		page := p.js(`() => [...document.querySelectorAll("a[href*=authentication]")].map(a => a.getAttribute("href")).find(h => h.includes(".html")) ?? ""`)
		if page == "" {
			t.Fatal("no calculator, and no guide to it")
		}
		p.MustNavigate(w.url + "/" + page).MustWaitLoad()
	}
	for password, sum := range map[string]string{
		"":                              "d41d8cd98f00b204e9800998ecf8427e",
		"abcdefghijklmnopqrstuvwxyz":    "c3fcd3d76192e4007dfb496cca67e13b",
		strings.Repeat("1234567890", 8): "57edf4a22be3c955ac49da2e2107b67a",
		"pässwörd 日本":                   "46df5d1d3f5ec4c2fda7d6f3c4d08a1b",
		"server123":                     "8a16a6b70505eb1f1ff7cdc0cd5559a7",
	} {
		if password == "pässwörd 日本" {
			sum = md5Hex(password)
		}
		p.js(`s => { const set = (id, v) => { const e = document.querySelector(id); e.value = v; e.dispatchEvent(new InputEvent("input", {bubbles: true})) }; set("#cu", "store.server"); set("#cp", s); return "" }`, password)
		p.want(`() => document.querySelector("#c-md5").textContent`, sum)
		p.want(`() => document.querySelector("#c-head").textContent`, "Authorization: Basic "+base64Of("store.server:"+sum))
	}
}

func TestWithoutScript(t *testing.T) {
	p := newWorld(t).at(t, "/", look{noScript: true})
	// Scripts of the page are off; the test's own are not.
	for _, check := range []struct{ expression, want string }{
		{`() => String(document.querySelectorAll("section[data-operation] .path").length >= 10)`, "true"},
		{`() => [...document.querySelectorAll("section[data-operation]")].filter(s => [...s.querySelectorAll("[data-request] pre[data-lang], .slip pre[data-lang]")].filter(e => getComputedStyle(e).display !== "none" && e.closest(".slip") === s.querySelector(".slip")).length !== 1).map(s => s.id).join(" ")`, ""},
		{`() => [...document.querySelectorAll(".try, .copy, .reproduce, #search, #credentials")].filter(e => e.checkVisibility()).length + ""`, "0"},
		{`() => String(document.querySelectorAll('tr[id^="code-"]').length > 50)`, "true"},
		{`() => [...document.querySelectorAll("noscript p a")].filter(a => a.checkVisibility()).map(a => a.getAttribute("href")).join(" ")`, "reference.md"},
		{`() => [...document.querySelectorAll("section[data-operation]")].filter(s => !s.querySelector(".more a[href]").checkVisibility()).map(s => s.id).join(" ")`, ""},
	} {
		p.want(check.expression, check.want)
	}
	// The page that each links to has all of it, in one language at a time.
	// Not by its event of loading: a page that may run no script tells nobody.
	page := p.js(`() => document.querySelector("[data-operation=registerCustomer] .more a").href`)
	p.MustNavigate(page)
	p.until(fmt.Sprintf(`location.href === %s && document.readyState === "complete"`, quoted(page)))
	p.js(`() => { document.querySelector("#l-python").click(); return "" }`)
	p.want(`() => [...document.querySelectorAll("section[data-operation] .slip pre[data-lang]")].filter(e => getComputedStyle(e).display !== "none").every(e => e.dataset.lang === "python") + ""`, "true")
}
