package cli

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal makes a terminal: what is written to the screen is read from it.
func terminal(t *testing.T) (screen, keyboard *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { keyboard.Close() })
	fd := int(keyboard.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if screen, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	return screen, keyboard
}

// An import draws a bar on a terminal, and takes it away before it says what it did. Elsewhere there is none.
func TestAnImportHasABarOnATerminal(t *testing.T) {
	dir := t.TempDir()
	p, err := start(dir, os.Environ(), "--addr", "localhost:0", "--db", "demo.db", "--demo", "--log-level", "error")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	rows := func(first, n int) string {
		var text strings.Builder
		for i := range n {
			fmt.Fprintln(&text, registration(first+i))
		}
		path := filepath.Join(dir, fmt.Sprint("rows-", first))
		if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const n = 5000
	command := func(file string) *exec.Cmd {
		c := exec.Command("arteriole", "import", "--db", "demo.db", "--profile", "CUSTOMER_REGISTER", "--till", "store.till1", "--source", "INSTORE", file)
		c.Dir = dir
		return c
	}
	screen, keyboard := terminal(t)
	c := command(rows(0, n))
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, screen
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	screen.Close()
	seen, err := io.ReadAll(keyboard)
	if err != nil && !errors.Is(err, syscall.EIO) { // nobody writes to it any more
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Fatalf("%v: %s", err, seen)
	}
	last := -1
	for _, m := range regexp.MustCompile(`\r\x1b\[Kimport \[(#*)(-*)\] +(\d+)%`).FindAllStringSubmatch(string(seen), -1) {
		percent, _ := strconv.Atoi(m[3])
		if len(m[1])+len(m[2]) != 30 || len(m[1]) != percent*30/100 && len(m[1]) != percent*30/100+1 || percent < last {
			t.Errorf("%q after %d%%", m[0], last)
		}
		last = percent
	}
	if last <= 0 || !strings.HasSuffix(string(seen), "\r\x1b[K") {
		t.Errorf("on the terminal: %q", seen)
	}
	if want := fmt.Sprintf("processed %d rows", n); !strings.Contains(strings.ReplaceAll(out.String(), ",", ""), want) {
		t.Error(out.String())
	}
	plain, err := command(rows(n, n/2)).CombinedOutput()
	if err != nil || bytes.ContainsRune(plain, '\x1b') || bytes.ContainsRune(plain, '\r') {
		t.Errorf("%q, %v", plain, err)
	}
}

// A file of 300 MB goes to the disk as it arrives, plain and compressed: the server's memory does not grow by it.
func TestAnUploadOfThreeHundredMegabytesTakesNoMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures a process of its own, in which a race detector says nothing: not in a short run")
	}
	const size, most = 299 << 20, 40 << 20
	dir := t.TempDir()
	p, err := start(dir, os.Environ(), "--addr", "localhost:0", "--db", "demo.db", "--demo", "--log-level", "error")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	highest := func() int64 {
		f, err := os.Open(fmt.Sprintf("/proc/%d/status", p.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for in := bufio.NewScanner(f); in.Scan(); {
			if text, ok := strings.CutPrefix(in.Text(), "VmHWM:"); ok {
				kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(text), " kB"), 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				return kilobytes << 10
			}
		}
		t.Fatal("no VmHWM")
		return 0
	}
	row := `{"profiles":[{"firstName":"` + strings.Repeat("x", 200) + `","identifiers":[{"type":"email","value":"x@example.org"}]}]}` + "\n"
	page := strings.Repeat(row, 1<<20/len(row))
	write := func(to io.Writer) error {
		for sent := 0; sent+len(page) <= size; sent += len(page) {
			if _, err := io.WriteString(to, page); err != nil {
				return err
			}
		}
		return nil
	}
	upload := func(compressed bool) {
		t.Helper()
		id := int64(callDemo(t, p, "POST", "/v2/dataIngestion/jobs", "application/json", `{"profile":"CUSTOMER_REGISTER","source":"INSTORE","autoStart":false}`)["createdId"].(float64))
		in, out := io.Pipe()
		go func() {
			if !compressed {
				out.CloseWithError(write(out))
				return
			}
			z, err := gzip.NewWriterLevel(out, gzip.BestSpeed)
			if err == nil {
				err = errors.Join(write(z), z.Close())
			}
			out.CloseWithError(err)
		}()
		r, err := http.NewRequest("PUT", fmt.Sprintf("%s/v2/dataIngestion/jobs/%d/file", p.url, id), in)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Authorization": {authorization(demoTill, demoPassword)}, "Content-Type": {"application/x-ndjson"}, "Idempotency-Key": {fmt.Sprint("k", id)}}
		if compressed {
			r.Header.Set("Content-Encoding", "gzip")
		}
		began := time.Now()
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		b, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != 200 {
			t.Fatalf("%d %s %v", answer.StatusCode, b, err)
		}
		if want := fmt.Sprintf(`"totalUploadedCount":%d`, size/len(page)*strings.Count(page, "\n")); !strings.Contains(string(b), want) {
			t.Errorf("%s, want %s", b, want)
		}
		t.Logf("compressed %v: %s", compressed, time.Since(began).Round(time.Millisecond))
	}
	callDemo(t, p, "GET", "/v2/customers/1001", "", "")
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.Process.Pid), []byte("5"), 0); err != nil { // the start was the highest
		t.Fatal(err)
	}
	before := highest()
	upload(false)
	upload(true)
	if grown := highest() - before; grown > most {
		t.Errorf("the server's memory has grown by %d MB, of %d", grown>>20, before>>20)
	} else {
		t.Logf("grown by %d MB, from %d", grown>>20, before>>20)
	}
}
