package e2e

import (
	"encoding/json"
	"os"
	"testing"
)

// axe judges what is shown; every rule that it has, best practices too.
func (tb *tab) axe(what string) {
	tb.t.Helper()
	source, err := os.ReadFile("../tools/node_modules/axe-core/axe.min.js")
	if err != nil {
		missing(tb.t, "axe-core (npm ci in tools)")
	}
	if _, err := tb.Eval("() => { " + string(source) + "; window.axe = axe }"); err != nil {
		tb.t.Fatal(err)
	}
	var found []struct {
		ID, Help string
		Nodes    []struct {
			HTML           string
			FailureSummary string
		}
	}
	// What the browser skips until it is near has boxes that lie over each other, as axe sees it.
	tb.js(`() => { for (const s of document.querySelectorAll("section")) s.style.contentVisibility = "visible"; return "" }`)
	text := tb.js(`async () => JSON.stringify((await axe.run({resultTypes: ["violations"]})).violations)`)
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		tb.t.Fatal(err)
	}
	for _, v := range found {
		n := v.Nodes[0]
		tb.t.Errorf("%s: %s (%d times, such as %.300s: %s)", what, v.Help, len(v.Nodes), n.HTML, n.FailureSummary)
	}
}

func TestAxe(t *testing.T) {
	w := newWorld(t)
	for _, l := range []struct {
		name string
		look look
	}{
		{"light", look{}},
		{"dark", look{dark: true}},
		{"320 px", look{width: 320, height: 800}},
		{"320 px, dark", look{width: 320, height: 800, dark: true}},
	} {
		t.Run(l.name, func(t *testing.T) {
			p := w.at(t, "/", l.look)
			judge := func(what string) { // each with a minute of its own: it looks at some ten thousand elements
				p = p.within(t)
				p.axe(what)
				p = p.within(t)
			}
			judge("the page")
			p.try("registerCustomer")
			p.set("body.profiles", `[{"identifiers": [{"type": "emial", "value": "x"}]}]`)
			p.send()
			p.try("getKitten")
			judge("try it")
			p.press("#credentials")
			p.until(`document.querySelector("dialog.creds[open]")`)
			judge("credentials")
			p.js(`() => { document.querySelector("dialog[open]").close(); document.activeElement.blur(); return "" }`)
			p.search("identif")
			p.until(`document.querySelector(".find em")`)
			judge("search")
			p.js(`() => { const i = document.querySelector(".find input"); i.value = "refnd"; i.dispatchEvent(new InputEvent("input")); return "" }`)
			judge("nothing found")
		})
	}
}
