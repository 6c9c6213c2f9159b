package e2e

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod/lib/proto"
)

// cut lists the texts of the page that one cannot read: they begin or end outside of the page, or
// of an element that hides what does not fit. What can be scrolled may be wider than its
// element, but not on paper. A text is named by the elements around it.
const cut = `paper => {
	const edge = document.documentElement.clientWidth, bad = new Map(), seen = new Map()
	const hides = e => { // what limits the texts in e: [left, right, name]
		if (seen.has(e)) return seen.get(e)
		const s = getComputedStyle(e), up = e.parentElement ? hides(e.parentElement) : null
		let own = up
		if (s.position === "fixed") own = null
		if (s.overflowX !== "visible" && e !== document.body && e !== document.documentElement) {
			const r = e.getBoundingClientRect(), scrolls = /auto|scroll/.test(s.overflowX)
			if (!paper && scrolls) own = r.left < -1 || r.right > edge + 1 ? [0, edge] : "scrolls"
			else own = [Math.max(r.left, own?.[0] ?? 0), Math.min(r.right, own?.[1] ?? edge)]
		}
		seen.set(e, own)
		return own
	}
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange()
	for (let n = walk.nextNode(); n; n = walk.nextNode()) {
		if (!n.data.trim()) continue
		const e = n.parentElement
		if (e.closest(".vh, .skip, .search .lbl, script, legend, textarea, option") || !e.checkVisibility({visibilityProperty: true})) continue
		const within = hides(e)
		if (within === "scrolls") continue
		const [left, right] = within ?? [0, edge]
		range.selectNodeContents(n)
		const r = range.getBoundingClientRect()
		if (r.width && (r.left < left - 1 || r.right > right + (getComputedStyle(e).whiteSpaceCollapse === "preserve" ? 9 : 1))) { // a blank at the end of a line hangs over
			let name = ""
			for (let x = e; x && x !== document.body && !name.startsWith("["); x = x.parentElement) name = (x.dataset.operation ? "[" + x.dataset.operation + "] " : x.localName + (x.className ? "." + x.className.split(" ").join(".") : "") + " ") + name
			if (!bad.has(name)) bad.set(name, name + JSON.stringify(n.data.trim().slice(0, 60)) + " from " + Math.round(r.left) + " to " + Math.round(r.right) + " within " + Math.round(left) + " and " + Math.round(right))
		}
	}
	return [...bad.values()].slice(0, 20).join("\n")
}`

// broken lists the names in tables that do not stand on one line. A cell of one value is not a name.
const broken = `() => {
	const bad = new Set(), range = document.createRange()
	for (const code of document.querySelectorAll(".tb code")) {
		if (code.matches("td:nth-child(2):last-child > :only-child")) continue
		const text = code.firstChild
		for (const name of text.data.matchAll(/[\w.]+/g)) {
			range.setStart(text, name.index)
			range.setEnd(text, name.index + name[0].length)
			if (new Set([...range.getClientRects()].map(r => Math.round(r.top))).size > 1) bad.add(name[0])
		}
	}
	return [...bad].join("\n")
}`

// everything puts all operations in their places, as printing and finding do. What is shown
// would be laid out a hundred times over.
func (tb *tab) everything() {
	tb.t.Helper()
	tb.js(`() => { document.querySelector("main").hidden = true; return "" }`)
	tb.control('f')
	tb.untilWithin(50*time.Second, `!document.querySelector("[data-brief]")`)
}

// Nothing of the whole reference is wider than a phone, with every field, answer, example
// and form open: one load, measured as a whole.
func TestFitsPhones(t *testing.T) {
	p := newWorld(t).at(t, "/", look{width: 390, height: 800})
	p.everything()
	p = p.within(t)
	p.js(`() => {
		const s = new CSSStyleSheet()
		s.replaceSync(".tab { display: block !important }")
		document.adoptedStyleSheets = [s]
		document.querySelectorAll("main details").forEach(d => d.open = true)
		document.querySelectorAll("[data-operation] button.try").forEach(b => b.click())
		return "" }`)
	p.untilWithin(50*time.Second, `document.querySelectorAll(".trying .send").length === document.querySelectorAll("section[data-operation]").length`)
	if n := p.number(`() => document.querySelectorAll("section.trying").length`); n < 100 {
		t.Errorf("only %v operations are open", n)
	}
	p.js(`() => { document.querySelector("main").hidden = false; return "" }`)
	for _, width := range []int{390, 320} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			p := p.within(t)
			p.MustSetViewport(width, 800, 1, false)
			p.until(fmt.Sprintf(`innerWidth === %d`, width))
			p.want(`() => document.documentElement.scrollWidth - document.documentElement.clientWidth + ""`, "0")
			p.want(`() => { // what stands in the bar stands apart
				const [left, right] = [".home", "#search"].map(s => document.querySelector(s).getBoundingClientRect())
				return String(right.left - left.right >= 6) }`, "true")
			if bad := p.js(cut, false); bad != "" {
				t.Errorf("cut at %d px:\n%s", width, bad)
			}
			p.want(broken, "")
		})
	}
	// The measure can fail.
	p = p.within(t)
	p.js(`() => { const e = document.querySelector("[data-operation] .ft"); e.style.cssText = "white-space: nowrap; width: 40px; overflow: hidden; display: block"; e.textContent = "a long word of a type"; return "" }`)
	if bad := p.js(cut, false); !strings.Contains(bad, "a long word of a type") {
		t.Errorf("what is cut is not found: %s", bad)
	}
}

func TestOurRulesAreNumberedOnce(t *testing.T) {
	p := newWorld(t).at(t, "/guides/our-rules.html", look{width: 390, height: 800})
	p.want(`() => getComputedStyle(document.querySelector(".rules > li")).listStyleType`, "none")
}

