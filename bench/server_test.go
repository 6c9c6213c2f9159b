// Package bench measures the server as its callers see it: another process, over HTTP on the loopback interface.
// README.md has the figures and how to get them.
package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/handlers"
)

// The environment that turns this test binary into the server.
const (
	serveEnv  = "ARTERIOLE_BENCH_SERVE"  // the database file
	noSyncEnv = "ARTERIOLE_BENCH_NOSYNC" // not empty: synchronous=OFF
	// proxiedEnv, when it is not empty, has X-Forwarded-For of this machine believed, so that one client may have many addresses.
	proxiedEnv = "ARTERIOLE_BENCH_PROXIED"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(serveEnv); path != "" {
		if err := serve(path, os.Getenv(noSyncEnv) != ""); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// usage is what the server has spent since it started.
type usage struct {
	CPU     float64 // seconds, user and system
	Mallocs uint64
	Bytes   uint64 // allocated
	RSS     int64  // bytes, now
	Writes  int64  // of the store's writer, and the commits that they shared
	Commits int64
}

// serve is the server's side: it prints its address, then answers each line of its standard input, and ends with it.
func serve(path string, noSync bool) error {
	store, err := db.Open(context.Background(), path, db.Options{Serve: true, NoSync: noSync})
	if err != nil {
		return err
	}
	// The access log is written, as it would be, but to nowhere.
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	cfg := handlers.Defaults()
	cfg.Rate, cfg.AddressRate = 0, 0
	if os.Getenv(proxiedEnv) != "" {
		cfg.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	}
	cfg.Log = slog.New(slog.NewJSONHandler(null, nil))
	s, err := handlers.New(store, cfg)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go s.HTTP("").Serve(l)
	ctx, stop := context.WithCancel(context.Background())
	worked := make(chan struct{})
	go func() {
		defer close(worked)
		s.Work(ctx)
	}()
	defer func() {
		stop()
		<-worked
	}()
	fmt.Println(l.Addr())
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		word, file, _ := strings.Cut(in.Text(), " ")
		switch word {
		case "profile":
			f, err := os.Create(file)
			if err != nil {
				return err
			}
			if err := pprof.StartCPUProfile(f); err != nil {
				return err
			}
			fmt.Println("{}")
		case "usage":
			pprof.StopCPUProfile()
			json.NewEncoder(os.Stdout).Encode(spent(store))
		}
	}
	l.Close()
	stop()
	<-worked
	return store.Close()
}

func spent(store *db.Store) usage {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	st := store.Stats()
	return usage{CPU: processorTime(), Mallocs: m.Mallocs, Bytes: m.TotalAlloc, RSS: residentSize(os.Getpid()), Writes: st.Writes, Commits: st.Commits}
}

// server is the benchmark's side of a running server.
type server struct {
	addr  string
	cmd   *exec.Cmd
	stdin io.WriteCloser
	out   *bufio.Reader
}

// start runs a server on a database in a process of its own. wrap is a command to run it under.
func start(tb testing.TB, path string, noSync bool, wrap ...string) *server {
	tb.Helper()
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	args := append(wrap, self)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), serveEnv+"="+path)
	if noSync {
		cmd.Env = append(cmd.Env, noSyncEnv+"=1")
	}
	cmd.Stderr = os.Stderr
	s := &server{cmd: cmd}
	if s.stdin, err = cmd.StdinPipe(); err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	s.out = bufio.NewReader(out)
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	line, err := s.out.ReadString('\n')
	if err != nil {
		tb.Fatalf("the server did not start: %v, %v", err, cmd.Wait())
	}
	s.addr = strings.TrimSpace(line)
	return s
}

func (s *server) stop(tb testing.TB) {
	tb.Helper()
	s.stdin.Close()
	if err := s.cmd.Wait(); err != nil {
		tb.Error(err)
	}
}

func (s *server) ask(tb testing.TB, line string) (u usage) {
	tb.Helper()
	if _, err := fmt.Fprintln(s.stdin, line); err != nil {
		tb.Fatal(err)
	}
	answer, err := s.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(answer, &u)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return u
}

func (s *server) usage(tb testing.TB) usage { tb.Helper(); return s.ask(tb, "usage") }

// profile writes a profile of the server's processor time up to the next usage, when ARTERIOLE_BENCH_PROFILES names a
// folder for them.
func (s *server) profile(b *testing.B) {
	if dir := os.Getenv("ARTERIOLE_BENCH_PROFILES"); dir != "" {
		s.ask(b, "profile "+filepath.Join(dir, strings.NewReplacer("/", "_", "=", "").Replace(b.Name())+".prof"))
	}
}
