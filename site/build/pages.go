package build

import (
	"bytes"
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strings"

	"github.com/arteriole/arteriole/site/build/samples"
)

// page is what the templates draw: the document, and what differs from page to page.
// Addresses in it are relative to the site's root; relocate makes them right for pages
// below it.
type page struct {
	*reference
	credentialsShown
	Title, About string
	Sheet, Icon  string
	Text         string // the same as Markdown
	Script       *pageScript
	Inline       template.JS
	Home         bool // the page of the whole reference
	Languages    []tab
	Contents     []part
	Operation    *operation // of a page of its own
	Sections     []section  // of a guide
	path         string
}

type tab struct{ ID, Name string }

// credentialsShown are those of the demo, as the calculator shows them.
type credentialsShown struct{ Till, Password, MD5, Header string }

var shown = credentialsShown{demoTill, demoPassword, demoMD5(), samples.Till(demoTill, demoPassword)}

// pageScript is the module of every page, and what it finds in its own element.
type pageScript struct {
	Path string
	Data []setting
}

// part is a heading of the list, with entries or with groups of them.
type part struct {
	Title   string
	Entries []entry
	Groups  []entries
}

type entries struct {
	ID, Title string
	Entries   []entry
}

type entry struct {
	To, Title, Method string
	Sub, Here         bool
}

// pages draws every page of the site.
func (s *spec) pages(ref *reference, src Source, js *scripts, sheet, icon File) ([]File, error) {
	frame := page{
		reference: ref, credentialsShown: shown, Sheet: sheet.Path, Icon: icon.Path, Inline: js.Inline,
		Script: &pageScript{js.Page, []setting{
			{"root", ""}, {"server", demoServer}, {"index", indexName}, {"search", js.Search}, {"tryit", js.Tryit},
			{"forms", js.Forms}, {"till", js.Till}, {"key", js.Key},
		}},
	}
	for _, l := range samples.Languages() {
		frame.Languages = append(frame.Languages, tab{l.ID, l.Title})
	}
	var files []File
	draw := func(name string, p page) error {
		if !slices.ContainsFunc(p.Sections, func(s section) bool { return s.Pane != "" }) {
			for i := range p.Sections {
				p.Sections[i].Wide = true
			}
		}
		p.Contents = contents(ref, src, p.path)
		var b bytes.Buffer
		if err := templates.ExecuteTemplate(&b, name, &p); err != nil {
			return err
		}
		files = append(files, File{p.path, sparing(b.Bytes())})
		return nil
	}
	p := frame
	p.path, p.Home, p.Title, p.Text = "index.html", true, ref.Document, "reference.md"
	p.About = fmt.Sprintf("Reference of %s, version %s: every operation with its parameters, answers, examples and codes.", ref.Document, ref.Version)
	if err := draw("index", p); err != nil {
		return nil, err
	}
	for _, g := range ref.Groups {
		for _, o := range g.Operations {
			p := frame
			p.path, p.Text, p.Title = "operations/"+o.Name+".html", "operations/"+o.Name+".md", o.Title+" · "+ref.Document
			p.About = o.Method + " " + o.Path + ": parameters, answers, examples and codes."
			p.Operation = o.alone()
			if err := draw("alone", p); err != nil {
				return nil, err
			}
		}
	}
	if ref.Setup != nil {
		p := frame
		p.path, p.Title = setupPage, setupTitle+" · "+ref.Document
		p.About = "What an organization of " + ref.Document + " can set, what each role may call, and what is served under other spellings."
		p.Sections = append([]section{{chunk: chunk{Level: 1, Title: setupTitle, ID: "top-of-setup"}}}, ref.Setup...)
		if err := draw("guide", p); err != nil {
			return nil, err
		}
	}
	if ref.Rules != nil {
		p := frame
		p.path, p.Title = rulesPage, ref.Rules.Title+" · "+ref.Document
		p.About = "What " + ref.Document + " decided where the published documents leave a gap, and why."
		p.Sections = []section{{chunk: ref.Rules.chunk, Reasons: ref.Rules.Rules}}
		if err := draw("guide", p); err != nil {
			return nil, err
		}
	}
	for _, g := range src.texts() {
		p := frame
		p.path, p.Title = g.to(), g.title()+" · "+ref.Document
		p.About = g.title() + ", a guide to " + ref.Document + "."
		p.Text = "guides/" + g.Name + ".md"
		all, err := s.guide(g)
		if err != nil {
			return nil, err
		}
		for _, c := range all {
			p.Sections = append(p.Sections, section{chunk: c})
		}
		if all[0].ID != g.Name {
			p.Sections[0].Name = g.Name
		}
		if err := draw("guide", p); err != nil {
			return nil, err
		}
	}
	homes := map[string]string{} // of ids, by id: the first page that has it
	for _, f := range files {
		for _, m := range idOf.FindAllSubmatch(f.Data, -1) {
			if id := string(m[1]); homes[id] == "" {
				homes[id] = f.Path
			}
		}
	}
	for i, f := range files {
		files[i].Data = relocate(f, homes)
	}
	return files, nil
}

