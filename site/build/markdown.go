package build

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	gmtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	"go.yaml.in/yaml/v3"
)

// markdown renders the prose of openapi.yaml. Raw HTML is left out, so prose cannot
// bring elements or scripts into the page.
var markdown = goldmark.New(
	goldmark.WithExtensions(extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone))),
	goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(blocks{}, 100))),
)

// chunk is the prose from one heading to the next.
type chunk struct {
	Level int // of the heading in the page, 2 to 5; 0 for what stands before the first one
	Title string
	ID    string
	Text  template.HTML
	Pane  template.HTML // blocks of code that name their language: they stand in the code pane
}

// chunks cuts prose at its headings, whose ids begin with prefix and whose levels go down
// by as much as down says: in the reference by one, since the page's own title is its h1. A table under a heading that announces
// parameters gives way to the one made of the parameters themselves. The numbers of codes become links,
// of those given rather than of others.
func (s *spec) chunks(prose, prefix string, down int, codes []*fault) ([]chunk, error) {
	source := []byte(prose)
	doc := s.parse(source, codes)
	all := []chunk{{}}
	var text, pane bytes.Buffer
	done := func() {
		last := &all[len(all)-1]
		last.Text, last.Pane = template.HTML(text.String()), template.HTML(pane.String())
		text.Reset()
		pane.Reset()
	}
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if h, is := n.(*ast.Heading); is {
			done()
			title := plain(h, source)
			all = append(all, chunk{Level: min(h.Level+down, 5), Title: title, ID: s.ids.take(join(prefix, kebab(title)))})
			continue
		}
		if n.Kind() == extast.KindTable && announces(all[len(all)-1].Title) {
			continue
		}
		out := &text
		if f, is := n.(*ast.FencedCodeBlock); is && f.Info != nil {
			made, inText, err := s.made(string(f.Info.Value(source)))
			if err != nil {
				return nil, err
			}
			if made != "" && inText {
				text.WriteString(made)
				continue
			}
			pane.WriteString(made)
			if made != "" {
				continue
			}
			out = &pane
		}
		if err := markdown.Renderer().Render(out, source, n); err != nil {
			return nil, err
		}
	}
	done()
	if all[0].Text == "" && all[0].Pane == "" {
		all = all[1:]
	}
	return all, nil
}

// made draws what a fence asks for instead of code: "call operationId/example" is a
// request in every language with its answer, "calculator" that of the Authorization
// header, "drawing name" one of the assets. The last two stand in the text.
func (s *spec) made(fence string) (html string, inText bool, err error) {
	var b strings.Builder
	kind, name, _ := strings.Cut(fence, " ")
	switch kind {
	case "call":
		c := s.calls[name]
		if c == nil {
			return "", false, fmt.Errorf("there is no example %q", name)
		}
		err = templates.ExecuteTemplate(&b, "call", c)
	case "calculator":
		err = templates.ExecuteTemplate(&b, "calculator", shown)
		inText = true
	case "drawing":
		var data []byte
		data, err = assets.ReadFile("assets/" + name + ".html")
		b.Write(data)
		inText = true
	}
	return b.String(), inText, err
}

// prose renders a text without headings, such as the description of a field.
func (s *spec) prose(text string, codes []*fault) (template.HTML, error) {
	source := []byte(text)
	doc := s.parse(source, codes)
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if n.Kind() == ast.KindHeading {
			return "", fmt.Errorf("a heading has no place here: %q", text)
		}
	}
	var b bytes.Buffer
	err := markdown.Renderer().Render(&b, source, doc)
	return template.HTML(strings.TrimSpace(b.String())), err
}

// parse reads prose and gives it what the page adds: links on the numbers of codes,
// the mark of our own rules, and the scope of a table's heads.
func (s *spec) parse(source []byte, codes []*fault) ast.Node {
	doc := markdown.Parser().Parse(gmtext.NewReader(source))
	var texts []*ast.Text
	var marks []*ast.Emphasis
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading, *ast.Link, *ast.CodeSpan:
			return ast.WalkSkipChildren, nil
		case *ast.Emphasis:
			if n.Level == 1 && strings.HasPrefix(plain(n, source), "our rule") {
				n.SetAttributeString("class", []byte("ours"))
				marks = append(marks, n)
			}
		case *ast.Paragraph:
			if n.ChildCount() == 1 && n.FirstChild().Kind() == ast.KindCodeSpan {
				n.SetAttributeString("class", []byte("line"))
			}
		case *extast.TableCell:
			if n.Parent().Kind() == extast.KindTableHeader {
				n.SetAttributeString("scope", []byte("col"))
			}
		case *ast.Text:
			texts = append(texts, n)
		}
		return ast.WalkContinue, nil
	})
	for _, n := range texts {
		s.linkCodes(n, source, codes)
	}
	for _, n := range marks {
		s.linkRule(n, plain(n, source))
	}
	return doc
}

// linkRule makes the mark of one of our own rules lead to its reason.
func (s *spec) linkRule(n *ast.Emphasis, mark string) {
	number, to := strings.TrimSpace(strings.TrimPrefix(mark, "our rule")), "our-rules"
	if number != "" {
		s.cited[number] = true
		to = "rule-" + number
	}
	if len(s.rules) == 0 {
		return
	}
	link := ast.NewLink()
	link.Destination = []byte("#" + to)
	link.SetAttributeString("class", []byte("ours"))
	for c := n.FirstChild(); c != nil; c = n.FirstChild() {
		n.RemoveChild(n, c)
		link.AppendChild(link, c)
	}
	n.Parent().ReplaceChild(n.Parent(), n, link)
}

