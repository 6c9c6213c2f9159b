package build

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const grownCodes = 300

// grown is the project's own contract, grown to so many operations and 300 codes: copies under other names, with prose of the same words in another order, so that
// nothing is gained by their being copies.
func grown(t testing.TB, operations int) []byte {
	t.Helper()
	src, err := Load(root)
	if err != nil {
		t.Fatal(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(src.Spec, &doc); err != nil {
		t.Fatal(err)
	}
	top := doc.Content[0]
	paths, schemas, faults := child(top, "paths"), child(child(top, "components"), "schemas"), child(top, "x-faults")
	ownPaths, ownSchemas, ownFaults := len(paths.Content), len(schemas.Content), len(faults.Content)
	var words []string
	walkYAML(top, func(key string, n *yaml.Node) {
		if key == "description" || key == "help" {
			words = append(words, proseWord.FindAllString(n.Value, -1)...)
		}
	})
	have := 0
	for i := 1; i < ownPaths; i += 2 {
		have += operationsOf(paths.Content[i])
	}
	for copy := 1; len(faults.Content) < grownCodes; copy++ {
		r := rand.New(rand.NewPCG(uint64(copy), 7))
		for _, f := range faults.Content[:ownFaults] {
			f := cloneYAML(f)
			if child(f, "family").Value == "http" || len(faults.Content) >= grownCodes {
				continue
			}
			child(f, "family").Value += fmt.Sprint(copy)
			child(f, "name").Value += fmt.Sprint(copy)
			shuffle(f, words, r)
			faults.Content = append(faults.Content, f)
		}
	}
	for copy := 1; have < operations; copy++ {
		r := rand.New(rand.NewPCG(uint64(copy), 1))
		mark := fmt.Sprint(copy)
		rename := func(n *yaml.Node) {
			walkYAML(n, func(key string, n *yaml.Node) {
				switch {
				case key == "$ref" && strings.HasPrefix(n.Value, "#/components/schemas/"):
					n.Value += mark
				case key == "operationId":
					n.Value += mark
				case key == "summary" && copy < 100:
					n.Value = strings.Join(strings.Fields(words[r.IntN(len(words))]+" "+n.Value+" "+words[r.IntN(len(words))]+" "+mark), " ")
				}
			})
			shuffle(n, words, r)
		}
		for i := 0; i < ownSchemas; i += 2 {
			key, n := cloneYAML(schemas.Content[i]), cloneYAML(schemas.Content[i+1])
			key.Value += mark
			rename(n)
			schemas.Content = append(schemas.Content, key, n)
		}
		for i := 0; i < ownPaths && have < operations; i += 2 {
			key, n := cloneYAML(paths.Content[i]), cloneYAML(paths.Content[i+1])
			key.Value = "/" + mark + key.Value
			rename(n)
			paths.Content = append(paths.Content, key, n)
			have += operationsOf(n)
		}
	}
	text, err := yaml.Marshal(&doc)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

var (
	proseWord = regexp.MustCompile(`[a-z]{4,}`)
	keptWords = regexp.MustCompile("```[^`]*```|`[^`]*`|\\]\\([^)]*\\)|\\{[^}]*\\}|\\*our rule[^*]*\\*|error|warning|code|#.*")
)

// shuffle puts other words into the prose below a node, and leaves what has a meaning.
func shuffle(n *yaml.Node, words []string, r *rand.Rand) {
	walkYAML(n, func(key string, n *yaml.Node) {
		if key != "description" && key != "help" && key != "message" {
			return
		}
		var b strings.Builder
		swap := func(s string) {
			b.WriteString(proseWord.ReplaceAllStringFunc(s, func(string) string { return words[r.IntN(len(words))] }))
		}
		at := 0
		for _, m := range keptWords.FindAllStringIndex(n.Value, -1) {
			swap(n.Value[at:m[0]])
			b.WriteString(n.Value[m[0]:m[1]])
			at = m[1]
		}
		swap(n.Value[at:])
		n.Value = b.String()
	})
}

func walkYAML(n *yaml.Node, f func(key string, n *yaml.Node)) {
	var walk func(key string, n *yaml.Node)
	walk = func(key string, n *yaml.Node) {
		switch n.Kind {
		case yaml.ScalarNode:
			f(key, n)
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				walk(n.Content[i].Value, n.Content[i+1])
			}
		default:
			for _, c := range n.Content {
				walk(key, c)
			}
		}
	}
	walk("", n)
}

func child(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return &yaml.Node{}
}

func cloneYAML(n *yaml.Node) *yaml.Node {
	out := *n
	out.Content = nil
	for _, c := range n.Content {
		out.Content = append(out.Content, cloneYAML(c))
	}
	return &out
}

func operationsOf(item *yaml.Node) int {
	n := 0
	for i := 0; i < len(item.Content); i += 2 {
		for _, m := range methods {
			n += boolInt(item.Content[i].Value == m)
		}
	}
	return n
}

// grownSite is the site of a grown contract.
func grownSite(t testing.TB, operations int) []File {
	t.Helper()
	src := source(t)
	src.Spec = grown(t, operations)
	files, err := Site(src)
	if err != nil {
		t.Fatal(err)
	}
	return files
}
