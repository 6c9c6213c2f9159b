// Package e2e opens the reference in a real Chromium, served by the real server over the
// demo organization. Nothing but the browser itself is needed beside Go, and axe-core for
// what judges accessibility; see tools/package.json.
package e2e

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/launcher/flags"
	"github.com/go-rod/rod/lib/proto"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/e2e/demo"
	"github.com/arteriole/arteriole/handlers"
	"github.com/arteriole/arteriole/site"
)

// missing skips a test that needs a tool, by its name; where all must run, it fails.
func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing, and in CI nothing may be", what)
	}
	t.Skipf("%s is missing", what)
}

// chromium is the browser of all tests, started at the first that needs it.
var chromium = sync.OnceValues(func() (*rod.Browser, error) {
	bin := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			bin = path
			break
		}
	}
	if bin == "" {
		return nil, nil
	}
	dir, err := os.MkdirTemp("", "arteriole-chromium")
	if err != nil {
		return nil, err
	}
	l := launcher.New().Bin(bin).Leakless(false).Headless(true).NoSandbox(true).UserDataDir(dir)
	for _, flag := range []flags.Flag{"disable-gpu", "disable-background-networking", "no-first-run", "disable-component-update", "disable-sync"} {
		l = l.Set(flag)
	}
	url, err := l.Launch()
	if err != nil {
		return nil, fmt.Errorf("%s does not start: %w", bin, err)
	}
	stop = func() {
		l.Kill()
		_ = os.RemoveAll(dir) // the system's temporary directory
	}
	b := rod.New().ControlURL(url)
	return b, b.Connect()
})

var stop = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	stop()
	os.Exit(code)
}

// world is a server with the demo organization. Its clock is the real one, since the browser's is.
type world struct{ url string }

func newWorld(t testing.TB, tweak ...func(*handlers.Config)) world {
	t.Helper()
	return serve(t, newServer(t, tweak...))
}

// pages are shared by all servers: they are compressed once.
var pages = sync.OnceValue(site.Handler)

// demoClock goes on from the day of the printed bills (the 3rd of February), when the merge of the demo can still be undone.
func demoClock() time.Time { return db.DemoTime.AddDate(0, 0, 29).Add(time.Since(began)) }

var began = time.Now()

func newServer(t testing.TB, tweak ...func(*handlers.Config)) *handlers.Server {
	t.Helper()
	cfg := handlers.Defaults()
	cfg.Clock = demoClock
	cfg.Spec, cfg.Version, cfg.Log, cfg.Site = site.Contract, "e2e", slog.New(slog.DiscardHandler), pages()
	cfg.Rate, cfg.AddressRate, cfg.ShowDemo = 0, 0, true
	for _, f := range tweak {
		f(&cfg)
	}
	store := organization.Open(t, 0)
	s, err := handlers.New(store, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var organization = demo.New(demoClock)

func serve(t testing.TB, handler http.Handler) world {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(func() {
		s.CloseClientConnections() // browsers keep theirs
		s.Close()
	})
	return world{s.URL}
}

// tab is a page of the browser, in a context of its own.
type tab struct {
	*rod.Page
	t    testing.TB
	w    world
	said func() []string // what the console and the policy complained about
}

type look struct {
	width, height int
	dark          bool
	noScript      bool
	tolerant      bool // complaints are part of the test
}

// what a page records about itself, from its first moment
const recorder = `(() => {
	window.csp = []; window.shift = 0; window.tasks = []; window.late = 0
	addEventListener("securitypolicyviolation", e => csp.push(e.violatedDirective + " " + e.blockedURI + " " + e.sourceFile + ":" + e.lineNumber))
	new PerformanceObserver(l => l.getEntries().forEach(e => { if (!e.hadRecentInput) shift += e.value })).observe({type: "layout-shift", buffered: true})
	new PerformanceObserver(l => l.getEntries().forEach(e => { tasks.push(e.duration); late = Math.max(late, e.startTime + e.duration) })).observe({type: "longtask", buffered: true})
})()`

// at opens a path of the server. At its end the test fails if the page broke its policy or
// wrote an error to the console.
func (w world) at(t testing.TB, path string, l look) *tab {
	t.Helper()
	b, err := chromium()
	if err != nil {
		t.Fatal(err)
	}
	if b == nil {
		missing(t, "Chromium")
	}
	own, err := b.Incognito()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = own.Close() })
	return w.in(t, own, path, l)
}

