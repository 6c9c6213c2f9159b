package build

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// node is a YAML node that need not be there: reading from a missing one gives
// nothing. Its pairs keep the order of the file, which is the order of the page.
type node struct{ y *yaml.Node }

type pair struct {
	key string
	val node
}

func parse(text []byte) (node, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return node{}, err
	}
	if doc.Kind != yaml.DocumentNode || doc.Content[0].Kind != yaml.MappingNode {
		return node{}, fmt.Errorf("the document is not a mapping")
	}
	return node{doc.Content[0]}, nil
}

func (n node) ok() bool      { return n.y != nil }
func (n node) mapping() bool { return n.ok() && n.y.Kind == yaml.MappingNode }
func (n node) scalar() bool  { return n.ok() && n.y.Kind == yaml.ScalarNode }

// errorf says what is wrong with the node and on which line.
func (n node) errorf(format string, args ...any) error {
	line := 0
	if n.ok() {
		line = n.y.Line
	}
	return fmt.Errorf("%d: %w", line, fmt.Errorf(format, args...))
}

// at follows keys into nested mappings.
func (n node) at(keys ...string) node {
	for _, key := range keys {
		if !n.mapping() {
			return node{}
		}
		next := node{}
		for i := 0; i+1 < len(n.y.Content); i += 2 {
			if n.y.Content[i].Value == key {
				next = follow(n.y.Content[i+1])
				break
			}
		}
		n = next
	}
	return n
}

func (n node) pairs() []pair {
	if !n.mapping() {
		return nil
	}
	var all []pair
	for i := 0; i+1 < len(n.y.Content); i += 2 {
		all = append(all, pair{n.y.Content[i].Value, follow(n.y.Content[i+1])})
	}
	return all
}

func (n node) items() []node {
	if !n.ok() || n.y.Kind != yaml.SequenceNode {
		return nil
	}
	var all []node
	for _, item := range n.y.Content {
		all = append(all, follow(item))
	}
	return all
}

// text is the value of a scalar as it is written; null and everything else is empty.
func (n node) text() string {
	if !n.scalar() || n.y.ShortTag() == "!!null" {
		return ""
	}
	return n.y.Value
}

func (n node) texts() []string {
	var all []string
	for _, item := range n.items() {
		all = append(all, item.text())
	}
	return all
}

func (n node) is(value string) bool { return n.text() == value }

func follow(y *yaml.Node) node {
	for range 8 {
		if y == nil || y.Kind != yaml.AliasNode {
			return node{y}
		}
		y = y.Alias
	}
	return node{}
}

// follow resolves a $ref into the same document and names what it found.
// What it cannot find is an error, as is a chain of more than 16.
func (s *spec) follow(n node) (found node, ref string, err error) {
	for range 16 {
		to := n.at("$ref")
		if !to.ok() {
			return n, ref, nil
		}
		path, local := strings.CutPrefix(to.text(), "#/")
		if !local {
			return n, ref, to.errorf("$ref %q leads out of the document", to.text())
		}
		keys := strings.Split(path, "/")
		for i, key := range keys {
			keys[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(key)
		}
		n, ref = s.root.at(keys...), to.text()
		if !n.ok() {
			return n, ref, to.errorf("$ref %q leads nowhere", ref)
		}
	}
	return n, ref, n.errorf("$ref %q turns in a circle", ref)
}
