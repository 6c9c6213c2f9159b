package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/net/netutil"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/handlers"
	"github.com/arteriole/arteriole/site"
	"github.com/arteriole/arteriole/webhook"
)

// serveOptions are the flags of serve, besides those of handlers.Config.
type serveOptions struct {
	handlers.Config
	addr, metricsAddr   string
	demo, demoPublic    bool
	sandbox             bool
	sandboxLimits       db.SandboxLimits
	plainHTTP           bool
	certFile, keyFile   string
	proxies             []netip.Prefix
	status              string // --compat-http-status
	readers             int
	connections         int
	logFormat, logLevel string
	shutdown            time.Duration
}

// demoDatabase is where the demo keeps its data unless --db is given, apart from the database that commands use.
const demoDatabase = "demo.db"

func (a *app) serveCommand() *cobra.Command {
	o := &serveOptions{Config: handlers.Defaults(), sandboxLimits: handlers.SandboxLimits()}
	c := &cobra.Command{
		Use:   "serve [flags]",
		Short: "Start the server",
		Long: `Serve the API, with its reference at /, until Ctrl-C or SIGTERM: the server then accepts no new requests, finishes those in
progress, and closes the database. A second signal ends it at once.

By default it listens on this machine only; use --addr to change that. If other machines can reach it, it needs a
certificate (--tls-cert, --tls-key), or --plain-http if something in front of it terminates TLS; and if the database holds
the demo credentials, which are public, it starts only with --demo-public.

/healthz reports that the server is running, /readyz whether it can write, and /metrics how it is doing (on this machine
only, or at --metrics-addr). Only one server at a time can use a database; commands work beside it.`,
		Example: `  arteriole serve --demo
  arteriole serve --addr :8443 --tls-cert cert.pem --tls-key key.pem --metrics-addr localhost:9090
  arteriole serve --addr 10.0.0.5:8080 --plain-http --trusted-proxy 10.0.0.1
  ARTERIOLE_DB=/var/lib/arteriole/arteriole.db ARTERIOLE_RATE=20 arteriole serve`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.demo && !cmd.Flag("db").Changed {
				a.db = demoDatabase
			}
			return a.serve(cmd.Context(), o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.addr, "addr", "localhost:8080", "`host:port` to listen on; port 0 picks a free one")
	f.BoolVar(&o.demo, "demo", false, "create the demo organization if it does not exist; the database, demo.db unless another is given, must hold no organization of yours")
	f.BoolVar(&o.demoPublic, "demo-public", false, "serve the demo to other machines as well: anyone can change its data")
	f.StringVar(&o.certFile, "tls-cert", "", "TLS certificate chain, a PEM `file`; reloaded when it changes")
	f.StringVar(&o.keyFile, "tls-key", "", "private key of the certificate, a PEM `file`")
	f.BoolVar(&o.plainHTTP, "plain-http", false, "serve other machines without TLS: passwords cross the network unencrypted")
	f.Var(networks{&o.proxies}, "trusted-proxy", "`network` of proxies whose X-Forwarded-For is trusted; can be repeated")
	f.StringVar(&o.metricsAddr, "metrics-addr", "", "`host:port` to serve only /metrics on")
	f.Var(origins{&o.CORSOrigins}, "cors-origin", "`origin` of a site whose pages may call the API, such as https://docs.example.com; can be repeated")
	choose(c, &o.status, "compat-http-status", "honest", []string{"honest", "always200"}, "HTTP status of errors: honest, or always 200 except for errors of HTTP itself")

	f.Var(size[int64]{&o.MaxBody}, "max-body", "maximum size of a request body")
	f.IntVar(&o.MaxDepth, "max-depth", o.MaxDepth, "maximum nesting of JSON in a request, in `levels`")
	f.Var(size[int]{&o.MaxHeaderBytes}, "max-header-bytes", "maximum size of the request line and headers together")
	f.IntVar(&o.MaxHeaders, "max-headers", o.MaxHeaders, "maximum number of `headers` in a request")
	f.IntVar(&o.PageMax, "page-max", o.PageMax, "maximum number of `rows` in a response, 10 to 100; ten times as many for bills")
	f.DurationVar(&o.HeaderTimeout, "header-timeout", o.HeaderTimeout, "time for the headers of a request to arrive")
	f.DurationVar(&o.BodyTimeout, "body-timeout", o.BodyTimeout, "time for the body to arrive after the headers")
	f.DurationVar(&o.RequestTimeout, "request-timeout", o.RequestTimeout, "time for processing a request")
	f.DurationVar(&o.IdleTimeout, "idle-timeout", o.IdleTimeout, "time that a connection may be idle between requests")
	f.DurationVar(&o.shutdown, "shutdown-timeout", 10*time.Second, "time for requests in progress when the server stops")
	f.IntVar(&o.connections, "max-connections", 4096, "maximum number of `connections` at a time; others wait until one ends")
	f.Float64Var(&o.Rate, "rate", o.Rate, "`requests` per second from one till; 0 for no limit; the setting of its organization takes precedence")
	f.IntVar(&o.Burst, "burst", o.Burst, "`requests` from one till in a burst")
	f.Float64Var(&o.AddressRate, "address-rate", o.AddressRate, "`requests` per second from one address; 0 for no limit")
	f.IntVar(&o.AddressBurst, "address-burst", o.AddressBurst, "`requests` from one address in a burst")
	f.BoolVar(&o.sandbox, "sandbox", false, "give each visitor of the reference an organization of their own to try things in")
	f.DurationVar(&o.sandboxLimits.Lifetime, "sandbox-lifetime", o.sandboxLimits.Lifetime, "time after which a sandbox is deleted")
	f.IntVar(&o.sandboxLimits.Changes, "sandbox-changes", o.sandboxLimits.Changes, "maximum number of `changes` in one sandbox")
	f.IntVar(&o.sandboxLimits.Most, "sandbox-most", o.sandboxLimits.Most, "maximum number of `sandboxes` at a time")
	f.Float64Var(&o.sandboxLimits.Rate, "sandbox-rate", o.sandboxLimits.Rate, "`requests` per second from one till of a sandbox")
	f.IntVar(&o.sandboxLimits.Burst, "sandbox-burst", o.sandboxLimits.Burst, "`requests` from one till of a sandbox in a burst")
	f.BoolVar(&o.WebhookPrivate, "webhook-private", false, "send webhooks to private addresses and over plain HTTP as well")
	f.IntVar(&o.readers, "readers", 0, "`connections` that read the database; 0 for twice the number of processors, at least 4")
	choose(c, &o.logFormat, "log-format", "json", []string{"json", "text"}, "format of the log on standard error")
	choose(c, &o.logLevel, "log-level", "info", []string{"debug", "info", "warn", "error"}, "minimum level of the log; requests are info, failures are error")
	return c
}

// check validates the limits.
func (o *serveOptions) check() error {
	for _, limit := range []struct {
		flag  string
		value float64
		least float64
	}{
		{"max-depth", float64(o.MaxDepth), 1}, {"max-headers", float64(o.MaxHeaders), 1},
		{"header-timeout", o.HeaderTimeout.Seconds(), 0.001}, {"body-timeout", o.BodyTimeout.Seconds(), 0.001},
		{"request-timeout", o.RequestTimeout.Seconds(), 0.001}, {"idle-timeout", o.IdleTimeout.Seconds(), 0.001},
		{"shutdown-timeout", o.shutdown.Seconds(), 0},
		{"rate", o.Rate, 0}, {"burst", float64(o.Burst), 1}, {"address-rate", o.AddressRate, 0}, {"address-burst", float64(o.AddressBurst), 1},
		{"sandbox-lifetime", o.sandboxLimits.Lifetime.Seconds(), 60}, {"sandbox-changes", float64(o.sandboxLimits.Changes), 1},
		{"sandbox-most", float64(o.sandboxLimits.Most), 1}, {"sandbox-rate", o.sandboxLimits.Rate, 0.001}, {"sandbox-burst", float64(o.sandboxLimits.Burst), 1},
		{"max-connections", float64(o.connections), 1}, {"readers", float64(o.readers), 0},
	} {
		if !(limit.value >= limit.least && limit.value < 1e12) {
			return usageError(fmt.Sprintf("--%s is out of range", limit.flag))
		}
	}
	if o.PageMax < 10 || o.PageMax > 100 {
		return usageError("--page-max must be 10 to 100: 10 is the default of a request, 100 the maximum in the contract")
	}
	if o.readers > 1000 {
		return usageError("--readers must be at most 1000")
	}
	switch {
	case (o.certFile == "") != (o.keyFile == ""):
		return usageError("--tls-cert and --tls-key must be given together")
	case o.certFile != "" && o.plainHTTP:
		return usageError("--plain-http and --tls-cert contradict each other: give one of them")
	}
	return nil
}

func (a *app) serve(ctx context.Context, o *serveOptions) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	addr, err := net.ResolveTCPAddr("tcp", o.addr)
	if err != nil {
		return usageError(fmt.Sprintf("--addr %q is not an address to listen on (%v): give a host and port, such as localhost:8080", o.addr, err))
	}
	local := addr.IP.IsLoopback()
	reached := !local || len(o.proxies) > 0 // by other machines; a proxy brings them to a local server
	switch {
	case !local && o.certFile == "" && !o.plainHTTP:
		return fmt.Errorf("other machines can reach %s, and passwords would cross the network unencrypted: give --tls-cert and --tls-key, or --plain-http if something in front terminates TLS", o.addr)
	case reached && o.demo && !o.demoPublic:
		return fmt.Errorf("other machines can reach %s, and the demo passwords are public: listen on localhost, or add --demo-public if anyone may change its data", o.addr)
	}
	log := a.logger(o)
	o.Spec, o.Site, o.Version, o.Log = site.Contract, site.Handler(), programVersion(), log
	o.TrustedProxies, o.TLS, o.AlwaysOK = o.proxies, o.certFile != "", o.status == "always200"
	o.MetricsOnMain = !reached && o.metricsAddr == ""

	go handlers.Prepare() // beside the opening of the database
	store, err := db.Open(ctx, a.db, db.Options{Serve: true, Readers: o.readers, Progress: func(text string) { log.Info(text) }})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }() // after the last request
	if o.demo {
		if orgs, _, err := store.Orgs(ctx); err != nil {
			return err
		} else if len(orgs) > 0 && !slices.ContainsFunc(orgs, func(org db.Org) bool { return org.Demo }) {
			return fmt.Errorf("%s has organizations of its own, and the passwords of the demo are public: give another file, such as --db %s", a.db, demoDatabase)
		}
		if _, err := store.EnsureDemo(ctx); err != nil {
			return err
		}
		o.ShowDemo = demoWorks(ctx, store)
	}
	if o.sandbox {
		o.Sandbox = &o.sandboxLimits
	}
	if has, err := store.HasDemoTills(ctx); err != nil {
		return err
	} else if has && reached && !o.demoPublic {
		return fmt.Errorf("other machines can reach %s, and %s has the demo credentials, which are public: listen on localhost, replace or revoke them with `till password`, `till disable`, `client revoke` and `key revoke`, or add --demo-public", o.addr, a.db)
	}
	// Stopped after the last request, and before the store is closed.
	sender := webhook.New(webhook.Options{Private: o.WebhookPrivate})
	messages := webhook.NewQueue(sender, 4000, 32, log)
	defer messages.Close()
	o.Deliver = messages.Offer
	server, err := handlers.New(store, o.Config)
	if err != nil {
		return err
	}
	if err := server.Collect(storeMetrics(store)...); err != nil {
		return err
	}
	main, err := listen(addr, "--addr", server.HTTP(o.addr), o.certFile, o.keyFile, log)
	if err != nil {
		return err
	}
	main.l = netutil.LimitListener(main.l, o.connections)
	all := []*listener{main}
	if o.metricsAddr != "" {
		metrics, err := listenMetrics(o, server, log)
		if err != nil {
			main.l.Close()
			return err
		}
		all = append(all, metrics)
	}
	log.Info("listening", "url", main.url(o.addr), "db", a.db, "schema", len(db.Migrations()), "version", o.Version)
	a.welcome(ctx, o, store, all)
	go debug.FreeOSMemory() // reading the contract took much more than serving does
	defer sweep(ctx, log, store)()
	defer beside(ctx, server.Work)()
	defer beside(ctx, func(ctx context.Context) { server.SendWebhooks(ctx, sender.Send) })()
	defer workLoyalty(ctx, log, store)()
	defer finishErasures(ctx, log, store)()
	return serveAll(ctx, log, o.shutdown, all)
}

