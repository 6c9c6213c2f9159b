package db

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// list writes ids for people: "1001, 1002".
func list(ids []int64) string {
	s := make([]string, len(ids))
	for i, id := range ids {
		s[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(s, ", ")
}

// toJSON writes what cannot fail to be JSON: maps and structs of strings, numbers and times.
func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// parseTime reads the forms of date and time that the vendor's samples use; without an offset they are in zone. A date alone is the
// first moment of its day.
func parseTime(s string, zone *time.Location) (time.Time, bool) {
	within := func(t time.Time) bool { return t.Year() >= 1 && t.Year() < 9999 } // also in another zone, what RFC 3339 can say
	if t, ok := parseDate(s, zone); ok {
		return t, within(t)
	}
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05Z0700"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, within(t)
		}
	}
	for _, layout := range []string{"2006-01-02T15:04:05", time.DateTime, "2006-01-02 15:04:05.0"} {
		if clock, err := time.Parse(layout, s); err == nil {
			t := onClock(clock, zone)
			return t, within(t)
		}
	}
	return time.Time{}, false
}

// onClock is when clocks in a zone show a time. One that they skip is as much later as they were put forward: where a day begins at
// 1:00, its midnight is then, while time.Date may give 23:00 of the day before.
func onClock(clock time.Time, zone *time.Location) time.Time {
	t := time.Date(clock.Year(), clock.Month(), clock.Day(), clock.Hour(), clock.Minute(), clock.Second(), clock.Nanosecond(), zone)
	_, offset := t.Zone()
	shown := t.Add(time.Duration(offset) * time.Second)
	return t.Add(max(0, clock.Sub(shown)))
}

// parseEnd is parseTime for the end of something: a date alone counts whole.
func parseEnd(s string, zone *time.Location) (time.Time, bool) {
	t, ok := parseTime(s, zone)
	if _, date := parseDate(s, zone); date && ok {
		t = endOfDay(t, 0, 0)
	}
	return t, ok
}

// parseDate reads a date alone, as the first moment of its day.
func parseDate(s string, zone *time.Location) (time.Time, bool) {
	d, err := time.Parse(time.DateOnly, strings.TrimSpace(s))
	if err != nil {
		return d, false
	}
	return StartOfDay(d.Year(), d.Month(), d.Day(), zone), true
}

// fromJSON reads a column that toJSON has written. What holds nothing, as most do, needs no parser.
func fromJSON(s string, v any) error {
	switch v := v.(type) {
	case *map[string]string:
		if s == "{}" {
			*v = map[string]string{}
			return nil
		}
	case *[]int64:
		if s == "[]" {
			*v = []int64{}
			return nil
		}
	case *ChannelMeta:
		if s == nothingKnown {
			*v = ChannelMeta{}
			return nil
		}
	}
	return json.Unmarshal([]byte(s), v)
}

var nothingKnown = toJSON(ChannelMeta{})

// orNull stores 0 as NULL.
func orNull(id int64) sql.NullInt64 { return sql.NullInt64{Int64: id, Valid: id != 0} }

// nullable stores nil as NULL.
func nullable(n *int64) sql.NullInt64 {
	if n == nil {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: *n, Valid: true}
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// bit is how a boolean is stored.
func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Decimal writes thousandths without trailing zeros: 12500 is 12.5.
func Decimal(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	s := strconv.FormatInt(n/1000, 10)
	if rest := n % 1000; rest > 0 {
		s += "." + strings.TrimRight(strconv.FormatInt(1000+rest, 10)[1:], "0")
	}
	return sign + s
}

// ThreeDecimals writes thousandths as the vendor's ledger does: 12500 is 12.500.
func ThreeDecimals(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%03d", sign, n/1000, n%1000)
}

// ParseThousandths reads a decimal with at most 3 decimals, which may have a sign, into thousandths.
func ParseThousandths(s string) (int64, bool) {
	digits, below := strings.CutPrefix(s, "-")
	n, ok := fixed(digits, 3)
	if below {
		n = -n
	}
	return n, ok
}
