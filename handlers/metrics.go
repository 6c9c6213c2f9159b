package handlers

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics has a registry of its own: what is measured is what is named here.
// Labels have few values, none of them chosen by a caller.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	inFlight prometheus.Gauge
	limited  *prometheus.CounterVec
	failures *prometheus.CounterVec
	webhooks *prometheus.CounterVec
}

func newMetrics(version string) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "arteriole_http_requests_total", Help: "Requests answered, by operation (or the server's own page) and class of status.",
		}, []string{"operation", "class"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "arteriole_http_request_seconds", Help: "Time from a request's headers to the end of its answer.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"operation", "class"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "arteriole_http_requests_in_flight", Help: "Requests that wait for their answer.",
		}),
		limited: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "arteriole_rate_limited_total", Help: "Requests refused by a rate limit, of an address or a till.",
		}, []string{"by"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "arteriole_auth_failures_total", Help: "Requests whose credentials were refused, by reason.",
		}, []string{"reason"}),
		webhooks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "arteriole_webhook_attempts_total", Help: "Attempts to send a change to a webhook: delivered, refused (another answer than 2xx), unreached.",
		}, []string{"outcome"}),
	}
	for _, outcome := range []string{"delivered", "refused", "unreached"} { // a rate begins with a 0
		m.webhooks.WithLabelValues(outcome)
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "arteriole_build_info", Help: "Always 1; the label has the version.", ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.duration, m.inFlight, m.limited, m.failures, m.webhooks, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) count(c *call, took time.Duration) {
	operation, class := "none", strconv.Itoa(c.status/100)+"xx"
	switch {
	case c.op != nil:
		operation = c.op.id
	case c.route == "site" || ownPage[c.route]:
		operation = c.route
	}
	m.requests.WithLabelValues(operation, class).Inc()
	m.duration.WithLabelValues(operation, class).Observe(took.Seconds())
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}
