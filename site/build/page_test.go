package build

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"maps"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/andybalholm/brotli"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	root    = "../.."
	distDir = "../dist"
)

func source(t testing.TB) Source {
	t.Helper()
	src, err := Load(root)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

var built = sync.OnceValues(func() ([]File, error) {
	src, err := Load(root)
	if err != nil {
		return nil, err
	}
	return Site(src)
})

// siteFiles are the files of the project's own site.
func siteFiles(t *testing.T) []File {
	t.Helper()
	files, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// htmlPages are its pages, parsed, by their paths.
func htmlPages(t *testing.T) map[string]*html.Node {
	t.Helper()
	all := map[string]*html.Node{}
	for _, f := range siteFiles(t) {
		if strings.HasSuffix(f.Path, ".html") {
			doc, err := html.Parse(bytes.NewReader(f.Data))
			if err != nil {
				t.Fatal(err)
			}
			all[f.Path] = doc
		}
	}
	return all
}

func TestDistIsUpToDate(t *testing.T) {
	want := map[string][]byte{}
	for _, f := range siteFiles(t) {
		want[f.Path] = f.Data
	}
	archive, err := os.Open(filepath.Join(distDir, Archive))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	for r := tar.NewReader(brotli.NewReader(archive)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(data, want[h.Name]) {
			t.Errorf("%s is not what its sources give; run go generate ./site", h.Name)
		}
		delete(want, h.Name)
	}
	for name := range want {
		t.Errorf("%s is missing; run go generate ./site", name)
	}
}

func TestSameBytesEveryTime(t *testing.T) {
	again, err := Site(source(t))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(siteFiles(t), again, func(a, b File) bool { return a.Path == b.Path && bytes.Equal(a.Data, b.Data) }) {
		t.Error("two runs differ")
	}
}

// document is all pages of a spec one behind the other, parsed, and as they are.
func document(t *testing.T, spec []byte) (*html.Node, []byte) {
	t.Helper()
	files, err := Site(Source{Spec: spec})
	if err != nil {
		t.Fatal(err)
	}
	all, whole := &html.Node{Type: html.DocumentNode}, []byte(nil)
	for _, f := range files {
		if !strings.HasSuffix(f.Path, ".html") {
			continue
		}
		doc, err := html.Parse(bytes.NewReader(f.Data))
		if err != nil {
			t.Fatal(err)
		}
		checkHTML(t, f.Data)
		all.AppendChild(doc)
		whole = append(whole, f.Data...)
	}
	return all, whole
}

func elements(root *html.Node, is ...atom.Atom) []*html.Node {
	var all []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && (len(is) == 0 || slices.Contains(is, n.DataAtom)) {
			all = append(all, n)
		}
	}
	return all
}

func textOf(root *html.Node) string {
	var b strings.Builder
	for n := range root.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	}
	return b.String()
}

func withID(root *html.Node) map[string]*html.Node {
	all := map[string]*html.Node{}
	for _, n := range elements(root) {
		if id := attribute(n, "id"); id != "" {
			all[id] = n
		}
	}
	return all
}

// seed are the headings of the Slate page that the reference succeeds, in its order.
var seed = []string{
	"Introduction", "Sources", "Account IDs", "Identifiers",
	"Organization Setup", "Authentication", "Authorization Header", "Other Headers Required",
	"customer", "Register Customer", "Prerequisites", "Request URL",
	"Update Customer Details", "Update Customer Identifiers", "Fetch Customers by Partial Strings",
	"Fetch Customer ID", "Fetch Customer Details",
	"transaction", "wallet", "ODIP",
	"Kittens", "Get All Kittens", "My file", "HTTP Request", "Query Parameters",
	"Get a Specific Kitten", "HTTP Request", "URL Parameters",
	"Errors",
}

func TestHeadings(t *testing.T) {
	rest := seed
	for path, doc := range htmlPages(t) {
		level, titles := 0, 0
		for _, h := range elements(doc, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6) {
			if inside(h, atom.Nav) {
				continue
			}
			now := int(h.Data[1] - '0')
			if now > level+1 {
				t.Errorf("%s: %q jumps from h%d to h%d", path, textOf(h), level, now)
			}
			if level = now; now == 1 {
				titles++
			}
			if path == "index.html" && len(rest) > 0 && textOf(h) == rest[0] {
				rest = rest[1:]
			}
		}
		if titles != 1 {
			t.Errorf("%s: %d titles", path, titles)
		}
	}
	if len(rest) > 0 {
		t.Errorf("the seed's heading %q is missing, or out of order", rest[0])
	}
}

