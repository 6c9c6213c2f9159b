package cli

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestAFullDiskLosesNothing runs the server on a file system of a few megabytes until it is full: writes answer 503 with
// Retry-After and leave nothing behind, reads go on, /readyz says why; with room again, writes go on without a restart, and
// whatever was acknowledged is there.
func TestAFullDiskLosesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=12m"); err != nil {
		t.Skipf("a file system of its own cannot be mounted (%v): run the tests as root to see a full disk; TestAFullDiskInTheMiddle in db shows the store alone", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	filler := filepath.Join(dir, "filler")
	if err := os.WriteFile(filler, bytes.Repeat([]byte{1}, 6<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := start(dir, os.Environ(), "--addr", "localhost:0", "--db", "arteriole.db", "--demo", "--rate", "0", "--address-rate", "0", "--log-level", "error")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	call := func(method, path, body string) (int, string, http.Header) {
		t.Helper()
		r, err := http.NewRequest(method, p.url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Authorization": {authorization(demoTill, demoPassword)}, "Content-Type": {"application/json"}}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		b, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(b), answer.Header
	}
	register := func(i int) (int, string, http.Header) {
		return call("POST", "/v2/customers?source=INSTORE", registration(i))
	}
	n, full, acknowledged := 0, 0, map[int]bool{}
	for ; full < 20; n++ { // the failures go on, and leave nothing
		status, body, header := register(n)
		if status == 200 {
			acknowledged[n] = true // a small one may still find room between two that do not
			continue
		}
		full++
		if status != 503 || header.Get("Retry-After") == "" || !strings.Contains(body, `"code":503`) || strings.Contains(body, "SQLITE") {
			t.Fatalf("registration %d on a full disk: %d %s", n, status, body)
		}
		if n > 200_000 {
			t.Fatal("the disk does not fill")
		}
	}
	if len(acknowledged) < 100 {
		t.Errorf("only %d registrations before the disk was full", len(acknowledged))
	}
	if status, body, _ := call("GET", "/readyz", ""); status != 503 || !strings.Contains(body, "writes fail") {
		t.Errorf("/readyz on a full disk: %d %s", status, body)
	}
	lookup := "/v2/customers/lookup?source=INSTORE&identifierName=email&identifierValue=a%d@example.org"
	if status, body, _ := call("GET", fmt.Sprintf(lookup, 0), ""); status != 200 {
		t.Errorf("a read on a full disk: %d %s", status, body)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if status, _, _ := call("GET", "/readyz", ""); status == 200 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("/readyz stays red with room on the disk")
		}
	}
	for i := range n {
		want := 404 // nothing is left of what was refused
		if acknowledged[i] {
			want = 200
		}
		if status, body, _ := call("GET", fmt.Sprintf(lookup, i), ""); status != want {
			t.Fatalf("registration %d, acknowledged: %v: %d %s", i, acknowledged[i], status, body)
		}
		if !acknowledged[i] {
			if status, body, _ := register(i); status != 200 {
				t.Fatalf("registration %d with room again: %d %s", i, status, body)
			}
		}
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	if out, stderr, code := arteriole(dir, "check"); code != 0 {
		t.Errorf("check: %s%s", out, stderr)
	}
}
