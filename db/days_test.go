package db

import (
	"testing"
	"time"
)

// Each day begins with its first millisecond, in zones that put their clocks forward or back at midnight, too; so its points and
// coupons live to its last one.
func TestDaysBeginWhereTheyBegin(t *testing.T) {
	for _, name := range []string{"Asia/Kolkata", "America/Santiago", "America/Havana", "Atlantic/Azores", "Africa/Cairo", "Asia/Amman", "Asia/Beirut", "Asia/Tehran", "Antarctica/Casey",
		"America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia", "Europe/London", "UTC"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		o := &orgConfig{}
		o.TimeZone = zone
		for d := range 16 * 366 {
			day := time.Date(2010, 1, 1+d, 0, 0, 0, 0, time.UTC)
			y, m, dd := day.Date()
			begin := StartOfDay(y, m, dd, zone)
			if got := begin.Format(time.DateOnly); got != day.Format(time.DateOnly) && (name != "Pacific/Apia" || y != 2011) { // which left a day out
				t.Fatalf("%s: %s begins at %s", name, day.Format(time.DateOnly), begin)
			}
			if before := begin.Add(-time.Millisecond).Format(time.DateOnly); before >= day.Format(time.DateOnly) {
				t.Fatalf("%s: %s begins at %s, and is there before", name, day.Format(time.DateOnly), begin)
			}
			noon := time.Date(y, m, dd, 12, 0, 0, 0, zone)
			if name == "Pacific/Apia" && y == 2011 {
				continue
			}
			if got := o.dayOf(noon.UnixMilli()); got != begin.UnixMilli() {
				t.Fatalf("%s: the day of %s begins at %s", name, noon, time.UnixMilli(got).In(zone))
			}
			next := day.AddDate(0, 0, 1).Format(time.DateOnly)
			last := time.UnixMilli((&ProgramRules{ExpireDays: 1}).expiry(noon.AddDate(0, 0, -1).UnixMilli(), zone)).In(zone)
			if last.Format(time.DateOnly) != next || last.Add(-time.Millisecond).Format(time.DateOnly) == next {
				t.Fatalf("%s: points that live to the end of %s expire at %s", name, day.Format(time.DateOnly), last)
			}
			date := day.Format(time.DateOnly)
			if got, ok := parseTime(date, zone); !ok || !got.Equal(begin) {
				t.Fatalf("%s: %s is read as %s", name, date, got)
			}
			if got, err := o.begins(ProgramFile{From: date}, 0); err != nil || got != begin.UnixMilli() {
				t.Fatalf("%s: a program begins on %s at %s, %v", name, date, time.UnixMilli(got).In(zone), err)
			}
			if got, ok := parseEnd(date, zone); !ok || !got.Add(time.Millisecond).Equal(last) {
				t.Fatalf("%s: %s as an end is read as %s", name, date, got)
			}
			if got, ok := seriesTime(date, zone, true); !ok || !got.Add(time.Millisecond).Equal(last) {
				t.Fatalf("%s: a series of coupons until %s ends at %s", name, date, got)
			}
			if got := endOfDay(noon, 0, 0).Add(time.Millisecond); !got.Equal(last) {
				t.Fatalf("%s: %s ends at %s, and its points at %s", name, day.Format(time.DateOnly), got, last)
			}
		}
	}
}
