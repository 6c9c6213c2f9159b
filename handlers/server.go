// Package handlers is the HTTP side of Arteriole: the path of a request from bytes to a typed request object, the handlers of the
// operations, and the one place that turns errors into HTTP.
package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/gen"
	"github.com/arteriole/arteriole/webhook"
)

// Config of a server. Start from Defaults, which sets every limit.
type Config struct {
	Spec    func() []byte // openapi.yaml, for serving it; nil: it is not served. Requests are validated against gen.Contract
	Site    http.Handler  // the pages at /; nil: none
	Version string
	Log     *slog.Logger     // nil: none
	Clock   func() time.Time // nil: time.Now

	MaxBody        int64 // bytes of a request's body
	MaxDepth       int   // levels of JSON in one
	MaxHeaderBytes int   // of request line and headers
	MaxHeaders     int
	PageMax        int // rows in one answer

	HeaderTimeout  time.Duration // for the headers to arrive
	BodyTimeout    time.Duration // for the body, after them
	RequestTimeout time.Duration // for an operation
	IdleTimeout    time.Duration // of a connection between requests

	Rate         float64 // requests a second of one till; 0: no limit; an org's setting wins
	Burst        int     // requests at once of one till
	AddressRate  float64 // requests a second from one address, before credentials are looked at; 0: no limit
	AddressBurst int

	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed
	TLS            bool           // callers reach us by TLS, ours or a proxy's
	AlwaysOK       bool           // business errors answer 200 (--compat-http-status always200)
	MetricsOnMain  bool           // /metrics is served here too

	CORSOrigins []string // other origins whose pages may call the API, as https://docs.example.com

	// Deliver queues a message to a webhook that is worth sending until a time; false means that the queue is full. nil: nothing
	// is sent.
	Deliver func(m webhook.Message, until time.Time) bool
	// WebhookPrivate allows webhooks to private addresses and by plain http.
	WebhookPrivate bool

	ShowDemo bool              // the pages fill in the credentials of the demo organization
	Sandbox  *db.SandboxLimits // visitors may have an organization of their own; nil: they may not

	contract *contract // by which requests are judged; nil: Spec is compiled
}

// Defaults returns the default limits.
func Defaults() Config {
	return Config{
		MaxBody:        1 << 20,
		MaxDepth:       64,
		MaxHeaderBytes: 16 << 10,
		MaxHeaders:     100,
		PageMax:        100,
		HeaderTimeout:  5 * time.Second,
		BodyTimeout:    10 * time.Second,
		RequestTimeout: 30 * time.Second,
		IdleTimeout:    2 * time.Minute,
		Rate:           100,
		Burst:          1000,
		AddressRate:    500,
		AddressBurst:   5000,
	}
}

// Server answers every request of the main listener. It is an http.Handler.
type Server struct {
	cfg       Config
	log       *slog.Logger
	store     *db.Store
	echo      *echo.Echo
	contract  *contract
	paths     *paths
	auth      *auth
	tills     *rates[tillKey]
	addresses *rates[netip.Addr]
	strangers *rates[netip.Addr] // who ask for operations that take no credentials
	sandboxes *rates[netip.Addr]
	metrics   *metrics
	parsing   *semaphore.Weighted
	wake      chan struct{} // there may be work for Work
}

// API holds the handlers of the operations; it implements gen.StrictServerInterface.
type API struct {
	store *db.Store
	cfg   Config
	wake  chan struct{}
	auth  *auth // gives access tokens
	// secrets holds those of webhooks created in this process, by their hash.
	secrets *bounded[string, string]
	uploads uploads
}

