package e2e

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/arteriole/arteriole/handlers"
)

// A token that the page was given opens the API for the page.
func TestTokenLive(t *testing.T) {
	p := newWorld(t).at(t, "/", look{})
	p.try("generateAccessToken")
	p.send()
	p.want(status, "200")
	token := p.js(`() => JSON.parse(document.querySelector(".trying #answer pre").textContent).data.accessToken`)
	p.press(".trying button.try")
	p.until(`!document.querySelector(".trying")`)
	p.press("#credentials")
	p.until(`document.querySelector("dialog.creds[open]")`)
	p.js(`token => {
		document.querySelectorAll(".creds .inp")[2].value = token
		document.querySelector(".creds input[value=token]").click()
		document.querySelector(".creds button.btn.go:not([type])").click()
		return "" }`, token)
	p.until(`document.querySelector("#credentials .lbl").textContent === "OAuth token"`)
	p.press("#l-shell")
	p.try("fetchCustomerDetails")
	p.until(`(` + sample + `)().includes("X-CAP-API-OAUTH-TOKEN: ` + token + `")`)
	p.until(`document.querySelector(".trying .send p[role=status]").textContent.includes("the holder of the token")`)
	p.send()
	p.want(status, "200")
	// One that is none is refused: the till's password does not go with it.
	p.press("#credentials")
	p.until(`document.querySelector("dialog.creds[open]")`)
	p.js(`() => { document.querySelectorAll(".creds .inp")[2].value = "none"; document.querySelector(".creds button.btn.go:not([type])").click(); return "" }`)
	p.send()
	p.want(status, "401")
}

// choose puts files into the file field of the open form.
func (tb *tab) choose(path string) {
	tb.t.Helper()
	e, err := tb.Element(".trying input[type=file]")
	if err != nil {
		tb.t.Fatal(err)
	}
	if err := e.SetFiles([]string{path}); err != nil {
		tb.t.Fatal(err)
	}
}

// A file goes out as one part of several, the example's first, then one of the visitor's own.
func TestUploadLive(t *testing.T) {
	p := newWorld(t).at(t, "/", look{})
	p.press("#l-shell")
	p.try("ingestFile")
	p.until(`(` + sample + `)().includes('filename="lena.csv"')`)
	p.send()
	p.want(status, "202")
	if got := p.js(printed); !contains(got, `"uploadedFileName": "lena.csv"`) || !contains(got, `"totalUploadedCount": 1`) {
		t.Errorf("the example's file gives %s", got)
	}
	own := filepath.Join(t.TempDir(), "mei.csv")
	if err := os.WriteFile(own, []byte("profiles[0].firstName,profiles[0].identifiers[0].type,profiles[0].identifiers[0].value\nMei,mobile,9845000777\nTom,mobile,9845000778\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.choose(own)
	p.until(`(` + sample + `)().includes("Mei,mobile,9845000777")`)
	p.send()
	p.want(status, "202")
	if got := p.js(printed); !contains(got, `"uploadedFileName": "mei.csv"`) || !contains(got, `"totalUploadedCount": 2`) {
		t.Errorf("the visitor's file gives %s", got)
	}
	// What is logged can be sent again.
	p.js(`() => { document.querySelector("#answer").remove(); return "" }`)
	p.press(".trying .log button")
	p.until(`document.querySelector(".trying #answer .res")`)
	p.want(status, "202")
	p.press(".trying button.try")
	p.until(`!document.querySelector(".trying")`)
	// A body of lines, which is no JSON.
	p.try("uploadIngestionFile")
	if got := p.js(`() => document.querySelector(".trying .send p[role=status]").textContent`); contains(got, "problem") {
		t.Errorf("the lines of the example are said to be wrong: %s", got)
	}
	p.send()
	p.want(status, "200")
	if got := p.js(printed); !contains(got, `"uploadedFileName": "regulars-2.ndjson"`) || !contains(got, `"totalUploadedCount": 2`) {
		t.Errorf("the lines give %s", got)
	}
}

// The pages as files on another host, below a path, call the API that lets them in.
func TestStaticSite(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "arteriole")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "..").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	pages := filepath.Join(dir, "pages")
	host := httptest.NewServer(http.StripPrefix("/docs/v2", http.FileServer(http.Dir(pages))))
	t.Cleanup(func() {
		host.CloseClientConnections()
		host.Close()
	})
	api := newWorld(t, func(c *handlers.Config) { c.CORSOrigins = []string{host.URL} })
	if out, err := exec.CommandContext(t.Context(), program, "docs", "build", "-o", pages, "--server", api.url).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	w := world{host.URL}
	p := w.at(t, "/docs/v2/", look{})
	p.want(`() => document.querySelector("#address").textContent`, api.url)
	p.credentials("store.server", "server123", false)
	p.try("registerCustomer")
	p.until(`document.querySelector(".trying .send p[role=status]").textContent.includes(` + quoted("Goes to "+api.url) + `)`)
	p.set("body.profiles", `[{"identifiers": [{"type": "email", "value": "far.away@example.org"}]}]`)
	p.send()
	p.want(status, "200")
	if got := p.js(printed); !contains(got, `"createdId": 1007`) {
		t.Errorf("the answer is %s", got)
	}
	p.until(`document.querySelector(".trying .hd").textContent.toLowerCase().includes("x-cap-request-id")`)
	p.press(".trying button.try")
	p.try("uploadIngestionFile") // with a header of its own, which the server must allow
	p.send()
	p.want(status, "200")
	// The pages lead to each other within their folder, and search finds.
	p.search("specific kitten")
	p.until(`document.querySelector(".find [aria-selected=true]")`)
	p.js(`() => { document.querySelector(".find [aria-selected=true]").click(); return "" }`)
	p.until(`location.pathname === "/docs/v2/" && location.hash === "#get-a-specific-kitten"`)
	p.MustNavigate(host.URL + "/docs/v2/operations/getKitten.html").MustWaitLoad()
	p.try("getKitten")
	p.js(`() => { document.querySelector("a.home").click(); return "" }`)
	p.until(`location.pathname === "/docs/v2/" && document.querySelector("#register-customer")`)
	// Everything that was loaded came from there.
	p.want(`() => performance.getEntriesByType("resource").map(e => e.name).filter(n => !n.startsWith(location.origin + "/docs/v2/")).join(" ")`, "")
	// A host that the API does not know is kept out.
	other := httptest.NewServer(http.StripPrefix("/docs/v2", http.FileServer(http.Dir(pages))))
	t.Cleanup(func() {
		other.CloseClientConnections()
		other.Close()
	})
	p = world{other.URL}.at(t, "/docs/v2/", look{tolerant: true})
	p.try("getKitten")
	p.send()
	p.until(`document.querySelector(".trying #answer .res .st").textContent.startsWith("No response")`)
}
