package db

import (
	"bytes"
	"encoding/csv"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

type readRow struct {
	text       string
	long       bool
	start, end int64
}

func rowsIn(t testing.TB, in io.Reader, comma rune, offset int64) (all []readRow) {
	t.Helper()
	for r := NewRowReader(in, comma, offset); ; {
		row, long, err := r.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, readRow{string(row), long, r.start, r.Offset})
	}
}

func textsOf(rows []readRow) (all []string) {
	for _, r := range rows {
		if r.long {
			r.text = "LONG"
		}
		all = append(all, r.text)
	}
	return all
}

// A quote where none may stand costs its own row, and no other.
func TestRowsOfAFileWithStrayQuotes(t *testing.T) {
	much := strings.Repeat("Bea,1\n", MaxIngestionRow/6)
	for name, c := range map[string]struct {
		file  string
		comma rune
		want  []string
	}{
		"within a cell":       {"12\" Ann,1\nBea\nCid\n9\" Dan\nEve", ',', []string{`12" Ann,1`, "Bea", "Cid", `9" Dan`, "Eve"}},
		"at the end":          {"Ann\"\nBea\n", ',', []string{`Ann"`, "Bea"}},
		"never closed":        {"\"Ann\nBea\nCid", ',', []string{`"Ann`, "Bea", "Cid"}},
		"closed in a cell":    {"\"Ann\nBea\nD\"an,\nEve\n", ',', []string{`"Ann`, "Bea", `D"an,`, "Eve"}},
		"stray, then a cell":  {"a\"b,\"c\nd\",e\nf", ',', []string{`a"b,"c`, `d",e`, "f"}},
		"something behind it": {"\"Ann\" x,1\r\nBea\r\n", ',', []string{`"Ann" x,1`, "Bea"}},
		"another delimiter":   {"a;\"b;\nc\";d\ne,\"f\ng", ';', []string{"a;\"b;\nc\";d", `e,"f`, "g"}},
		"of two bytes":        {"a§\"b\nc\"§d\n\"e\"\xc2x\ng", '§', []string{"a§\"b\nc\"§d", "\"e\"\xc2x", "g"}},
		"RFC 4180":            {"\"a\"\"\r\n,b\",\"\"\r\n\r\n\"\"\"\n\",c\r", ',', []string{"\"a\"\"\r\n,b\",\"\"", "\"\"\"\n\",c"}},
		"no CSV":              {"\"Ann\nBea\r\n\n", 0, []string{`"Ann`, "Bea"}},
		"closed too late":     {"\"Ann\n" + much + "\"\nEve", ',', append(append([]string{`"Ann`}, strings.Fields(much)...), "\"\nEve")},
		"a mark":              {"\ufeff\"a\nb\"\nc", ',', []string{"\"a\nb\"", "c"}},
		"a mark before JSON":  {"\ufeff{}\n\ufeff{}", 0, []string{"{}", "\ufeff{}"}},
		"only a mark":         {"\ufeff\n", 0, nil},
		"long":                {"a\n\"" + strings.Repeat("x", MaxIngestionRow) + "\nb\n" + strings.Repeat("x", MaxIngestionRow) + "\r\nc", ',', []string{"a", "LONG", "b", strings.Repeat("x", MaxIngestionRow), "c"}},
	} {
		if name == "closed too late" { // the last quote opens a cell that is never closed
			c.want = append(c.want[:len(c.want)-1], `"`, "Eve")
		}
		if got := textsOf(rowsIn(t, strings.NewReader(c.file), c.comma, 0)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %d rows, want %d: %.200q", name, len(got), len(c.want), got)
		}
	}
}

// However quotes stand, each byte of a file is looked at a few times, and no more often in a longer file: a reader that looked through
// the file anew for each of its lines, as far as a row may go, would look at each byte thousands of times.
func TestStrayQuotesAreNotLookedThroughAgain(t *testing.T) {
	for _, line := range []string{"x\",\"y\n", "\"\"\"\n", "\"a\n", ",\"\"\"\n", "\"\n\"\"\n", "a,\"\"\n\"b\n", strings.Repeat(",", 50_000) + "\"\n"} {
		for _, size := range []int{64 << 10, 2 << 20} {
			file := strings.Repeat(line, max(1, size/len(line)))
			r := NewRowReader(strings.NewReader(file), ',', 0)
			for {
				if _, _, err := r.Next(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatal(err)
				}
			}
			if times := r.looked / int64(len(file)); times > 5 {
				t.Errorf("%.20q, %d KiB: each byte was looked at %d times", line, size>>10, times)
			}
		}
	}
}

// Rows lie one behind the other and leave out nothing but empty lines, each can be read from where it begins, and well-formed CSV
// has the records that encoding/csv finds there.
func FuzzRowReader(f *testing.F) {
	for _, s := range []string{"a,b\n\"c\nd\",e\r\n", "12\" Ann\nBea\n", "\"a\"\"b\n\"\n\"\"", "\ufeff\"a\";\"b\"x\n;\"\r\n\"\r", "a§\"\"§\"§\n\"\n\n \n", "\"\n\"\"\n\"\n\",\"\"\r"} {
		f.Add([]byte(s), byte(len(s)))
	}
	f.Fuzz(func(t *testing.T, file []byte, kind byte) {
		comma := []rune{',', ';', '§', '\t', 0}[kind%5]
		rows := rowsIn(t, bytes.NewReader(file), comma, 0)
		if slow := rowsIn(t, iotest.OneByteReader(bytes.NewReader(file)), comma, 0); !slices.Equal(slow, rows) {
			t.Errorf("%+v, byte by byte %+v", rows, slow)
		}
		at := int64(0)
		for i, r := range rows {
			between := file[at:r.start]
			if at == 0 {
				between = bytes.TrimPrefix(between, []byte("\ufeff"))
			}
			if len(bytes.TrimSpace(between)) > 0 || strings.TrimRight(string(file[r.start:r.end]), "\r\n") != r.text {
				t.Errorf("%q stands between rows, or %q is not at %d", between, r.text, r.start)
			}
			if r.start > 0 || !bytes.HasPrefix(file, []byte("\ufeff")) {
				if again := rowsIn(t, bytes.NewReader(file[r.start:]), comma, r.start); !slices.Equal(again, rows[i:]) {
					t.Errorf("%+v from %d, not %+v", again, r.start, rows[i:])
				}
			}
			at = r.end
		}
		if rest := bytes.TrimPrefix(file[at:], []byte("\ufeff")); len(bytes.TrimSpace(rest)) > 0 {
			t.Errorf("%q is left", rest)
		}
		if comma == 0 {
			return
		}
		records := func(text []byte) (all [][]string, err error) {
			r := csv.NewReader(bytes.NewReader(text))
			r.Comma, r.FieldsPerRecord = comma, -1
			all, err = r.ReadAll()
			for _, cells := range all { // line breaks at the end of a row are no part of it
				cells[len(cells)-1] = strings.TrimRight(cells[len(cells)-1], "\r\n")
			}
			return slices.DeleteFunc(all, func(cells []string) bool { return strings.TrimSpace(strings.Join(cells, string(comma))) == "" }), err
		}
		want, bad := records(bytes.TrimPrefix(file, []byte("\ufeff")))
		var got [][]string
		for _, r := range rows {
			one, err := records([]byte(r.text))
			if len(one) > 1 || err != nil && bad == nil {
				t.Errorf("%q is %q, %v", r.text, one, err)
			}
			got = append(got, one...)
		}
		if bad == nil && !slices.EqualFunc(got, want, slices.Equal[[]string]) {
			t.Errorf("%q, not %q", got, want)
		}
	})
}
