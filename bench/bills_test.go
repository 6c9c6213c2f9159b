package bench

import (
	"fmt"
	"strings"
	"testing"
)

// bills benchmarks calls on a scratch copy of a file with bills, ten of each customer.
func bills(b *testing.B, call func(n int) func(*client) error) {
	for _, n := range chosen(b) {
		b.Run(fmt.Sprintf("bills=%d", n), func(b *testing.B) {
			s := start(b, scratch(b, billsDatabase(b, n)), false)
			defer s.stop(b)
			for _, clients := range []int{1, 16, 64} {
				b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) { load(b, s, clients, call(n)) })
			}
		})
	}
}

// seededBuyer is the id of one of the customers who have bills.
func seededBuyer(c *client, n int) int { return firstSeeded + c.rng.IntN(n/perCustomer) }

// tenLines are the lines of the bill that BenchmarkAddBill adds.
var tenLines = func() string {
	var lines []string
	for i := range 10 {
		lines = append(lines, fmt.Sprintf(`{"itemCode":"TEA-%d","qty":2,"rate":50,"value":100,"discount":10,"amount":90}`, i))
	}
	return strings.Join(lines, ",")
}()

// A bill of ten lines, with its points.
func BenchmarkAddBill(b *testing.B) {
	bills(b, func(n int) func(*client) error {
		return func(c *client) error {
			return c.post(fmt.Sprintf("/v2/transactions?source=INSTORE&identifierName=id&identifierValue=%d", seededBuyer(c, n)),
				fmt.Appendf(nil, `{"type":"REGULAR","billNumber":"N-%d","billAmount":900,"grossAmount":1000,"discount":100,"lineItemsV2":[%s],"paymentModes":[{"mode":"CASH","value":900}]}`, fresh.Add(1), tenLines))
		}
	})
}

// Ten points of a customer who has a thousand of them, in ten batches: ten thousand bills are enough for 100,000 redemptions.
func BenchmarkRedeem(b *testing.B) {
	bills(b, func(n int) func(*client) error {
		return func(c *client) error {
			return c.post(fmt.Sprintf("/v2/customers/%d/redemptions", seededBuyer(c, n)), []byte(`{"points":10}`))
		}
	})
}

// The newest twenty of a customer's bills, which are all of the seeded.
func BenchmarkListBills(b *testing.B) {
	bills(b, func(n int) func(*client) error {
		return func(c *client) error { return c.get(fmt.Sprintf("/v2/customers/%d/transactions", seededBuyer(c, n))) }
	})
}
