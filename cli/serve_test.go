package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
)

// serve starts a server in a folder of its own.
func serve(t *testing.T, args ...string) (dir string, p *process) {
	t.Helper()
	dir = t.TempDir()
	p, err := start(dir, os.Environ(), append([]string{"--addr", "localhost:0"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	return dir, p
}

// arteriole runs a command in a folder.
func arteriole(dir string, args ...string) (stdout, stderr string, code int) {
	c := exec.Command("arteriole", args...)
	c.Dir = dir
	var out, err bytes.Buffer
	c.Stdout, c.Stderr = &out, &err
	c.Run()
	return out.String(), err.String(), c.ProcessState.ExitCode()
}

func registration(i int) string {
	return fmt.Sprintf(`{"profiles":[{"firstName":"F%d","identifiers":[{"type":"email","value":"a%d@example.org"}]}]}`, i, i)
}

const host = "Host: localhost\r\n"

// slowRequest is a registration of which the last byte has not been sent.
func slowRequest(t *testing.T, p *process, i int) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	body := registration(i)
	fmt.Fprintf(c, "POST /v2/customers?source=INSTORE HTTP/1.1\r\n%sAuthorization: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		host, authorization(demoTill, demoPassword), len(body), body[:len(body)-1])
	return c
}

// TestStop: a server that is told to stop finishes what it has begun, takes nothing new, and loses no row.
func TestStop(t *testing.T) {
	t.Parallel()
	dir, p := serve(t, "--demo", "--db", "arteriole.db", "--body-timeout", "2m", "--shutdown-timeout", "2m")
	const many = 200
	conns := make([]net.Conn, many)
	for i := range conns {
		conns[i] = slowRequest(t, p, i)
	}
	waitFor(t, "all requests to be under way", func() bool {
		return strings.Contains(get(t, p.url+"/metrics"), fmt.Sprintf("requests_in_flight %d\n", many+1))
	})
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the server to take no more", func() bool {
		c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
		if err == nil {
			c.Close()
		}
		return err != nil
	})
	var wg sync.WaitGroup
	for i, c := range conns {
		wg.Go(func() {
			io.WriteString(c, "}")
			answer, err := io.ReadAll(c)
			if !strings.HasPrefix(string(answer), "HTTP/1.1 200 ") || err != nil {
				t.Errorf("request %d: %.100q, %v", i, answer, err)
			}
		})
	}
	wg.Wait()
	<-p.read
	if err := p.Wait(); err != nil {
		t.Errorf("%v: %s", err, p.stderr.String())
	}
	if log := p.stderr.String(); !strings.Contains(log, `"msg":"stopped"`) {
		t.Errorf("log: %s", log)
	}
	if out, _, code := arteriole(dir, "check"); code != 0 || !strings.Contains(out, fmt.Sprintf("%d customers", 5+many)) {
		t.Errorf("check: %d, %s", code, out)
	}
	if _, err := os.Stat(filepath.Join(dir, "arteriole.db-wal")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the database was not closed: %v", err)
	}
}

func waitFor(t *testing.T, what string, ready func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ready(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestStopWithoutPatience(t *testing.T) {
	t.Parallel()
	_, p := serve(t, "--demo", "--db", "arteriole.db", "--body-timeout", "2m", "--shutdown-timeout", "100ms")
	slowRequest(t, p, 1)
	waitFor(t, "the request to be under way", func() bool { return strings.Contains(get(t, p.url+"/metrics"), "requests_in_flight 2\n") })
	if err := p.stop(); err == nil || p.ProcessState.ExitCode() != 1 {
		t.Errorf("ended with %v", err)
	}
	if want := "arteriole: requests were still in progress after 100ms and were cut off: give them longer with --shutdown-timeout\n"; !strings.HasSuffix(p.stderr.String(), want) {
		t.Errorf("stderr: %s", p.stderr.String())
	}
}

func TestSecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	_, p := serve(t, "--demo", "--db", "arteriole.db", "--body-timeout", "2m", "--shutdown-timeout", "1h")
	slowRequest(t, p, 1)
	waitFor(t, "the request to be under way", func() bool { return strings.Contains(get(t, p.url+"/metrics"), "requests_in_flight 2\n") })
	start := time.Now()
	p.Process.Signal(syscall.SIGINT)
	time.Sleep(300 * time.Millisecond)
	if err := p.stop(); err == nil || time.Since(start) > time.Minute {
		t.Errorf("ended with %v after %s", err, time.Since(start))
	}
}

// TestBackupWhileServing takes backups by the command while registrations come in by HTTP. Each, restored, is sound and has
// what was acknowledged before it began, and nothing that was not asked for when it ended; a plain copy of the file, the
// control, has not.
func TestBackupWhileServing(t *testing.T) {
	t.Parallel()
	dir, p := serve(t, "--demo", "--db", "arteriole.db", "--rate", "0", "--address-rate", "0", "--log-level", "error")
	var asked, acknowledged atomic.Int64
	stop := make(chan struct{})
	var load sync.WaitGroup
	load.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			asked.Add(1)
			r, _ := http.NewRequest("POST", p.url+"/v2/customers?source=INSTORE", strings.NewReader(registration(i)))
			r.Header.Set("Authorization", authorization(demoTill, demoPassword))
			r.Header.Set("Content-Type", "application/json")
			answer, err := http.DefaultClient.Do(r)
			if err != nil || answer.StatusCode != 200 {
				t.Errorf("registration %d: %v, %v", i, answer, err)
				return
			}
			io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
			acknowledged.Add(1)
		}
	})
	for i := range 3 {
		waitFor(t, "some load", func() bool { return acknowledged.Load() > int64(30*(i+1)) })
		before := acknowledged.Load()
		backup, fresh := fmt.Sprintf("backup-%d.db", i), fmt.Sprintf("restored-%d.db", i)
		if _, stderr, code := arteriole(dir, "backup", backup); code != 0 {
			t.Fatalf("backup: %s", stderr)
		}
		after := asked.Load()
		if _, stderr, code := arteriole(dir, "restore", backup, "--db", fresh); code != 0 {
			t.Fatalf("restore: %s", stderr)
		}
		if out, stderr, code := arteriole(dir, "check", "--db", fresh); code != 0 {
			t.Errorf("check: %s%s", out, stderr)
		}
		if n := countRegistrations(t, filepath.Join(dir, fresh)); n < before || n > after {
			t.Errorf("backup %d has %d registrations, want %d to %d", i, n, before, after)
		}
	}
	close(stop)
	load.Wait()
	b, err := os.ReadFile(filepath.Join(dir, "arteriole.db"))
	if err != nil {
		t.Fatal(err)
	}
	plain := filepath.Join(dir, "plain.db")
	if err := os.WriteFile(plain, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, code := arteriole(dir, "check", "--db", plain); code == 0 {
		s, err := db.Open(context.Background(), plain, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := s.Rows(context.Background())
		s.Close()
		if err != nil || rows["customers"] >= acknowledged.Load() {
			t.Errorf("the control has passed: a plain copy of the file was whole, with %d customers, %v", rows["customers"], err)
		}
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
}

// countRegistrations counts registrations, which must be the first ones without a gap.
func countRegistrations(t *testing.T, path string) (n int64) {
	t.Helper()
	s, err := db.Open(context.Background(), path, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for missing := int64(0); missing < 20; {
		id := db.Identifier{Type: "email", Value: fmt.Sprintf("a%d@example.org", n+missing)}
		_, err := s.LookupCustomer(context.Background(), db.Who{Org: 1}, id, "INSTORE", "")
		switch f, _ := fault.Of(err); {
		case err == nil && missing > 0:
			t.Errorf("a%d is there, a%d is not", n+missing, n)
			return n
		case err == nil:
			n++
		case f != nil && (f.Code == fault.CustomerNotFound || f.Code == fault.NotInSource):
			missing++
		default:
			t.Fatal(err)
		}
	}
	return n
}

func TestPortTaken(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, stderr, code := arteriole(t.TempDir(), "serve", "--addr", l.Addr().String())
	if want := "arteriole: cannot listen on " + l.Addr().String() + " (bind: address already in use): give another address with --addr\n"; code != 1 || stderr != want {
		t.Errorf("code %d, stderr %q, want %q", code, stderr, want)
	}
	_, stderr, code = arteriole(t.TempDir(), "serve", "--addr", "localhost:0", "--metrics-addr", l.Addr().String())
	if want := "give another address with --metrics-addr\n"; code != 1 || !strings.HasSuffix(stderr, want) {
		t.Errorf("code %d, stderr %q, want %q", code, stderr, want)
	}
}

// TestFilesArePrivate: what holds personal data and hashes of passwords is its owner's alone.
func TestFilesArePrivate(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("rights are not in the mode")
	}
	dir, p := serve(t, "--demo", "--db", "arteriole.db")
	arteriole(dir, "backup", "copy.db")
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 5 { // database, -wal, -shm, lock, copy
		t.Errorf("files: %v, %v", entries, err)
	}
	for _, e := range entries {
		if st, err := e.Info(); err != nil || st.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", e.Name(), st.Mode(), err)
		}
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
}

// With as many connections as may be, the next one waits until another ends, and is served then.
func TestMaxConnections(t *testing.T) {
	t.Parallel()
	_, p := serve(t, "--demo", "--max-connections", "2")
	open := func() (net.Conn, func(patience time.Duration) error) {
		c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		fmt.Fprintf(c, "GET /healthz HTTP/1.1\r\n%s\r\n", host)
		return c, func(patience time.Duration) error {
			c.SetReadDeadline(time.Now().Add(patience))
			_, err := c.Read(make([]byte, 1))
			return err
		}
	}
	first, answered := open()
	if err := answered(10 * time.Second); err != nil {
		t.Fatal(err)
	}
	if _, answered := open(); answered(10*time.Second) != nil {
		t.Fatal("the second of two was not answered")
	}
	_, answered = open()
	if err := answered(200 * time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a third connection of two: %v", err)
	}
	first.Close()
	if err := answered(10 * time.Second); err != nil {
		t.Errorf("the third, after the first has ended: %v", err)
	}
}

func TestLimitsThatAreNone(t *testing.T) {
	t.Parallel()
	for flag, bad := range map[string][]string{"--page-max": {"9", "101", "0"}, "--max-connections": {"0", "-1"}} {
		for _, value := range bad {
			if _, stderr, code := arteriole(t.TempDir(), "serve", "--addr", "localhost:0", flag, value); code != 2 || !strings.Contains(stderr, flag+" is ") && !strings.Contains(stderr, flag+" must be ") {
				t.Errorf("%s %s: %d %s", flag, value, code, stderr)
			}
		}
	}
}
