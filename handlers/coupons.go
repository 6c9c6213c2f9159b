package handlers

import (
	"context"
	"strconv"
	"strings"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

// IssueCoupon is POST /v2/coupon/issue.
func (a *API) IssueCoupon(ctx context.Context, r gen.IssueCouponRequestObject) (gen.IssueCouponResponseObject, error) {
	to, err := couponUser(&r.Body.Customer, "body: customer")
	if err != nil {
		return nil, err
	}
	out, err := a.store.IssueCoupons(ctx, who(ctx), r.Body.SeriesId, to, 1, db.CouponCode(text(r.Body.Code)))
	if err != nil {
		return nil, err
	}
	res := coupon(out.Coupons[0])
	c := couponCustomer(out.Customer)
	res.Customer, res.Warnings = &c, &gen.Warnings{}
	return gen.IssueCoupon200JSONResponse(res), nil
}

// IssueCoupons is POST /v2/coupon/issue/multiple.
func (a *API) IssueCoupons(ctx context.Context, r gen.IssueCouponsRequestObject) (gen.IssueCouponsResponseObject, error) {
	to, err := couponUser(&r.Body.Customer, "body: customer")
	if err != nil {
		return nil, err
	}
	out, err := a.store.IssueCoupons(ctx, who(ctx), r.Body.SeriesId, to, number(r.Body.Count, 1), "")
	if err != nil {
		return nil, err
	}
	res := gen.IssueCoupons200JSONResponse{Coupons: make([]gen.CouponCode, len(out.Coupons)), CouponConfig: series(ctx, out.Series), Warnings: []gen.Status{}}
	for i, c := range out.Coupons {
		res.Coupons[i] = gen.CouponCode{Code: c.Code, CouponId: c.ID}
	}
	return res, nil
}

// IssueCouponsOfSeries is POST /v2/coupon/bulk/issue.
func (a *API) IssueCouponsOfSeries(ctx context.Context, r gen.IssueCouponsOfSeriesRequestObject) (gen.IssueCouponsOfSeriesResponseObject, error) {
	to, err := couponUser(&r.Body.Customer, "body: customer")
	if err != nil {
		return nil, err
	}
	items, err := a.store.IssueCouponsOf(ctx, who(ctx), r.Body.SeriesIds, r.Params.Source, text(r.Params.AccountId), to)
	if err != nil {
		return nil, err
	}
	out := gen.CouponIssueResults{Response: make([]gen.CouponIssueResult, len(items)), TotalCount: len(items)}
	for i, it := range items {
		out.Response[i] = gen.CouponIssueResult{Errors: warnings(itemErrors(it.Fault)), Warnings: []gen.Status{}}
		if it.Fault != nil {
			out.FailureCount++
			continue
		}
		c := coupon(it.Coupon)
		out.Response[i].EntityId, out.Response[i].Result = &items[i].Series, &c
	}
	switch a.bulkStatus(out.FailureCount, len(items)) {
	case 200:
		return gen.IssueCouponsOfSeries200JSONResponse(out), nil
	case 201:
		return gen.IssueCouponsOfSeries201JSONResponse(out), nil
	}
	return gen.IssueCouponsOfSeries400JSONResponse{Items: out}, nil
}

// FetchCoupons is GET /v2/coupon.
func (a *API) FetchCoupons(ctx context.Context, r gen.FetchCouponsRequestObject) (gen.FetchCouponsResponseObject, error) {
	var q db.CouponQuery
	var err error
	if q.IssuedTo, err = listedIDs(inOne(r.Params.IssuedToIds), "query: issuedToIds"); err != nil {
		return nil, err
	}
	if q.IDs, err = listedIDs(inOne(r.Params.CouponIds), "query: couponIds"); err != nil {
		return nil, err
	}
	if q.Codes = listedTexts(inOne(r.Params.CouponCodes)); len(q.Codes) > maxListed {
		return nil, fault.BadRequest.With("reason", "may have at most "+strconv.Itoa(maxListed)+" codes").At("query: couponCodes")
	}
	if len(q.IssuedTo)+len(q.IDs)+len(q.Codes) == 0 {
		return nil, fault.CouponFilterMissing.At("query")
	}
	p, err := a.page(100, r.Params.Limit, r.Params.Offset)
	if err != nil {
		return nil, err
	}
	list, err := a.store.Coupons(ctx, who(ctx), q, p.Limit, p.Offset)
	if err != nil {
		return nil, err
	}
	res := gen.FetchCoupons200JSONResponse{Data: make([]gen.CouponIssued, len(list)), Warnings: []gen.Status{}, Errors: []gen.Status{}}
	for i, c := range list {
		res.Data[i] = coupon(c)
	}
	return res, nil
}

// FetchCustomerCoupons is GET /v2/customers/coupons.
func (a *API) FetchCustomerCoupons(ctx context.Context, r gen.FetchCustomerCouponsRequestObject) (gen.FetchCustomerCouponsResponseObject, error) {
	p := r.Params
	filter, ok := couponFilter(text(p.Status))
	if !ok {
		return nil, fault.BadRequest.With("reason", "is not one of the values it can have").At("query: status")
	}
	part, err := a.page(100, p.Limit, p.Offset)
	if err != nil {
		return nil, err
	}
	page, err := a.store.CustomerCoupons(ctx, who(ctx), queryUser(p.Id, p.Mobile, p.Email, p.ExternalId), "query", filter, false, part.Limit, part.Offset)
	if err != nil {
		return nil, err
	}
	holder := gen.CouponHolder{Id: page.Customer.ID, Coupons: make([]gen.CustomerCoupon, len(page.Items))}
	if len(page.Customer.Profiles) > 0 {
		holder.Firstname, holder.Lastname = page.Customer.Profiles[0].FirstName, page.Customer.Profiles[0].LastName
	}
	for _, id := range identifiersOf(page.Customer) {
		if id.Type == "mobile" && holder.Mobile == "" {
			holder.Mobile = id.Value
		}
	}
	for i, c := range page.Items {
		holder.Coupons[i] = customerCoupon(c)
	}
	return gen.FetchCustomerCoupons200JSONResponse{
		Entity:   gen.CouponHolders{Pagination: gen.Pagination{Limit: part.Limit, Offset: part.Offset, Total: page.Total}, Customers: []gen.CouponHolder{holder}},
		Warnings: []gen.Status{}, Errors: []gen.Status{}, Success: true,
	}, nil
}

// FetchCustomerCouponDetails is GET /v2/customers/{id}/coupons.
func (a *API) FetchCustomerCouponDetails(ctx context.Context, r gen.FetchCustomerCouponDetailsRequestObject) (gen.FetchCustomerCouponDetailsResponseObject, error) {
	write := strings.ToUpper
	switch strings.ToUpper(text(r.Params.CouponCodeCase)) {
	case "", "UPPER", "AS_IT_IS":
	case "LOWER":
		write = strings.ToLower
	default:
		return nil, fault.BadRequest.With("reason", "is not one of the values it can have").At("query: coupon_code_case")
	}
	part, err := a.page(100, r.Params.Limit, r.Params.Offset)
	if err != nil {
		return nil, err
	}
	page, err := a.store.CustomerCoupons(ctx, who(ctx), db.CouponCustomer{ID: r.Id}, "path: id", db.CouponFilter{}, true, part.Limit, part.Offset)
	if err != nil {
		return nil, err
	}
	res := gen.FetchCustomerCouponDetails200JSONResponse{Entity: make([]gen.CouponDetail, len(page.Items)), Warnings: []gen.Status{}, Errors: []gen.Status{}, Success: true}
	for i, c := range page.Items {
		res.Entity[i] = couponDetail(ctx, c)
		res.Entity[i].TrimmedCode = write(c.Code)
	}
	return res, nil
}

// couponFilter reads a status of the vendor's; Active and Unexpired are the same.
func couponFilter(status string) (f db.CouponFilter, ok bool) {
	yes, no := true, false
	switch strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(strings.TrimSpace(status))) {
	case "":
	case "active", "unexpired":
		f.Expired = &no
	case "redeemed":
		f.Redeemed = &yes
	case "unredeemed":
		f.Redeemed = &no
	case "activeredeemed":
		f.Expired, f.Redeemed = &no, &yes
	case "activeunredeemed":
		f.Expired, f.Redeemed = &no, &no
	case "expiredredeemed":
		f.Expired, f.Redeemed = &yes, &yes
	case "expiredunredeemed":
		f.Expired, f.Redeemed = &yes, &no
	default:
		return f, false
	}
	return f, true
}

