package build

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// indexName is what the pages call the index of the search before it is made.
const indexName = "assets/search.json"

// withIndex adds the index of the search, which is made of the pages among the files, and
// gives the pages its name. An index of what is printed cannot point at what is not there.
func withIndex(files []File) ([]File, error) {
	var all []found
	for _, f := range files {
		if !strings.HasSuffix(f.Path, ".html") {
			continue
		}
		doc, err := html.Parse(bytes.NewReader(f.Data))
		if err != nil {
			return nil, err
		}
		r := &reader{page: strings.TrimSuffix(f.Path, "index.html")}
		if strings.HasPrefix(f.Path, "operations/") {
			r.page = "" // the page of the whole reference finds what it has yet to put in place
		}
		r.walk(doc)
		all = append(all, r.all...)
	}
	entries := make([][5]string, 0, len(all))
	for _, e := range all {
		entries = append(entries, [5]string{e.kind, e.title, e.href, e.where, clipped(e.text)})
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(entries); err != nil {
		return nil, err
	}
	index := hashed("search.json", b.Bytes())
	for i := range files {
		if strings.HasSuffix(files[i].Path, ".html") {
			files[i].Data = bytes.ReplaceAll(files[i].Data, []byte(indexName), []byte(index.Path))
		}
	}
	return append(files, index), nil
}

const longestText = 1500 // bytes of an entry that are searched; the longest section has three times as many

func clipped(words []string) string {
	text := strings.Join(words, " ")
	if len(text) <= longestText {
		return text
	}
	return strings.ToValidUTF8(text[:longestText], "")
}

// found is a place of a page that the search can lead to.
type found struct {
	kind, title, href, where string
	text                     []string
}

// reader goes through a page in its order. at is where running text belongs to.
type reader struct {
	page      string
	all       []found
	at        int
	operation string // the title of the operation at hand
	part      string // the last heading inside of it
	fields    []string
}

func (r *reader) add(f found) { r.all = append(r.all, f) }

func (r *reader) walk(n *html.Node) {
	if n.Type == html.TextNode {
		if words := strings.Fields(n.Data); len(words) > 0 && len(r.all) > 0 {
			r.all[r.at].text = append(r.all[r.at].text, words...)
		}
		return
	}
	id := attribute(n, "id")
	switch {
	case brief(n):
		return // the operation's own page has all of it
	case n.DataAtom == atom.Head, n.DataAtom == atom.Nav, n.DataAtom == atom.Header, n.DataAtom == atom.Footer,
		n.DataAtom == atom.Svg, n.DataAtom == atom.Script, n.DataAtom == atom.Style, n.DataAtom == atom.Button,
		has(n, "pane"), has(n, "calc"), has(n, "skip"):
		return
	case n.DataAtom == atom.Section && attribute(n, "data-operation") != "":
		title := words(first(n, func(n *html.Node) bool { return heading(n) }))
		where := words(first(n, func(n *html.Node) bool { return has(n, "path") }))
		if m := first(n, func(n *html.Node) bool { return has(n, "mth") }); m != nil {
			where = words(m) + " " + where
		}
		r.at = len(r.all)
		r.operation, r.part = title, ""
		r.add(found{kind: "operation", title: title, href: r.page + "#" + id, where: where})
		r.below(n)
		r.operation, r.part = "", ""
		return
	case heading(n) && r.operation != "":
		if t := words(n); t != r.operation {
			r.part = t
		}
		return
	case heading(n):
		for up := n; id == "" && up != nil && up.DataAtom != atom.Main; up = up.Parent {
			id = attribute(up, "id")
		}
		if id != "" {
			r.at = len(r.all)
			r.add(found{kind: "guide", title: words(n), href: r.page + "#" + id})
		}
		return
	case n.DataAtom == atom.Tr && strings.HasPrefix(id, "code-"):
		var cells []string
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.DataAtom == atom.Td || c.DataAtom == atom.Th {
				cells = append(cells, words(c))
			}
		}
		f := found{kind: "code", href: r.page + "#" + id}
		if len(cells) > 2 {
			f.title, f.where, f.text = cells[0]+" "+cells[2], cells[1], cells[3:]
		}
		r.add(f)
		return
	case n.DataAtom == atom.Tr && strings.HasPrefix(id, "setting-"):
		help := first(n, func(n *html.Node) bool { return n.DataAtom == atom.Td && n.NextSibling == nil })
		r.add(found{kind: "setting", title: words(first(n, func(n *html.Node) bool { return has(n, "cd") })), href: r.page + "#" + id, text: []string{words(help)}})
		return
	case n.DataAtom == atom.Table && has(n, "codes") && r.operation != "":
		return // each code has an entry of its own
	case n.DataAtom == atom.Li && id != "" && direct(n, "f") != nil:
		f := direct(n, "f")
		name := words(first(f, func(n *html.Node) bool { return has(n, "fn") }))
		of := r.operation
		if of != "" && r.part != "" {
			of += ", " + r.part
		} else if of == "" && len(r.all) > 0 {
			of = r.all[r.at].title
		}
		if len(r.fields) > 0 {
			of += ", in " + strings.Join(r.fields, ".")
		}
		kind := "field"
		if r.operation == "" && strings.HasPrefix(id, "rule-") {
			kind = "guide"
		}
		r.add(found{kind: kind, title: name, href: r.page + "#" + id, where: of,
			text: []string{words(first(f, func(n *html.Node) bool { return has(n, "fd") }))}})
		r.fields = append(r.fields, name)
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c != f {
				r.walk(c)
			}
		}
		r.fields = r.fields[:len(r.fields)-1]
		return
	}
	r.below(n)
}

func (r *reader) below(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		r.walk(c)
	}
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, class string) bool {
	return slices.Contains(strings.Fields(attribute(n, "class")), class)
}

func heading(n *html.Node) bool {
	return n.Type == html.ElementNode && len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '5'
}

func brief(n *html.Node) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "data-brief" })
}

func direct(n *html.Node, class string) *html.Node {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if has(c, class) {
			return c
		}
	}
	return nil
}

func first(n *html.Node, is func(*html.Node) bool) *html.Node {
	for d := range n.Descendants() {
		if is(d) {
			return d
		}
	}
	return nil
}

// words is the text of a node without its anchors' signs and its buttons.
func words(n *html.Node) string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	var write func(*html.Node)
	write = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		if n.DataAtom == atom.Button || has(n, "anchor") {
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			write(c)
		}
		if n.DataAtom == atom.P || n.DataAtom == atom.Span || n.DataAtom == atom.Li || n.DataAtom == atom.Td {
			b.WriteByte(' ')
		}
	}
	write(n)
	return strings.Join(strings.Fields(b.String()), " ")
}
