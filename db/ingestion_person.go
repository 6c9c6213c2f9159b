package db

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/arteriole/arteriole/fault"
)

// Rows of files hold data of people who are not customers yet, or never become any: a failed row is kept as it was sent, and a
// file stays beside the database until its job has ended. An erasure searches both, by the identifiers and ids in a row.
//
// That takes as long as there are rows. So it happens in small steps after the erasure itself, and erasure_scrubs holds the people
// to look for until it is done, also for a server that starts after a crash. Meanwhile no job of the org goes on, nor uses rows
// that it has read before (our rule 140). Rows that arrive later, as in a file that is uploaded again, are compared with the
// hashes that an erasure leaves.

// ingestionPart has no erase and no export: scrub and exportRows do it.
var ingestionPart = part{name: "ingestion"}

// sought is whom a search of rows is for: one or more people.
type sought struct {
	o     *orgConfig
	has   func(Identifier) bool
	hasID func(int64) bool
	// Mobile numbers and e-mail addresses, in lower case, are also found within other text. Other ids must be a whole value, as
	// must channels, in lower case.
	mobiles, emails, ids, channels []theirs
	instead                        *fault.Fault // of who was found last
}

type theirs struct {
	value    string
	customer int64
}

// some reports whether any of a list fits, and remembers whose it is.
func (p *sought) some(list []theirs, fits func(string) bool) bool {
	i := slices.IndexFunc(list, func(t theirs) bool { return fits(t.value) })
	if i >= 0 {
		p.instead = fault.CustomerErased.With("id", list[i].customer)
	}
	return i >= 0
}

// told is a value in a row, with what the row says it is: a type of identifier; "id" for a customer's id; "value" for one that may
// be an identifier of some kind; "" for text that can only contain a mobile number or an e-mail address; "anything" if the row
// cannot tell.
type told struct{ typ, text string }

// in reports whether a row holds data of the person. Only values count, never keys: "firstName" may be somebody's external id.
func (p *sought) in(raw string, j *IngestionJob) bool {
	return slices.ContainsFunc(tells(raw, j), p.is) || p.hidden(raw)
}

// is reports whether a value identifies the person.
func (p *sought) is(t told) bool {
	if p.within(t.text) {
		return true
	}
	types := []string{t.typ}
	switch t.typ {
	case "id":
		id, err := strconv.ParseInt(strings.TrimSpace(t.text), 10, 64)
		return err == nil && p.hasID(id)
	case "":
		types = []string{"mobile", "email"}
	case "value", "anything":
		v := strings.TrimSpace(t.text)
		low := strings.ToLower(v)
		if p.some(p.ids, func(id string) bool { return id == v }) || p.some(p.channels, func(id string) bool { return id == low }) {
			return true
		}
		if types = identifierTypes; t.typ == "value" {
			types = []string{"mobile", "email"}
		}
	}
	return slices.ContainsFunc(types, func(typ string) bool {
		v, ok := p.o.known(typ, t.text)
		for n := 0; n < dialled && typ == "mobile" && ok && !p.has(Identifier{typ, v}) && strings.HasPrefix(v, "0"); n++ {
			v, ok = p.o.known(typ, v[1:])
		}
		return ok && p.has(Identifier{typ, v})
	})
}

// dialled is how many leading zeros of a number can be a dialling prefix.
const dialled = 3

// within reports whether text contains a mobile number or an e-mail address of the person.
func (p *sought) within(text string) bool {
	low := strings.ToLower(text)
	return p.some(p.mobiles, func(v string) bool { return standsIn(low, v, false) }) || p.some(p.emails, func(v string) bool { return standsIn(low, v, true) })
}

// standsIn reports whether v is a word of its own in text: adjacent digits would make it part of another number, adjacent letters
// part of another address.
func standsIn(text, v string, address bool) bool {
	beside := func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }
	before, after, goesOn := ".", ".", unicode.IsDigit
	if address {
		before, after, goesOn = "._+-", ".-", beside
	}
	for from := 0; ; {
		i := strings.Index(text[from:], v)
		if i < 0 {
			return false
		}
		i += from
		left, right := text[:i], text[i+len(v):]
		for n := 0; n < dialled && !address; n++ {
			left = strings.TrimSuffix(left, "0")
		}
		l, n := utf8.DecodeLastRuneInString(left)
		l2, _ := utf8.DecodeLastRuneInString(left[:len(left)-n])
		r, n := utf8.DecodeRuneInString(right)
		r2, _ := utf8.DecodeRuneInString(right[n:])
		if !beside(l) && !beside(r) && !(strings.ContainsRune(before, l) && goesOn(l2)) && !(strings.ContainsRune(after, r) && goesOn(r2)) {
			return true
		}
		from = i + 1
	}
}

