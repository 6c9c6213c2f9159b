package db

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"unicode/utf8"
)

// MaxIngestionRow is the longest row of a file, in bytes.
const MaxIngestionRow = 256 << 10

const rowWindow = MaxIngestionRow + len("\r\n")

// RowReader takes a file apart into rows: lines of NDJSON, or records of CSV by RFC 4180, in which a line break within quotes
// ends nothing. A record that breaks RFC 4180, or is longer than a row may be, gives its first line alone as a row, which nobody
// can read, and the next row begins at the next line: a stray quote takes no other rows with it. Empty lines are no rows, nor is a
// byte order mark at the beginning. Its memory is bounded by MaxIngestionRow.
type RowReader struct {
	Offset int64 // where the next row begins
	in     *bufio.Reader
	comma  []byte // between the cells of CSV; nil for NDJSON
	start  int64  // where the row that was read last begins
	looked int64  // bytes that were looked at to find where rows end, those that were looked at again included
}

// Comma is what stands between cells.
func (c IngestionCSV) Comma() rune {
	if r, n := utf8.DecodeRuneInString(c.Delimiter); n > 0 && n == len(c.Delimiter) {
		return r
	}
	return ','
}

// NewRowReader reads rows from in, which stands at offset. comma stands between the cells of CSV, and is 0 for NDJSON.
func NewRowReader(in io.Reader, comma rune, offset int64) *RowReader {
	r := &RowReader{in: bufio.NewReaderSize(in, rowWindow+64<<10), Offset: offset}
	if comma != 0 {
		r.comma = []byte(string(comma))
	}
	return r
}

// Next gives the next row without its line break, valid until the call after; long says that it has more than MaxIngestionRow
// bytes, and cannot be used. io.EOF is the end.
func (r *RowReader) Next() (row []byte, long bool, err error) {
	const mark = "\ufeff"
	if r.Offset == 0 {
		if b, _ := r.in.Peek(len(mark)); string(b) == mark { // an error comes again
			r.take(len(mark))
		}
	}
	for {
		r.start = r.Offset
		if row, err = r.peek(); err != nil {
			return nil, false, err
		}
		if row == nil {
			return nil, true, r.passLine()
		}
		r.take(len(row)) // which lie in the buffer, and stay there until more is read
		if row = bytes.TrimRight(row, "\r\n"); len(bytes.TrimSpace(row)) > 0 {
			return row, len(row) > MaxIngestionRow, nil
		}
	}
}

func (r *RowReader) take(n int) {
	n, _ = r.in.Discard(n)
	r.Offset += int64(n)
}

// peek looks at the next row with its line break: nil when that is longer than a row may be.
func (r *RowReader) peek() ([]byte, error) {
	for size := max(1, r.in.Buffered()); ; size = max(2*size, r.in.Buffered()) {
		size = min(size, rowWindow)
		b, err := r.in.Peek(size)
		eof := err == io.EOF
		if err != nil && (!eof || len(b) == 0) {
			return nil, err
		}
		n := r.measure(b, eof, size == rowWindow)
		if n > 0 {
			return b[:n], nil
		}
		if size == rowWindow {
			return nil, nil
		}
	}
}

// measure is how many bytes of b are the next row, with its line break; 0 when b is too short to tell. Behind b comes nothing when
// eof, and nothing that a row can have when full.
func (r *RowReader) measure(b []byte, eof, full bool) int {
	line := bytes.IndexByte(b, '\n') + 1
	r.looked += int64(cmp.Or(line, len(b)))
	if line == 0 && eof {
		line = len(b)
	}
	if r.comma == nil || line > 0 && bytes.IndexByte(b[:line], '"') < 0 {
		return line
	}
	n, looked, broken := record(b, r.comma, eof)
	r.looked += int64(looked)
	if n == 0 && (broken || full) {
		return line
	}
	return n
}

// record is how many bytes the record at the beginning of b has, with its line break, by RFC 4180 as encoding/csv has it. 0 when b
// is too short to tell, or broken. looked is how many bytes it went through. No byte of a file is looked at more than a few times:
// a line that leaves a quoted cell open has an odd number of quotes, so a scan that reaches it within a quoted cell leaves that cell.
func record(b, comma []byte, eof bool) (n, looked int, broken bool) {
	at := 0
	for begins := true; at < len(b); {
		switch {
		case b[at] == '\n':
			return at + 1, at + 1, false
		case b[at] == '"' && !begins:
			return 0, at + 1, true
		case b[at] == '"':
			for at++; ; at += 2 { // two quotes are one within the cell
				q := bytes.IndexByte(b[at:], '"')
				if q < 0 {
					return 0, len(b), eof
				}
				if at += q; at+1 == len(b) || b[at+1] != '"' {
					break
				}
			}
			at++
			rest := b[at:]
			switch {
			case bytes.HasPrefix(rest, comma), bytes.HasPrefix(rest, []byte("\n")), bytes.HasPrefix(rest, []byte("\r\n")):
			case eof && (len(rest) == 0 || string(rest) == "\r"):
			default:
				return 0, at, eof || string(rest) != "\r" && !bytes.HasPrefix(comma, rest)
			}
			begins = false
		case bytes.HasPrefix(b[at:], comma):
			at, begins = at+len(comma), true
		default:
			at, begins = at+1, false
		}
	}
	if eof {
		return len(b), at, false
	}
	return 0, at, false
}

// passLine goes on behind the line.
func (r *RowReader) passLine() error {
	for {
		part, err := r.in.ReadSlice('\n')
		r.Offset += int64(len(part))
		switch {
		case err == nil || err == io.EOF:
			return nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
	}
}
