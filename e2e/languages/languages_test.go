package languages

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// tool is what a language's samples are run with.
type tool struct {
	end      string   // of the name that a sample is saved under
	commands []string // to run it with, the first that works
	probe    []string // arguments with which a command that works ends well
	lacking  string   // what to install
	loop     string   // see runLoop
}

var tools = map[string]tool{
	"shell": {
		end: ".sh", commands: []string{"sh"}, probe: []string{"-c", "curl --fail-with-body --version && openssl version"},
		lacking: "curl 7.76 or later and openssl (Debian: curl, openssl)",
	},
	"ruby": {
		end: ".rb", commands: []string{"ruby"}, probe: []string{"-e", `require "net/http"; require "json"`},
		lacking: "ruby (Debian: ruby)",
	},
	"python": {
		end: ".py", commands: []string{"python3", "/usr/bin/python3"}, probe: []string{"-c", "import requests"},
		lacking: "python 3.9 or later with requests (Debian: python3-requests)", loop: pythonLoop,
	},
	"php": {
		end: ".php", commands: []string{"php"}, probe: []string{"-r", `exit(function_exists("curl_init") ? 0 : 1);`},
		lacking: "php with its curl extension (Debian: php-cli, php-curl)",
	},
	"javascript": {
		end: ".mjs", commands: []string{"node"}, probe: []string{"-e", `process.exit(typeof fetch === "function" ? 0 : 1)`},
		lacking: "node 18 or later (Debian: nodejs)", loop: nodeLoop,
	},
	"go": {
		end: ".go", commands: []string{"go"}, probe: []string{"version"},
		lacking: "go on the PATH",
	},
}

// program runs the samples of a language. Those of go are compiled: to link each takes a hundred times as long as to run
// it, so most of them are one program, in which each is a function of another name in a file of its own, and nothing else
// of its text is changed; each sixteenth is a program as it stands.
type program struct {
	language string
	server   string // where what the JSON tab prints is sent
	command  string
	dir      string
	texts    []string
	built    int  // of go, samples below it are compiled as they stand, or were
	joined   bool // of go, the one program is compiled
	loop     *loop
}

// result is what a sample did.
type result struct {
	printed, complaint string
	failed             bool
}

// find prepares to run texts, or skips the test where the language is missing: in CI none may be.
func find(t *testing.T, language, server string, texts []string) *program {
	t.Helper()
	p := &program{language: language, server: server, dir: t.TempDir(), texts: texts}
	if language == "json" {
		return p
	}
	l := tools[language]
	for _, c := range l.commands {
		if err := command(t.Context(), p.dir, append([]string{c}, l.probe...)...).Run(); err == nil {
			p.command = c
			break
		}
	}
	if p.command == "" {
		say := t.Skipf
		if os.Getenv("CI") == "true" {
			say = t.Fatalf
		}
		say("the samples in %s were not run: install %s", language, l.lacking)
	}
	if l.loop != "" {
		p.startLoop(t)
	}
	if language == "go" {
		p.write(t, "go.mod", "module samples\n\ngo 1.21\n")
	}
	return p
}

// run runs the sample i, its text unchanged.
func (p *program) run(t *testing.T, i int) result {
	t.Helper()
	switch p.language {
	case "json":
		return sendBare(t, p.server, p.texts[i])
	case "go":
		if i%alone > 0 {
			p.join(t)
			return p.output(t, filepath.Join(p.dir, "all", "all"), strconv.Itoa(i))
		}
		p.build(t, i)
		return p.output(t, filepath.Join(p.dir, "bin", goName(i)))
	}
	file := fmt.Sprint("sample", i, tools[p.language].end)
	p.write(t, file, p.texts[i]+"\n")
	if tools[p.language].loop != "" && i%alone > 0 {
		return p.runLoop(t, file)
	}
	return p.output(t, p.command, file)
}

const (
	alone   = 16 // one sample of so many is run as a reader would
	goBatch = 16 // a compiled sample takes some 6 MB
)

func goName(i int) string { return fmt.Sprintf("sample%d", i) }

// build compiles the batch of programs that begins with i.
func (p *program) build(t *testing.T, i int) {
	t.Helper()
	if i < p.built {
		return
	}
	bin := filepath.Join(p.dir, "bin")
	if err := os.RemoveAll(bin); err != nil {
		t.Fatal(err)
	}
	args := []string{p.command, "build", "-ldflags=-s -w", "-o", bin + "/"}
	for p.built = i; p.built < min(i+alone*goBatch, len(p.texts)); p.built += alone {
		p.write(t, filepath.Join(goName(p.built), "main.go"), p.texts[p.built]+"\n")
		args = append(args, "./"+goName(p.built))
	}
	if r := p.output(t, args...); r.failed {
		t.Fatal(r.complaint)
	}
}

// join compiles one program of all samples, which runs the one whose number it is given.
func (p *program) join(t *testing.T) {
	t.Helper()
	if p.joined {
		return
	}
	const begins = "\nfunc main() {"
	choice := "package main\n\nimport \"os\"\n\nfunc main() {\n\tall := map[string]func(){\n"
	for i, text := range p.texts {
		if strings.Count(text, begins) != 1 {
			t.Fatalf("not one func main() in\n%s", text)
		}
		p.write(t, filepath.Join("all", goName(i)+".go"), strings.Replace(text, begins, "\nfunc "+goName(i)+"() {", 1)+"\n")
		choice += fmt.Sprintf("\t\t\"%d\": %s,\n", i, goName(i))
	}
	p.write(t, filepath.Join("all", "main.go"), choice+"\t}\n\tall[os.Args[1]]()\n}\n")
	if r := p.output(t, p.command, "build", "-ldflags=-s -w", "-o", "all/all", "./all"); r.failed {
		t.Fatal(r.complaint)
	}
	p.joined = true
}

func (p *program) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (p *program) output(t *testing.T, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := command(ctx, p.dir, args...)
	var out, complaint bytes.Buffer
	c.Stdout, c.Stderr = &out, &complaint
	err := c.Run()
	if exit := (&exec.ExitError{}); err != nil && (!errors.As(err, &exit) || ctx.Err() != nil) {
		t.Fatalf("%s: %v, %v", args, err, ctx.Err())
	}
	return result{out.String(), complaint.String(), err != nil}
}

// command runs in a directory, without what would lead it elsewhere.
func command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	c.Dir, c.WaitDelay = dir, time.Second
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if !strings.HasSuffix(strings.ToLower(name), "_proxy") {
			c.Env = append(c.Env, v)
		}
	}
	c.Env = append(c.Env, "GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0")
	return c
}

// sendBare sends what the JSON tab prints, and adds what the tab leaves out: version, host and length.
func sendBare(t *testing.T, server, text string) result {
	t.Helper()
	head, body, _ := strings.Cut(text, "\n\n")
	line, headers, _ := strings.Cut(strings.ReplaceAll(head, "\n  ", ""), "\n")
	raw := line + " HTTP/1.1\r\nHost: localhost\r\n"
	if headers != "" {
		raw += strings.ReplaceAll(headers, "\n", "\r\n") + "\r\n"
	}
	raw += fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
	if err != nil {
		t.Fatalf("%v in\n%s", err, raw)
	}
	r.RequestURI, r.URL.Scheme, r.URL.Host = "", "http", strings.TrimPrefix(server, "http://")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return result{string(b), answer.Status, answer.StatusCode >= 400}
}