// hidden searches the values of a JSON row that decoding drops because their key is repeated.
func (p *sought) hidden(raw string) bool {
	low := strings.ToLower(raw)
	may := func(v string) bool { return strings.Contains(low, v) }
	if !p.some(p.mobiles, may) && !p.some(p.emails, may) {
		return false
	}
	if _, ok := readJSON(raw); !ok {
		return false
	}
	d := json.NewDecoder(strings.NewReader(raw))
	d.UseNumber()
	var in []json.Delim // what is open
	for key := false; ; {
		t, err := d.Token()
		if err != nil {
			return false
		}
		switch t := t.(type) {
		case json.Delim:
			if t == '{' || t == '[' {
				in = append(in, t)
			} else {
				in = in[:len(in)-1]
			}
			key = len(in) > 0 && in[len(in)-1] == '{'
			continue
		default:
			if text, ok := plainText(t); ok && !key {
				if _, nested := readJSON(text); nested && p.hidden(text) || !nested && p.within(text) {
					return true
				}
			}
		}
		key = len(in) > 0 && in[len(in)-1] == '{' && !key
	}
}

// escapes replaces JSON escapes that separate words.
var escapes = strings.NewReplacer(`\n`, " ", `\r`, " ", `\t`, " ", `\b`, " ", `\f`, " ", `\u003c`, " ", `\u003C`, " ", `\u00a0`, " ", `\u00A0`, " ")

// tells splits a row into its values, however malformed it is.
func tells(raw string, j *IngestionJob) (all []told) {
	if v, ok := readJSON(raw); ok {
		return valuesOf(v, "", j.Profile, nil)
	}
	r := csv.NewReader(strings.NewReader(raw))
	r.FieldsPerRecord = -1
	r.Comma = j.CSV.Comma()
	cells, err := r.Read()
	if err != nil || j.Format != "CSV" && strings.IndexAny(strings.TrimSpace(raw), "{[") == 0 { // of which nobody knows what is a value
		raw = escapes.Replace(raw)
		all = append(all, told{"", raw})
		for _, piece := range strings.FieldsFunc(raw, func(c rune) bool { return strings.ContainsRune("\"'{}[],;|:=\t\r\n"+j.CSV.Delimiter, c) }) {
			all = append(all, told{"", piece})
		}
		return all
	}
	header, moved := isHeader(cells, j), 0
	if len(j.Header) > 0 && len(cells) == len(j.Header)+len(errorFileColumns) {
		moved = len(errorFileColumns)
	}
	for i, cell := range cells {
		if v, ok := readJSON(cell); ok { // the line of an error file
			all = valuesOf(v, "", j.Profile, all)
			continue
		}
		i -= moved
		column := ""
		if i >= 0 && i < len(j.Header) {
			column = j.Header[i]
		}
		for path, k := range j.CSV.Columns {
			if k == i {
				column = path
			}
		}
		if isCustomerID(column, j.Profile) {
			all = append(all, told{"id", cell})
		}
		if header || describes(column) {
			all = append(all, told{"", cell})
		} else {
			all = append(all, told{"anything", cell})
		}
	}
	return all
}

// errorFileColumns begin every file of failed rows.
var errorFileColumns = []string{"rowNumber", "code", "message"}

// ErrorFileColumns are the columns with which a file of failed rows begins, before those of the file that it came from.
func ErrorFileColumns() []string { return slices.Clone(errorFileColumns) }

// isHeader reports whether a row of a CSV file holds the names of the columns.
func isHeader(cells []string, j *IngestionJob) bool {
	names := make([]string, len(cells))
	for i, c := range cells {
		names[i] = strings.TrimSpace(c)
	}
	if n := len(errorFileColumns); len(names) > n && slices.Equal(names[:n], errorFileColumns) {
		return true
	}
	return len(j.Header) > 0 && slices.Equal(names, j.Header)
}

// describes reports whether the value of a key, or column, says what kind of thing something is: such words occur in everybody's
// rows.
func describes(key string) bool {
	switch key[strings.LastIndexAny(key, ".")+1:] {
	case "type", "source", "channel", "priority", "status", "identifierName", "identifierType":
		return true
	}
	return false
}

func readJSON(text string) (v any, ok bool) {
	if t := strings.TrimSpace(text); !strings.HasPrefix(t, "{") && !strings.HasPrefix(t, "[") {
		return nil, false
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return nil, false
	}
	_, err := d.Token()
	return v, errors.Is(err, io.EOF)
}

