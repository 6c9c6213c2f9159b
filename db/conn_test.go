package db

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"testing"
)

// What is read has the value that database/sql would give it.
func TestScannedLikeDatabaseSQL(t *testing.T) {
	values := []driver.Value{nil, int64(0), int64(1), int64(-7), int64(1) << 40, 2.0, 2.5, "", "1", "x", []byte("7"), true}
	for _, v := range values {
		scanned[int64](t, v)
		scanned[int](t, v)
		scanned[bool](t, v)
		scanned[string](t, v)

		var got *int64
		var want sql.NullInt64
		err, wrong := scanInto(&got, v), want.Scan(v)
		if (err == nil) != (wrong == nil) || err == nil && ((got != nil) != want.Valid || got != nil && *got != want.Int64) {
			t.Errorf("%T %v into a *int64: %v %v, database/sql: %v %v", v, v, got, err, want, wrong)
		}
		var all any
		if err := scanInto(&all, v); err != nil || fmt.Sprint(all) != fmt.Sprint(v) {
			t.Errorf("%T %v into any: %v %v", v, v, all, err)
		}
	}
	if scanInto(new(uint8), int64(1)) == nil || scanAll([]any{new(int64)}, []driver.Value{int64(1), int64(2)}) == nil {
		t.Error("a place that does not fit was taken")
	}
}

func scanned[T comparable](t *testing.T, v driver.Value) {
	t.Helper()
	var got T
	var want sql.Null[T]
	err, wrong := scanInto(&got, v), want.Scan(v)
	if (err == nil) != (wrong == nil && want.Valid) || err == nil && got != want.V {
		t.Errorf("%T %v into a %T: %v %v, database/sql: %v %v", v, v, got, got, err, want, wrong)
	}
}