// The page about the organization.
const (
	setupPage  = "guides/settings.html"
	setupTitle = "Settings, roles, spellings"
	rulesPage  = "guides/our-rules.html"
)

var (
	addressed = regexp.MustCompile(` (href|src|data-root|data-index|data-search|data-tryit|data-forms)="([^":]*)"`)
	idOf      = regexp.MustCompile(` id="([^"]*)"`)
)

var betweenTags = regexp.MustCompile(`>[^<]*&#3[49];[^<]*`)

// sparing writes quotation marks as themselves where they stand in text: samples are full of them.
func sparing(page []byte) []byte {
	return betweenTags.ReplaceAllFunc(page, func(text []byte) []byte {
		return bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("&#34;"), []byte{'"'}), []byte("&#39;"), []byte{'\''})
	})
}

// relocate makes the addresses of a page right, which are relative to the site's root: no
// link of a site begins there, so it can stand in any folder. An anchor that the page does
// not have leads to the page that has it.
func relocate(f File, homes map[string]string) []byte {
	root, own := strings.Repeat("../", strings.Count(f.Path, "/")), map[string]bool{}
	for _, m := range idOf.FindAllSubmatch(f.Data, -1) {
		own[string(m[1])] = true
	}
	return addressed.ReplaceAllFunc(f.Data, func(m []byte) []byte {
		parts := addressed.FindSubmatch(m)
		key, to := string(parts[1]), string(parts[2])
		if anchor, within := strings.CutPrefix(to, "#"); within {
			if own[anchor] {
				return m
			}
			to = strings.TrimSuffix(homes[anchor], "index.html") + to
		}
		if to = root + strings.TrimPrefix(to, "./"); to == "" && key == "href" {
			to = "./"
		}
		return []byte(" " + key + `="` + to + `"`)
	})
}

// contents is the list of a page. What begins with "./" is in the reference, even on a page that has the same anchor.
func contents(ref *reference, src Source, here string) []part {
	var start, operations, guides, look part
	start.Title, operations.Title, guides.Title, look.Title = "Start", "Operations", "Guides", "Look up"
	for _, sec := range ref.Start {
		start.Entries = append(start.Entries, entry{To: "./#" + sec.ID, Title: sec.Title, Sub: sec.Level > 3})
	}
	for _, g := range src.texts() {
		e := entry{To: g.to(), Title: g.title(), Here: g.to() == here}
		if g.Name == changes {
			look.Entries = append(look.Entries, e)
			continue
		}
		guides.Entries = append(guides.Entries, e)
	}
	if ref.Setup != nil {
		look.Entries = append([]entry{{To: setupPage, Title: setupTitle, Here: here == setupPage}}, look.Entries...)
	}
	for _, g := range ref.Groups {
		if g.Errors != nil {
			look.Entries = append([]entry{{To: "./#" + g.ID, Title: g.Title}, {To: "./#all-codes", Title: "All codes"}}, look.Entries...)
			continue
		}
		all := entries{ID: g.ID, Title: g.Title}
		for _, o := range g.Operations {
			all.Entries = append(all.Entries, entry{To: "#" + o.ID, Title: o.Title, Method: o.Method})
		}
		operations.Groups = append(operations.Groups, all)
	}
	if ref.Rules != nil {
		look.Entries = append(look.Entries, entry{To: rulesPage, Title: ref.Rules.Title, Here: here == rulesPage})
	}
	var all []part
	for _, p := range []part{start, operations, guides, look} {
		if p.Entries != nil || p.Groups != nil {
			all = append(all, p)
		}
	}
	return all
}