// couponUser reads a customer of a body.
func couponUser(u *gen.CouponUser, place string) (ref db.CouponCustomer, err error) {
	ref = db.CouponCustomer{Mobile: text((*string)(u.Mobile)), Email: text(u.Email), ExternalID: text((*string)(u.ExternalId))}
	if sent := strings.TrimSpace(text((*string)(u.Id))); sent != "" {
		if ref.ID, err = strconv.ParseInt(sent, 10, 64); err != nil || ref.ID < 1 || ref.ID > maxID {
			return ref, fault.CouponCustomerInvalid.With("reason", "the id is not one").At(place + ".id")
		}
	}
	return ref, nil
}

func queryUser(id *int64, mobile, email, externalID *string) db.CouponCustomer {
	ref := db.CouponCustomer{Mobile: text(mobile), Email: text(email), ExternalID: text(externalID)}
	if id != nil {
		ref.ID = *id
	}
	return ref
}

func coupon(c db.Coupon) gen.CouponIssued {
	return gen.CouponIssued{
		Id: c.ID, Code: c.Code, SeriesId: c.Series, Description: c.Description, DiscountCode: discountCode(c.DiscountCode), ValidTill: timeOrAbsent(c.ValidTill),
		DiscountType: c.DiscountType, DiscountValue: gen.Amount(c.Value), DiscountUpto: gen.Amount(c.Upto), DiscountOn: "BILL", DetailedInfo: c.Info,
		RedemptionCount: c.Redemptions, RedemptionsLeft: c.Left,
	}
}