// valuesOf collects the texts and numbers of a row. The type of an identifier stands beside its value.
func valuesOf(v any, key, profile string, all []told) []told {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			typ := ""
			switch k {
			case "value":
				typ, _ = v["type"].(string)
			case "identifierValue":
				if typ, _ = v["identifierName"].(string); typ == "" {
					typ, _ = v["identifierType"].(string)
				}
			}
			if text, ok := plainText(inner); ok && typ != "" {
				if strings.EqualFold(strings.TrimSpace(typ), "id") {
					all = append(all, told{"id", text})
					continue
				}
				if i := slices.IndexFunc(identifierTypes, func(t string) bool { return vocabularyKey(t) == vocabularyKey(typ) }); i >= 0 {
					all = append(all, told{identifierTypes[i], text})
					continue
				}
			}
			all = valuesOf(inner, k, profile, all)
		}
	case []any:
		for _, inner := range v {
			all = valuesOf(inner, "", profile, all)
		}
	default:
		text, ok := plainText(v)
		if !ok || text == "" {
			return all
		}
		typ := "value"
		if isCustomerID(key, profile) {
			all = append(all, told{"id", text})
			typ = ""
		}
		if inner, ok := readJSON(text); ok {
			return valuesOf(inner, "", profile, all)
		}
		if describes(key) {
			typ = ""
		}
		all = append(all, told{typ, text})
		if words := strings.Fields(text); len(words) > 1 {
			for _, word := range words {
				all = append(all, told{"", word})
			}
		}
	}
	return all
}

func plainText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	}
	return "", false
}

// isCustomerID reports whether a key of a row, or the path of a column, holds a customer's id.
func isCustomerID(key, profile string) bool {
	switch key[strings.LastIndexAny(key, ".")+1:] {
	case "userId", "customerId":
		return true
	case "id":
		return profile == "COUPON_ISSUE" || strings.HasPrefix(profile, "CUSTOMER_") || strings.HasPrefix(profile, "IDENTIFIER_") || strings.HasPrefix(profile, "SUBSCRIPTION")
	}
	return false
}

// A person is whom to look for, as stored in erasure_scrubs.
type person struct {
	ID          int64        `json:"id"`
	IDs         []int64      `json:"ids"` // the customer, and those who were merged into them
	Identifiers []Identifier `json:"identifiers"`
}

// personOf is the person that a customer is, with their channels.
func personOf(c *Customer, ids []int64) person {
	p := person{ID: c.ID, IDs: ids}
	for _, q := range c.Profiles {
		for _, id := range q.Identifiers {
			p.Identifiers = append(p.Identifiers, id.Identifier)
		}
		for _, ch := range q.Channels {
			p.Identifiers = append(p.Identifiers, Identifier{ch.Type, ch.Value})
		}
	}
	return p
}

// soughtPeople searches for any of several people.
func soughtPeople(o *orgConfig, people ...person) *sought {
	p, customers, identifiers := &sought{o: o}, map[int64]int64{}, map[Identifier]int64{}
	for _, who := range people {
		for _, id := range who.IDs {
			customers[id] = who.ID
		}
		for _, id := range who.Identifiers {
			identifiers[id] = who.ID
			p.add(id, who.ID)
		}
	}
	found := func(customer int64, ok bool) bool {
		if ok {
			p.instead = fault.CustomerErased.With("id", customer)
		}
		return ok
	}
	p.hasID = func(id int64) bool {
		customer, ok := customers[id]
		return found(customer, ok)
	}
	p.has = func(id Identifier) bool {
		customer, ok := identifiers[id]
		return found(customer, ok)
	}
	return p
}

func (p *sought) add(id Identifier, customer int64) {
	low := strings.ToLower(id.Value)
	switch {
	case len(id.Value) < minMobileDigits: // less is not told from anything else
	case id.Type == "mobile":
		for _, v := range []string{low, strings.TrimPrefix(low, p.o.CountryCode)} {
			if len(v) >= minMobileDigits {
				p.mobiles = append(p.mobiles, theirs{v, customer})
			}
		}
	case id.Type == "email":
		quoted := toJSON(low)
		p.emails = append(p.emails, theirs{low, customer}, theirs{quoted[1 : len(quoted)-1], customer})
	case identifierByKey[vocabularyKey(id.Type)] != "":
		p.ids = append(p.ids, theirs{id.Value, customer})
	default: // a channel that is no identifier, which nobody compares by case
		p.channels = append(p.channels, theirs{strings.TrimSpace(low), customer})
		number := strings.TrimPrefix(low, "+")
		if (id.Type == "whatsapp" || id.Type == "viber") && digits(number, minMobileDigits, maxMobileDigits) {
			p.mobiles = append(p.mobiles, theirs{number, customer})
		}
	}
}
