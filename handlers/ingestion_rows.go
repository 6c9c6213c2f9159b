package handlers

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
)

// A place is where a cell of a CSV file goes in a row: keys and indexes.
type place []any // string or int

// placeStep is one step of a path: a key, or an index of at most two digits, which bounds the lists that a path can make.
var placeStep = regexp.MustCompile(`^(?:\.?([^.\[\]]+)|\[(\d{1,2})\])`)

// parsePlace reads a path such as profiles[0].identifiers[1].value. A key may hold blanks, but no dot and no bracket.
func parsePlace(path string) (place, error) {
	var p place
	for rest := path; rest != ""; {
		m := placeStep.FindStringSubmatch(rest)
		if m == nil || len(p) == 0 && (m[1] == "" || strings.HasPrefix(rest, ".")) || len(p) > 8 {
			return nil, fault.IngestionColumnsInvalid.With("reason", path+" is not a place in a row")
		}
		if m[1] != "" {
			p = append(p, m[1])
		} else {
			n, _ := strconv.Atoi(m[2])
			p = append(p, n)
		}
		rest = rest[len(m[0]):]
	}
	if len(p) == 0 {
		return nil, fault.IngestionColumnsInvalid.With("reason", "a column has no name")
	}
	return p, nil
}

// sparse is a list that is being made: what stands at which index. A path may name index 99 of lists within lists, for each of many
// columns; only what is filled costs anything.
type sparse map[int]any

// put stands v at the place within row, and gives row.
func (p place) put(row any, v any) (any, error) {
	if len(p) == 0 {
		if row != nil {
			return nil, errors.New("two columns go to one place")
		}
		return v, nil
	}
	switch step := p[0].(type) {
	case string:
		m, ok := row.(map[string]any)
		if row == nil {
			m, ok = map[string]any{}, true
		}
		if !ok {
			return nil, errors.New("one column goes into another")
		}
		inner, err := p[1:].put(m[step], v)
		if err != nil {
			return nil, err
		}
		m[step] = inner
		return m, nil
	case int:
		l, ok := row.(sparse)
		if row == nil {
			l, ok = sparse{}, true
		}
		if !ok {
			return nil, errors.New("one column goes into another")
		}
		inner, err := p[1:].put(l[step], v)
		if err != nil {
			return nil, err
		}
		l[step] = inner
		return l, nil
	}
	panic("a place has keys and indexes")
}

// compact makes lists of what is in them, without the entries that no cell has filled.
func compact(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = compact(v[k])
		}
	case sparse:
		all := make([]any, 0, len(v))
		for _, i := range slices.Sorted(maps.Keys(v)) {
			all = append(all, compact(v[i]))
		}
		return all
	}
	return v
}

// csvRows makes rows of the records of a CSV file.
type csvRows struct {
	ask     db.IngestionCSV
	columns map[int]place
	last    string // of the places that the job names, the one with the last column
	fixed   []constant
	header  []string
	skip    int  // columns before those that count: rowNumber, code and message of an error file
	line    bool // the one column that counts has rows of JSON
}

type constant struct {
	place
	value string
}

// maxColumns is how many columns a file may have.
const maxColumns = 1000

// errorColumns begin every error file.
var errorColumns = db.ErrorFileColumns()

// newCSVRows reads the header where there is one. json says that the job's rows are JSON: then the file is an error file.
func newCSVRows(ask db.IngestionCSV, header []byte, json bool) (*csvRows, error) {
	c := &csvRows{ask: ask, columns: map[int]place{}}
	if header != nil {
		names, err := c.record(header)
		if err != nil {
			return nil, fault.IngestionColumnsInvalid.With("reason", "the header cannot be read")
		}
		for i := range names {
			names[i] = strings.TrimSpace(names[i])
		}
		if n := len(errorColumns); len(names) > n && slices.Equal(names[:n], errorColumns) {
			c.skip, names = n, names[n:]
		}
		c.header = names
	}
	if len(c.header) > maxColumns {
		return nil, fault.IngestionColumnsInvalid.With("reason", fmt.Sprintf("the header has more than %d", maxColumns))
	}
	if json {
		if c.line = c.skip > 0 && slices.Equal(c.header, []string{"line"}); !c.line {
			return nil, fault.IngestionFormatUnknown.At("header: Content-Type")
		}
		return c, nil
	}
	if len(ask.Columns) == 0 {
		if c.header == nil {
			return nil, fault.IngestionColumnsInvalid.With("reason", "there is no header, and the job does not say which column is which")
		}
		for i, name := range c.header {
			if name == "" {
				continue
			}
			p, err := parsePlace(name)
			if err != nil {
				return nil, err
			}
			c.columns[i] = p
		}
	}
	for path, i := range ask.Columns {
		p, err := parsePlace(path)
		if err != nil {
			return nil, err
		}
		if c.columns[i] != nil {
			return nil, fault.IngestionColumnsInvalid.With("reason", fmt.Sprintf("column %d is named twice", i))
		}
		c.columns[i] = p
		if c.last == "" || i > c.ask.Columns[c.last] {
			c.last = path
		}
	}
	for path, value := range ask.Constants {
		p, err := parsePlace(path)
		if err != nil {
			return nil, err
		}
		c.fixed = append(c.fixed, constant{p, value})
	}
	// They must fit together, whatever the cells hold.
	_, err := c.build(func(int) string { return "x" })
	return c, err
}