var (
	codeNumber = regexp.MustCompile(`\b\d{3,6}\b`)
	codeBefore = regexp.MustCompile(`\b(?:[Ee]rror|[Ww]arning|[Cc]ode)s?\s+$`)
	codeList   = regexp.MustCompile(`\(\d{3,6}(?:(?:,|,? or|,? and)\s+\d{3,6})*\)`)
)

// linkCodes makes links of the numbers of codes in a text: those after the word error,
// warning or code, those that are alone in parentheses, and those from 8000 on, which
// nothing else in the prose is.
func (s *spec) linkCodes(n *ast.Text, source []byte, codes []*fault) {
	parent, from := n.Parent(), n.Segment.Start
	lists := codeList.FindAllIndex(source, -1)
	for _, at := range codeNumber.FindAllIndex(n.Segment.Value(source), -1) {
		start, end := n.Segment.Start+at[0], n.Segment.Start+at[1]
		number, _ := strconv.Atoi(string(source[start:end]))
		f := s.numbered(number, codes)
		listed := slices.ContainsFunc(lists, func(l []int) bool { return l[0] < start && end < l[1] })
		if f == nil || number < 8000 && !listed && !codeBefore.Match(source[max(0, start-16):start]) {
			continue
		}
		link := ast.NewLink()
		link.Destination = []byte("#" + f.ID())
		link.AppendChild(link, ast.NewTextSegment(gmtext.NewSegment(start, end)))
		if start > from {
			parent.InsertBefore(parent, n, ast.NewTextSegment(gmtext.NewSegment(from, start)))
		}
		parent.InsertBefore(parent, n, link)
		from = end
	}
	n.Segment = n.Segment.WithStart(from)
}

// numbered finds the fault with a number: of those given the last, since what is of HTTP
// comes first; else that of HTTP, or the only one.
func (s *spec) numbered(number int, codes []*fault) *fault {
	is := func(f *fault) bool { return f.Number == number }
	for _, f := range slices.Backward(codes) {
		if is(f) {
			return f
		}
	}
	first := slices.IndexFunc(s.faults, is)
	if first < 0 || s.faults[first].Family != "http" && slices.ContainsFunc(s.faults[first+1:], is) {
		return nil
	}
	return s.faults[first]
}

// plain is the text of a node without its marks.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Text:
			if entering {
				b.Write(n.Segment.Value(source))
			}
		case *ast.String:
			if entering {
				b.Write(n.Value)
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// blocks draws what the page has its own form for: code, tables that scroll, notices.
type blocks struct{}

func (blocks) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindFencedCodeBlock, drawCode)
	r.Register(ast.KindCodeBlock, drawCode)
	r.Register(ast.KindBlockquote, drawNotice)
	r.Register(extast.KindTable, drawTable)
}

func drawCode(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	var b strings.Builder
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		b.Write(line.Value(source))
	}
	language, text := "", strings.TrimRight(b.String(), "\n")
	if f, is := n.(*ast.FencedCodeBlock); is && f.Info != nil {
		language = string(f.Language(source))
	}
	if language == "json" && json.Valid([]byte(text)) {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(text), &doc); err == nil {
			text = indented(node{doc.Content[0]})
		}
	}
	name := "Code"
	if language != "" {
		name = "Code, " + language
	}
	_, _ = fmt.Fprintf(w, `<pre tabindex="0" role="group" aria-label="%s"><code>%s</code></pre>`+"\n",
		html.EscapeString(name), coloured(language, text))
	return ast.WalkSkipChildren, nil
}

// drawNotice makes a notice of a quotation. Its first bold words say of which kind it is:
// Warning or Careful, Success or Remember, and anything else is a plain notice.
func drawNotice(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		_, _ = w.WriteString("</div>\n")
		return ast.WalkContinue, nil
	}
	kind, icon := "nt", `<circle cx="8" cy="8" r="6.7"></circle><path d="M8 7.5v3.5M8 4.8v.2"></path>`
	if p := n.FirstChild(); p != nil {
		if strong, is := p.FirstChild().(*ast.Emphasis); is && strong.Level == 2 {
			switch word, _, _ := strings.Cut(strings.Trim(plain(strong, source), ".:!"), " "); word {
			case "Warning", "Careful", "Caution":
				kind, icon = "nt care", `<path d="M8 1.5 15 14H1zM8 6.2v3.6M8 12v.1"></path>`
			case "Success", "Remember", "Good":
				kind, icon = "nt good", `<circle cx="8" cy="8" r="6.7"></circle><path d="m5 8.3 2.2 2.2L11 6"></path>`
			}
		}
	}
	_, _ = w.WriteString(`<div class="` + kind + `" role="note">` + noticeIcon(icon) + "\n")
	return ast.WalkContinue, nil
}

func noticeIcon(paths string) string {
	return `<svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">` + paths + "</svg>"
}

func drawTable(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString(`<div class="scroll" tabindex="0" role="group" aria-label="Table"><table class="tb">` + "\n")
	} else {
		_, _ = w.WriteString("</table></div>\n")
	}
	return ast.WalkContinue, nil
}
