package handlers

import (
	"context"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/gen"
)

// GetAllKittens is GET /api/kittens.
func (a *API) GetAllKittens(ctx context.Context, r gen.GetAllKittensRequestObject) (gen.GetAllKittensResponseObject, error) {
	cats := is(r.Params.IncludeCats)
	adopted := r.Params.Available != nil && !*r.Params.Available
	ks, err := a.store.Kittens(ctx, who(ctx), cats, adopted)
	if err != nil {
		return nil, err
	}
	out := make(gen.GetAllKittens200JSONResponse, len(ks))
	for i, k := range ks {
		out[i] = kitten(k)
	}
	return out, nil
}

// GetKitten is GET /api/kittens/{id}.
func (a *API) GetKitten(ctx context.Context, r gen.GetKittenRequestObject) (gen.GetKittenResponseObject, error) {
	k, err := a.store.Kitten(ctx, who(ctx), r.Id)
	if err != nil {
		return nil, err
	}
	return gen.GetKitten200JSONResponse(kitten(k)), nil
}

func kitten(k db.Kitten) gen.Kitten {
	return gen.Kitten{Id: k.ID, Name: k.Name, Breed: k.Breed, Fluffiness: k.Fluffiness, Cuteness: k.Cuteness}
}