func (c *csvRows) record(raw []byte) ([]string, error) {
	r := csv.NewReader(bytes.NewReader(raw))
	r.FieldsPerRecord = -1
	r.Comma = c.ask.Comma()
	return r.Read()
}

// bare is a record without the columns that an error file has before its own: what is kept of a row, to be tried again or to be in an
// error file itself.
func (c *csvRows) bare(raw string) string {
	cells, err := c.record([]byte(raw))
	if c.skip == 0 || err != nil || len(cells) <= c.skip {
		return raw
	}
	if cells = cells[c.skip:]; c.line {
		return cells[0]
	}
	var b strings.Builder
	out := csv.NewWriter(&b)
	out.Comma = c.ask.Comma()
	out.Write(cells) // into memory
	out.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

// row makes the row of one record: JSON text, or an object.
func (c *csvRows) row(raw []byte) (text []byte, object map[string]any, err error) {
	cells, err := c.record(raw)
	if err != nil || len(cells) <= c.skip {
		return nil, nil, fault.IngestionRowUnreadable.With("reason", "it is not a record of CSV with the columns of the header")
	}
	cells = cells[c.skip:]
	if c.line {
		return []byte(cells[0]), nil, nil
	}
	if c.header != nil && len(cells) != len(c.header) {
		return nil, nil, fault.IngestionRowUnreadable.With("reason", fmt.Sprintf("it has %s where the header has %d", count(uint64(len(cells)), "cell"), len(c.header)))
	}
	if c.lacks(cells) {
		return nil, nil, fault.IngestionRowUnreadable.With("reason", fmt.Sprintf("it has %s, and %s is in column %d, counted from 0", count(uint64(len(cells)), "cell"), c.last, c.ask.Columns[c.last]))
	}
	v, err := c.build(func(i int) string { return cells[i] })
	if err != nil {
		return nil, nil, err
	}
	return nil, v, nil
}

// fits says whether the header, or else the first row, has the columns that the job names. A row that cannot be read fails by itself.
func (c *csvRows) fits(first []byte) error {
	cells := c.header
	if cells == nil {
		var err error
		if cells, err = c.record(first); err != nil {
			return nil
		}
	}
	if c.lacks(cells) {
		return fault.IngestionColumnsInvalid.With("reason", fmt.Sprintf("%s is in column %d, counted from 0, and the file has %s", c.last, c.ask.Columns[c.last], count(uint64(len(cells)), "column")))
	}
	return nil
}

func (c *csvRows) lacks(cells []string) bool {
	return c.last != "" && c.ask.Columns[c.last] >= len(cells)
}

func (c *csvRows) build(cell func(int) string) (map[string]any, error) {
	var row any = map[string]any{}
	var err error
	for i, p := range c.columns {
		if text := cell(i); text != "" {
			if row, err = p.put(row, text); err != nil {
				return nil, fault.IngestionColumnsInvalid.With("reason", err.Error())
			}
		}
	}
	for _, k := range c.fixed {
		if row, err = k.put(row, k.value); err != nil {
			return nil, fault.IngestionColumnsInvalid.With("reason", err.Error())
		}
	}
	return compact(row).(map[string]any), nil
}

// typed turns the texts of CSV cells into what the schema has at their place: whole numbers and booleans.
func typed(n *node, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			if n != nil && n.props[k] != nil {
				v[k] = typed(n.props[k], v[k])
			}
		}
	case []any:
		for i := range v {
			if n != nil && n.items != nil {
				v[i] = typed(n.items, v[i])
			}
		}
	case string:
		if n == nil {
			return v
		}
		switch kind(n.schema) {
		case "integer":
			if i, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64); err == nil {
				return i
			}
		case "boolean":
			if b, err := strconv.ParseBool(strings.ToLower(strings.TrimSpace(v))); err == nil {
				return b
			}
		}
	}
	return v
}
