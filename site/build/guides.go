package build

import (
	"cmp"
	"errors"
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strings"
)

// Guide is a page of prose, as Markdown: its first line is its title, a heading of the
// first level.
type Guide struct {
	Name string // of its file, without .md
	Text []byte
}

func (g Guide) title() string {
	line, _, _ := strings.Cut(string(g.Text), "\n")
	return strings.TrimSpace(strings.TrimPrefix(line, "#"))
}

func (g Guide) to() string { return "guides/" + g.Name + ".html" }

// rulesGuide is drawn by itself: its headings are the reasons of our own rules.
const rulesGuide = "our-rules"

// guideOrder is that of the list; what it does not name comes behind, by name.
var guideOrder = []string{
	"getting-started", "authentication", "sources-and-accounts", "merging", "paging", "errors", "limits", "idempotency",
}

func ordered(guides []Guide) []Guide {
	place := func(g Guide) int {
		if at := slices.Index(guideOrder, g.Name); at >= 0 {
			return at
		}
		return len(guideOrder)
	}
	all := slices.Clone(guides)
	slices.SortFunc(all, func(a, b Guide) int {
		if d := place(a) - place(b); d != 0 {
			return d
		}
		return strings.Compare(a.Name, b.Name)
	})
	return all
}

// guide draws a page of prose: a section for each heading of the first and second level.
// It has ids of its own, since no other page shares them.
func (s *spec) guide(g Guide) ([]chunk, error) {
	own := *s
	own.ids = &ids{}
	for _, id := range ownIDs[:5] {
		own.ids.take(id)
	}
	all, err := own.chunks(string(g.Text), "", 0, nil)
	if err == nil && (len(all) == 0 || all[0].Level != 1) {
		err = errors.New("it does not begin with a title")
	}
	if err != nil {
		return nil, fmt.Errorf("%s.md: %w", g.Name, err)
	}
	var out []chunk
	for _, c := range all {
		if c.Level > 2 && len(out) > 0 { // below the section before
			last := &out[len(out)-1]
			var b strings.Builder
			if err := templates.ExecuteTemplate(&b, "heading", c); err != nil {
				return nil, err
			}
			last.Text += template.HTML(b.String()) + c.Text
			last.Pane += c.Pane
			continue
		}
		out = append(out, c)
	}
	return out, nil
}

var ruleHead = regexp.MustCompile(`(?m)^## (\d+)\. (.+)$`)

// readRules reads the reasons of our own rules: a title, an introduction, and a heading
// "## 1. Title" for each.
func (s *spec) readRules(text []byte) (*ownRules, error) {
	if len(text) == 0 {
		return nil, nil
	}
	all := &ownRules{chunk: chunk{Level: 1, Title: "Our rules", ID: "our-rules"}}
	heads := ruleHead.FindAllSubmatchIndex(text, -1)
	if heads == nil {
		return nil, errors.New("our-rules.md: no rule")
	}
	_, all.source, _ = strings.Cut(string(text[:heads[0][0]]), "\n")
	for i, h := range heads {
		end := len(text)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		r := &ownRule{Number: string(text[h[2]:h[3]]), Title: string(text[h[4]:h[5]]), source: strings.TrimSpace(string(text[h[1]:end]))}
		if s.rules[r.Number] != nil {
			return nil, fmt.Errorf("our-rules.md: rule %s stands twice", r.Number)
		}
		r.ID = s.ids.take("rule-" + r.Number)
		s.rules[r.Number] = r
		all.Rules = append(all.Rules, r)
	}
	slices.SortStableFunc(all.Rules, func(a, b *ownRule) int { // those of one subject were not written at one time
		return cmp.Or(len(a.Number)-len(b.Number), strings.Compare(a.Number, b.Number))
	})
	return all, nil
}

// drawRules makes the reasons when all that they may link to is known, and sees to it that
// each mark has one.
func (s *spec) drawRules(all *ownRules) error {
	if all == nil {
		return nil
	}
	var err error
	if all.Text, err = s.prose(all.source, nil); err != nil {
		return err
	}
	for _, r := range all.Rules {
		if r.Text, err = s.prose(r.source, nil); err != nil {
			return err
		}
		if !s.cited[r.Number] {
			return fmt.Errorf("our-rules.md: no text names our rule %s", r.Number)
		}
	}
	for number := range s.cited {
		if s.rules[number] == nil {
			return fmt.Errorf("our-rules.md: there is no rule %s", number)
		}
	}
	return nil
}
