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
			if got, ok := parseTime(date+" 00:00:00", zone); !ok || got.Before(begin) || got.After(noon) {
				t.Fatalf("%s: midnight of %s is read as %s", name, date, got)
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

// A time that clocks skip is as much later as they were put forward, and so never of the day before; all others are what clocks show.
func TestSkippedTimesAreOfTheirDay(t *testing.T) {
	for _, c := range []struct{ zone, sent, want string }{
		{"America/Santiago", "2026-09-06 00:00:00", "2026-09-06T01:00:00-03:00"},
		{"America/Santiago", "2026-09-06T00:30:00", "2026-09-06T01:30:00-03:00"},
		{"America/Santiago", "2026-09-05 23:59:59", "2026-09-05T23:59:59-04:00"},
		{"America/Santiago", "2026-09-06 01:00:00", "2026-09-06T01:00:00-03:00"},
		{"America/Santiago", "2026-09-06T00:00:00-04:00", "2026-09-06T01:00:00-03:00"},
		{"Africa/Cairo", "2026-04-24 00:00:00", "2026-04-24T01:00:00+03:00"},
		{"Europe/London", "2026-03-29 01:30:00", "2026-03-29T02:30:00+01:00"},
		{"Asia/Kolkata", "2026-02-03T16:20:00.250", "2026-02-03T16:20:00.25+05:30"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := parseTime(c.sent, zone); !ok || got.In(zone).Format(time.RFC3339Nano) != c.want {
			t.Errorf("%s: %s is read as %s, not %s", c.zone, c.sent, got.In(zone).Format(time.RFC3339Nano), c.want)
		}
	}
}
