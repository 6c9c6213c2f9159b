package languages

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// Starting python with requests, or node, takes longer than a sample. So most of their samples
// run in one process that is started once: it reads the name of a file, runs it on its own,
// leaves in the files out and err what it printed, and answers its exit status. Each of python
// is a fork, with names of its own; each of node is a module, so nothing leaks between them.
// (One of ruby would find libraries loaded that it has forgotten to ask for.)
const (
	pythonLoop = `
import os, runpy, sys, traceback
import requests

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        for fd, name in (1, "out"), (2, "err"):
            os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), fd)
        status = 0
        try:
            runpy.run_path(line.strip(), run_name="__main__")
        except BaseException:
            traceback.print_exc()
            status = 1
        sys.stdout.flush()
        os._exit(status)  # to tear down takes longer than to run
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
`
	nodeLoop = `
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { format } from "node:util";

const answer = console.log;
for await (const file of createInterface({ input: process.stdin })) {
  let out = "", err = "", status = 0;
  console.log = (...values) => { out += format(...values) + "\n"; };
  try {
    await import("./" + file);
  } catch (e) {
    err = String(e);
    status = 1;
  }
  writeFileSync("out", out);
  writeFileSync("err", err);
  answer(status);
}
`
)

type loop struct {
	in  io.Writer
	out *bufio.Scanner
}

func (p *program) runLoop(t *testing.T, file string) result {
	t.Helper()
	if _, err := io.WriteString(p.loop.in, file+"\n"); err != nil {
		t.Fatal(err)
	}
	if !p.loop.out.Scan() {
		t.Fatalf("the process that runs samples in %s has ended: %v", p.language, p.loop.out.Err())
	}
	return result{p.read(t, "out"), p.read(t, "err"), p.loop.out.Text() != "0"}
}

// startLoop starts the process; it lives as long as the test.
func (p *program) startLoop(t *testing.T) {
	t.Helper()
	name := "loop" + tools[p.language].end
	p.write(t, name, tools[p.language].loop)
	c := command(t.Context(), p.dir, p.command, name)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		c.Wait() // it was stopped
	})
	p.loop = &loop{in, bufio.NewScanner(out)}
}

func (p *program) read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(p.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
