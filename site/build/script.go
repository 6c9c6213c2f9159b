package build

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html/template"
	"path"
	"strconv"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

//go:embed scripts/*.ts scripts/*.css
var sources embed.FS

// scripts is what a page needs to load its scripts. Paths are relative to the site's root.
type scripts struct {
	Inline        template.JS // stands behind the bar's choices, runs before the first paint
	InlineHash    string      // of Inline, as script-src takes it: sha256-…
	Page          string      // the module that every page loads
	Search, Tryit string      // loaded by it at first use
	Forms         string      // the requests of all operations, for the forms
	Till, Key     string      // the credentials of the printed samples, without the word Basic
	Files         []File
}

// scripts bundles the scripts and writes the data of the forms. The index of the search
// needs the finished pages, see withIndex.
func (s *spec) scripts() (*scripts, error) {
	first, err := bundle("first.ts", nil)
	if err != nil {
		return nil, err
	}
	first = bytes.TrimSpace(first)
	sum := sha256.Sum256(first)
	js := &scripts{
		Inline:     template.JS(first),
		InlineHash: "sha256-" + base64.StdEncoding.EncodeToString(sum[:]),
		Till:       strings.TrimPrefix(demoHeader(), "Basic "),
		Key:        demoKey,
	}
	later := map[string]string{} // what a script loads itself, by the name that stands for it there
	for _, f := range []struct {
		source, name string
		path         *string
	}{
		{"page.ts", "", &js.Page},
		{"search.css", "SEARCH_SHEET", nil},
		{"search.ts", "", &js.Search},
		{"samples.ts", "SAMPLES", nil},
		{"credentials.ts", "CREDENTIALS", nil},
		{"parts.ts", "PARTS", nil},
		{"tryit.css", "TRYIT_SHEET", nil},
		{"tryit.ts", "", &js.Tryit},
	} {
		data, err := bundle(f.source, later)
		if err != nil {
			return nil, err
		}
		file := hashed(strings.Replace(f.source, ".ts", ".js", 1), data)
		js.Files = append(js.Files, file)
		if f.path != nil {
			*f.path = file.Path
		} else {
			later[f.name] = strconv.Quote("./" + path.Base(file.Path))
		}
	}
	forms, err := s.forms()
	if err != nil {
		return nil, err
	}
	file := hashed("forms.json", forms)
	js.Forms = file.Path
	js.Files = append(js.Files, file)
	return js, nil
}

// hashed names an asset after its content, so that it can be kept for ever.
func hashed(name string, data []byte) File {
	sum := sha256.Sum256(data)
	stem, ext, _ := strings.Cut(name, ".")
	return File{fmt.Sprintf("assets/%s.%s.%s", stem, hex.EncodeToString(sum[:6]), ext), data}
}

// bundle makes one file of a script or a style sheet and what it imports, without blanks
// and comments; names are replaced by what they stand for. Types are taken away, not
// checked: `make check` does that.
func bundle(name string, names map[string]string) ([]byte, error) {
	r := api.Build(api.BuildOptions{
		EntryPoints:       []string{"./" + name},
		Bundle:            true,
		Format:            api.FormatESModule,
		Target:            api.ES2022,
		Charset:           api.CharsetUTF8,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		LegalComments:     api.LegalCommentsNone,
		Define:            names,
		Outdir:            "/",
		Plugins:           []api.Plugin{embedded},
	})
	if len(r.Errors) > 0 {
		e := r.Errors[0]
		if e.Location != nil {
			return nil, fmt.Errorf("%s:%d: %s", e.Location.File, e.Location.Line, e.Text)
		}
		return nil, fmt.Errorf("%s: %s", name, e.Text)
	}
	if len(r.OutputFiles) != 1 {
		return nil, fmt.Errorf("%s: %d files instead of one", name, len(r.OutputFiles))
	}
	return r.OutputFiles[0].Contents, nil
}

// embedded reads from sources: the site is a function of the program's bytes alone.
var embedded = api.Plugin{Name: "embedded", Setup: func(b api.PluginBuild) {
	b.OnResolve(api.OnResolveOptions{Filter: `^\./`}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
		name := path.Base(a.Path)
		if path.Ext(name) == "" {
			name += ".ts"
		}
		return api.OnResolveResult{Path: name, Namespace: "embedded"}, nil
	})
	b.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: "embedded"}, func(a api.OnLoadArgs) (api.OnLoadResult, error) {
		data, err := sources.ReadFile("scripts/" + a.Path)
		text, loader := string(data), api.LoaderTS
		if path.Ext(a.Path) == ".css" {
			loader = api.LoaderCSS
		}
		return api.OnLoadResult{Contents: &text, Loader: loader}, err
	})
}}
