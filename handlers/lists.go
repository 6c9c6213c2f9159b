package handlers

import (
	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
)

// page reads the part of a list that is asked for: the usual number of entries when none is given, and never more than the
// configuration allows.
func (a *API) page(usual int, limit, offset *int) (db.Page, error) {
	return page(usual, a.cfg.PageMax, limit, offset)
}

func page(usual, most int, limit, offset *int) (db.Page, error) {
	p := db.Page{Limit: number(limit, usual), Offset: number(offset, 0)}
	if p.Limit == usual { // given, or the contract's own
		p.Limit = min(usual, most)
	}
	if p.Limit > most {
		return p, fault.LimitTooLarge.With("max", most).At("query: limit")
	}
	return p, nil
}
