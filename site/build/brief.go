package build

import (
	"html/template"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// The page of the whole reference carries a brief form of each operation, so that it stays
// small however many there are, in bytes and in elements: the beginning of its prose, the
// names of its parameters, topmost fields and codes, and one request with its answer, as text.
// All of it stands in the page of the operation, which the script puts in place before the
// reader comes there.
const (
	briefProse   = 300 // bytes of text after the first paragraph
	briefSection = 400 // bytes of a part under a heading of its own: larger ones are left out
	briefAnswer  = 400 // bytes
)

// BriefText is the beginning of the prose behind the first paragraph.
func (o *operation) BriefText() (template.HTML, error) {
	if len(o.Text) <= briefProse {
		return o.Text, nil
	}
	nodes, err := html.ParseFragment(strings.NewReader(string(o.Text)), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		return "", err
	}
	var b strings.Builder
	left := briefProse
	for _, n := range nodes {
		if n.Type != html.ElementNode {
			continue
		}
		if left -= len(words(n)); left < 0 {
			break
		}
		if err := html.Render(&b, n); err != nil {
			return "", err
		}
		b.WriteByte('\n')
	}
	return template.HTML(b.String()), nil
}

// BriefChunks are the short parts of the prose under headings of their own.
func (o *operation) BriefChunks() []opChunk {
	var all []opChunk
	left := 2 * briefSection
	for _, c := range o.Chunks {
		if n := len(c.Text) + len(c.Pane); c.Fields == nil && (n > briefSection || n > left) {
			continue
		} else {
			left -= n
		}
		all = append(all, c)
	}
	return all
}

// BriefRequest is the request as text.
func (c *call) BriefRequest() (string, error) { return c.bare() }

// BriefAnswer is the answer as text, cut at a line where it is long.
func (c *call) BriefAnswer() string {
	if len(c.answer) <= briefAnswer {
		return c.answer
	}
	at := strings.LastIndexByte(c.answer[:briefAnswer], '\n')
	indent := strings.Repeat(" ", len(c.answer[at+1:])-len(strings.TrimLeft(c.answer[at+1:], " ")))
	return c.answer[:at+1] + indent + "…"
}
