package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/arteriole/arteriole/db"
)

// headerKey is the header that makes a change happen once. Operations that take it declare it.
const headerKey = "Idempotency-Key"

// onceOf is what a valid request with an Idempotency-Key asks the store for; nil without one. The hash is over the query and the
// declared headers as they were read, and over the body's value: blanks and the order of keys do not count.
func (op *operation) onceOf(e echo.Context) (*db.Once, error) {
	r := e.Request()
	key := r.Header.Get(headerKey)
	if !op.keyed || key == "" {
		return nil, nil
	}
	asked := []any{r.URL.RawQuery}
	for _, p := range op.params {
		if p.spec.In == "header" && !strings.EqualFold(p.spec.Name, headerKey) {
			asked = append(asked, p.spec.Name, r.Header.Get(p.spec.Name))
		}
	}
	switch body := r.Body.(type) {
	case interface{ ValidatedValue() any }:
		asked = append(asked, body.ValidatedValue())
	default:
		if op.takesBody && r.ContentLength != 0 {
			return nil, fmt.Errorf("%s has a body whose value is not known", op.id)
		}
	}
	hash := sha256.New()
	write := json.NewEncoder(hash) // which sorts the keys of objects
	for _, v := range asked {
		items, bulk := v.([]any)
		if !bulk || !op.bulk {
			items = []any{v}
		}
		for _, v := range items { // those of a bulk body are values one at a time
			if raw, ok := v.(json.RawMessage); ok {
				var err error
				if v, err = parseJSON(raw, len(raw)); err != nil {
					return nil, err
				}
			}
			if err := write.Encode(v); err != nil {
				return nil, err
			}
		}
	}
	path := r.URL.Path
	if op.schemes == 0 { // the address is a secret itself, which is not stored
		path = "sha256:" + db.HashKey(path)
	}
	return &db.Once{Method: r.Method, Path: path, Key: key, Hash: hex.EncodeToString(hash.Sum(nil))}, nil
}

// tellReplay marks an answer that is repeated.
func (c *call) tellReplay(h http.Header) {
	if c.caller.Once != nil && c.caller.Once.Replayed {
		h.Set("Idempotent-Replayed", "true")
	}
}
