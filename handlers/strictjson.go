package handlers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Bounds of one JSON body that its size alone does not give. A megabyte of
// "[0,0,…" would else grow to some forty megabytes of interfaces.
const (
	maxJSONValues   = 10_000
	maxNumberLength = 64
	maxExponent     = 100
)

// A jsonError says where a body stops being JSON that we take, and why. It
// never holds a part of the body.
type jsonError struct {
	line, column int // from 1; the column counts characters
	reason       string
}

func (e *jsonError) Error() string {
	return fmt.Sprintf("line %d column %d: %s", e.line, e.column, e.reason)
}

// parseJSON decodes exactly one JSON value into nil, bool, string, json.Number,
// []any and map[string]any. It is stricter than encoding/json: it refuses a key
// given twice in one object (by exact spelling: "a" and "A" are two keys), text
// after the value, invalid UTF-8, half a surrogate pair, NUL, a byte order mark,
// nesting deeper than maxDepth, and numbers that no field could hold.
// What it accepts, encoding/json accepts with the same value.
func parseJSON(data []byte, maxDepth int) (any, error) {
	p, err := newJSONParser(data, maxDepth)
	if err != nil {
		return nil, err
	}
	return p.whole()
}

// newJSONParser stands before the first value of a text without flaws of encoding.
func newJSONParser(data []byte, maxDepth int) (*jsonParser, error) {
	p := &jsonParser{data: data, maxDepth: maxDepth}
	if bytes.HasPrefix(data, []byte("\xEF\xBB\xBF")) {
		return nil, p.fail("a byte order mark is not JSON")
	}
	if at := invalidUTF8(data); at >= 0 {
		p.pos = at
		return nil, p.fail("not valid UTF-8")
	}
	p.space()
	if p.pos == len(data) {
		return nil, p.fail("a JSON value is missing")
	}
	return p, nil
}

// whole reads the one value of the text.
func (p *jsonParser) whole() (any, error) {
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	return v, p.end()
}

// end sees that nothing follows.
func (p *jsonParser) end() error {
	p.space()
	if p.pos < len(p.data) {
		return p.fail("text after the end of the JSON value")
	}
	return nil
}

func invalidUTF8(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	at := 0
	for at < len(data) {
		r, n := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && n == 1 {
			return at
		}
		at += n
	}
	return -1
}

type jsonParser struct {
	data     []byte
	pos      int
	values   int
	maxDepth int
}

