package db

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// ExportOrg writes an org's customers, bills, points, coupons and events, with what they refer to, as NDJSON: a header line, a
// line `{"<table>":{…}}` for each row with the columns of the schema, and a last line with the number of rows. Amounts and points
// are in thousandths, times in milliseconds since 1970. Credentials and the audit trail are left out. It is a consistent snapshot,
// also while a server runs, and the same content gives the same bytes.
func ExportOrg(ctx context.Context, path, org string, to io.Writer, progress func(done, total int64)) (rows int64, err error) {
	tx, done, err := snapshot(ctx, path)
	if err != nil {
		return 0, err
	}
	defer done()
	o, err := tx.orgNamed(org)
	if err != nil {
		return 0, err
	}
	var tables []contentTable
	var total int64
	for _, name := range contentTables {
		t, err := tx.contentTable(name)
		if err != nil {
			return 0, err
		}
		var n int64
		if err := tx.QueryRow(`SELECT count(*) FROM `+name+` WHERE org = $1`, o.ID).Scan(&n); err != nil {
			return 0, explain(path, err)
		}
		total += n
		tables = append(tables, t)
	}
	w := bufio.NewWriterSize(to, 1<<16)
	fmt.Fprintf(w, "{\"arteriole\":{\"content\":%d,\"schema\":%d}}\n", contentFormat, len(Migrations()))
	for _, t := range tables {
		for _, pass := range t.passes() {
			if err := tx.exportRows(o.ID, t, pass, w, func() {
				if rows++; rows%1000 == 0 {
					progress(rows, total)
				}
			}); err != nil {
				return rows, explain(path, err)
			}
		}
	}
	fmt.Fprintf(w, "{\"end\":{\"rows\":%d}}\n", rows)
	return rows, w.Flush()
}

func (tx *Tx) exportRows(org int64, t contentTable, pass string, w *bufio.Writer, each func()) error {
	values, into := make([]any, len(t.columns)), make([]any, len(t.columns))
	for i := range values {
		into[i] = &values[i]
	}
	var line bytes.Buffer
	return tx.Each(func(scan func(...any) error) error {
		if err := scan(into...); err != nil {
			return err
		}
		line.Reset()
		line.WriteString(`{"` + t.name + `":{`)
		first := true
		for i, v := range values {
			if v == nil {
				continue
			}
			if !first {
				line.WriteByte(',')
			}
			first = false
			line.WriteString(`"` + t.columns[i] + `":`)
			switch v := v.(type) {
			case int64:
				line.WriteString(strconv.FormatInt(v, 10))
			case string:
				line.Write(contentText(v))
			default:
				return fmt.Errorf("%s.%s holds a %T", t.name, t.columns[i], v)
			}
		}
		line.WriteString("}}\n")
		each()
		_, err := w.Write(line.Bytes())
		return err
	}, `SELECT `+strings.Join(t.columns, ", ")+` FROM `+t.name+` WHERE org = $1 AND `+pass+` ORDER BY `+strings.Join(t.key, ", "), org)
}

// contentText writes a column of text: a JSON object or array without blanks as such, anything else as a string.
func contentText(s string) []byte {
	if len(s) > 1 && (s[0] == '{' || s[0] == '[') && json.Valid([]byte(s)) {
		var b bytes.Buffer
		if json.Compact(&b, []byte(s)) == nil && b.String() == s && !slices.ContainsFunc([]byte(s), func(c byte) bool { return c == '\n' }) {
			return []byte(s)
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a string is always JSON
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
