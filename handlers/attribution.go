package handlers

import (
	"cmp"
	"net/http"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
)

// Headers that name the till which a write counts for (openapi.yaml, Other Headers Required). The first two go with a till's credentials, the
// others with an access token. Operations that take them declare them.
const (
	headerLookupType = "X-CAP-API-ATTRIBUTION-LOOKUP-TYPE"
	headerLookup     = "X-CAP-API-ATTRIBUTION-LOOKUP"
	headerEntityType = "X-CAP-API-ATTRIBUTION-ENTITY-TYPE"
	headerEntityCode = "X-CAP-API-ATTRIBUTION-ENTITY-CODE"
)

// actFor makes a write count for the till that its headers name. Permissions and rate are still those of the credentials that were
// sent; only the till recorded with the write is another (our rule 90).
func (s *Server) actFor(c *call, r *http.Request, op *operation) error {
	if c.internal || !op.acting {
		return nil
	}
	how, err := acting(r.Header, c.caller.Client != 0)
	if err != nil || how == (db.Acting{}) {
		return err
	}
	sender := c.caller.TillCode
	if c.caller.Who, err = s.store.ActFor(r.Context(), c.caller.Who, how); err != nil {
		return err
	}
	if c.caller.Sender != 0 {
		c.sender = sender
	}
	return nil
}

// acting reads the headers. Those that belong to the other kind of credentials are refused (our rule 91): if ignored, they would
// attribute the write to a till that nobody meant.
func acting(h http.Header, client bool) (how db.Acting, err error) {
	typ, value, code := h.Get(headerLookupType), h.Get(headerLookup), h.Get(headerEntityCode)
	switch {
	case client && typ != "":
		return how, badRequest("header: "+headerLookupType, "goes with the credentials of a till, not with an access token")
	case client && value != "":
		return how, badRequest("header: "+headerLookup, "goes with the credentials of a till, not with an access token")
	case !client && code != "":
		return how, badRequest("header: "+headerEntityCode, "goes with an access token, not with the credentials of a till")
	case client && code != "":
		return db.Acting{Entity: cmp.Or(h.Get(headerEntityType), "TILL"), Value: code}, nil
	case typ != "":
		return db.Acting{Lookup: typ, Value: value}, nil
	case value != "":
		return how, fault.AttributionTypeMissing.At("header: " + headerLookupType)
	}
	return how, nil
}