// beside runs work in the background until stop is called.
func beside(ctx context.Context, work func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		work(ctx)
	}()
	return func() {
		cancel()
		<-ended
	}
}

// sweep deletes, every minute, what is kept only for a while: sandboxes (also without --sandbox, those of an earlier start),
// answers kept for repeats, events, deliveries, what undoing merges needs, and expired points.
func sweep(ctx context.Context, log *slog.Logger, store *db.Store) (stop func()) {
	return beside(ctx, func(ctx context.Context) {
		tick := time.NewTicker(time.Minute)
		defer tick.Stop()
		var told time.Time
		for ctx.Err() == nil {
			n, err := store.DropSandboxes(ctx)
			switch {
			case err != nil && ctx.Err() == nil:
				log.Error("sandboxes were not thrown away", "cause", err.Error())
			case n > 0:
				log.Info("sandboxes thrown away", "number", n)
			}
			if _, err := store.Forget(ctx); err != nil && ctx.Err() == nil {
				log.Error("answers kept for repeats were not thrown away", "cause", err.Error())
			}
			if _, err := store.ForgetEvents(ctx); err != nil && ctx.Err() == nil {
				log.Error("old events were not thrown away", "cause", err.Error())
			}
			if _, err := store.PruneWebhooks(ctx); err != nil && ctx.Err() == nil {
				log.Error("old deliveries of webhooks were not thrown away", "cause", err.Error())
			}
			if _, err := store.PruneMerges(ctx); err != nil && ctx.Err() == nil {
				log.Error("what old merges keep was not thrown away", "cause", err.Error())
			}
			switch n, err := store.ExpirePoints(ctx); {
			case err != nil && ctx.Err() == nil:
				log.Error("expired points were not written off", "cause", err.Error())
			case n > 0:
				log.Info("expired points written off", "customers", n)
			}
			if err := rewriteErased(ctx, log, store, &told); err != nil && ctx.Err() == nil {
				log.Error("the file was not rewritten after an erasure", "cause", err.Error())
			}
			select {
			case <-ctx.Done():
			case <-tick.C:
			}
		}
	})
}

