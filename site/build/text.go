package build

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/arteriole/arteriole/site/build/samples"
)

// markdownFiles are the same texts as Markdown, for programs and for people who like it:
// the whole reference, each operation, each guide, and llms.txt, which lists them.
func (s *spec) markdownFiles(ref *reference, src Source) ([]File, error) {
	var all []File
	add := func(path, text string) { all = append(all, File{path, []byte(strings.TrimSpace(text) + "\n")}) }
	add("llms.txt", llms(ref, src))
	whole, err := s.wholeText(ref, src)
	if err != nil {
		return nil, err
	}
	add("reference.md", whole)
	for _, g := range ref.Groups {
		for _, o := range g.Operations {
			text, err := s.operationText(o, 1, true)
			if err != nil {
				return nil, err
			}
			add("operations/"+o.Name+".md", below(text))
		}
	}
	for _, g := range src.texts() {
		text, err := s.guideText(g)
		if err != nil {
			return nil, err
		}
		add("guides/"+g.Name+".md", below(text))
	}
	return all, nil
}

var markdownLink = regexp.MustCompile(`\]\((#|[a-z-]+/|[a-z-]+\.(?:html|md))([^)]*)\)`)

// below makes the links of a text right for a file one folder below the site's root.
func below(text string) string {
	return markdownLink.ReplaceAllStringFunc(text, func(m string) string {
		to := strings.TrimPrefix(m, "](")
		if strings.HasPrefix(to, "#") {
			to = "reference.md" + to
		}
		return "](../" + to
	})
}

func llms(ref *reference, src Source) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n> Customers, loyalty and transactions over HTTP and JSON, version %s, as this server serves it.\n\n", ref.Document, ref.Version)
	b.WriteString("Every failure is answered as `{\"errors\": [{\"status\": false, \"code\": 8015, \"message\": \"…\"}]}`; the code says what is wrong.\n\n")
	b.WriteString("## Reference\n\n- [The whole reference](reference.md): authentication, every operation, every code\n- [OpenAPI](openapi.yaml): the contract that server and reference are made of\n- [Postman collection](arteriole.postman_collection.json)\n\n## Operations\n\n")
	for _, g := range ref.Groups {
		for _, o := range g.Operations {
			fmt.Fprintf(&b, "- [%s](operations/%s.md): `%s %s`. %s\n", o.Title, o.Name, o.Method, o.Path, firstSentence(o.Source))
		}
	}
	b.WriteString("\n## Guides\n\n")
	for _, g := range src.texts() {
		fmt.Fprintf(&b, "- [%s](guides/%s.md)\n", g.title(), g.Name)
	}
	return b.String()
}

// firstSentence is that of a Markdown text, on one line.
func firstSentence(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n\n")
	text = strings.Join(strings.Fields(text), " ")
	if before, _, found := strings.Cut(text, ". "); found {
		return before + "."
	}
	return text
}

func (s *spec) wholeText(ref *reference, src Source) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\nVersion %s. Server of the samples: `%s`. They use the till of `serve --demo`.\n\n", ref.Document, ref.Version, ref.Server)
	b.WriteString(deeper(s.root.at("info", "description").text(), 1) + "\n\n")
	if all := s.root.at("x-org-settings").items(); all != nil {
		b.WriteString("### Settings\n\n" + tableHead("Key", "Default", "Type", "What it does"))
		for _, n := range all {
			b.WriteString(row("`"+n.at("key").text()+"`", n.at("default").text(), n.at("type").text(), n.at("help").text()))
		}
	}
	for i, tag := range s.root.at("tags").items() {
		g := ref.Groups[i]
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", g.Title, deeper(tag.at("description").text(), 2))
		for _, o := range g.Operations {
			text, err := s.operationText(o, 3, false)
			if err != nil {
				return "", err
			}
			b.WriteString("\n" + text)
		}
		if g.Errors == nil {
			continue
		}
		for _, f := range g.Errors.Families {
			fmt.Fprintf(&b, "\n### Codes of %s\n\n%s", f.Name, codesText(f.Faults))
		}
	}
	if ref.Rules != nil {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", ref.Rules.Title, strings.TrimSpace(ref.Rules.source))
		for _, r := range ref.Rules.Rules {
			fmt.Fprintf(&b, "\n### %s. %s\n\n%s\n", r.Number, r.Title, r.source)
		}
	}
	return b.String(), nil
}

