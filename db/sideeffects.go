package db

import "time"

// SideEffect is one thing that the loyalty program did because of a change: it gave or took points, or gave a coupon. Only what belongs to its type is set. It survives being written as JSON and read again.
type SideEffect struct {
	Type     string `json:"type"`               // points or coupon
	Customer int64  `json:"customer,omitempty"` // who got it

	Awarded int64 `json:"awarded,omitempty"` // thousandths of a point, floored to whole points; below 0: taken back
	Raw     int64 `json:"raw,omitempty"`     // thousandths of a point before that

	Expires time.Time `json:"expires,omitzero"` // the last moment of points that were awarded; zero: they do not expire

	Coupon      int64     `json:"coupon,omitempty"` // its id
	Series      int64     `json:"series,omitempty"`
	Code        string    `json:"code,omitempty"`
	ValidTill   time.Time `json:"validTill,omitzero"`
	Description string    `json:"description,omitempty"`
	Discount    string    `json:"discount,omitempty"` // discountCode of the series
	Kind        string    `json:"kind,omitempty"`     // discountType: PERC or ABS
	Value       int64     `json:"value,omitempty"`    // discountValue, in thousandths
}
