package cli

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/arteriole/arteriole/db"
)

// The credentials of the demo that the reference prints.
const demoTill, demoPassword = "store.server", "server123"

// welcome tells a person at a terminal what runs and what to do next. The log is for programs, and goes elsewhere.
func (a *app) welcome(ctx context.Context, o *serveOptions, store *db.Store, all []*listener) {
	url := all[0].url(o.addr)
	rows := [][]string{{"  reference", url + "/"}}
	if len(all) > 1 {
		rows = append(rows, []string{"  metrics", all[1].url(o.metricsAddr) + "/metrics"})
	}
	rows = append(rows, []string{"  database", a.db})
	switch {
	case o.ShowDemo:
		rows = append(rows,
			[]string{"  till", demoTill + ", password " + demoPassword},
			[]string{"  try it", fmt.Sprintf(`curl -H "Authorization: %s" "%s/v2/customers/lookup/customerDetails?identifierName=email&identifierValue=asha.rao@example.org"`,
				authorization(demoTill, demoPassword), url)})
	case o.demo:
		rows = append(rows, []string{"  till", fmt.Sprintf("%s has a new password or is disabled: see `arteriole till list --org demo`", demoTill)})
	default:
		if orgs, _, err := store.Orgs(ctx); err == nil && len(orgs) == 0 {
			rows = append(rows, []string{"  next", "no organization yet: see `arteriole --help` to add one, or try `arteriole serve --demo --db demo.db`"})
		}
	}
	if o.sandbox {
		rows = append(rows, []string{"  sandboxes", fmt.Sprintf("for visitors of the reference, %s each", o.sandboxLimits.Lifetime)})
	}
	fmt.Fprintf(a.stdout, "Arteriole is running on %s\n\n", url)
	table(a.stdout, rows)
	fmt.Fprintln(a.stdout, "\nPress Ctrl-C to stop.")
}

// demoWorks reports whether the till printed in the reference still works: until it gets another password, it is marked as the
// demo's. (Checking the password itself would take a third of the start-up time.)
func demoWorks(ctx context.Context, store *db.Store) bool {
	t, err := store.TillByCode(ctx, demoTill)
	return err == nil && t.Demo && !t.Disabled
}

// storeMetrics are metrics of the writer's group commit.
func storeMetrics(store *db.Store) []prometheus.Collector {
	counter := func(name, help string, of func(db.Stats) int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "arteriole_store_" + name, Help: help}, func() float64 { return float64(of(store.Stats())) })
	}
	return []prometheus.Collector{
		counter("commits_total", "Transactions committed, each synced to disk.", func(s db.Stats) int64 { return s.Commits }),
		counter("writes_total", "Writes committed in these transactions.", func(s db.Stats) int64 { return s.Writes }),
		counter("retries_alone_total", "Writes that ran again alone after their transaction failed.", func(s db.Stats) int64 { return s.Alone }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "arteriole_store_queue", Help: "Writes waiting for their turn."},
			func() float64 { return float64(store.Stats().Queued) }),
	}
}