func discountCode(code string) string {
	if code == "" {
		return "NO_VALUE"
	}
	return code
}

func customerCoupon(c db.HeldCoupon) gen.CustomerCoupon {
	out := gen.CustomerCoupon{
		Id: c.ID, Code: c.Code, SeriesId: c.Coupon.Series, Description: c.Description, ValidTill: timeOrAbsent(c.ValidTill),
		DiscountType: c.DiscountType, DiscountValue: gen.Amount(c.Value), DiscountUpto: gen.Amount(c.Upto), RedemptionCount: c.Redemptions, RedemptionsLeft: c.Left,
		CreatedDate: gen.Time{Time: c.IssuedOn}, IssuedAt: couponPlace(c.IssuedBy), Redemptions: couponUses(c.Uses),
	}
	if len(c.Uses) > 0 {
		out.TransactionNumber = c.Uses[0].Number
	}
	return out
}

func couponDetail(ctx context.Context, c db.HeldCoupon) gen.CouponDetail {
	from := c.IssuedOn
	if c.Series.RedemptionAfterDays > 0 {
		y, m, d := from.Date()
		from = db.StartOfDay(y, m, d+int(c.Series.RedemptionAfterDays), from.Location())
	}
	if c.Series.RedemptionValidFrom.After(from) {
		from = c.Series.RedemptionValidFrom
	}
	return gen.CouponDetail{
		Id: c.ID, SeriesId: c.Coupon.Series, Series: series(ctx, c.Series), CouponDiscountType: c.DiscountType, IssuedOn: gen.Time{Time: c.IssuedOn},
		ActiveFrom: gen.Time{Time: from}, ValidTill: timeOrAbsent(c.ValidTill), RedemptionsLeft: c.Left, CouponStatus: fullStatus(true, 200, "success"),
		RedemptionInfo: couponUses(c.Uses), DiscountType: c.DiscountType == "ABS", DiscountValue: gen.Amount(c.Value), DiscountUpto: gen.Amount(c.Upto),
		Redeemed: c.Redemptions > 0, SeriesName: c.Description,
	}
}

func couponUses(uses []db.Use) []gen.CouponUse {
	out := make([]gen.CouponUse, len(uses))
	for i, u := range uses {
		out[i] = gen.CouponUse{Id: u.ID, Date: gen.Time{Time: u.At}, TransactionNumber: u.Number, RedeemedAt: couponPlace(u.Till)}
	}
	return out
}

func couponPlace(e db.EntityRef) gen.CouponPlace { return gen.CouponPlace{Code: e.Code, Name: e.Name} }

func couponCustomer(c db.Customer) gen.CouponCustomer {
	out := gen.CouponCustomer{Id: c.ID, Profiles: make([]gen.CouponCustomerProfile, len(c.Profiles))}
	all := identifiersOf(c)
	for i, p := range c.Profiles {
		out.Profiles[i] = gen.CouponCustomerProfile{FirstName: p.FirstName, LastName: p.LastName, Fields: p.Fields, CommChannels: []gen.CommChannel{},
			UserId: p.UserID, AccountId: p.Account, AutoUpdateTime: gen.Time{Time: p.ModifiedOn}, Identifiers: make([]gen.Identifier, len(p.Identifiers)), IdentifiersAll: all}
		for k, id := range p.Identifiers {
			out.Profiles[i].Identifiers[k] = gen.Identifier{Type: id.Type, Value: id.Value}
		}
	}
	return out
}

// identifiersOf are those of all profiles, each once.
func identifiersOf(c db.Customer) []gen.Identifier {
	all := []gen.Identifier{}
	seen := map[gen.Identifier]bool{}
	for _, p := range c.Profiles {
		for _, id := range p.Identifiers {
			if one := (gen.Identifier{Type: id.Type, Value: id.Value}); !seen[one] {
				seen[one] = true
				all = append(all, one)
			}
		}
	}
	return all
}