// TestTheListNamesEachPlaceOnce: on every page a name of the list leads to one place, and to the same as on the others.
func TestTheListNamesEachPlaceOnce(t *testing.T) {
	titles := map[string]string{}
	for path, doc := range htmlPages(t) {
		names := map[string]string{}
		for _, a := range elements(first(doc, func(n *html.Node) bool { return n.DataAtom == atom.Nav }), atom.A) {
			name, class := textOf(a), attribute(a, "class")
			to, err := url.Parse("/" + strings.TrimSuffix(path, "index.html"))
			if err == nil {
				to, err = to.Parse(attribute(a, "href"))
			}
			if err != nil {
				t.Fatal(err)
			}
			if name == "Overview" || class != "" {
				continue
			}
			if old, ok := names[name]; ok {
				t.Errorf("%s: %q stands twice: %s and %s", path, name, old, to)
			}
			names[name] = to.String()
			if strings.HasPrefix(to.Path, "/operations/") { // its own page
				continue
			}
			if old := titles[name]; old != "" && old != names[name] {
				t.Errorf("%s: %q leads to %s, elsewhere to %s", path, name, to, old)
			}
			titles[name] = names[name]
		}
	}
}

func inside(n *html.Node, is atom.Atom) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.DataAtom == is {
			return true
		}
	}
	return false
}

// TestLinks follows every address of every page.
func TestLinks(t *testing.T) {
	pages, served := htmlPages(t), map[string]bool{"openapi.yaml": true, "openapi.json": true} // by the server
	known := map[string]map[string]*html.Node{}
	for _, f := range siteFiles(t) {
		served[f.Path] = true
	}
	for path, doc := range pages {
		known[path] = withID(doc)
	}
	for at, doc := range pages {
		seen := map[string]bool{}
		for _, n := range elements(doc) {
			if id := attribute(n, "id"); id != "" && seen[id] {
				t.Errorf("%s: the id %s stands twice", at, id)
			} else {
				seen[id] = true
			}
			for _, key := range []string{"aria-labelledby", "aria-describedby", "for"} {
				for id := range strings.FieldsSeq(attribute(n, key)) {
					if known[at][id] == nil {
						t.Errorf("%s: %s=%q leads nowhere", at, key, id)
					}
				}
			}
			for _, key := range []string{"href", "src", "srcset", "action", "data", "poster", "data-search", "data-tryit", "data-forms", "data-index"} {
				to := attribute(n, key)
				if to == "" || n.DataAtom == atom.A && strings.HasPrefix(to, "https://") { // to be followed, not loaded
					continue
				}
				u, err := url.Parse(to)
				if err != nil || u.IsAbs() || u.Host != "" || strings.HasPrefix(to, "/") {
					t.Errorf("%s: <%s %s=%q> is no address within the site", at, n.Data, key, to)
					continue
				}
				file := at
				if u.Path != "" {
					file = strings.TrimPrefix((&url.URL{Path: "/" + at}).ResolveReference(&url.URL{Path: u.Path}).Path, "/")
				}
				if file == "" {
					file = "index.html"
				}
				switch {
				case !served[file]:
					t.Errorf("%s: <%s %s=%q> is no file of the site", at, n.Data, key, to)
				case u.Fragment != "" && known[file][u.Fragment] == nil:
					t.Errorf("%s: <%s %s=%q> leads nowhere", at, n.Data, key, to)
				}
			}
		}
	}
}

var anchorIn = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// TestTextLinks follows the links of the Markdown files to other files, and to the headings
// and ids in them.
func TestTextLinks(t *testing.T) {
	served := map[string]bool{"openapi.yaml": true}
	anchors, followed := map[string]map[string]bool{}, 0
	for _, f := range siteFiles(t) {
		served[f.Path] = true
		switch path.Ext(f.Path) {
		case ".md", ".txt":
			anchors[f.Path] = headings(string(f.Data))
		case ".html":
			anchors[f.Path] = map[string]bool{}
			for _, m := range idOf.FindAllSubmatch(f.Data, -1) {
				anchors[f.Path][string(m[1])] = true
			}
		}
	}
	defer func() {
		if followed < 100 {
			t.Errorf("only %d links to anchors were followed", followed)
		}
	}()
	for _, f := range siteFiles(t) {
		if !strings.HasSuffix(f.Path, ".md") && f.Path != "llms.txt" {
			continue
		}
		for _, m := range anchorIn.FindAllSubmatch(f.Data, -1) {
			to, anchor, anchored := strings.Cut(string(m[1]), "#")
			if to == "" {
				to = filepath.Base(f.Path)
			}
			if file := filepath.ToSlash(filepath.Join(filepath.Dir(f.Path), to)); !served[file] {
				t.Errorf("%s: %s is no file of the site", f.Path, m[1])
			} else if anchored {
				if followed++; !anchors[file][anchor] {
					t.Errorf("%s: %s has no such anchor", f.Path, m[1])
				}
			}
		}
	}
}

var loads = regexp.MustCompile(`url\(\s*["']?([^"')]*)|@import`)

