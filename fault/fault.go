// Package fault holds what can go wrong with a request, as values.
//
// A Code is one entry of x-faults in openapi.yaml: its number, HTTP status and words have
// their only home there, and codes.gen.go is made from it. A Fault is one occurrence of a
// Code, with its place in the request and the values of its message. A Code is no error by
// itself, so that it cannot be returned bare by mistake.
package fault

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Code is one declared fault.
type Code struct {
	Family  string // the resource that the number belongs to; "http" for the plain statuses
	Number  int    // the code on the wire, unique within its family
	Name    string
	Status  int    // HTTP status when it is an error; 200 when it can only be a warning
	Message string // with placeholders such as {id}
	Help    string // what the caller can do
	Error   bool   // it can be the answer's error
	Warning bool   // it can stand among the warnings of a success
	Ours    bool   // number and meaning are Arteriole's, not the vendor's
}

// New is an occurrence of the code.
func (c *Code) New() *Fault { return &Fault{Code: c} }

// At is an occurrence of the code at a place of the request, such as "query: source" or
// "body: profiles[0].identifiers[1].type".
func (c *Code) At(place string) *Fault { return c.New().At(place) }

// With is an occurrence of the code with values for the placeholders of its message, in
// pairs of name and value: With("id", 1001).
func (c *Code) With(pairs ...any) *Fault { return c.New().With(pairs...) }

// Because is an occurrence of the code with its cause, which goes to the log only.
func (c *Code) Because(err error) *Fault { return c.New().Because(err) }

// Fault is one occurrence of a Code. It is an error.
type Fault struct {
	*Code
	place  string
	values []any // name, value, name, value, …
	cause  error
	after  time.Duration
}

// At sets the place in the request.
func (f *Fault) At(place string) *Fault {
	f.place = place
	return f
}

// With adds values for the placeholders of the message; a later value of a name wins.
func (f *Fault) With(pairs ...any) *Fault {
	if len(pairs)%2 != 0 {
		panic("fault: With takes pairs of name and value")
	}
	f.values = append(pairs[:len(pairs):len(pairs)], f.values...)
	return f
}

// InItem is the same fault in an item of a bulk body, counted from 0: what was at "body: profiles[0]" is at
// "body: [3].profiles[0]". Places outside the body stay.
func (f *Fault) InItem(i int) *Fault {
	in := *f
	if path, ok := strings.CutPrefix(f.place, "body"); ok {
		in.place = "body: [" + strconv.Itoa(i) + "]"
		if path = strings.TrimPrefix(path, ": "); path != "" {
			in.place += "." + path
		}
	}
	return &in
}

// Because sets the cause. It is for the log and for errors.Is, never for the caller.
func (f *Fault) Because(err error) *Fault {
	f.cause = err
	return f
}

// After says when the caller may try again.
func (f *Fault) After(d time.Duration) *Fault {
	f.after = d
	return f
}

// RetryAfter is the time set by After, or 0.
func (f *Fault) RetryAfter() time.Duration { return f.after }

// Place is where in the request the fault is, or "".
func (f *Fault) Place() string { return f.place }

// Text is what the caller reads: the message with its values, and the place, where {place} stands in the message or in
// parentheses at its end. A placeholder without a value stays as it is.
func (f *Fault) Text() string {
	text, within := f.Message, strings.Contains(f.Message, "{place}")
	if len(f.values) > 0 || within {
		pairs := make([]string, 0, len(f.values)+2)
		if within {
			pairs = append(pairs, "{place}", cmp.Or(clip(f.place), "The request"))
		}
		for i := 0; i < len(f.values); i += 2 {
			pairs = append(pairs, fmt.Sprintf("{%v}", f.values[i]), clip(fmt.Sprint(f.values[i+1])))
		}
		text = strings.NewReplacer(pairs...).Replace(text)
	}
	if f.place != "" && !within {
		text += " (" + clip(f.place) + ")"
	}
	return text
}

// Error is the text for the log, with the cause.
func (f *Fault) Error() string {
	text := fmt.Sprintf("%s %d %s: %s", f.Family, f.Number, f.Name, f.Text())
	if f.cause != nil {
		text += ": " + f.cause.Error()
	}
	return text
}

// Unwrap is the cause.
func (f *Fault) Unwrap() error { return f.cause }

// stored is a fault on its way through a store: its cause stays behind, its values are as they would be read.
type stored struct {
	Family string        `json:"family"`
	Code   int           `json:"code"`
	Place  string        `json:"place,omitempty"`
	Values []string      `json:"values,omitempty"`
	After  time.Duration `json:"after,omitempty"`
}

// HasValues stands in what MarshalJSON writes of a fault with values.
const HasValues = `"values":[`

// MarshalJSON writes a fault so that UnmarshalJSON gives one that reads the same.
func (f *Fault) MarshalJSON() ([]byte, error) {
	s := stored{Family: f.Family, Code: f.Number, Place: f.place, After: f.after}
	for _, v := range f.values {
		s.Values = append(s.Values, clip(fmt.Sprint(v)))
	}
	return json.Marshal(s)
}

// UnmarshalJSON fails for a code that is not declared.
func (f *Fault) UnmarshalJSON(b []byte) error {
	var s stored
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	for _, c := range All {
		if c.Family == s.Family && c.Number == s.Code {
			*f = Fault{Code: c, place: s.Place, after: s.After}
			for _, v := range s.Values {
				f.values = append(f.values, v)
			}
			return nil
		}
	}
	return fmt.Errorf("there is no fault %s %d", s.Family, s.Code)
}

// Of finds the fault in an error's chain.
func Of(err error) (*Fault, bool) {
	var f *Fault
	ok := errors.As(err, &f)
	return f, ok
}

// Is says whether the first fault in an error's chain is an occurrence of the code.
func Is(err error, c *Code) bool {
	f, ok := Of(err)
	return ok && f.Code == c
}

// clip keeps what the caller sent from filling an answer: at most 200 characters of a value.
func clip(s string) string {
	const most = 200
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}