func (p *jsonParser) fail(reason string) error {
	before := p.data[:min(p.pos, len(p.data))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return &jsonError{
		line:   1 + bytes.Count(before, []byte{'\n'}),
		column: 1 + utf8.RuneCount(before[start:]),
		reason: reason,
	}
}

func (p *jsonParser) space() {
	for p.pos < len(p.data) {
		switch p.data[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

// peek gives the byte at the position, 0 at the end.
func (p *jsonParser) peek() byte {
	if p.pos < len(p.data) {
		return p.data[p.pos]
	}
	return 0
}

func (p *jsonParser) value(depth int) (any, error) {
	if p.values++; p.values > maxJSONValues {
		return nil, p.fail("too many values")
	}
	switch c := p.peek(); {
	case c == '{' || c == '[':
		if depth >= p.maxDepth {
			return nil, p.fail(fmt.Sprintf("nested deeper than %d levels", p.maxDepth))
		}
		p.pos++
		if c == '{' {
			return p.object(depth + 1)
		}
		return p.array(depth + 1)
	case c == '"':
		return p.text()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case p.word("true"):
		return true, nil
	case p.word("false"):
		return false, nil
	case p.word("null"):
		return nil, nil
	}
	return nil, p.fail("a JSON value is expected here")
}

func (p *jsonParser) word(w string) bool {
	if bytes.HasPrefix(p.data[p.pos:], []byte(w)) {
		p.pos += len(w)
		return true
	}
	return false
}

func (p *jsonParser) object(depth int) (any, error) {
	obj := map[string]any{}
	p.space()
	if p.peek() == '}' {
		p.pos++
		return obj, nil
	}
	for {
		p.space()
		if p.peek() != '"' {
			return nil, p.fail("a key in double quotes is expected here")
		}
		at := p.pos
		key, err := p.text()
		if err != nil {
			return nil, err
		}
		if _, twice := obj[key]; twice {
			p.pos = at
			return nil, p.fail("a key is given twice in one object")
		}
		p.space()
		if p.peek() != ':' {
			return nil, p.fail("a colon is expected here")
		}
		p.pos++
		p.space()
		if obj[key], err = p.value(depth); err != nil {
			return nil, err
		}
		p.space()
		switch p.peek() {
		case ',':
			p.pos++
		case '}':
			p.pos++
			return obj, nil
		default:
			return nil, p.fail("a comma or a closing brace is expected here")
		}
	}
}

func (p *jsonParser) array(depth int) (any, error) {
	list := []any{}
	p.space()
	if p.peek() == ']' {
		p.pos++
		return list, nil
	}
	for {
		p.space()
		v, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		p.space()
		switch p.peek() {
		case ',':
			p.pos++
		case ']':
			p.pos++
			return list, nil
		default:
			return nil, p.fail("a comma or a closing bracket is expected here")
		}
	}
}

func (p *jsonParser) number() (any, error) {
	start := p.pos
	if p.peek() == '-' {
		p.pos++
	}
	if p.peek() == '0' {
		p.pos++
	} else if p.digits() == 0 {
		return nil, p.fail("a digit is expected here")
	}
	if p.peek() == '.' {
		p.pos++
		if p.digits() == 0 {
			return nil, p.fail("a digit is expected here")
		}
	}
	exponent := 0
	if c := p.peek(); c == 'e' || c == 'E' {
		p.pos++
		if c := p.peek(); c == '+' || c == '-' {
			p.pos++
		}
		at := p.pos
		if p.digits() == 0 {
			return nil, p.fail("a digit is expected here")
		}
		n, err := strconv.Atoi(string(p.data[at:p.pos]))
		if err != nil {
			n = maxExponent + 1
		}
		exponent = n
	}
	if p.pos-start > maxNumberLength || exponent > maxExponent {
		p.pos = start
		return nil, p.fail("a number is too large")
	}
	return json.Number(p.data[start:p.pos]), nil
}

func (p *jsonParser) digits() int {
	start := p.pos
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.pos++
	}
	return p.pos - start
}

// text reads a string whose opening quote is at the position.
func (p *jsonParser) text() (string, error) {
	p.pos++
	start := p.pos
	for ; p.pos < len(p.data); p.pos++ {
		switch c := p.data[p.pos]; {
		case c == '"':
			p.pos++
			return string(p.data[start : p.pos-1]), nil
		case c == '\\':
			return p.escaped(append([]byte{}, p.data[start:p.pos]...))
		case c < ' ':
			return "", p.fail("a control character inside a string")
		}
	}
	return "", p.fail("a string has no end")
}

// escaped reads on from the first backslash; out holds what came before it.
func (p *jsonParser) escaped(out []byte) (string, error) {
	for p.pos < len(p.data) {
		c := p.data[p.pos]
		switch {
		case c == '"':
			p.pos++
			return string(out), nil
		case c < ' ':
			return "", p.fail("a control character inside a string")
		case c != '\\':
			out = append(out, c)
			p.pos++
			continue
		}
		if p.pos+1 >= len(p.data) {
			break
		}
		if i := strings.IndexByte(`"\/bfnrt`, p.data[p.pos+1]); i >= 0 {
			out = append(out, "\"\\/\b\f\n\r\t"[i])
			p.pos += 2
			continue
		}
		r, err := p.unicodeEscape()
		if err != nil {
			return "", err
		}
		out = utf8.AppendRune(out, r)
	}
	return "", p.fail("a string has no end")
}

// unicodeEscape reads \uXXXX, or two of them that make one character.
func (p *jsonParser) unicodeEscape() (rune, error) {
	r, ok := p.hex4(p.pos)
	switch {
	case !ok:
		return 0, p.fail("an unknown escape inside a string")
	case r == 0:
		return 0, p.fail("a NUL character inside a string")
	case !utf16.IsSurrogate(r):
		p.pos += 6
		return r, nil
	}
	if low, ok := p.hex4(p.pos + 6); ok {
		if whole := utf16.DecodeRune(r, low); whole != utf8.RuneError {
			p.pos += 12
			return whole, nil
		}
	}
	return 0, p.fail("half a surrogate pair inside a string")
}

func (p *jsonParser) hex4(at int) (rune, bool) {
	if at+6 > len(p.data) || p.data[at] != '\\' || p.data[at+1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(p.data[at+2:at+6]), 16, 16)
	return rune(n), err == nil
}
