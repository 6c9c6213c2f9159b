package cli

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes programs of this test binary: arteriole itself, and three that scripts need.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"arteriole": func() { os.Exit(Main()) },
		"code":      expectCode,
		"call":      callServer,
		"token":     getToken,
		"revoke":    revokeClient,
		"spoil":     spoil,
	})
}

// expectCode runs a program that must end with a code: code 2 arteriole …
func expectCode() {
	c := exec.Command(os.Args[2], os.Args[3:]...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.Run()
	if got := strconv.Itoa(c.ProcessState.ExitCode()); got != os.Args[1] {
		fmt.Fprintf(os.Stderr, "exit code %s, want %s\n", got, os.Args[1])
		os.Exit(100)
	}
}

// callServer makes a request and prints status, headers about rates, and body: call [-u till:password] [-k key] [-b token-file] METHOD URL [BODY]
func callServer() {
	user := flag.String("u", "", "")
	key := flag.String("k", "", "")
	bearer := flag.String("b", "", "")
	flag.Parse()
	r, err := http.NewRequest(flag.Arg(0), flag.Arg(1), strings.NewReader(flag.Arg(2)))
	if err != nil {
		panic(err)
	}
	if code, password, ok := strings.Cut(*user, ":"); ok {
		r.Header.Set("Authorization", authorization(code, password))
	} else if *key != "" {
		r.Header.Set("Authorization", *key)
	} else if *bearer != "" {
		b, err := os.ReadFile(*bearer)
		if err != nil {
			panic(err)
		}
		r.Header.Set("X-CAP-API-OAUTH-TOKEN", regexp.MustCompile(`eyJ[\w.-]+`).FindString(string(b)))
	}
	if flag.Arg(2) != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	body, _ := io.ReadAll(answer.Body)
	fmt.Printf("%d\nlimit %s\n%s\n", answer.StatusCode, answer.Header.Get("RateLimit-Limit"), body)
}

// added is what `client add` has printed.
func added(file string) (key, secret string) {
	b, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	m := regexp.MustCompile(`key +(\S+)\s+secret +(\S+)`).FindSubmatch(b)
	return string(m[1]), string(m[2])
}

// getToken asks for an access token with what `client add` has printed, and prints status and answer: token FILE URL
func getToken() {
	key, secret := added(os.Args[1])
	answer, err := http.Post(os.Args[2], "application/json", strings.NewReader(fmt.Sprintf(`{"key":%q,"secret":%q}`, key, secret)))
	if err != nil {
		panic(err)
	}
	body, _ := io.ReadAll(answer.Body)
	fmt.Printf("%d\n%s\n", answer.StatusCode, body)
}

// revokeClient revokes the client that `client add` has printed: revoke FILE
func revokeClient() {
	key, _ := added(os.Args[1])
	c := exec.Command("arteriole", "client", "revoke", "--org", "Tea", key)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	if err := c.Run(); err != nil {
		os.Exit(1)
	}
}

// spoil overwrites bytes of a file: spoil FILE OFFSET HEX [TIMES]
func spoil() {
	offset, err := strconv.ParseInt(os.Args[2], 10, 64)
	if err != nil {
		panic(err)
	}
	b, err := hex.DecodeString(os.Args[3])
	if err != nil {
		panic(err)
	}
	if len(os.Args) > 4 {
		n, _ := strconv.Atoi(os.Args[4])
		b = bytes.Repeat(b, n)
	}
	f, err := os.OpenFile(os.Args[1], os.O_RDWR, 0)
	if err != nil {
		panic(err)
	}
	if _, err := f.WriteAt(b, offset); err != nil {
		panic(err)
	}
	if err := f.Close(); err != nil {
		panic(err)
	}
}

// TestScripts runs the commands as a person would, one script each. A script has two commands of its own:
//
//	serve NAME ARG…   starts a server, waits until it runs, and puts its address into $NAME
//	stop NAME         ends it by SIGTERM and waits; it must end well. Its output is then in NAME.out and NAME.err
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, "SPEC="+os.Getenv("SPEC"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve": func(ts *testscript.TestScript, neg bool, args []string) {
				p, err := start(ts.MkAbs("."), []string{"SPEC=" + os.Getenv("SPEC"), "HOME=" + ts.Getenv("HOME")}, args[1:]...)
				ts.Check(err)
				ts.Defer(p.kill)
				ts.Setenv(args[0], p.url)
				running(ts)[args[0]] = p
			},
			"stop": func(ts *testscript.TestScript, neg bool, args []string) {
				p := running(ts)[args[0]]
				err := p.stop()
				ts.Check(os.WriteFile(ts.MkAbs(args[0]+".out"), p.stdout.Bytes(), 0o600))
				ts.Check(os.WriteFile(ts.MkAbs(args[0]+".err"), p.stderr.Bytes(), 0o600))
				ts.Check(err)
			},
		},
	})
}

var (
	servers   = map[*testscript.TestScript]map[string]*process{}
	serversMu sync.Mutex
)

func running(ts *testscript.TestScript) map[string]*process {
	serversMu.Lock()
	defer serversMu.Unlock()
	if servers[ts] == nil {
		servers[ts] = map[string]*process{}
	}
	return servers[ts]
}

// process is a server that was started as a program of its own.
type process struct {
	*exec.Cmd
	url            string
	stdout, stderr bytes.Buffer
	read           chan struct{} // closed when all of stdout is read
}

// start runs `arteriole serve` with arguments, and waits until it runs.
func start(dir string, env []string, args ...string) (*process, error) {
	p := &process{Cmd: exec.Command("arteriole", append([]string{"serve"}, args...)...), read: make(chan struct{})}
	p.Dir, p.Env = dir, env
	p.Cmd.Stderr = &p.stderr
	out, err := p.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.Start(); err != nil {
		return nil, err
	}
	first := make(chan string, 1)
	go func() {
		defer close(p.read)
		defer close(first)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			fmt.Fprintln(&p.stdout, lines.Text())
			if url, ok := strings.CutPrefix(lines.Text(), "Arteriole is running on "); ok {
				first <- url
			}
		}
	}()
	select {
	case p.url = <-first:
	case <-time.After(30 * time.Second):
	}
	if p.url == "" {
		p.kill()
		return nil, fmt.Errorf("the server does not run: %s", p.stderr.String())
	}
	return p, nil
}

// stop ends the server as a service manager does, and waits.
func (p *process) stop() error {
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	<-p.read
	return p.Wait()
}

func (p *process) kill() {
	if p.ProcessState == nil {
		p.Process.Kill()
		<-p.read
		p.Wait()
	}
}
