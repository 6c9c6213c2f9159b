package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// document is what this program takes from openapi.yaml.
type document struct {
	Faults   []faultEntry
	Settings []settingEntry
	Uses     []use
}

type faultEntry struct {
	Family  string
	Code    int
	Name    string
	Status  int
	As      []string
	Message string
	Help    string
	Ours    bool
	Source  string // where the rule is not the vendor's: a note for readers of the file
	line    int
}

type settingEntry struct {
	Key     string
	Default string
	Type    string
	Help    string
	line    int
}

// use is one mention of a fault's name outside x-faults.
type use struct {
	name, where string
	line        int
}

func read(text []byte) (*document, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, fmt.Errorf(" %w", err)
	}
	if len(root.Content) == 0 {
		return nil, fmt.Errorf("1: the file is empty")
	}
	d := &document{}
	for key, value := range pairs(root.Content[0]) {
		switch key.Value {
		case "x-faults":
			for _, n := range value.Content {
				e := faultEntry{line: n.Line}
				if err := decode(n, &e, "family", "code", "name", "status", "as", "message", "help", "ours", "source"); err != nil {
					return nil, err
				}
				d.Faults = append(d.Faults, e)
			}
		case "x-org-settings":
			for _, n := range value.Content {
				e := settingEntry{line: n.Line}
				if err := decode(n, &e, "key", "default", "type", "help"); err != nil {
					return nil, err
				}
				d.Settings = append(d.Settings, e)
			}
		default:
			d.Uses = append(d.Uses, uses(value)...)
		}
	}
	return d, nil
}

// decode reads a mapping that may have these keys only.
func decode(n *yaml.Node, into any, keys ...string) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("%d: a mapping is expected", n.Line)
	}
	for key := range pairs(n) {
		if !slices.Contains(keys, key.Value) {
			return fmt.Errorf("%d: unknown key %q", key.Line, key.Value)
		}
	}
	if err := n.Decode(into); err != nil {
		return fmt.Errorf("%d: %w", n.Line, err)
	}
	return nil
}

// uses collects the names of faults under x-fault, x-fault-codes and x-examples.
func uses(n *yaml.Node) (all []use) {
	if n.Kind != yaml.MappingNode {
		for _, c := range n.Content {
			all = append(all, uses(c)...)
		}
		return all
	}
	for key, value := range pairs(n) {
		switch key.Value {
		case "x-fault":
			for _, name := range pairs(value) {
				all = append(all, use{name.Value, key.Value, name.Line})
			}
		case "x-fault-codes":
			for _, name := range value.Content {
				all = append(all, use{name.Value, key.Value, name.Line})
			}
		case "x-examples":
			for _, example := range value.Content {
				for k, shows := range pairs(example) {
					if k.Value != "shows" {
						continue
					}
					for _, name := range shows.Content {
						all = append(all, use{name.Value, "x-examples", name.Line})
					}
				}
			}
		case "example", "examples": // data, in which any key may stand
		default:
			all = append(all, uses(value)...)
		}
	}
	return all
}

// pairs gives the keys and values of a mapping, in order.
func pairs(n *yaml.Node) func(func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		if n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

var (
	goName      = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	settingKey  = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	placeholder = regexp.MustCompile(`\{[a-z][A-Za-z]*\}`)
)

func check(d *document) error {
	type number struct {
		family string
		code   int
	}
	names, numbers := map[string]int{}, map[number]int{}
	for _, f := range d.Faults {
		bad := func(format string, a ...any) error {
			return fmt.Errorf("%d: fault %s: %s", f.line, f.Name, fmt.Sprintf(format, a...))
		}
		isError, isWarning := slices.Contains(f.As, "error"), slices.Contains(f.As, "warning")
		switch n := (number{f.Family, f.Code}); {
		case !goName.MatchString(f.Name):
			return bad("the name is no exported Go name")
		case f.Name == "All" || f.Name == "Code" || f.Name == "Fault" || f.Name == "Of" || f.Name == "Is":
			return bad("package fault has another use for the name")
		case names[f.Name] != 0:
			return bad("the name stands on line %d too", names[f.Name])
		case numbers[n] != 0:
			return bad("%s %d stands on line %d too", f.Family, f.Code, numbers[n])
		case f.Family == "" || f.Code <= 0 || f.Message == "" || f.Help == "":
			return bad("family, code, message and help are needed")
		case !isError && !isWarning:
			return bad("as: must hold error, warning or both")
		case isError && (f.Status < 400 || f.Status > 599):
			return bad("an error cannot have status %d", f.Status)
		case !isError && f.Status != 200:
			return bad("a warning has status 200")
		case f.Family == "http" && f.Code != f.Status:
			return bad("in family http the code is the status")
		case strings.ContainsAny(placeholder.ReplaceAllString(f.Message, ""), "{}"):
			return bad("a placeholder is malformed: %s", f.Message)
		}
		for _, as := range f.As {
			if as != "error" && as != "warning" {
				return bad("as: cannot be %q", as)
			}
		}
		names[f.Name], numbers[number{f.Family, f.Code}] = f.line, f.line
	}
	for _, u := range d.Uses {
		if names[u.name] == 0 {
			return fmt.Errorf("%d: %s: no fault is named %q", u.line, u.where, u.name)
		}
	}
	keys := map[string]int{}
	for _, s := range d.Settings {
		switch {
		case !settingKey.MatchString(s.Key):
			return fmt.Errorf("%d: setting %q: the key is not in kebab-case", s.line, s.Key)
		case keys[s.Key] != 0:
			return fmt.Errorf("%d: setting %s stands on line %d too", s.line, s.Key, keys[s.Key])
		case s.Type == "" || s.Help == "":
			return fmt.Errorf("%d: setting %s: type and help are needed", s.line, s.Key)
		}
		keys[s.Key] = s.line
	}
	return nil
}
