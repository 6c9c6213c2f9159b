package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"
)

// table prints rows in columns; the first row is the header.
func table(w io.Writer, rows [][]string) {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintln(t, strings.Join(r, "\t"))
	}
	t.Flush()
}

// wrapped breaks a text into lines of at most 100 characters, each behind an indent.
func wrapped(indent, text string) string {
	const most = 100
	var lines []string
	line := indent
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == indent:
			line += word
		case utf8.RuneCountInString(line+" "+word) > most:
			lines = append(lines, line)
			line = indent + word
		default:
			line += " " + word
		}
	}
	return strings.Join(append(lines, line), "\n")
}

// moment formats a time for lists, the same in every time zone.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// bytesText formats a size.
func bytesText(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%d KiB", (n+1023)/1024)
}

// count formats a number with thousands separators.
func count(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// quoted quotes a value so that a shell takes it as one word.
func quoted(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@-/") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// progress shows how far a long command is: with a bar on a terminal, elsewhere with a line now and then. A quick command shows
// nothing.
type progress struct {
	w        io.Writer
	what     string
	terminal bool
	next     time.Time
	drawn    bool
}

const progressEvery = 10 * time.Second

func newProgress(w io.Writer, what string) *progress {
	p := &progress{w: w, what: what, next: time.Now().Add(progressEvery)}
	if f, ok := w.(*os.File); ok {
		if st, err := f.Stat(); err == nil && st.Mode()&os.ModeCharDevice != 0 {
			p.terminal, p.next = true, time.Now().Add(time.Second/2)
		}
	}
	return p
}

func (p *progress) tell(done, total int64) {
	now := time.Now()
	if total <= 0 || now.Before(p.next) {
		return
	}
	done = min(done, total)
	if p.terminal {
		const width = 30
		full := int(done * width / total)
		fmt.Fprintf(p.w, "\r\x1b[K%s [%s%s] %3d%%", p.what, strings.Repeat("#", full), strings.Repeat("-", width-full), done*100/total)
		p.next, p.drawn = now.Add(time.Second/5), true
		return
	}
	fmt.Fprintf(p.w, "%s: %d%%\n", p.what, done*100/total)
	p.next = now.Add(progressEvery)
}

// end removes the bar.
func (p *progress) end() {
	if p.drawn {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.drawn = false
	}
}