// operationText writes an operation with its heading at a level; whole with all examples.
func (s *spec) operationText(o *operation, level int, whole bool) (string, error) {
	var b strings.Builder
	mark := strings.Repeat("#", level)
	fmt.Fprintf(&b, "%s %s\n\n`%s %s` · `%s`", mark, o.Title, o.Method, o.Path, o.Name)
	if o.Roles != nil {
		b.WriteString(" · roles: " + strings.Join(o.Roles, ", "))
	}
	fmt.Fprintf(&b, "\n\n%s\n", deeper(unannounced(o.Source), level-2))
	part := func(title string, fields []field, answer bool) {
		if len(fields) == 0 {
			return
		}
		fmt.Fprintf(&b, "\n%s# %s\n\n%s", mark, title, tableHead("Name", "Type", "Description"))
		fieldRows(&b, fields, "", answer)
	}
	for _, c := range o.Chunks {
		part(c.Title, c.Fields, false)
	}
	for _, p := range o.Parameters {
		part(p.Title, p.Fields, false)
	}
	if o.Body != nil {
		part("Body", o.Body.Fields, false)
	}
	part(o.Shared.Title, o.Shared.Fields, false)
	listed := map[string]bool{}
	for _, a := range o.Answers {
		if a.Body == nil || a.Failure {
			continue
		}
		title, fields := strings.TrimSuffix(a.Title, " "+a.Status)+" ("+a.Status+")", a.Body.Fields
		if listed[a.Body.ref] {
			fmt.Fprintf(&b, "\n%s# %s\n\nAs in the first response.\n", mark, title)
			continue
		}
		listed[a.Body.ref] = a.Body.ref != ""
		part(title, fields, true)
	}
	for _, c := range slices.Concat([]*call{o.Main}, o.More, o.Failures) {
		if c == nil || !whole && !c.Main {
			continue
		}
		text, err := callText(c)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "\n%s# Example: %s\n\n%s", mark, c.Title, text)
	}
	if all := slices.Concat(o.Codes, o.Common); all != nil {
		fmt.Fprintf(&b, "\n%s# Codes of %s\n\n%s", mark, o.Title, codesText(all))
	}
	return b.String(), nil
}

// unannounced leaves out headings under which nothing but the table of parameters would stand: that has a heading.
func unannounced(source string) string {
	var kept []string
	lines := strings.Split(strings.TrimSpace(source), "\n")
	for i, line := range lines {
		if m := textHeading.FindStringSubmatch(line); m != nil && announces(m[1]) {
			next := slices.IndexFunc(lines[i+1:], func(l string) bool { return strings.TrimSpace(l) != "" })
			if next < 0 || strings.HasPrefix(lines[i+1+next], "#") {
				continue
			}
		}
		kept = append(kept, line)
	}
	return strings.TrimSpace(strings.Join(kept, "\n"))
}

// callText is a request as a command, and its answer.
func callText(c *call) (string, error) {
	shell, err := samples.Languages()[1].Sample(c.request)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, set := range c.Settings {
		fmt.Fprintf(&b, "With the setting `%s` at `%s`.\n\n", set.Key, set.Value)
	}
	for _, step := range c.Steps {
		fmt.Fprintf(&b, "After %s: %s.\n\n", step.Of, step.Title)
	}
	fmt.Fprintf(&b, "```shell\n%s\n```\n\nStatus %d:\n", shell, c.Status)
	if c.answer != "" {
		fmt.Fprintf(&b, "\n```json\n%s\n```\n", c.answer)
	}
	return b.String(), nil
}

