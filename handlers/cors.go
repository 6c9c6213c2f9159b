package handlers

import (
	"net/http"
	"slices"
	"strings"
)

// What a page of another origin may send and read. Credentials travel in the Authorization header, never in cookies, so
// Access-Control-Allow-Credentials is not needed.
const (
	corsRequestHeaders = "Authorization, Content-Type, Idempotency-Key, X-CAP-REQUEST-ID, X-Request-Id, X-CAP-API-OAUTH-TOKEN, If-None-Match, X-CAP-FILE-NAME, X-CAP-DIRECT-REPLAY, SKIP-DOWNSTREAM, " +
		"X-CAP-API-ATTRIBUTION-LOOKUP-TYPE, X-CAP-API-ATTRIBUTION-LOOKUP, X-CAP-API-ATTRIBUTION-ENTITY-TYPE, X-CAP-API-ATTRIBUTION-ENTITY-CODE, X-CAP-API-ATTRIBUTION-TILL-CODE"
	corsAnswerHeaders = "X-CAP-REQUEST-ID, ETag, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, Idempotent-Replayed, Allow"
	corsMaxAge        = "600"
)

// cors lets the pages of --cors-origin call the API. It reports whether it has answered, as it does for a preflight.
func (s *Server) cors(c *call, r *http.Request, path string, methods []string) (answered bool) {
	if len(s.cfg.CORSOrigins) == 0 {
		return false
	}
	h := c.Header()
	h.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin == "" || !slices.Contains(s.cfg.CORSOrigins, origin) {
		return false
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", corsAnswerHeaders)
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" || len(methods) == 0 {
		return false
	}
	h.Set("Access-Control-Allow-Methods", strings.Join(s.paths.taken(path, methods), ", "))
	h.Set("Access-Control-Allow-Headers", corsRequestHeaders)
	h.Set("Access-Control-Max-Age", corsMaxAge)
	c.WriteHeader(http.StatusNoContent)
	return true
}
