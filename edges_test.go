package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Which of our packages each may import. Whoever is not named may import none of ours.
var edges = map[string][]string{
	"":               {"cli"},
	"bench":          {"db", "fault", "gen", "handlers"},
	"cli":            {"db", "fault", "handlers", "site", "webhook"},
	"e2e":            {"db", "e2e/demo", "handlers", "site"},
	"e2e/demo":       {"db"},
	"e2e/languages":  {"e2e/demo", "handlers", "site", "site/build/samples"},
	"db":             {"fault"},
	"fault":          {},
	"gen":            {},
	"gen/contract":   {},
	"gen/faults":     {},
	"handlers":       {"db", "fault", "gen", "webhook"},
	"site":           {},
	"webhook":        {},
	"site/build":     {"site/build/samples"},
	"site/build/cmd": {"site/build"},

	"site/build/samples": {},
}

// Packages that only some of ours may import.
var reserved = map[string][]string{
	"database/sql":                           {"db"},
	"modernc.org/sqlite":                     {"db"},
	"github.com/labstack/echo/v4":            {"gen", "handlers"},
	"github.com/getkin/kin-openapi/openapi3": {"gen", "handlers", "site/build"},
	"github.com/spf13/cobra":                 {"cli"},
	"github.com/yuin/goldmark":               {"site/build"},
}

// The drawing of the architecture stays true: imports go only where it has an arrow.
func TestImportEdges(t *testing.T) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	out, err := cmd.Output()
	if err != nil {
		var e *exec.ExitError
		if errors.As(err, &e) {
			t.Fatalf("%s", e.Stderr)
		}
		t.Fatal(err)
	}
	const module = "github.com/arteriole/arteriole"
	seen := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen++
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		may, known := edges[name]
		if !known {
			t.Errorf("package %s is not in the drawing: add it to edges, with what it may import", name)
		}
		for _, i := range p.Imports {
			if ours, ok := strings.CutPrefix(i, module+"/"); ok && !slices.Contains(may, ours) {
				t.Errorf("%s may not import %s", name, ours)
			}
			if only, ok := reserved[i]; ok && !slices.Contains(only, name) {
				t.Errorf("%s may not import %s: only %s may", name, i, strings.Join(only, ", "))
			}
		}
	}
	if seen < len(edges)-2 {
		t.Errorf("only %d packages were seen", seen)
	}
}