func (w world) in(t testing.TB, b *rod.Browser, path string, l look) *tab {
	t.Helper()
	p, err := b.Page(proto.TargetCreateTarget{})
	if err != nil {
		t.Fatal(err)
	}
	p = p.Timeout(60 * time.Second).WithPanic(func(v any) { t.Helper(); t.Fatal(v) })
	if l.width == 0 {
		l.width, l.height = 1440, 900
	}
	p.MustSetViewport(l.width, l.height, 1, false)
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	if err := (proto.EmulationSetEmulatedMedia{Features: []*proto.EmulationMediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}).Call(p); err != nil {
		t.Fatal(err)
	}
	if err := (proto.EmulationSetScriptExecutionDisabled{Value: l.noScript}).Call(p); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var complaints []string
	complain := func(text string) {
		mu.Lock()
		defer mu.Unlock()
		complaints = append(complaints, text)
	}
	if err := (proto.LogEnable{}).Call(p); err != nil {
		t.Fatal(err)
	}
	wait := p.EachEvent(
		func(e *proto.LogEntryAdded) bool {
			// A refused call is what some tests want to see; Chromium logs each as an error.
			if e.Entry.Level == proto.LogLogEntryLevelError && e.Entry.Source != proto.LogLogEntrySourceNetwork {
				complain(e.Entry.Text)
			}
			return false
		},
		func(e *proto.RuntimeExceptionThrown) bool {
			text := e.ExceptionDetails.Text
			if x := e.ExceptionDetails.Exception; x != nil {
				text += " " + x.Description
			}
			complain(text)
			return false
		},
		func(e *proto.RuntimeConsoleAPICalled) bool {
			if e.Type == proto.RuntimeConsoleAPICalledTypeError {
				complain(fmt.Sprint(e.Args))
			}
			return false
		},
	)
	go wait()
	p.MustEvalOnNewDocument(recorder)
	tb := &tab{p, t, w, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), complaints...)
	}}
	p.MustNavigate(w.url + path)
	// Not by an event: the empty page's own may come late.
	tb.until(fmt.Sprintf(`location.href.startsWith(%s) && document.readyState === "complete"`, quoted(w.url)))
	t.Cleanup(func() {
		if t.Failed() {
			if dir := os.Getenv("E2E_SHOTS"); dir != "" {
				if png, err := p.Screenshot(false, nil); err == nil {
					_ = os.WriteFile(filepath.Join(dir, strings.ReplaceAll(t.Name(), "/", "-")+".png"), png, 0o644)
				}
			}
		}
		if l.tolerant {
			return
		}
		for _, text := range tb.said() {
			t.Errorf("the browser complains: %s", text)
		}
		if !l.noScript {
			if v, err := p.Eval(`() => window.csp`); err == nil && len(v.Value.Arr()) > 0 {
				t.Errorf("the page breaks its policy: %s", v.Value)
			}
		}
	})
	return tb
}

// within is the same page in a part of the test, with a minute of its own.
func (tb *tab) within(t testing.TB) *tab {
	return &tab{tb.CancelTimeout().Timeout(60 * time.Second).WithPanic(func(v any) { t.Helper(); t.Fatal(v) }), t, tb.w, tb.said}
}

// js evaluates an expression; a promise is awaited.
func (tb *tab) js(expression string, args ...any) string {
	tb.t.Helper()
	v, err := tb.Eval(expression, args...)
	if err != nil {
		tb.t.Fatalf("%s: %v", expression, err)
	}
	return v.Value.Str()
}

func (tb *tab) number(expression string) float64 {
	tb.t.Helper()
	v, err := tb.Eval(expression)
	if err != nil {
		tb.t.Fatalf("%s: %v", expression, err)
	}
	return v.Value.Num()
}

// until waits for an expression to be true.
func (tb *tab) until(expression string) {
	tb.t.Helper()
	tb.untilWithin(30*time.Second, expression)
}

func (tb *tab) untilWithin(most time.Duration, expression string) {
	tb.t.Helper()
	deadline := time.Now().Add(most)
	for {
		v, err := tb.Eval("() => !!(" + expression + ")")
		if err == nil && v.Value.Bool() {
			return
		}
		if time.Now().After(deadline) {
			tb.t.Fatalf("never true: %s (%v)", expression, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (tb *tab) want(expression, want string) {
	tb.t.Helper()
	if got := tb.js(expression); got != want {
		tb.t.Errorf("%s: %q, want %q", expression, got, want)
	}
}

func (tb *tab) keys(keys ...input.Key) {
	tb.t.Helper()
	if err := tb.Keyboard.Type(keys...); err != nil {
		tb.t.Fatal(err)
	}
}

func (tb *tab) control(key input.Key) {
	tb.t.Helper()
	if err := tb.KeyActions().Press(input.ControlLeft).Type(key).Release(input.ControlLeft).Do(); err != nil {
		tb.t.Fatal(err)
	}
}

// press clicks what a selector finds.
func (tb *tab) press(selector string) {
	tb.t.Helper()
	tb.until(fmt.Sprintf("document.querySelector(%s)", quoted(selector)))
	tb.js(`s => { const e = document.querySelector(s); e.scrollIntoView({block: "center"}); e.focus(); e.click(); return "" }`, selector)
}

func quoted(s string) string {
	b, _ := json.Marshal(s) // a string always encodes
	return string(b)
}
