package handlers

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
)

// pageConfig is what the pages load from config.json before they call the API. `docs build` writes it as a file.
type pageConfig struct {
	Server  string           `json:"server"` // where calls go; "" is where the page came from
	Demo    *demoCredentials `json:"demo"`   // filled in, when this server has the demo organization
	Sandbox bool             `json:"sandbox"`
	Version string           `json:"version"`
}

type demoCredentials struct {
	Till     string `json:"till"`
	Password string `json:"password"`
	Key      string `json:"key"`
}

// sandboxAnswer tells a visitor their credentials, once.
type sandboxAnswer struct {
	Till       string    `json:"till"`
	Password   string    `json:"password"`
	Till2      string    `json:"till2"`
	Password2  string    `json:"password2"`
	KittensKey string    `json:"kittensKey"`
	Expires    time.Time `json:"expires"`
	Seconds    int64     `json:"seconds"` // until then: the visitor's clock may be wrong
}

// A visitor gets few sandboxes: each costs two slow hashes and some rows.
const (
	sandboxesPerSecond = 1.0 / 60
	sandboxesAtOnce    = 3
)

// visitorPages are for the reference's own script: where to call, and a sandbox to call it in.
func (s *Server) visitorPages() error {
	config := pageConfig{Sandbox: s.cfg.Sandbox != nil, Version: s.cfg.Version}
	if s.cfg.ShowDemo {
		config.Demo = &demoCredentials{"store.server", "server123", "meowmeowmeow"}
	}
	b, err := json.Marshal(config)
	if err != nil {
		return err
	}
	s.page(http.MethodGet, "/config.json", fixedPage(append(b, '\n'), "application/json"))
	if s.cfg.Sandbox != nil {
		s.page(http.MethodPost, "/sandbox", s.makeSandbox)
		s.page(http.MethodDelete, "/sandbox", s.dropSandbox)
	}
	return nil
}

func (s *Server) makeSandbox(w http.ResponseWriter, r *http.Request) {
	c := callOf(r.Context())
	// A page elsewhere may not make its visitors fill this server.
	from := r.Header.Get("Sec-Fetch-Site")
	if from != "" && from != "same-origin" && from != "none" && !slices.Contains(s.cfg.CORSOrigins, r.Header.Get("Origin")) {
		s.fail(c, fault.Forbidden.New())
		return
	}
	if err := s.sandboxes.take(neighbourhood(c.address), sandboxesPerSecond, sandboxesAtOnce, s.cfg.Clock()).err(); err != nil {
		s.metrics.limited.WithLabelValues("sandbox").Inc()
		s.fail(c, err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.cfg.RequestTimeout)
	defer cancel()
	b, err := s.store.AddSandbox(ctx, *s.cfg.Sandbox)
	if err != nil {
		s.fail(c, err)
		return
	}
	writeJSON(w, http.StatusOK, sandboxAnswer{b.Till, b.Password, b.Till2, b.Password2, b.KittensKey, b.Expires.UTC().Truncate(time.Second), int64(b.Expires.Sub(s.cfg.Clock()) / time.Second)})
}

// dropSandbox deletes the sandbox that the caller's till belongs to.
func (s *Server) dropSandbox(w http.ResponseWriter, r *http.Request) {
	c := callOf(r.Context())
	header := r.Header.Values("Authorization")
	if len(header) != 1 || len(header[0]) > maxAuthorization {
		s.fail(c, fault.Unauthorized.New())
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.cfg.RequestTimeout)
	defer cancel()
	who, err := s.auth.till(ctx, header[0], neighbourhood(c.address), s.store.Changed())
	if err == nil {
		err = s.store.DropSandbox(ctx, who.Org)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// SandboxLimits returns the default limits.
func SandboxLimits() db.SandboxLimits {
	return db.SandboxLimits{Lifetime: time.Hour, Changes: 500, Rate: 10, Burst: 100, Most: 200}
}
