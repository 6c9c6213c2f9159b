package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/arteriole/arteriole/db"
)

// BenchmarkStoreRegister is the store's own part of a registration, from 64 goroutines, which share commits.
func BenchmarkStoreRegister(b *testing.B) {
	for _, n := range chosen(b) {
		b.Run(fmt.Sprintf("customers=%d", n), func(b *testing.B) {
			s, err := db.Open(context.Background(), scratch(b, database(b, n)), db.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			b.ReportAllocs()
			b.SetParallelism(max(1, 64/runtime.GOMAXPROCS(0)))
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := personOf(int(fresh.Add(1))).register(context.Background(), s); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

// BenchmarkStore is the store's own part of a call: the same questions in this process, one after the other.
func BenchmarkStore(b *testing.B) {
	for _, op := range []struct {
		name string
		ask  func(s *db.Store, customer int) error
	}{
		{"lookup", func(s *db.Store, n int) error {
			_, err := s.LookupCustomer(context.Background(), demo, db.Identifier{Type: "mobile", Value: personOf(n).mobile}, "INSTORE", "")
			return err
		}},
		{"details", func(s *db.Store, n int) error {
			_, err := s.Customer(context.Background(), demo, int64(firstSeeded+n), "", "")
			return err
		}},
		{"search-selective", func(s *db.Store, n int) error {
			_, err := s.SearchCustomers(context.Background(), demo, selective(n), "", 10, 0)
			return err
		}},
		{"search-broad", func(s *db.Store, n int) error {
			_, err := s.SearchCustomers(context.Background(), demo, "91", "", 10, 0)
			return err
		}},
	} {
		var smallest float64 // p50 with the fewest customers
		for _, n := range chosen(b) {
			b.Run(fmt.Sprintf("%s/customers=%d", op.name, n), func(b *testing.B) {
				s, err := db.Open(context.Background(), database(b, n), db.Options{})
				if err != nil {
					b.Fatal(err)
				}
				defer s.Close()
				rng := rand.New(rand.NewPCG(1, 1))
				for range 100 { // statements are prepared and the first pages are there
					if err := op.ask(s, rng.IntN(n)); err != nil {
						b.Fatal(err)
					}
				}
				took := make([]time.Duration, 0, b.N)
				b.ReportAllocs()
				b.ResetTimer()
				for range b.N {
					customer, start := rng.IntN(n), time.Now()
					if err := op.ask(s, customer); err != nil {
						b.Fatal(err)
					}
					took = append(took, time.Since(start))
				}
				slices.Sort(took)
				p50 := micros(quantile(took, .5))
				if n == sizes[0] {
					smallest = p50
				} else if smallest > 0 {
					b.ReportMetric(p50/smallest, "×-of-10k")
				}
				b.ReportMetric(p50, "p50-µs")
				b.ReportMetric(micros(quantile(took, .99)), "p99-µs")
			})
		}
	}
}
