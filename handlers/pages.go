package handlers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"go.yaml.in/yaml/v3"
)

// ownPage are the paths that the server has beside the API and the site.
var ownPage = map[string]bool{"/healthz": true, "/readyz": true, "/metrics": true, "/openapi.yaml": true, "/openapi.json": true, "/config.json": true, "/sandbox": true}

// ownPages registers them. None asks for credentials, none shows data.
func (s *Server) ownPages() error {
	s.page(http.MethodGet, "/healthz", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	s.page(http.MethodGet, "/readyz", s.ready)
	if s.cfg.Spec != nil {
		s.contractPages()
	}
	if s.cfg.MetricsOnMain {
		s.page(http.MethodGet, "/metrics", s.metrics.handler().ServeHTTP)
	}
	return s.visitorPages()
}

// contractPages are made when they are first asked for: both take a while, and few ask.
func (s *Server) contractPages() {
	document := sync.OnceValue(func() http.HandlerFunc { return fixedPage(s.cfg.Spec(), "application/yaml") })
	asJSON := sync.OnceValue(func() http.HandlerFunc {
		b, err := AsJSON(s.cfg.Spec())
		if err != nil {
			return func(w http.ResponseWriter, r *http.Request) {
				s.fail(callOf(r.Context()), fmt.Errorf("openapi.yaml: %w", err))
			}
		}
		return fixedPage(b, "application/json")
	})
	s.page(http.MethodGet, "/openapi.yaml", func(w http.ResponseWriter, r *http.Request) { document()(w, r) })
	s.page(http.MethodGet, "/openapi.json", func(w http.ResponseWriter, r *http.Request) { asJSON()(w, r) })
}

func (s *Server) page(method, path string, h http.HandlerFunc) {
	s.paths.add(method, path)
	s.echo.Add(method, path, func(e echo.Context) error {
		h(e.Response(), e.Request())
		return nil
	})
}

// ready says whether writes can be taken, and if not, why.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := s.store.Ready(ctx); err != nil {
		w.Header().Set("Retry-After", "1")
		writeJSON(w, http.StatusServiceUnavailable, map[string]string{"status": "unavailable", "reason": err.Error()})
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// fixedPage serves bytes that change with the binary only.
func fixedPage(data []byte, contentType string) http.HandlerFunc {
	sum := sha256.Sum256(data)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", contentType)
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", tag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	}
}

// AsJSON writes openapi.yaml as JSON, keys in their order.
func AsJSON(document []byte) ([]byte, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(document, &root); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := writeNode(&b, &root); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err := json.Indent(&out, b.Bytes(), "", " ")
	return append(out.Bytes(), '\n'), err
}

func writeNode(b *bytes.Buffer, n *yaml.Node) error {
	switch n.Kind {
	case yaml.DocumentNode:
		return writeNode(b, n.Content[0])
	case yaml.SequenceNode:
		b.WriteByte('[')
		for i, item := range n.Content {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := writeNode(b, item); err != nil {
				return err
			}
		}
		b.WriteByte(']')
		return nil
	case yaml.MappingNode:
		b.WriteByte('{')
		for i := 0; i < len(n.Content); i += 2 {
			if i > 0 {
				b.WriteByte(',')
			}
			key, err := json.Marshal(n.Content[i].Value)
			if err != nil {
				return err
			}
			b.Write(append(key, ':'))
			if err := writeNode(b, n.Content[i+1]); err != nil {
				return err
			}
		}
		b.WriteByte('}')
		return nil
	case yaml.ScalarNode:
		return writeScalar(b, n)
	}
	return fmt.Errorf("line %d: anchors are not used here", n.Line)
}

func writeScalar(b *bytes.Buffer, n *yaml.Node) error {
	var v any = n.Value
	switch n.ShortTag() {
	case "!!int", "!!float", "!!bool", "!!null":
		if err := n.Decode(&v); err != nil {
			return err
		}
	}
	out, err := json.Marshal(v)
	b.Write(out)
	return err
}