// The anchors of a text are those that its readers make: by heading, the second of a name
// with a number, and nothing in a block of code.
func TestTextHeadings(t *testing.T) {
	got := headings("# Fetch Customer's 2nd ID\n\n```sh\n# no heading\n```\n\n## Codes\n\n### Codes\n#none\n")
	if want := map[string]bool{"fetch-customers-2nd-id": true, "codes": true, "codes-1": true}; !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

func TestNothingFromElsewhere(t *testing.T) {
	for _, f := range siteFiles(t) {
		switch filepath.Ext(f.Path) {
		case ".css":
			for _, m := range loads.FindAllSubmatch(f.Data, -1) {
				if !bytes.HasPrefix(m[1], []byte("data:image/svg+xml")) {
					t.Errorf("%s loads %.60q", f.Path, m[0])
				}
			}
		case ".js":
			if bytes.Contains(f.Data, []byte("https://")) {
				t.Errorf("%s names another host", f.Path)
			}
		}
	}
}

var void = []atom.Atom{atom.Meta, atom.Link, atom.Br, atom.Img, atom.Input, atom.Hr, atom.Col, atom.Wbr}

// checkHTML says what a page must not have, whatever the spec holds.
func checkHTML(t *testing.T, page []byte) {
	t.Helper()
	z := html.NewTokenizer(bytes.NewReader(page))
	var open []string
	inline := 0
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			if len(open) > 0 {
				t.Errorf("left open: %v", open)
			}
			return
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			token := z.Token()
			switch {
			case kind == html.SelfClosingTagToken:
				t.Errorf("<%s/> closes itself", token.Data)
			case kind == html.EndTagToken && (len(open) == 0 || open[len(open)-1] != token.Data):
				t.Fatalf("stray </%s> in %v", token.Data, open)
			case kind == html.EndTagToken:
				open = open[:len(open)-1]
			case !slices.Contains(void, token.DataAtom):
				open = append(open, token.Data)
			}
			if slices.Contains([]atom.Atom{atom.Style, atom.Iframe, atom.Object, atom.Embed, atom.Base, atom.Form}, token.DataAtom) {
				t.Errorf("<%s> has no place in the page", token.Data)
			}
			if kind == html.StartTagToken && token.DataAtom == atom.Script {
				module := slices.ContainsFunc(token.Attr, func(a html.Attribute) bool { return a.Key == "src" && strings.Contains(a.Val, "assets/page.") })
				if inline += boolInt(!module); inline > 1 {
					t.Error("a second inline script")
				}
			}
			for _, a := range token.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || (a.Key == "href" || a.Key == "src") && strings.Contains(strings.ToLower(a.Val), "javascript:") {
					t.Errorf("<%s %s=%q> has no place in the page", token.Data, a.Key, a.Val)
				}
			}
		}
	}
}

func TestHTML(t *testing.T) {
	for _, f := range siteFiles(t) {
		if strings.HasSuffix(f.Path, ".html") {
			t.Run(f.Path, func(t *testing.T) { wantHTML(t, f) })
		}
	}
}

func wantHTML(t *testing.T, f File) {
	doc, err := html.Parse(bytes.NewReader(f.Data))
	if err != nil {
		t.Fatal(err)
	}
	checkHTML(t, f.Data)
	if root := elements(doc, atom.Html)[0]; attribute(root, "lang") != "en" {
		t.Error("the page does not say its language")
	}
	for _, landmark := range []atom.Atom{atom.Header, atom.Nav, atom.Main, atom.Footer} {
		if n := len(elements(doc, landmark)); n != 1 {
			t.Errorf("%d of <%s>", n, landmark)
		}
	}
	if a := elements(doc, atom.A)[0]; attribute(a, "href") != "#main" {
		t.Error("the first link does not skip to the text")
	}
	for _, n := range elements(doc, atom.Pre) {
		if attribute(n, "tabindex") != "0" || attribute(n, "aria-label") == "" || attribute(n, "role") != "group" {
			t.Errorf("code that a keyboard cannot scroll: %.60q", textOf(n))
		}
	}
	for _, n := range elements(doc, atom.Th) {
		if attribute(n, "scope") == "" {
			t.Errorf("a head of a table without scope: %q", textOf(n))
		}
	}
	for _, n := range elements(doc, atom.Ul, atom.Ol) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Type == html.ElementNode && c.DataAtom != atom.Li {
				t.Errorf("<%s> in a list", c.Data)
			}
		}
	}
	for _, n := range elements(doc, atom.A) {
		if strings.TrimSpace(textOf(n)) == "" && attribute(n, "aria-label") == "" {
			t.Errorf("a link without a name to %s", attribute(n, "href"))
		}
		for p := n.Parent; p != nil; p = p.Parent {
			if p.DataAtom == atom.A {
				t.Errorf("a link in a link: %q", textOf(n))
			}
		}
	}
}
