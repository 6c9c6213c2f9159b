package db

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A kill between the answer to a bill and its points, and one in the middle of the work, lose nothing and give nothing twice: what
// stands in the files at that moment is opened again.
func TestWaitingBillsSurviveAKill(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := newPointsWorld(t)
	customers := w.newcomers(4)
	const bills = 3*loyaltyBatch + 4
	var ids []int64
	for i := range bills {
		id, err := w.sells(customers[i%4], 1, 100, w.now.UnixMilli(), true)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	// killed opens what a kill would leave now.
	killed := func() *pointsWorld {
		t.Helper()
		again := *w
		again.path = filepath.Join(t.TempDir(), "after.db")
		for _, suffix := range []string{"", "-wal"} {
			b, err := os.ReadFile(w.path + suffix)
			if err == nil {
				err = os.WriteFile(again.path+suffix, b, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		s, err := Open(ctx, again.path, Options{Clock: func() time.Time { return *w.now }, NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		again.Store = s
		return &again
	}
	sum := func(w *pointsWorld) (n int64) {
		t.Helper()
		for _, c := range customers {
			p, err := w.PointsOf(ctx, w.who, CustomerRef{ID: c})
			if err != nil {
				t.Fatal(err)
			}
			n += p.Balance
		}
		return n
	}
	check := func(what string, waiting int) {
		t.Helper()
		after := killed()
		if got := sum(after); got != int64(bills-waiting)*10_000 {
			t.Errorf("%s: %d thousandths before the work", what, got)
		}
		if n, err := after.WorkLoyalty(ctx); n != waiting || err != nil {
			t.Errorf("%s: %d were given, %v", what, n, err)
		}
		if got := sum(after); got != bills*10_000 {
			t.Errorf("%s: %d thousandths after it", what, got)
		}
		if n, err := after.WorkLoyalty(ctx); n != 0 || err != nil {
			t.Errorf("%s: %d were given again, %v", what, n, err)
		}
		after.sound()
	}
	check("before the work", bills)
	// One turn of the work.
	if err := w.do(func(tx *Tx, o *orgConfig) error {
		for i := range loyaltyBatch {
			if _, err := tx.earnWaiting(o, w.who, ids[i], 0); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	check("in the middle", bills-loyaltyBatch)
	if n, err := w.WorkLoyalty(ctx); n != bills-loyaltyBatch || err != nil {
		t.Errorf("%d were given, %v", n, err)
	}
	check("after it", 0)
}

// A bill whose points cannot be given is tried once each time, stops no other, and is told in the end; what was in its way for a
// while only, is forgotten.
func TestABillWithoutPointsStopsNoOther(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := newPointsWorld(t)
	customers := w.newcomers(3)
	var ids []int64
	for _, c := range customers {
		id, err := w.sells(c, 1, 100, w.now.UnixMilli(), true)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	sql := func(text string) {
		t.Helper()
		if err := w.do(func(tx *Tx, _ *orgConfig) error { _, err := tx.Exec(text); return err }); err != nil {
			t.Fatal(err)
		}
	}
	inTheWay := func(bill int64) {
		t.Helper()
		sql(fmt.Sprintf(`CREATE TRIGGER in_the_way BEFORE INSERT ON points_batches WHEN NEW.bill = %d BEGIN SELECT RAISE(ABORT, 'in the way'); END`, bill))
	}
	works := func(want int) {
		t.Helper()
		if n, err := w.WorkLoyalty(ctx); n != want || err != nil {
			t.Fatalf("%d bills got their points, want %d; %v", n, want, err)
		}
	}
	state := func() (attempts int, failed string) {
		t.Helper()
		err := w.read(ctx, func(tx *Tx) error {
			return tx.QueryRow(`SELECT attempts, failed FROM loyalty_queue WHERE org = 1 AND bill = $1`, ids[0]).Scan(&attempts, &failed)
		})
		if err != nil {
			t.Fatal(err)
		}
		return attempts, failed
	}
	inTheWay(ids[0])
	works(2)
	for range 3 {
		works(0)
	}
	if n, failed := state(); n != 4 || failed != "" {
		t.Errorf("%d attempts, %q", n, failed)
	}
	sql(`DROP TRIGGER in_the_way`)
	works(1)
	if p, err := w.PointsOf(ctx, w.who, CustomerRef{ID: customers[0]}); err != nil || p.Balance != 10_000 {
		t.Errorf("%+v, %v", p.Balance, err)
	}

	id, err := w.sells(customers[0], 1, 200, w.now.UnixMilli(), true)
	if err != nil {
		t.Fatal(err)
	}
	ids[0] = id
	inTheWay(id)
	for range loyaltyAttempts + 2 {
		works(0)
	}
	if n, failed := state(); n != loyaltyAttempts || failed == "" {
		t.Errorf("%d attempts, %q", n, failed)
	}
	sql(`DROP TRIGGER in_the_way`)
	told := ""
	_, err = Check(ctx, w.path, CheckReport{Begin: func(string) {}, Progress: func(int64, int64) {}, Problem: func(text string) { told += text + "\n" }, End: func(string, int64, string, int64) {}})
	if err != nil || !strings.Contains(told, fmt.Sprintf("transaction %d has no points", id)) {
		t.Errorf("%s, %v", told, err)
	}
}
