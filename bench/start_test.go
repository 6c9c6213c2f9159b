package bench

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkStart builds the binary as it is released and starts it on a demo database that is there already: the time and
// the work to the first answer, the memory that it holds after some calls and a rest, and the size of the file.
func BenchmarkStart(b *testing.B) {
	dir := b.TempDir()
	binary := filepath.Join(dir, "arteriole")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	st, err := os.Stat(binary)
	if err != nil {
		b.Fatal(err)
	}
	var waited time.Duration
	var memory int64
	var worked float64
	b.ResetTimer()
	for i := range b.N + 1 { // the first makes the demo organization and does not count
		addr := freeAddress(b)
		cmd := exec.Command(binary, "serve", "--demo", "--addr", addr, "--db", filepath.Join(dir, "demo.db"))
		start := time.Now()
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		for {
			res, err := http.Get("http://" + addr + "/healthz")
			if err == nil {
				res.Body.Close()
				break
			}
			if time.Since(start) > 10*time.Second {
				cmd.Process.Kill()
				b.Fatal(err)
			}
			time.Sleep(200 * time.Microsecond)
		}
		took, cpu := time.Since(start), processorTimeOf(cmd.Process.Pid)
		if i > 0 {
			waited += took
			worked += cpu
		}
		if i == b.N {
			c, err := dial(addr, 0)
			for n := 0; err == nil && n < 100; n++ {
				err = c.get("/v2/customers/1001")
			}
			if err != nil {
				b.Error(err)
			}
			time.Sleep(time.Second)
			memory = residentSize(cmd.Process.Pid)
		}
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			b.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(waited.Microseconds())/1000/float64(b.N), "ms-to-answer")
	b.ReportMetric(worked*1000/float64(b.N), "ms-CPU")
	b.ReportMetric(float64(memory)/1e6, "MB-resident")
	b.ReportMetric(float64(st.Size())/1e6, "MB-binary")
	b.ReportMetric(0, "ns/op")
}

func freeAddress(b *testing.B) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
