// Command mutate changes one thing at a time in files of Go code and says which of these mutants no test finds. The checkout stays as it
// is: each mutant is compiled by an overlay.
//
//	go run ./mutate -first TestA -then 'TestB|TestC' ../db/points_rules.go
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// mutant is a file of which bytes from..to are something else.
type mutant struct {
	file     string // absolute
	source   []byte // of the file, as it was when the mutants were made
	place    string // file:line
	from, to int
	text     string
	what     string // as it is printed
}

var swaps = map[token.Token]token.Token{
	token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR, token.EQL: token.NEQ, token.NEQ: token.EQL,
	token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL, token.REM: token.MUL,
	token.LAND: token.LOR, token.LOR: token.LAND,
	token.ADD_ASSIGN: token.SUB_ASSIGN, token.SUB_ASSIGN: token.ADD_ASSIGN,
}

// mutants are those of one file. Comparisons with err and nil are left out: they hold no rule.
func mutants(path string) (all []mutant, err error) {
	source, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	files := token.NewFileSet()
	tree, err := parser.ParseFile(files, path, source, 0)
	if err != nil {
		return nil, err
	}
	offset := func(p token.Pos) int { return files.Position(p).Offset }
	add := func(from, to token.Pos, text, what string) {
		all = append(all, mutant{absolute, source, fmt.Sprintf("%s:%d", filepath.Base(path), files.Position(from).Line), offset(from), offset(to), text, what})
	}
	written := func(n ast.Node) string {
		var b bytes.Buffer
		printer.Fprint(&b, files, n) // into memory
		line, _, more := strings.Cut(b.String(), "\n")
		if more {
			line += " …"
		}
		return line
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if swap, ok := swaps[n.Op]; ok && !isNil(n.X) && !isNil(n.Y) {
				add(n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), swap.String(), fmt.Sprintf("%s: %s for %s", written(n), swap, n.Op))
			}
		case *ast.UnaryExpr:
			if n.Op == token.NOT || n.Op == token.SUB {
				add(n.OpPos, n.X.Pos(), "", fmt.Sprintf("%s: without %s", written(n), n.Op))
			}
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.Ident); ok && len(n.Args) > 1 && (f.Name == "min" || f.Name == "max") {
				other := map[string]string{"min": "max", "max": "min"}[f.Name]
				add(f.Pos(), f.End(), other, written(n)+": "+other)
			}
		case *ast.AssignStmt:
			if swap, ok := swaps[n.Tok]; ok {
				add(n.TokPos, n.TokPos+token.Pos(len(n.Tok.String())), swap.String(), fmt.Sprintf("%s: %s", written(n), swap))
			}
			if n.Tok != token.DEFINE {
				add(n.Pos(), n.End(), "", written(n)+": left out")
			}
		case *ast.IncDecStmt:
			add(n.Pos(), n.End(), "", written(n)+": left out")
		case *ast.CaseClause:
			for _, e := range n.List {
				switch e.(type) {
				case *ast.BinaryExpr, *ast.UnaryExpr, *ast.CallExpr, *ast.SelectorExpr:
					add(e.Pos(), e.End(), "false && ("+string(source[offset(e.Pos()):offset(e.End())])+")", "case "+written(e)+": never")
				}
			}
		case *ast.IfStmt:
			if n.Init == nil && !comparesNil(n.Cond) {
				add(n.Cond.Pos(), n.Cond.End(), "false && ("+string(source[offset(n.Cond.Pos()):offset(n.Cond.End())])+")", "if "+written(n.Cond)+": never")
			}
		}
		return true
	})
	slices.SortStableFunc(all, func(a, b mutant) int { return cmp.Compare(a.from, b.from) })
	return all, nil
}

func isNil(e ast.Expr) bool {
	i, ok := e.(*ast.Ident)
	return ok && i.Name == "nil"
}

func comparesNil(e ast.Expr) bool {
	b, ok := e.(*ast.BinaryExpr)
	return ok && (isNil(b.X) || isNil(b.Y))
}

type bench struct {
	dir     string // of the package
	tests   []string
	args    []string // of the program of the tests
	timeout time.Duration
}