// New makes a server. It fails if openapi.yaml does not compile, or declares something that the path of a request does not
// support.
func New(store *db.Store, cfg Config) (*Server, error) {
	contract, err := compileOnce()
	if err != nil {
		return nil, err
	}
	cfg.contract = contract
	if cfg.Clock == nil {
		cfg.Clock = time.Now // before it is copied to the handlers
	}
	api := &API{store: store, cfg: cfg, wake: make(chan struct{}, 1), secrets: newBounded[string, string](shownWebhooks)}
	s, err := newServer(store, cfg, func(router gen.EchoRouter, before map[string][]echo.MiddlewareFunc) {
		gen.RegisterHandlersWithOptions(router, gen.NewStrictHandler(api, nil), gen.RegisterHandlersOptions{OperationMiddlewares: before})
	})
	if err == nil {
		api.auth, s.wake = s.auth, api.wake
	}
	return s, err
}

// newServer is New with routes other than the generated ones, for tests.
func newServer(store *db.Store, cfg Config, register func(gen.EchoRouter, map[string][]echo.MiddlewareFunc)) (*Server, error) {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.MaxBody <= 0 || cfg.MaxDepth <= 0 || cfg.MaxHeaderBytes <= 0 || cfg.MaxHeaders <= 0 || cfg.PageMax <= 0 || cfg.HeaderTimeout <= 0 ||
		cfg.BodyTimeout <= 0 || cfg.RequestTimeout <= 0 || cfg.IdleTimeout <= 0 {
		return nil, fmt.Errorf("every limit of size and time must be above 0")
	}
	contract := cfg.contract
	if contract == nil {
		var err error
		if contract, err = compile(cfg.Spec()); err != nil {
			return nil, err
		}
	}
	s := &Server{
		cfg: cfg, log: cfg.Log, store: store, echo: echo.New(), contract: contract,
		paths:     newPaths(contract.aliases.routes),
		tills:     newRates[tillKey](50_000),
		addresses: newRates[netip.Addr](50_000),
		strangers: newRates[netip.Addr](50_000),
		sandboxes: newRates[netip.Addr](50_000),
		metrics:   newMetrics(cfg.Version),
		parsing:   semaphore.NewWeighted(parseAtOnce),
	}
	s.auth = newAuth(store, cfg.Clock, func(reason string) { s.metrics.failures.WithLabelValues(reason).Inc() })
	s.echo.HideBanner, s.echo.HidePort, s.echo.Debug = true, true, false
	s.echo.Logger.SetOutput(slogWriter{s.log})
	s.echo.HTTPErrorHandler = func(err error, e echo.Context) { s.fail(callOf(e.Request().Context()), err) }

	before := map[string][]echo.MiddlewareFunc{}
	for _, op := range contract.operations {
		before[op.id] = []echo.MiddlewareFunc{s.operation(op)}
		s.paths.add(op.method, op.path)
	}
	register(s.echo, before)
	return s, s.ownPages()
}

// Metrics serves the metrics on a listener of their own.
func (s *Server) Metrics() http.Handler { return s.metrics.handler() }

// Collect registers further collectors with the metrics.
func (s *Server) Collect(c ...prometheus.Collector) error {
	for _, one := range c {
		if err := s.metrics.registry.Register(one); err != nil {
			return err
		}
	}
	return nil
}

// HTTP makes the http.Server for an address, with every timeout set.
func (s *Server) HTTP(addr string) *http.Server {
	whole := s.cfg.HeaderTimeout + s.cfg.BodyTimeout + s.cfg.RequestTimeout
	return &http.Server{
		Addr:                         addr,
		Handler:                      s,
		DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout:            s.cfg.HeaderTimeout,
		ReadTimeout:                  whole + 5*time.Second, // a backstop: bodies have their own deadline
		WriteTimeout:                 whole + 30*time.Second,
		IdleTimeout:                  s.cfg.IdleTimeout,
		// Above our own limit, which answers with the envelope: net/http hangs up with a bare line.
		MaxHeaderBytes: 4 * s.cfg.MaxHeaderBytes,
		ErrorLog:       slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
}

// slogWriter logs the few lines that echo writes itself.
type slogWriter struct{ log *slog.Logger }

func (w slogWriter) Write(b []byte) (int, error) {
	w.log.LogAttrs(context.Background(), slog.LevelWarn, "echo", slog.String("text", string(b)))
	return len(b), nil
}
