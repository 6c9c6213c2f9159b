package e2e

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod/lib/proto"
)

// The must column of the budgets, measured; beside it what we would like. What is a time is
// relative to the speed of the machine: a page of fixed content is loaded in turn with the
// reference, and takes as long as a page made by hand took on the machine of the must column.
// Both are measured on the wall and by the processor's time of the main thread, which
// holds where much else runs beside it; the better one counts, since all else only adds.
func TestBudgets(t *testing.T) {
	if raced {
		t.Skip("times under the race detector say nothing")
	}
	w := newWorld(t)
	measure := serve(t, http.HandlerFunc(yardstick))
	const loads, byHand = 5, 119 // ms until that page was ready
	var own, fixed []float64     // ms of the main thread, of all its tasks
	var tasks [][]float64
	for range loads {
		fixed = append(fixed, sum(measure.tasks(t)))
		tasks = append(tasks, w.tasks(t))
		own = append(own, sum(tasks[len(tasks)-1]))
	}
	busy, work := max(1, slices.Min(fixed)/byHand), slices.Min(own)/slices.Min(fixed)
	fmt.Printf("the main thread works for %.4g ms, and for %.4g ms on the fixed page\n", slices.Min(own), slices.Min(fixed))
	for _, cpu := range []struct {
		name                        string
		times                       float64
		ready, blocking             float64
		wantedReady, wantedBlocking float64
		byHand                      float64
	}{
		{"desktop", 1, 200, 20, 115, 0, byHand},
		{"CPU 4×", 4, 750, 100, 450, 0, 450},
	} {
		t.Run(cpu.name, func(t *testing.T) {
			var bytes, requests, shift, nodes []float64
			var own, fixed []loaded
			operations := 0.0
			for range loads {
				fixed = append(fixed, measure.load(t, cpu.times, func(*tab) {}))
				own = append(own, w.load(t, cpu.times, func(p *tab) {
					shift = append(shift, p.number(`() => shift`))
					nodes = append(nodes, p.number(`() => document.querySelectorAll("*").length`))
					operations = p.number(`() => document.querySelectorAll("section[data-operation]").length`)
					requests = append(requests, p.number(`() => 1 + performance.getEntriesByType("resource").filter(e => !e.name.includes("icon")).length`))
					if len(requests) == 1 {
						bytes = append(bytes, p.brotli(`() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].map(e => e.name).filter(n => !n.includes("icon")).join(" ")`))
					}
				}))
			}
			ready := func(l loaded) float64 { return l.ready }
			slower := max(1, least(fixed, ready)/cpu.byHand)
			fmt.Printf("%-8s the fixed page is ready after %.4g ms, the reference after %.4g ms\n", cpu.name, least(fixed, ready), least(own, ready))
			blocked := least(own, func(l loaded) float64 { return blocking(l.tasks, 1/slower) })
			for _, all := range tasks {
				blocked = min(blocked, blocking(all, cpu.times/busy))
			}
			for _, b := range []struct {
				name           string
				measured       float64
				must, moonshot float64
				unit           string
			}{
				{"first page", median(bytes), min(30+30*max(0, operations-10)/70, 64), 14, "kB of brotli"},
				{"requests", median(requests), 3, 2, ""},
				{"ready", min(least(own, ready)/slower, work*cpu.byHand), cpu.ready, cpu.wantedReady, "ms"},
				{"blocking", blocked, cpu.blocking, cpu.wantedBlocking, "ms"},
				{"script", least(own, func(l loaded) float64 { return l.script / cpu.times / busy }), 15, 6, "ms of CPU"},
				{"nodes", median(nodes), 10000, 6000, "elements"},
				{"shift", median(shift), 0.01, 0, ""},
			} {
				fmt.Printf("%-8s %-10s %8.4g   must %-6.4g moonshot %-6g %s\n", cpu.name, b.name, b.measured, b.must, b.moonshot, b.unit)
				most := b.must
				if strings.HasPrefix(b.unit, "ms") {
					most *= 2 // times are printed; a test that judges them closely fails with the machine's other work
				}
				if b.measured > most {
					t.Errorf("%s: %.4g, must be at most %g", b.name, b.measured, most)
				}
			}
		})
	}
}

