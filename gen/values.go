package gen

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// LooseString is a string that clients also send as a whole number, such as a mobile number:
// 919845000001 is read as "919845000001". A fraction or an exponent is refused.
type LooseString string

// UnmarshalJSON reads a string or a whole number.
func (s *LooseString) UnmarshalJSON(data []byte) error {
	text, ok := scalar(data)
	if !ok || text == "true" && data[0] != '"' || text == "false" && data[0] != '"' {
		return errors.New("a string or a whole number is expected")
	}
	*s = LooseString(text)
	return nil
}

// LooseBool is a boolean that clients also send as the string "true" or "false", in any case.
type LooseBool bool

// UnmarshalJSON reads a boolean, or a string that names one.
func (b *LooseBool) UnmarshalJSON(data []byte) error {
	text, ok := scalar(data)
	switch {
	case ok && strings.EqualFold(text, "true"):
		*b = true
	case ok && strings.EqualFold(text, "false"):
		*b = false
	default:
		return errors.New("a boolean is expected")
	}
	return nil
}

// Flag is a LooseBool that clients also send as 0 or 1.
type Flag bool

// UnmarshalJSON reads a boolean, a string that names one, 0 or 1.
func (f *Flag) UnmarshalJSON(data []byte) error {
	switch string(bytes.TrimSpace(data)) {
	case "0":
		*f = false
		return nil
	case "1":
		*f = true
		return nil
	}
	return (*LooseBool)(f).UnmarshalJSON(data)
}

// Field is the value of a custom or extended field. It is kept as text: "Assam", 7 and true
// are "Assam", "7" and "true". Anything else, and a text or a name that is too long, reads as
// a Field that is not Valid and empty, for the handler to refuse at its place or to leave out
// with a warning.
type Field struct {
	Text  string
	Valid bool
}

const (
	maxFieldName = 100   // characters
	maxFieldText = 2_000 // characters
)

// UnmarshalJSON never fails; see Field.
func (f *Field) UnmarshalJSON(data []byte) error {
	*f = Field{}
	if text, ok := scalar(data); ok && utf8.RuneCountInString(text) <= maxFieldText {
		*f = Field{text, true}
	}
	return nil
}

// Fields are custom or extended fields by name. Names keep their case and blanks.
type Fields map[string]Field

// UnmarshalJSON reads an object; see Field for what it does with its values.
func (f *Fields) UnmarshalJSON(data []byte) error {
	fields := map[string]Field{}
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}
	for name := range fields {
		if name == "" || utf8.RuneCountInString(name) > maxFieldName {
			fields[name] = Field{}
		}
	}
	*f = fields
	return nil
}

// EventValue is the value of a field of an event. It is kept as text: a text as it is, a number by its digits, true and false by
// their names. Anything else, and a text that is too long, reads as an EventValue that is not Valid and empty.
type EventValue Field

// UnmarshalJSON never fails; see EventValue.
func (v *EventValue) UnmarshalJSON(data []byte) error {
	*v = EventValue{}
	data = bytes.TrimSpace(data)
	if len(data) > 0 && len(data) <= maxEventNumber && (data[0] == '-' || '0' <= data[0] && data[0] <= '9') {
		*v = EventValue{string(data), true}
		return nil
	}
	return (*Field)(v).UnmarshalJSON(data)
}

const maxEventNumber = 40 // characters

// EventValues are the values of an event by the names of its fields.
type EventValues map[string]EventValue

// scalar is the text of a JSON string, whole number or boolean.
func scalar(data []byte) (string, bool) {
	data = bytes.TrimSpace(data)
	if len(data) == 0 {
		return "", false
	}
	switch c := data[0]; {
	case c == '"':
		var s string
		err := json.Unmarshal(data, &s)
		return s, err == nil
	case c == '-' || '0' <= c && c <= '9':
		if bytes.ContainsAny(data, ".eE") || string(data) == "-0" {
			return "", false
		}
		return string(data), true
	case c == 't' || c == 'f':
		return string(data), true
	}
	return "", false
}

// Time is a moment as answers print it: RFC 3339 in whole seconds, with the offset of the
// organization's time zone.
type Time struct{ time.Time }

// MarshalJSON prints the time in its own location.
func (t Time) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, len(time.RFC3339)+2), '"')
	return append(t.AppendFormat(b, time.RFC3339), '"'), nil
}

// Amount is money in thousandths of the organization's currency.
type Amount int64

