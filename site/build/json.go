package build

import (
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v3"
)

// codeWidth is how many columns of code fit the pane of the three-pane page at 1440 px.
const codeWidth = 66

// indented writes a YAML value as JSON for reading: keys in the order of the file, and
// what fits a line and nests no further on one line, though never the whole value.
func indented(n node) string {
	var b strings.Builder
	writeJSON(&b, n, 0, true)
	return b.String()
}

// compact writes it on one line.
func compact(n node) string {
	var b strings.Builder
	writeJSON(&b, n, -1, false)
	return b.String()
}

// writeJSON writes n at a depth; depth -1 is all on one line.
func writeJSON(b *strings.Builder, n node, depth int, whole bool) {
	open, end := "{", "}"
	pairs := n.pairs()
	if !n.mapping() {
		if n.ok() && n.y.Kind != yaml.SequenceNode {
			b.WriteString(scalarJSON(n))
			return
		}
		open, end = "[", "]"
		for _, item := range n.items() {
			pairs = append(pairs, pair{val: item})
		}
	}
	if len(pairs) == 0 {
		b.WriteString(open + end)
		return
	}
	if depth >= 0 && !whole && flat(n) {
		if line := compact(n); len(line)+2*depth <= codeWidth {
			b.WriteString(line)
			return
		}
	}
	gap, next := "\n"+strings.Repeat("  ", max(depth, 0)), depth+1
	if depth < 0 {
		gap, next = "", depth
	}
	b.WriteString(open)
	for i, p := range pairs {
		switch {
		case i > 0 && depth < 0:
			b.WriteString(", ")
		case i > 0:
			b.WriteString(",")
		}
		if depth >= 0 {
			b.WriteString(gap + "  ")
		}
		if n.mapping() {
			b.WriteString(quoteJSON(p.key) + ": ")
		}
		writeJSON(b, p.val, next, false)
	}
	b.WriteString(gap + end)
}

// flat says whether nothing in n nests.
func flat(n node) bool {
	for _, p := range n.pairs() {
		if !p.val.scalar() && len(p.val.y.Content) > 0 {
			return false
		}
	}
	for _, item := range n.items() {
		if !item.scalar() && len(item.y.Content) > 0 {
			return false
		}
	}
	return true
}

func scalarJSON(n node) string {
	if !n.ok() {
		return "null"
	}
	switch n.y.ShortTag() {
	case "!!null":
		return "null"
	case "!!int", "!!float", "!!bool":
		if json.Valid([]byte(n.y.Value)) {
			return n.y.Value
		}
		var v any
		if n.y.Decode(&v) == nil {
			if out, err := json.Marshal(v); err == nil {
				return string(out)
			}
		}
	}
	return quoteJSON(n.y.Value)
}

// quoteJSON quotes without escaping what only HTML minds; the page escapes that itself.
func quoteJSON(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a string always encodes
	}
	return strings.TrimSuffix(b.String(), "\n")
}
