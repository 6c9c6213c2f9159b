package build

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var update = flag.Bool("update", false, "write the golden files of the pages anew")

const goldenDir = "testdata/pages"

// TestGoldenPages compares the pages, as a reader sees them, with the texts in testdata/pages:
// one for each operation, and one for the page of the whole reference. Samples in languages
// and answers of failures, which other tests run, are left out, and what to do about a code
// beside each operation that gives it.
func TestGoldenPages(t *testing.T) {
	want, total := map[string]bool{}, 0
	for path, doc := range htmlPages(t) {
		name := strings.TrimSuffix(filepath.Base(path), ".html") + ".txt"
		if path != "index.html" && !strings.HasPrefix(path, "operations/") {
			continue
		}
		want[name] = true
		main := first(doc, func(n *html.Node) bool { return n.DataAtom == atom.Main })
		got := rendered(main)
		total += len(got)
		file := filepath.Join(goldenDir, name)
		if *update {
			if err := os.MkdirAll(goldenDir, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		old, err := os.ReadFile(file)
		if err != nil {
			t.Errorf("%v: run go test ./site/build -run TestGoldenPages -update", err)
			continue
		}
		if diff := cmp.Diff(strings.Split(string(old), "\n"), strings.Split(got, "\n")); diff != "" {
			t.Errorf("%s has changed (-was +is). If it should, run go test ./site/build -run TestGoldenPages -update\n%s", path, diff)
		}
	}
	entries, err := os.ReadDir(goldenDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if want[e.Name()] {
			continue
		}
		if !*update {
			t.Errorf("%s is of no page: run go test ./site/build -run TestGoldenPages -update", e.Name())
		} else if err := os.Remove(filepath.Join(goldenDir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	if t.Logf("%d bytes", total); total > 1_200_000 {
		t.Errorf("the golden files have %d bytes", total)
	}
}

// rendered is what a page says, a line for each block of it.
func rendered(n *html.Node) string {
	r := &painter{}
	r.block(n, "")
	r.end()
	return r.out.String()
}

type painter struct {
	out, line strings.Builder
	indent    string
}

func (r *painter) end() {
	if text := strings.Join(strings.Fields(r.line.String()), " "); text != "" {
		r.out.WriteString(r.indent + text + "\n")
	}
	r.line.Reset()
}

var lines = []atom.Atom{
	atom.Main, atom.Section, atom.Div, atom.P, atom.Ul, atom.Ol, atom.Li, atom.Dl, atom.Dt, atom.Dd, atom.Table, atom.Thead, atom.Tbody, atom.Tr, atom.Pre,
	atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.Details, atom.Summary, atom.Fieldset, atom.Figure, atom.Figcaption,
}

func (r *painter) block(n *html.Node, indent string) {
	switch {
	case n.Type == html.TextNode:
		r.line.WriteString(n.Data)
		return
	case n.DataAtom == atom.Svg, n.DataAtom == atom.Footer, n.DataAtom == atom.Fieldset && has(n, "ans"),
		n.DataAtom == atom.Div && attribute(n, "data-example") != "", has(n, "do"),
		n.DataAtom == atom.Pre && n.Parent != nil && attribute(n.Parent, "data-t") > "4",
		n.DataAtom == atom.Pre && attribute(n, "data-lang") != "" && attribute(n, "data-lang") != "json":
		return
	case n.DataAtom == atom.Pre: // as it stands
		r.end()
		lines := strings.Split(strings.TrimRight(textOf(n), "\n"), "\n")
		if len(lines) > longestPre {
			lines = append(lines[:longestPre:longestPre], "…")
		}
		for _, l := range lines {
			r.out.WriteString(strings.TrimRight(indent+"    "+l, " ") + "\n")
		}
		return
	}
	apart := slices.Contains(lines, n.DataAtom) && !has(n, "f") && !(n.Parent != nil && has(n.Parent, "f"))
	below := indent
	if apart {
		r.end()
		r.indent = indent
	}
	before, after := "", ""
	switch {
	case heading(n):
		r.out.WriteString("\n")
		before = strings.Repeat("#", int(n.Data[1]-'0')) + " "
	case n.DataAtom == atom.Li:
		before, below = "- ", indent+"  "
	case n.DataAtom == atom.Td, n.DataAtom == atom.Th:
		before = " | "
	case has(n, "ft"):
		before = ": "
	case n.DataAtom == atom.Code:
		before, after = "`", "`"
	case n.DataAtom == atom.Button:
		before, after = " [", "] "
	case n.DataAtom == atom.Span, n.DataAtom == atom.Div:
		before, after = " ", " "
	}
	r.line.WriteString(before)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		r.block(c, below)
		if apart { // what follows a block within this one
			r.indent = below
		}
	}
	r.line.WriteString(after)
	if apart {
		r.end()
	}
}

const longestPre = 8 // lines
