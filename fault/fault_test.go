package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"
)

var lost = &Code{Family: "customers", Number: 8015, Name: "CustomerNotFound", Status: 404,
	Message: "No customer has {type} {value}", Error: true}

func TestText(t *testing.T) {
	for _, tt := range []struct {
		fault *Fault
		want  string
	}{
		{lost.New(), "No customer has {type} {value}"},
		{lost.With("type", "id", "value", 7), "No customer has id 7"},
		{lost.With("type", "id", "value", 7).At("path: id"), "No customer has id 7 (path: id)"},
		{lost.At("path: id").With("value", "{type}", "type", "id"), "No customer has id {type} (path: id)"},
		{lost.With("type", "a", "value", "b").With("type", "c"), "No customer has c b"},
		{lost.With("type", "id", "value", strings.Repeat("é", 300)), "No customer has id " + strings.Repeat("é", 200) + "…"},
		{lost.With("type", "id", "value", 7).Because(io.EOF), "No customer has id 7"},
	} {
		if got := tt.fault.Text(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestFaultIsAnError(t *testing.T) {
	f := lost.With("type", "id", "value", 7).Because(io.EOF).After(3 * time.Second)
	if got, want := f.Error(), "customers 8015 CustomerNotFound: No customer has id 7: EOF"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	err := fmt.Errorf("while reading: %w", f)
	if !errors.Is(err, io.EOF) {
		t.Error("the cause is lost")
	}
	if got, ok := Of(err); !ok || got != f || got.RetryAfter() != 3*time.Second {
		t.Errorf("got %v, %v", got, ok)
	}
	if !Is(err, lost) || Is(err, &Code{}) || Is(nil, lost) || Is(io.EOF, lost) {
		t.Error("Is is wrong")
	}
	if _, ok := Of(io.EOF); ok {
		t.Error("a fault was found where there is none")
	}
}

func TestOccurrencesAreApart(t *testing.T) {
	a, b := lost.With("value", 1), lost.With("value", 2)
	if a.Text() == b.Text() {
		t.Error("two occurrences share their values")
	}
	pairs := []any{"value", 1}
	a = lost.With(pairs...).With("type", "id")
	if pairs[0] != "value" || a.Text() != "No customer has id 1" {
		t.Errorf("got %q", a.Text())
	}
}

func TestInItem(t *testing.T) {
	for place, want := range map[string]string{
		"":                  "",
		"query: source":     "query: source",
		"body":              "body: [3]",
		"body: profiles[0]": "body: [3].profiles[0]",
	} {
		f := CustomerNotFound.With("type", "id", "value", 1).At(place)
		if got := f.InItem(3); got.Place() != want || f.Place() != place || got.Code != f.Code || want == "" && got.Text() != f.Text() {
			t.Errorf("%q: %q, want %q", place, got.Place(), want)
		}
	}
}

func TestWithTakesPairs(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	//lint:ignore SA5012 an odd number is the point
	lost.With("id")
}

func TestAll(t *testing.T) {
	type key struct {
		family string
		number int
	}
	names, numbers := map[string]bool{}, map[key]bool{}
	placeholder := regexp.MustCompile(`\{[a-z]+\}`)
	for _, c := range All {
		if names[c.Name] || numbers[key{c.Family, c.Number}] {
			t.Errorf("%s %d %s stands twice", c.Family, c.Number, c.Name)
		}
		names[c.Name], numbers[key{c.Family, c.Number}] = true, true
		if !c.Error && !c.Warning {
			t.Errorf("%s is neither an error nor a warning", c.Name)
		}
		if c.Error != (c.Status >= 400 && c.Status < 600) || !c.Error && c.Status != 200 {
			t.Errorf("%s: status %d", c.Name, c.Status)
		}
		if c.Family == "http" && c.Number != c.Status {
			t.Errorf("%s: code %d, status %d", c.Name, c.Number, c.Status)
		}
		if strings.ContainsAny(placeholder.ReplaceAllString(c.Message, ""), "{}") {
			t.Errorf("%s: %s", c.Name, c.Message)
		}
	}
}

// Every code survives a store, and reads the same afterwards.
func TestFaultsSurvive(t *testing.T) {
	for _, c := range All {
		f := c.With("id", int64(10_000_000), "ids", "1, 2", "reason", strings.Repeat("é", 300)).At("body: a").After(time.Minute).Because(io.EOF)
		b, err := json.Marshal(f)
		if err != nil || strings.Contains(string(b), "EOF") {
			t.Fatalf("%s, %v", b, err)
		}
		var g Fault
		if err := json.Unmarshal(b, &g); err != nil || g.Code != c || g.Text() != f.Text() || g.Place() != f.Place() || g.RetryAfter() != time.Minute {
			t.Errorf("%s: %q, %v, want %q", b, g.Text(), err, f.Text())
		}
	}
	for _, bad := range []string{`{"family":"customers","code":1}`, `{"code":"x"}`} {
		if err := json.Unmarshal([]byte(bad), new(Fault)); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}