func fieldRows(b *strings.Builder, fields []field, path string, answer bool) {
	for _, f := range fields {
		kind := f.Type
		switch {
		case f.Required:
			kind += ", required"
		case answer && f.Sometimes:
			kind += ", not always"
		}
		text := []string{f.Source}
		if f.Values != nil {
			text = append(text, "`"+strings.Join(f.Values, "`, `")+"`.")
		}
		if f.unsaid != nil {
			text = append(text, strings.Join(f.unsaid, "; ")+".")
		}
		if f.Default != "" {
			text = append(text, "Default `"+f.Default+"`.")
		}
		b.WriteString(row("`"+path+f.Name+"`", kind, strings.Join(text, " ")))
		fieldRows(b, f.Fields, path+f.Name+".", answer)
	}
}

func codesText(all []*fault) string {
	var b strings.Builder
	b.WriteString(tableHead("Code", "Name", "Status", "Meaning", "What to do"))
	for _, f := range all {
		b.WriteString(row(strconv.Itoa(f.Number), f.Name, f.Words(), f.Message, f.Help))
	}
	return b.String()
}

func tableHead(cells ...string) string {
	return row(cells...) + strings.Repeat("|---", len(cells)) + "|\n"
}

func row(cells ...string) string {
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(strings.Join(strings.Fields(c), " "), "|", `\|`)
	}
	return "| " + strings.Join(cells, " | ") + " |\n"
}

// deeper moves the headings of a Markdown text down by some levels; not in its code.
func deeper(text string, levels int) string {
	var b strings.Builder
	code := false
	for line := range strings.Lines(strings.TrimSpace(text)) {
		if strings.HasPrefix(line, "```") {
			code = !code
		}
		if !code && levels > 0 && strings.HasPrefix(line, "#") {
			b.WriteString(strings.Repeat("#", levels))
		}
		b.WriteString(line)
	}
	return b.String()
}

var madeFence = regexp.MustCompile("(?m)^```(call|calculator|drawing) ?(.*)\n```\n")

// guideText is a guide with its requests as commands, its drawings in words, and the
// calculation of the header for the demo's till.
func (s *spec) guideText(g Guide) (string, error) {
	var failed error
	text := madeFence.ReplaceAllStringFunc(string(g.Text), func(m string) string {
		parts := madeFence.FindStringSubmatch(m)
		var text string
		var err error
		switch c := s.calls[parts[2]]; {
		case parts[1] == "calculator":
			text = tableHead("Step", "Value") + row("MD5 of `"+shown.Password+"`", "`"+shown.MD5+"`") +
				row("joined with the till", "`"+shown.Till+":"+shown.MD5+"`") + row("in Base64, as the header", "`Authorization: "+shown.Header+"`")
		case parts[1] == "drawing":
			text, err = drawingText(parts[2])
		case c == nil:
			err = fmt.Errorf("there is no example %q", parts[2])
		default:
			text, err = callText(c)
		}
		failed = cmp.Or(failed, err)
		return text
	})
	return text, failed
}

// drawingText is what a drawing shows, in words: its description, its steps and its caption.
func drawingText(name string) (string, error) {
	data, err := assets.ReadFile("assets/" + name + ".html")
	if err != nil {
		return "", err
	}
	nodes, err := html.ParseFragment(bytes.NewReader(data), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		return "", err
	}
	var b strings.Builder
	steps := 0
	for _, top := range nodes {
		for n := range top.Descendants() {
			switch n.Data {
			case "desc":
				b.WriteString(linked(n) + "\n\n")
			case "li":
				steps++
				fmt.Fprintf(&b, "%d. %s\n", steps, linked(n))
			case "figcaption":
				b.WriteString("\n" + linked(n) + "\n")
			}
		}
	}
	return b.String(), nil
}

// linked is the text of an element, with its links as Markdown.
func linked(n *html.Node) string {
	var b strings.Builder
	for c := range n.ChildNodes() {
		switch {
		case c.Type == html.TextNode:
			b.WriteString(c.Data)
		case c.DataAtom == atom.A:
			fmt.Fprintf(&b, "[%s](%s)", words(c), attribute(c, "href"))
		default:
			b.WriteString(linked(c))
		}
	}
	return b.String()
}
