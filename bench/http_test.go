package bench

import (
	"fmt"
	"net/url"
	"regexp"
	"sync/atomic"
	"testing"
)

var sizes = []int{10_000, 1_000_000}

// chosen leaves the million out of a -short run.
func chosen(b *testing.B) []int {
	if testing.Short() {
		return sizes[:1]
	}
	return sizes
}

// fresh counts the customers that no seed has and that were not yet registered in this run.
var fresh atomic.Int64

func init() { fresh.Store(100_000_000) }

func BenchmarkRegister(b *testing.B) {
	for _, n := range chosen(b) {
		b.Run(fmt.Sprintf("customers=%d", n), func(b *testing.B) {
			s := start(b, scratch(b, database(b, n)), false)
			defer s.stop(b)
			for _, clients := range []int{16, 64} {
				b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
					if rate := load(b, s, clients, registerFresh); bulkLimit > 0 {
						b.ReportMetric(rate/bulkLimit*100, "%-of-limit")
					}
				})
			}
		})
	}
}

func registerFresh(c *client) error {
	p := personOf(int(fresh.Add(1)))
	return c.post("/v2/customers?source=INSTORE", fmt.Appendf(nil,
		`{"profiles":[{"firstName":%q,"lastName":%q,"identifiers":[{"type":"mobile","value":%q},{"type":"email","value":%q}]}]}`,
		p.first, p.last, p.mobile, p.email))
}

// A merge is two calls: a registration, and the change that finds the same number in another source. It moves a profile
// with all that is on it, and must not depend on how many others there are.
func BenchmarkMerge(b *testing.B) {
	for _, n := range chosen(b) {
		b.Run(fmt.Sprintf("customers=%d", n), func(b *testing.B) {
			s := start(b, scratch(b, database(b, n)), false)
			defer s.stop(b)
			var next atomic.Int64
			b.Run("clients=16", func(b *testing.B) {
				load(b, s, 16, func(c *client) error { return merge(c, int(next.Add(1)), n) })
			})
		})
	}
}

var createdID = regexp.MustCompile(`"createdId":(\d+)`)

// merge is the number turn of all merges: with each of n seeded customers in one source, then with each in the next.
func merge(c *client, turn, n int) error {
	source := []string{"ECOMMERCE", "MARTJACK", "WEBSITE"}[turn/n%3]
	err := c.post("/v2/customers?source="+source, fmt.Appendf(nil,
		`{"profiles":[{"firstName":"Victim","identifiers":[{"type":"email","value":"victim%d@example.org"}]}]}`, fresh.Add(1)))
	if err != nil {
		return err
	}
	victim := createdID.FindSubmatch(c.body)
	return c.post(fmt.Sprintf("/v2/customers/%s/changeIdentifier?source=%s", victim[1], source),
		fmt.Appendf(nil, `{"add":[{"type":"mobile","value":%q}]}`, personOf(turn%n).mobile))
}

// reads benchmarks calls that change nothing, on one server for each size.
func reads(b *testing.B, call func(n int) func(*client) error) {
	for _, n := range chosen(b) {
		b.Run(fmt.Sprintf("customers=%d", n), func(b *testing.B) {
			s := start(b, database(b, n), false)
			defer s.stop(b)
			for _, clients := range []int{1, 16, 64} {
				b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
					load(b, s, clients, call(n))
				})
			}
		})
	}
}

func BenchmarkLookup(b *testing.B) {
	reads(b, func(n int) func(*client) error {
		return func(c *client) error {
			return c.get("/v2/customers/lookup?source=INSTORE&identifierName=mobile&identifierValue=" + personOf(c.rng.IntN(n)).mobile)
		}
	})
}

func BenchmarkDetails(b *testing.B) {
	reads(b, func(n int) func(*client) error {
		return func(c *client) error { return c.get(fmt.Sprint("/v2/customers/", firstSeeded+c.rng.IntN(n))) }
	})
}

// selective is a prefix that few customers have: most of a number.
func selective(customer int) string { return personOf(customer).mobile[:10] }

func BenchmarkSearchSelective(b *testing.B) {
	reads(b, func(n int) func(*client) error {
		return func(c *client) error {
			return c.get("/v2/customers/search?q=" + selective(c.rng.IntN(n)))
		}
	})
}

// Everybody matches.
func BenchmarkSearchBroad(b *testing.B) {
	reads(b, func(int) func(*client) error {
		return func(c *client) error { return c.get("/v2/customers/search?q=91") }
	})
}

// Names: one in forty matches.
func BenchmarkSearchName(b *testing.B) {
	reads(b, func(n int) func(*client) error {
		return func(c *client) error {
			return c.get("/v2/customers/search?q=" + url.QueryEscape(personOf(c.rng.IntN(n)).last))
		}
	})
}