// try gives the tests that find a mutant: the first of the patterns one of whose tests fails. compiles is false for a mutant that is no
// program.
func (b bench) try(ctx context.Context, m mutant) (found string, compiles bool, err error) {
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return "", false, err
	}
	defer os.RemoveAll(dir)
	changed := filepath.Join(dir, filepath.Base(m.file))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{m.file: changed}})
	if err != nil {
		return "", false, err
	}
	err = errors.Join(os.WriteFile(changed, slices.Concat(m.source[:m.from], []byte(m.text), m.source[m.to:]), 0o600),
		os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600))
	if err != nil {
		return "", false, err
	}
	program := filepath.Join(dir, "mutant.test")
	build := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-overlay", filepath.Join(dir, "overlay.json"), "-o", program, ".")
	build.Dir = b.dir
	if build.Run() != nil {
		return "", false, ctx.Err()
	}
	for _, pattern := range b.tests {
		limited, cancel := context.WithTimeout(ctx, b.timeout)
		run := exec.CommandContext(limited, program, append([]string{"-test.run", pattern, "-test.failfast", "-test.timeout", b.timeout.String()}, b.args...)...)
		run.Dir = b.dir
		run.Env = append(os.Environ(), "TMPDIR="+dir)
		err := run.Run()
		cancel()
		if ctx.Err() != nil {
			return "", true, ctx.Err()
		}
		if err != nil {
			return pattern, true, nil
		}
	}
	return "", true, nil
}

func run() error {
	first := flag.String("first", "", "`tests` that should find every mutant (a pattern of -run)")
	then := flag.String("then", "", "`tests` for those mutants that the first do not find")
	args := flag.String("args", "", "`flags` for the tests, such as -rapid.nofailfile")
	timeout := flag.Duration("timeout", 2*time.Minute, "for the tests of one mutant; one that takes longer is found")
	workers := flag.Int("workers", 2, "how many mutants are tried at a time")
	flag.Parse()
	if *first == "" || flag.NArg() == 0 {
		return errors.New("usage: mutate -first TESTS [-then TESTS] FILE…")
	}
	b := bench{dir: filepath.Dir(flag.Arg(0)), tests: []string{*first}, args: strings.Fields(*args), timeout: *timeout}
	if *then != "" {
		b.tests = append(b.tests, *then)
	}
	var all []mutant
	for _, path := range flag.Args() {
		if filepath.Dir(path) != b.dir {
			return fmt.Errorf("%s is not in %s: one package at a time", path, b.dir)
		}
		of, err := mutants(path)
		if err != nil {
			return err
		}
		all = append(all, of...)
	}
	if _, compiles, err := b.try(context.Background(), mutant{file: all[0].file, source: all[0].source}); err != nil || !compiles {
		return errors.Join(err, errors.New("the tests do not compile as they are"))
	}

	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	work := make(chan mutant)
	counts := map[string]int{}
	var lock sync.Mutex
	var group sync.WaitGroup
	for range *workers {
		group.Go(func() {
			for m := range work {
				found, compiles, err := b.try(ctx, m)
				lock.Lock()
				switch {
				case err != nil:
					cancel(err)
				case !compiles:
					counts["no program"]++
				case found == "":
					counts["not found"]++
					fmt.Printf("%-28s NOT FOUND  %s\n", m.place, m.what)
				case found != *first:
					counts["found by the others"]++
					fmt.Printf("%-28s by others  %s\n", m.place, m.what)
				default:
					counts["found"]++
					fmt.Printf("%-28s found      %s\n", m.place, m.what)
				}
				lock.Unlock()
			}
		})
	}
	for _, m := range all {
		select {
		case work <- m:
		case <-ctx.Done():
		}
	}
	close(work)
	group.Wait()
	fmt.Printf("%d mutants: %d found by %s, %d by %s, %d not found; %d more do not compile\n", len(all)-counts["no program"], counts["found"], *first,
		counts["found by the others"], cmp.Or(*then, "others"), counts["not found"], counts["no program"])
	return context.Cause(ctx)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
