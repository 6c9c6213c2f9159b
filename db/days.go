package db

import "time"

// StartOfDay is the first moment of a day in a zone. It is not always midnight: some zones put their clocks forward then, and the day
// begins at 1:00, where time.Date gives 23:00 of the day before; and clocks that are put back to midnight show it twice.
func StartOfDay(y int, m time.Month, d int, zone *time.Location) time.Time {
	t := time.Date(y, m, d, 0, 0, 0, 0, zone)
	if t.Day() != time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Day() {
		_, t = t.ZoneBounds()
		return t
	}
	if since, _ := t.ZoneBounds(); since.Equal(t) {
		_, was := t.Add(-1).Zone()
		_, is := t.Zone()
		return t.Add(-time.Duration(max(0, was-is)) * time.Second)
	}
	return t
}
