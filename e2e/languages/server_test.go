package languages

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arteriole/arteriole/e2e/demo"
	"github.com/arteriole/arteriole/handlers"
	"github.com/arteriole/arteriole/site"
)

// noon is after everything in the demo organization.
func noon() time.Time { return time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC) }

var organization = demo.New(noon)

// demoServer answers from a fresh copy of the demo organization.
func demoServer(t *testing.T, settings map[string]string) http.Handler {
	t.Helper()
	store := organization.Open(t, 1)
	for k, v := range settings {
		if err := store.SetOrg(context.Background(), "demo", k, v); err != nil {
			t.Fatal(err)
		}
	}
	cfg := handlers.Defaults()
	cfg.Spec, cfg.Clock, cfg.Log, cfg.Version = site.Contract, noon, slog.New(slog.DiscardHandler), "test"
	cfg.Rate, cfg.AddressRate = 0, 0
	s, err := handlers.New(store, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// front is an address that stays while the servers behind it change: the samples of a language
// have it in their text, and those of go are compiled with it.
type front struct {
	*httptest.Server
	behind atomic.Pointer[http.Handler]
}

func newFront(t *testing.T) *front {
	f := &front{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		(*f.behind.Load()).ServeHTTP(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}
