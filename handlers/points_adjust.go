package handlers

import (
	"context"
	"strings"

	"github.com/arteriole/arteriole/gen"
)

// AdjustPoints is POST /v2/points/adjust.
func (a *API) AdjustPoints(ctx context.Context, r gen.AdjustPointsRequestObject) (gen.AdjustPointsResponseObject, error) {
	b := r.Body
	ref, err := identifierRef(b.Identifier.Type, string(b.Identifier.Value), "body: identifier")
	if err != nil {
		return nil, err
	}
	n, err := points(b.Points, "body: points")
	if err != nil {
		return nil, err
	}
	out, err := a.store.AdjustPoints(ctx, who(ctx), ref, n, strings.TrimSpace(text(b.Reason)))
	if err != nil {
		return nil, err
	}
	return gen.AdjustPoints200JSONResponse{AdjustmentId: out.ID, CustomerId: out.Customer, PointsAdjusted: gen.Points(out.Points), Balance: gen.Points(out.Balance), Warnings: warnings(out.Warnings)}, nil
}
