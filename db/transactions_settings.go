package db

import (
	"fmt"
	"strings"
)

// BillSettings are what an org has set about bills (x-org-settings of openapi.yaml has their meaning).
type BillSettings struct {
	NumberScope        string // till, store or org
	NumberDays         int    // within which a number is used once, 0 for ever
	BillPastDays       int    // 0: no bound
	BillAheadHours     int
	BillMin, BillMax   int64 // thousandths, 0 for none
	OutlierAmount      int64 // thousandths, 0 for none: what is above is an outlier
	Currency           string
	PaymentModes       []string // nil: any
	BillCustomFields   []string // nil: free-form
	BillExtendedFields []string // nil: free-form
	Returns            []string // the return types that there are
	UnmatchedReturns   bool     // returns of what is not known are stored with a warning
	UnknownCustomers   bool     // bills of them are stored as not interested
}

func (o *BillSettings) readBillSettings(get func(string) string, number func(string, int) int, list func(string) []string, bad func(key, want string)) {
	choice := func(key string, words ...string) string {
		for _, w := range words {
			if get(key) == w {
				return w
			}
		}
		bad(key, strings.Join(words, " or "))
		return ""
	}
	amount := func(key string) int64 {
		v := get(key)
		if v == "" {
			return 0
		}
		n, ok := ParseThousandths(v)
		if !ok || n < 0 || n > MaxAmount {
			bad(key, "an amount with at most 3 decimals, or empty")
		}
		return n
	}
	o.NumberScope = choice("bill-number-scope", "org", "store", "till")
	o.NumberDays = number("bill-number-days", 36600)
	o.BillPastDays = number("bill-date-past", 36600)
	o.BillAheadHours = number("bill-date-ahead", 24*366)
	o.BillMin, o.BillMax, o.OutlierAmount = amount("bill-amount-min"), amount("bill-amount-max"), amount("outlier-amount")
	if o.BillMax > 0 && o.BillMax < o.BillMin {
		bad("bill-amount-max", "at least bill-amount-min")
	}
	if o.Currency = strings.ToUpper(get("currency")); len(o.Currency) != 3 && o.Currency != "" || strings.Trim(o.Currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		bad("currency", "an ISO code of three letters, or empty")
	}
	o.PaymentModes, o.BillCustomFields, o.BillExtendedFields = list("payment-modes"), list("bill-custom-fields"), list("bill-extended-fields")
	for _, sent := range list("returns") {
		t, ok := ParseReturnType(sent)
		if !ok {
			bad("returns", fmt.Sprintf("of %s", strings.Join(returnTypes, ",")))
		}
		o.Returns = append(o.Returns, t)
	}
	o.UnmatchedReturns = choice("unmatched-returns", "refuse", "allow") == "allow"
	o.UnknownCustomers = choice("unknown-customers", "refuse", "not-interested") == "not-interested"
}