// loaded is what a load of a page took, in ms.
type loaded struct {
	ready, script float64
	tasks         []float64 // of the main thread that were longer than 50
}

// blocking is the time beyond 50 ms of tasks that take so many times as long.
func blocking(tasks []float64, times float64) (ms float64) {
	for _, task := range tasks {
		ms += max(0, task*times-50)
	}
	return ms
}

func sum(all []float64) (s float64) {
	for _, v := range all {
		s += v
	}
	return s
}

// tasks loads the first page of a server and gives the processor's time of each task of the main thread, in ms.
func (w world) tasks(t *testing.T) (all []float64) {
	t.Helper()
	p := w.at(t, "/missing", look{tolerant: true})
	defer p.MustClose()
	type thread struct{ pid, tid float64 }
	times, main := map[thread][]float64{}, thread{}
	done := make(chan struct{})
	wait := p.EachEvent(func(e *proto.TracingDataCollected) bool {
		for _, event := range e.Value {
			of := thread{event["pid"].Num(), event["tid"].Num()}
			switch cpu := event["tdur"].Num() / 1000; event["name"].Str() {
			case "ParseHTML":
				if data, ok := event["args"].Map()["beginData"]; ok && data.Map()["url"].Str() == w.url+"/" {
					main = of
				}
			case "RunTask", "ThreadControllerImpl::RunTask":
				times[of] = append(times[of], cpu)
			}
		}
		return false
	}, func(*proto.TracingTracingComplete) bool {
		close(done)
		return true
	})
	go wait()
	if err := (proto.TracingStart{
		TraceConfig:  &proto.TracingTraceConfig{IncludedCategories: []string{"devtools.timeline", "disabled-by-default-devtools.timeline"}},
		TransferMode: proto.TracingStartTransferModeReportEvents,
	}).Call(p); err != nil {
		t.Fatal(err)
	}
	p.MustNavigate(w.url + "/")
	p.until(`location.pathname === "/" && document.readyState === "complete"`)
	p.js(`() => new Promise(r => setTimeout(() => requestIdleCallback(() => r("")), 600))`)
	if err := (proto.TracingEnd{}).Call(p); err != nil {
		t.Fatal(err)
	}
	<-done
	if all = times[main]; sum(all) == 0 {
		t.Fatal("the trace has no tasks")
	}
	return all
}

func least(all []loaded, of func(loaded) float64) float64 {
	m := of(all[0])
	for _, l := range all {
		m = min(m, of(l))
	}
	return m
}

// load loads the first page of a server into a browser that has nothing of it, and looks at it then.
func (w world) load(t *testing.T, times float64, at func(*tab)) (l loaded) {
	t.Helper()
	p := w.at(t, "/missing", look{tolerant: true})
	defer p.MustClose() // what is open takes its share of the processor
	if err := (proto.EmulationSetCPUThrottlingRate{Rate: times}).Call(p); err != nil {
		t.Fatal(err)
	}
	if err := (proto.PerformanceEnable{TimeDomain: proto.PerformanceEnableTimeDomainThreadTicks}).Call(p); err != nil {
		t.Fatal(err)
	}
	before := metric(t, p, "ScriptDuration")
	p.MustNavigate(w.url + "/")
	p.until(`location.pathname === "/" && document.readyState === "complete"`)
	p.js(`() => new Promise(r => setTimeout(() => requestIdleCallback(() => r("")), 600))`)
	l.ready = p.number(`() => Math.max(performance.timing.loadEventEnd - performance.timing.navigationStart, performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0, late)`)
	l.script = 1000 * (metric(t, p, "ScriptDuration") - before)
	for ms := range strings.FieldsSeq(p.js(`() => tasks.join(" ")`)) {
		n, err := strconv.ParseFloat(ms, 64)
		if err != nil {
			t.Fatal(err)
		}
		l.tasks = append(l.tasks, n)
	}
	at(p)
	return l
}