// MarshalJSON prints an exact decimal without needless zeros: 12500 is 12.5.
func (a Amount) MarshalJSON() ([]byte, error) {
	sign, n := "", uint64(a)
	if a < 0 {
		sign, n = "-", -n
	}
	text := sign + strconv.FormatUint(n/1000, 10)
	if rest := n % 1000; rest > 0 {
		text += "." + strings.TrimRight(strconv.FormatUint(1000+rest, 10)[1:], "0")
	}
	return []byte(text), nil
}

// OrFailure is the body of a bulk operation that did nothing: the list of its items. In openapi.yaml it is a choice, since a
// request that fails as a whole has the same status and a Failure as its body, which is written elsewhere.
type OrFailure[T any] struct{ Items T }

// MarshalJSON prints the items.
func (o OrFailure[T]) MarshalJSON() ([]byte, error) { return json.Marshal(o.Items) }

// UnmarshalJSON reads the items.
func (o *OrFailure[T]) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, &o.Items) }

// Quantity is a number of things in thousandths: 1500 is 1.5.
type Quantity = Amount

// BillNumber is a LooseString of at most 50 characters.
type BillNumber = LooseString

// LooseAmount is an amount of money in a request: a number, or the text of one. What is no number, has more than three
// decimals or is beyond the bounds reads as one that is not Valid, for the handler to refuse with the code of its operation.
type LooseAmount struct {
	Amount Amount // thousandths
	Valid  bool
}

// maxAmount is the largest amount that is taken, in thousandths: every number that JSON programs hold exactly, less its
// decimals.
const maxAmount = 9_007_199_254_740_991

// UnmarshalJSON never fails; see LooseAmount.
func (a *LooseAmount) UnmarshalJSON(data []byte) error {
	*a = LooseAmount{}
	text := string(bytes.TrimSpace(data))
	if strings.HasPrefix(text, `"`) {
		if json.Unmarshal(data, &text) != nil {
			return nil
		}
		text = strings.TrimSpace(text)
	}
	if n, ok := thousandths(text); ok {
		*a = LooseAmount{Amount(n), true}
	}
	return nil
}

// thousandths reads a decimal without an exponent exactly: 12.5 is 12500.
func thousandths(text string) (int64, bool) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, decimals, point := strings.Cut(digits, ".")
	decimals = strings.TrimRight(decimals, "0")
	if whole == "" || point && strings.HasSuffix(digits, ".") || len(decimals) > 3 || strings.Trim(whole+decimals, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+(decimals + "000")[:3], 10, 64)
	if err != nil || n > maxAmount {
		return 0, false
	}
	if negative {
		n = -n
	}
	return n, true
}

// Points are thousandths of a point. They print as an Amount does.
type Points = Amount

// Ratio is what one point is worth, in millionths of the currency's unit.
type Ratio int64

// MarshalJSON prints an exact decimal without needless zeros: 500000 is 0.5.
func (r Ratio) MarshalJSON() ([]byte, error) {
	text := strconv.FormatInt(int64(r)/1_000_000, 10)
	if rest := int64(r) % 1_000_000; rest > 0 {
		text += "." + strings.TrimRight(strconv.FormatInt(1_000_000+rest, 10)[1:], "0")
	}
	return []byte(text), nil
}

// LoosePoints is a number of points as sent, also as text. What is no plain decimal is not Valid; what has parts smaller than
// thousandths is TooFine.
type LoosePoints struct {
	Thousandths    int64
	Valid, TooFine bool
}

// UnmarshalJSON never fails; see LoosePoints.
func (p *LoosePoints) UnmarshalJSON(data []byte) error {
	*p = LoosePoints{}
	text := string(bytes.TrimSpace(data))
	if strings.HasPrefix(text, `"`) {
		if err := json.Unmarshal(data, &text); err != nil {
			return nil
		}
	}
	*p = ReadPoints(text)
	return nil
}

var decimalForm = regexp.MustCompile(`^(-?)([0-9]{1,12})(?:\.([0-9]{1,18}))?$`)

// ReadPoints reads the text of a plain decimal.
func ReadPoints(text string) (p LoosePoints) {
	m := decimalForm.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return p
	}
	rest := (m[3] + "000")[:3]
	p.TooFine = len(m[3]) > 3 && strings.Trim(m[3][3:], "0") != ""
	n, err := strconv.ParseInt(m[2]+rest, 10, 64)
	if m[1] != "" {
		n = -n
	}
	p.Thousandths, p.Valid = n, err == nil
	return p
}

// JSON is any value, as it is.
type JSON = json.RawMessage
