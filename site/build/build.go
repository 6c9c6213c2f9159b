// Package build renders the reference site from openapi.yaml, CHANGES.md and site/guides. It
// is a pure function of their bytes and of the templates, assets and scripts beside it: the
// same input gives the same files on any machine, on any day. The server does not import
// it; package site serves what it made.
//
// The page of the reference is brief about each operation, so that it stays small, see brief.go;
// the rest stands in the pages of single operations and in guides. Every address in it is
// relative, see relocate.
//
// Prose is Markdown without raw HTML, and a few forms of it mean more:
//   - a heading begins a section that one can link to; its id is its text in kebab-case,
//     in an operation behind the operation's own id;
//   - a block of code that names its language stands in the code pane, others in the text;
//   - a paragraph of nothing but a code span is a line of code;
//   - a quotation is a notice, a warning when it begins with **Warning.**, and good news
//     when it begins with **Success.** or **Remember.**;
//   - *our rule 3* marks what the published API leaves open, and leads to the reason, which
//     site/guides/our-rules.md has under "## 3. …";
//   - a block "call operationId/example" is a request in every language with its answer,
//     "calculator" makes the Authorization header, "drawing name" is one of the assets;
//   - the number of a code becomes a link to it, see linkCodes;
//   - the headings Query Parameters, URL Parameters, Headers and Cookies of an operation
//     are where its parameters are listed; a table written there gives way to them.
package build

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// File is a file of the site, by its path below the site's root.
type File struct {
	Path string
	Data []byte
}

//go:embed assets
var assets embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"odd":   func(i int) bool { return i%2 == 1 },
	"inc":   func(i int) int { return i + 1 },
	"lower": strings.ToLower,
}).ParseFS(assets, "assets/*.tmpl"))

// Source is all that a site is made of.
type Source struct {
	Spec    []byte  // openapi.yaml
	Changes []byte  // CHANGES.md; nil: no page of changes
	Guides  []Guide // one of them, our-rules, has the reasons of our own rules
}

// changes is the name of the page that the Changes make.
const changes = "changes"

// Load reads the source of the site from the root of the project.
func Load(root string) (Source, error) {
	var src Source
	var err error
	if src.Spec, err = os.ReadFile(filepath.Join(root, "openapi.yaml")); err != nil {
		return src, err
	}
	if src.Changes, err = os.ReadFile(filepath.Join(root, "CHANGES.md")); err != nil {
		return src, err
	}
	names, err := filepath.Glob(filepath.Join(root, "site", "guides", "*.md"))
	if err != nil {
		return src, err
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return src, err
		}
		src.Guides = append(src.Guides, Guide{strings.TrimSuffix(filepath.Base(name), ".md"), text})
	}
	return src, nil
}

// texts are the pages of prose, in their order.
func (src Source) texts() []Guide {
	var all []Guide
	for _, g := range ordered(src.Guides) {
		if g.Name != rulesGuide {
			all = append(all, g)
		}
	}
	if src.Changes != nil {
		all = append(all, Guide{changes, src.Changes})
	}
	return all
}

func (src Source) rules() []byte {
	for _, g := range src.Guides {
		if g.Name == rulesGuide {
			return g.Text
		}
	}
	return nil
}

// Policy is the name of the file that holds the content security policy of the pages. It
// is sent as a header, and is no page itself.
const Policy = "policy.txt"

// Site renders all files of the site, the page of the reference first. An error that is
// about openapi.yaml begins with the line that it is about.
func Site(src Source) ([]File, error) {
	s, err := read(src.Spec)
	if err != nil {
		return nil, err
	}
	ref, err := s.reference(src.rules())
	if err != nil {
		return nil, err
	}
	sheet, err := asset("site.css", tight)
	if err != nil {
		return nil, err
	}
	icon, err := asset("icon.svg", func(svg []byte) ([]byte, error) { return bytes.TrimSpace(svg), nil })
	if err != nil {
		return nil, err
	}
	js, err := s.scripts()
	if err != nil {
		return nil, err
	}
	files, err := s.pages(ref, src, js, sheet, icon)
	if err != nil {
		return nil, err
	}
	if files, err = withIndex(files); err != nil {
		return nil, err
	}
	files = append(append(files, sheet, icon), js.Files...)
	texts, err := s.markdownFiles(ref, src)
	if err != nil {
		return nil, err
	}
	files = append(files, anchored(texts, files)...)
	postman, err := s.postman(ref)
	if err != nil {
		return nil, err
	}
	policy := "default-src 'none'; script-src 'self' '" + js.InlineHash + "'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	return append(files, postman, File{"openapi.yaml", src.Spec}, File{"config.json", []byte(config)}, File{Policy, []byte(policy + "\n")}), nil
}

// config is what a page finds where no server answers config.json.
const config = `{"server": "", "demo": null, "sandbox": false, "version": ""}` + "\n"

// asset gives a file of assets the hash of its content as part of its name, so that it
// can be kept for ever by who has fetched it.
func asset(name string, prepare func([]byte) ([]byte, error)) (File, error) {
	data, err := assets.ReadFile("assets/" + name)
	if err != nil {
		return File{}, err
	}
	if data, err = prepare(data); err != nil {
		return File{}, err
	}
	return hashed(name, data), nil
}

// tight is a style sheet without what only its authors read.
func tight(css []byte) ([]byte, error) {
	r := api.Transform(string(css), api.TransformOptions{
		Loader: api.LoaderCSS, Charset: api.CharsetUTF8, MinifyWhitespace: true, MinifySyntax: true,
		// As it is written: the browsers that know light-dark() know the rest.
		Engines: []api.Engine{{Name: api.EngineChrome, Version: "123"}, {Name: api.EngineFirefox, Version: "121"}, {Name: api.EngineSafari, Version: "17.5"}},
	})
	if len(r.Errors) > 0 {
		return nil, fmt.Errorf("site.css:%d: %s", r.Errors[0].Location.Line, r.Errors[0].Text)
	}
	return r.Code, nil
}