// finishErasures searches the rows of files after erasures, whose callers wait for that only a moment.
func finishErasures(ctx context.Context, log *slog.Logger, store *db.Store) (stop func()) {
	return beside(ctx, func(ctx context.Context) {
		tick := time.NewTicker(time.Minute)
		defer tick.Stop()
		var running sync.WaitGroup
		defer running.Wait()
		for ctx.Err() == nil {
			running.Go(func() {
				if err := store.FinishErasures(ctx); err != nil && ctx.Err() == nil {
					log.Error("the rows of files were not looked through after an erasure: their jobs wait", "cause", err.Error())
				}
			})
			select {
			case <-ctx.Done():
			case <-tick.C:
			case <-store.Erasures():
			}
		}
	})
}

// rewriteErased rewrites the file after an erasure, so that no copy stays in unused space. For a large file it only logs, once a
// day, that this is due.
func rewriteErased(ctx context.Context, log *slog.Logger, store *db.Store, told *time.Time) error {
	since, err := store.RewriteNeeded(ctx)
	if err != nil || since.IsZero() {
		return err
	}
	size, err := store.Size()
	if err != nil {
		return err
	}
	if size <= quickRewrite {
		start := time.Now()
		done, err := store.Rewrite(ctx)
		if done {
			log.Info("the file was rewritten after an erasure", "took", time.Since(start).Round(time.Millisecond).String())
		}
		return err
	}
	if time.Since(*told) >= 24*time.Hour {
		*told = time.Now()
		log.Warn("copies of what was erased may stay in unused space of the file until `arteriole rewrite`: writes wait meanwhile", "since", since.UTC().Format(time.RFC3339), "size", bytesText(size))
	}
	return nil
}