// yardstick serves a page of fixed content, as large as a small reference made by hand: 25
// sections with a table and a sample each, some 2,500 elements, and a style sheet. It never changes.
func yardstick(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<!doctype html><html lang="en"><title>Yardstick</title><link rel="stylesheet" href="sheet.css"><main>`)
		for n := range 25 {
			fmt.Fprintf(w, `<section><h2><a href="#s%d">Section %d</a></h2><p>What it does, <b>when</b> to call it, <code>and</code> how.</p><div class="row"><table>`, n, n)
			for row := range 14 {
				fmt.Fprintf(w, `<tr><th><code>field%d</code></th><td>text</td><td>What the field means, in a <em>sentence</em> or two.</td></tr>`, row)
			}
			fmt.Fprint(w, `</table><pre><code>`+strings.Repeat(`{<span class="k">"name"</span>: <span class="s">"value"</span>}`+"\n", 6)+`</code></pre></div></section>`)
		}
		fmt.Fprint(w, `</main></html>`)
	case "/sheet.css":
		w.Header().Set("Content-Type", "text/css")
		fmt.Fprint(w, `body { font: 15px/24px sans-serif; margin: 0 10% } .row { display: grid; grid-template-columns: 1fr 1fr; gap: 36px } td, th { text-align: left; padding: 7px 12px; border-bottom: 1px solid #ddd } pre { background: #222; color: #eee; padding: 12px } .k { color: #f3a59d } .s { color: #e9c996 }`)
	default:
		http.NotFound(w, r)
	}
}

func metric(t *testing.T, p *tab, name string) float64 {
	t.Helper()
	r, err := proto.PerformanceGetMetrics{}.Call(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range r.Metrics {
		if m.Name == name {
			return m.Value
		}
	}
	t.Fatalf("no %s", name)
	return 0
}

// What Try it loads at its first use: its script, over the wire.
func TestTryItBudget(t *testing.T) {
	p := newWorld(t).at(t, "/", look{})
	p.try("registerCustomer")
	size := p.brotli(`() => performance.getEntriesByType("resource").map(e => e.name).filter(n => /\/(tryit|samples|credentials)\.\w+\.js/.test(n)).join(" ")`)
	t.Logf("try it: %.2f kB; must 12, moonshot 6", size)
	if size > 12 {
		t.Errorf("%.2f kB", size)
	}
	p.want(`() => performance.getEntriesByType("resource").filter(e => new URL(e.name).origin !== location.origin).map(e => e.name).join(" ")`, "")
}

// brotli is how many kB the files take that an expression names, as the server sends them to
// who takes brotli. Browsers ask for it over TLS alone.
func (tb *tab) brotli(expression string) float64 {
	tb.t.Helper()
	sum := 0
	for _, url := range strings.Fields(tb.js(expression)) {
		r, err := http.NewRequestWithContext(tb.t.Context(), http.MethodGet, url, nil)
		if err != nil {
			tb.t.Fatal(err)
		}
		r.Header.Set("Accept-Encoding", "br")
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			a, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				tb.t.Fatal(err)
			}
			body, err := io.ReadAll(a.Body)
			a.Body.Close()
			if err != nil {
				tb.t.Fatal(err)
			}
			// The best form is made beside the first answers; its tag says which it is.
			if strings.HasSuffix(a.Header.Get("ETag"), `-br"`) || len(body) < 2000 {
				sum += len(body)
				break
			}
			if time.Now().After(deadline) {
				tb.t.Fatalf("%s stays %s, %s", url, a.Header.Get("Content-Encoding"), a.Header.Get("ETag"))
			}
		}
	}
	return float64(sum) / 1000
}
