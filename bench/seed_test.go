package bench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arteriole/arteriole/db"
)

// demo is the org of all customers here, and its till.
var demo = db.Who{Org: 1, Till: 1, TillCode: "store.server", RequestID: "BENCH"}

// firstSeeded is the id of the first customer after those of the demo organization.
const firstSeeded = 1007

var (
	firstNames = []string{"Aarav", "Aditi", "Anaya", "Arjun", "Asha", "Deepa", "Dev", "Farah", "Gita", "Hari", "Ila", "Ishaan", "Jaya", "Kabir", "Kiran", "Lata", "Leela", "Manoj", "Meera", "Mohan", "Neha", "Nikhil", "Noor", "Omar", "Padma", "Pooja", "Priya", "Rahul", "Ravi", "Rekha", "Rohan", "Sana", "Sita", "Tara", "Tomas", "Uma", "Varun", "Vikram", "Yash", "Zoya"}
	lastNames  = []string{"Acharya", "Bhat", "Bose", "Chandra", "Das", "Desai", "Dutta", "Fernandes", "Ghosh", "Gupta", "Iyer", "Jain", "Joshi", "Kapoor", "Khan", "Kulkarni", "Kumar", "Lind", "Mehta", "Menon", "Mishra", "Nair", "Naidu", "Patel", "Pillai", "Rao", "Reddy", "Roy", "Sato", "Sen", "Shah", "Sharma", "Shetty", "Singh", "Sinha", "Tagore", "Thomas", "Varma", "Verma", "Yadav"}
)

// person is the customer number n of a benchmark: the same on each run, in no order of the numbers' own. Nobody is
// there twice.
type person struct{ first, last, mobile, email string }

func personOf(n int) person {
	mixed := uint32(n) * 2654435761 >> 1 // odd factor: below 2^31 no two are equal
	p := person{first: firstNames[mixed%40], last: lastNames[mixed/40%40]}
	p.mobile = fmt.Sprint(91_7000_000_000 + int64(mixed))
	p.email = fmt.Sprintf("%s.%s.%d@example.org", p.first, p.last, n)
	return p
}

func (p person) register(ctx context.Context, s *db.Store) error {
	_, err := s.RegisterCustomer(ctx, demo, "INSTORE", "", db.ProfileInput{
		FirstName: &p.first, LastName: &p.last,
		Identifiers: []db.Identifier{{Type: "mobile", Value: p.mobile}, {Type: "email", Value: p.email}},
	}, db.CustomerInput{})
	return err
}

// seed registers the customers 0 to n-1, from many goroutines, so that the writer's groups are full.
func seed(ctx context.Context, path string, n int) error {
	s, err := db.Open(ctx, path, db.Options{NoSync: true})
	if err != nil {
		return err
	}
	defer s.Close()
	if _, err := s.EnsureDemo(ctx); err != nil {
		return err
	}
	var next atomic.Int64
	defer tell("registering", n, func() int { return min(int(next.Load()), n) })()
	var wg sync.WaitGroup
	failed := make(chan error, 1)
	for range 256 {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := personOf(i).register(ctx, s); err != nil {
					select {
					case failed <- err:
					default:
					}
					return
				}
			}
		})
	}
	wg.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// perCustomer is how many bills a customer of billsDatabase has.
const perCustomer = 10

// seedBills adds n bills to a database of n / perCustomer customers, a hundred in a turn of the writer. Each earns 100 points.
func seedBills(ctx context.Context, path string, n int) error {
	s, err := db.Open(ctx, path, db.Options{NoSync: true})
	if err != nil {
		return err
	}
	defer s.Close()
	const turn = 100
	quantity, rate := int64(1000), int64(1_000_000)
	var next, done atomic.Int64
	defer tell("adding bills", n, func() int { return min(int(done.Load()), n) })()
	var wg sync.WaitGroup
	failed := make(chan error, 1)
	for range 8 {
		wg.Go(func() {
			for first := int(next.Add(turn)) - turn; first < n; first = int(next.Add(turn)) - turn {
				var bills []db.Bill
				for i := first; i < min(first+turn, n); i++ {
					bills = append(bills, db.Bill{Type: "REGULAR", Number: fmt.Sprint("B-", i), Amount: rate, Source: "OTHERS", IdentifierName: "id",
						IdentifierText: fmt.Sprint(firstSeeded + i%(n/perCustomer)), Lines: []db.BillLine{{ItemCode: "TEA-250", Quantity: &quantity, Rate: &rate}}})
				}
				items, err := s.AddTransactions(ctx, demo, bills, false)
				for _, item := range items {
					if item.Fault != nil {
						err = errors.Join(err, item.Fault)
					}
				}
				if done.Add(int64(len(bills))); err != nil {
					select {
					case failed <- err:
					default:
					}
					return
				}
			}
		})
	}
	wg.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// database gives a file with n customers.
func database(b *testing.B, n int) string {
	b.Helper()
	return kept(b, fmt.Sprint(n), fmt.Sprintf("%d customers registered", n), n, func(path string) error { return seed(context.Background(), path, n) })
}

// billsDatabase gives a file with n bills, of a tenth as many customers.
func billsDatabase(b *testing.B, n int) string {
	b.Helper()
	return kept(b, fmt.Sprint("bills-", n), fmt.Sprintf("%d bills added", n), n, func(path string) error {
		if err := seed(context.Background(), path, n/perCustomer); err != nil {
			return err
		}
		return seedBills(context.Background(), path, n)
	})
}

// kept makes a file in a folder that later runs find again: a million takes minutes. The folder is ARTERIOLE_BENCH_DIR, or one of
// the user's cache; the name of the file tells what made it.
func kept(b *testing.B, name, what string, n int, fill func(path string) error) string {
	b.Helper()
	dir := os.Getenv("ARTERIOLE_BENCH_DIR")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			b.Fatal(err)
		}
		dir = filepath.Join(cache, "arteriole-bench")
	}
	code, err := codeOfStore()
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(dir, fmt.Sprintf("%s-%s.db", name, code))
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		b.Fatal(err)
	}
	made := path + ".unfinished"
	remove(made)
	start := time.Now()
	if err := fill(made); err != nil {
		b.Fatal(err)
	}
	took := time.Since(start)
	if err := os.Rename(made, path); err != nil {
		b.Fatal(err)
	}
	remove(made)
	fmt.Printf("# %s in %s, %.0f a second, kept in %s\n", what, took.Round(time.Second/10), float64(n)/took.Seconds(), path)
	return path
}

// codeOfStore is a hash of all that decides what a seeded file looks like, as it was when the run began.
var codeOfStore = sync.OnceValues(func() (string, error) {
	h := sha256.New()
	for _, pattern := range []string{"../db/*.go", "../db/migrations/*", "seed_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || files == nil {
			return "", fmt.Errorf("%s: %w", pattern, err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") && pattern != f {
				continue
			}
			text, err := os.ReadFile(f)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(h, "%s %d\n%s", f, len(text), text)
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:12], nil
})

// scratch copies a database, to be written to and thrown away.
func scratch(b *testing.B, path string) string {
	b.Helper()
	in, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(filepath.Join(b.TempDir(), "scratch.db"))
	if err != nil {
		b.Fatal(err)
	}
	_, err = io.Copy(out, in)
	// Synced, else the first commits would wait for the copy to reach the disk.
	if err := errors.Join(err, out.Sync(), out.Close()); err != nil {
		b.Fatal(err)
	}
	return out.Name()
}

func remove(path string) {
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		os.Remove(path + suffix)
	}
}