// workLoyalty gives bills the points that they wait for, as soon as one waits and every ten seconds. What is left at a stop is
// done after the next start.
func workLoyalty(ctx context.Context, log *slog.Logger, store *db.Store) (stop func()) {
	return beside(ctx, func(ctx context.Context) {
		tick := time.NewTicker(10 * time.Second)
		defer tick.Stop()
		for ctx.Err() == nil {
			if n, err := store.WorkLoyalty(ctx); err != nil && ctx.Err() == nil {
				log.Error("points that bills wait for were not given", "cause", err.Error())
			} else if n > 0 {
				log.Debug("points given that bills waited for", "number", n)
			}
			select {
			case <-ctx.Done():
			case <-tick.C:
			case <-store.LoyaltyWaits():
			}
		}
	})
}

func (a *app) logger(o *serveOptions) *slog.Logger {
	var level slog.Level
	level.UnmarshalText([]byte(o.logLevel)) // one of the choices
	options := &slog.HandlerOptions{Level: level}
	if o.logFormat == "text" {
		return slog.New(slog.NewTextHandler(a.stderr, options))
	}
	return slog.New(slog.NewJSONHandler(a.stderr, options))
}

// listenMetrics serves only /metrics.
func listenMetrics(o *serveOptions, server *handlers.Server, log *slog.Logger) (*listener, error) {
	addr, err := net.ResolveTCPAddr("tcp", o.metricsAddr)
	if err != nil {
		return nil, usageError(fmt.Sprintf("--metrics-addr %q is not an address to listen on (%v): give a host and port, such as localhost:9090", o.metricsAddr, err))
	}
	pages := http.NewServeMux()
	pages.Handle("GET /metrics", server.Metrics())
	h := server.HTTP(o.metricsAddr)
	h.Handler = pages
	return listen(addr, "--metrics-addr", h, "", "", log)
}
