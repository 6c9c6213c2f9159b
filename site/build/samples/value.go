package samples

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// value is JSON with its keys in the order of the text.
type value struct {
	kind  byte     // { [ " or, for what is written as it stands, 0 to 9, t, f, n; 0: no value
	text  string   // decoded of a string; a number as it stands
	names []string // of an object
	items []value
}

const maxDepth = 64

// parse reads JSON. It fails where the text is not JSON, or is JSON that some language
// could not write as a literal of its own and send unchanged: numbers that a float does
// not hold, half a surrogate pair, a key that stands twice, and the like.
func parse(text []byte) (value, bool) {
	if !json.Valid(text) || halfPair(text) {
		return value{}, false
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return parseNext(d, maxDepth)
}

// Zero, and fractions that survive a float in every language and are nowhere written with an exponent.
var plainNumber = regexp.MustCompile(`^(0(\.0{1,6})?|-?0\.\d{0,3}[1-9]\d{0,8}|-?[1-9]\d{0,8}\.\d{1,6})$`)

func parseNext(d *json.Decoder, depth int) (v value, ok bool) {
	t, err := d.Token()
	if err != nil || depth == 0 {
		return v, false
	}
	switch t := t.(type) {
	case string:
		return value{kind: '"', text: t}, true
	case json.Number:
		i, err := strconv.ParseInt(t.String(), 10, 64)
		safe := err == nil && i != 0 && i >= -1<<53 && i <= 1<<53
		return value{kind: '0', text: t.String()}, safe || plainNumber.MatchString(t.String())
	case bool:
		if t {
			return value{kind: 't'}, true
		}
		return value{kind: 'f'}, true
	case nil:
		return value{kind: 'n'}, true
	case json.Delim:
		v.kind = byte(t)
	}
	for d.More() {
		if v.kind == '{' {
			key, err := d.Token()
			if err != nil {
				return v, false
			}
			name := key.(string)
			// php drops a property whose name begins with NUL.
			if strings.HasPrefix(name, "\x00") || slices.Contains(v.names, name) {
				return v, false
			}
			v.names = append(v.names, name)
		}
		item, ok := parseNext(d, depth-1)
		if !ok {
			return v, false
		}
		v.items = append(v.items, item)
	}
	_, err = d.Token() // the closing bracket
	return v, err == nil
}

var escape = regexp.MustCompile(`\\(?:u([0-9A-Fa-f]{4})|.)`)

// halfPair finds the escape of a surrogate that has no partner beside it.
func halfPair(text []byte) bool {
	end, high := -1, false
	for _, m := range escape.FindAllSubmatchIndex(text, -1) {
		var n uint64
		if m[2] >= 0 {
			n, _ = strconv.ParseUint(string(text[m[2]:m[3]]), 16, 16)
		}
		low := n >= 0xDC00 && n <= 0xDFFF
		if high && !(low && m[0] == end) || low && !high {
			return true
		}
		high, end = n >= 0xD800 && n <= 0xDBFF, m[1]
	}
	return high
}

// notation is how a language writes values.
type notation struct {
	indent    string
	null      string
	yes, no   string
	quote     func(string) string
	key       func(string) string // with what stands between it and its value
	open      func(value) string
	end       func(value) string
	pad       string // inside the brackets of an object on one line
	lastComma bool   // after the last of several lines
}

// width is how many columns a list or an object may fill on one line.
const width = 66

// write gives a value that begins in a column of a line, indented by depth. What fits the line
// and nests no further is written on it, except the whole of a body.
func (n notation) write(v value, depth, column int, whole bool) string {
	switch v.kind {
	case '"':
		return n.quote(v.text)
	case '0':
		return v.text
	case 't':
		return n.yes
	case 'f':
		return n.no
	case 'n':
		return n.null
	}
	if len(v.items) == 0 {
		return n.open(v) + n.end(v)
	}
	if !whole && flat(v) {
		if s := n.line(v); column+utf8.RuneCountInString(s) <= width {
			return s
		}
	}
	gap := "\n" + strings.Repeat(n.indent, depth)
	var b strings.Builder
	b.WriteString(n.open(v))
	for i, item := range v.items {
		key := n.keyOf(v, i)
		b.WriteString(gap + n.indent + key)
		b.WriteString(n.write(item, depth+1, len(n.indent)*(depth+1)+utf8.RuneCountInString(key), false))
		if i < len(v.items)-1 || n.lastComma {
			b.WriteString(",")
		}
	}
	b.WriteString(gap + n.end(v))
	return b.String()
}

// line writes a value that does not nest on one line.
func (n notation) line(v value) string {
	pad := ""
	if v.kind == '{' {
		pad = n.pad
	}
	var parts []string
	for i, item := range v.items {
		parts = append(parts, n.keyOf(v, i)+n.write(item, 0, 0, false))
	}
	return n.open(v) + pad + strings.Join(parts, ", ") + pad + n.end(v)
}

func (n notation) keyOf(v value, i int) string {
	if v.kind != '{' {
		return ""
	}
	return n.key(v.names[i])
}

func flat(v value) bool {
	return !slices.ContainsFunc(v.items, func(i value) bool { return len(i.items) > 0 })
}

func openJSON(v value) string { return string(v.kind) }

func endJSON(v value) string { return string(v.kind + 2) } // } and ] stand two behind { and [

// ofHeaders is headers as an object.
func ofHeaders(headers []Header) value {
	v := value{kind: '{'}
	for _, h := range headers {
		v.names = append(v.names, h.Name)
		v.items = append(v.items, value{kind: '"', text: h.Value})
	}
	return v
}
