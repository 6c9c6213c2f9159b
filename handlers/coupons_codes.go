package handlers

import (
	"context"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/gen"
)

// AddCouponCode is POST /v2/coupon/series/{id}/codes.
func (a *API) AddCouponCode(ctx context.Context, r gen.AddCouponCodeRequestObject) (gen.AddCouponCodeResponseObject, error) {
	c, err := a.store.AddCouponCode(ctx, who(ctx), r.Id, db.CouponCode(r.Body.Code))
	if err != nil {
		return nil, err
	}
	return gen.AddCouponCode200JSONResponse{CreatedId: c.ID, Code: c.Code, SeriesId: c.Series, Waiting: c.Waiting, Warnings: []gen.Status{}}, nil
}