// What is not for paper: the frame of the page, and what is pressed or filled in.
const controls = `() => [...document.querySelectorAll("header, nav, button, select, textarea, input, .send, .formtop, .tryit .log")]
	.filter(e => !e.closest(".calc") && e.checkVisibility({visibilityProperty: true})).map(e => e.outerHTML.slice(0, 120)).join("\n")`

// Texts that are not dark enough for white paper, where backgrounds are not printed.
const pale = `() => {
	const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true}), seen = new Map(), bad = new Set()
	const contrast = color => {
		if (!seen.has(color)) {
			canvas.fillStyle = "#fff"
			canvas.fillRect(0, 0, 1, 1)
			canvas.fillStyle = color
			canvas.fillRect(0, 0, 1, 1)
			const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
			seen.set(color, 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05))
		}
		return seen.get(color)
	}
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
	for (let n = walk.nextNode(); n; n = walk.nextNode()) {
		const e = n.parentElement
		if (!n.data.trim() || !e.checkVisibility({visibilityProperty: true})) continue
		const s = getComputedStyle(e)
		if (s.printColorAdjust !== "exact" && contrast(s.color) < 4.5) bad.add(e.localName + "." + e.className + " " + s.color)
	}
	return [...bad].slice(0, 20).join("\n")
}`

// TestPrint prints pages of a reader who has the dark theme, and reads what stands on the paper.
func TestPrint(t *testing.T) {
	if _, err := exec.LookPath("pdftotext"); err != nil {
		missing(t, "pdftotext (Debian: poppler-utils)")
	}
	w := newWorld(t)
	for _, tt := range []struct {
		name, path string
		open       func(*tab)
	}{
		{"the first page", "/", func(p *tab) { p.whole("getKitten") }},
		{"an operation", "/operations/fetchCustomerDetails.html", func(*tab) {}},
		{"an operation with its form open", "/operations/registerCustomer.html", func(p *tab) {
			p.try("registerCustomer")
			p.send()
		}},
		{"an operation with files", "/operations/uploadIngestionFile.html", func(*tab) {}},
		{"a guide", "/guides/merging.html", func(*tab) {}},
		{"our rules", "/guides/our-rules.html", func(*tab) {}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := w.at(t, tt.path, look{dark: true})
			p.press("#t-dark")
			p.press("#l-ruby")
			tt.open(p)

			text := strings.Join(strings.Fields(p.printed()), "")
			var missing []string // by lines: what is positioned is drawn after the rest of a page
			for _, part := range strings.Split(p.js(`() => [...document.querySelectorAll("main :is(h1, h2, h3, h4, h5, .fn, .fd, .path, td, pre:not(.lg, .jsn *, .ex *), .own .ex pre, .lg[data-lang=ruby])")].map(e => [...e.childNodes].filter(n => !/^(ask|jsn|rep )/.test(n.className)).map(n => n.textContent).join("")).join("\n")`), "\n") {
				if part = strings.Join(strings.Fields(part), ""); !strings.Contains(text, part) {
					missing = append(missing, part)
				}
			}
			if len(missing) > 0 {
				t.Errorf("%d lines are not on the paper, the first: %.300s", len(missing), missing[0])
			}
			for _, other := range []string{"Tryit", "Skiptothetext", "Closetheform", "importrequests"} {
				if strings.Contains(text, other) {
					t.Errorf("on the paper stands %q", other)
				}
			}

			// The width between the margins of A4, in pixels of 1/96 inch.
			p.MustSetViewport(673, 1000, 1, false)
			if err := (proto.EmulationSetEmulatedMedia{Media: "print", Features: []*proto.EmulationMediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}).Call(p); err != nil {
				t.Fatal(err)
			}
			p.want(controls, "")
			p.want(pale, "")
			p.want(`() => getComputedStyle(document.body).backgroundColor`, "rgb(255, 255, 255)")
			if bad := p.js(cut, true); bad != "" {
				t.Errorf("cut on paper:\n%s", bad)
			}
			p.want(`() => [...document.querySelectorAll("section[data-operation]:not([data-brief]) .slip:has(.lg)")].filter(s => [...s.querySelectorAll(".lg")].filter(e => e.checkVisibility()).map(e => e.dataset.lang).join() !== "ruby").map(s => s.textContent).join("\n")`, "")
		})
	}
}

// printed is the text of the page on paper, A4.
func (tb *tab) printed() string {
	tb.t.Helper()
	width, height := 8.27, 11.69
	r, err := tb.PDF(&proto.PagePrintToPDF{PaperWidth: &width, PaperHeight: &height})
	if err != nil {
		tb.t.Fatal(err)
	}
	defer r.Close()
	pdf, err := io.ReadAll(r)
	if err != nil {
		tb.t.Fatal(err)
	}
	name := filepath.Join(tb.t.TempDir(), "page.pdf")
	if dir := os.Getenv("SHOTS"); dir != "" {
		name = filepath.Join(dir, strings.ReplaceAll(tb.t.Name(), "/", "-")+".pdf")
	}
	if err := os.WriteFile(name, pdf, 0o644); err != nil {
		tb.t.Fatal(err)
	}
	text, err := exec.Command("pdftotext", "-raw", name, "-").Output()
	if err != nil {
		tb.t.Fatal(err)
	}
	for n, page := range bytes.Split(bytes.TrimSuffix(text, []byte("\f")), []byte("\f")) {
		if len(bytes.TrimSpace(page)) == 0 {
			tb.t.Errorf("page %d is empty", n+1)
		}
	}
	return string(text)
}
