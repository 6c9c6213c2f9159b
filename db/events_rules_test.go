package db

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/arteriole/arteriole/fault"
)

func is(v string) EventAttribute { return EventAttribute{Value: v} }

func attributes(pairs ...string) map[string]EventAttribute {
	m := map[string]EventAttribute{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = is(pairs[i+1])
	}
	return m
}

// failure is the code and the place of a fault, "" for none.
func failure(t *testing.T, err error) string {
	t.Helper()
	f, ok := fault.Of(err)
	if err != nil && !ok {
		t.Fatal(err)
	}
	if err == nil {
		return ""
	}
	return fmt.Sprintf("%d %s", f.Number, strings.TrimPrefix(f.Place(), "body: "))
}

func TestEventDefinitions(t *testing.T) {
	many := make([]EventField, 51)
	for i := range many {
		many[i] = EventField{Name: fmt.Sprint("f", i), Type: "string"}
	}
	one := func(name, typ string, at ...string) EventDefinitionInput {
		return EventDefinitionInput{Name: "A", Actions: []string{"EIConsumer"}, Fields: []EventField{{name, typ, attributes(at...)}}}
	}
	for name, c := range map[string]struct {
		in   EventDefinitionInput
		want string
	}{
		"no field":               {EventDefinitionInput{Name: "A", Actions: []string{"eiconsumer", "EI_Consumer", "EMFConsumer"}}, ""},
		"no name":                {EventDefinitionInput{Actions: []string{"EIConsumer"}}, "1811 eventName"},
		"a blank in the name":    {EventDefinitionInput{Name: "A B", Actions: []string{"EIConsumer"}}, "1811 eventName"},
		"a long name":            {EventDefinitionInput{Name: strings.Repeat("a", 101), Actions: []string{"EIConsumer"}}, "1811 eventName"},
		"a hidden character":     {EventDefinitionInput{Name: "A\u200bB", Actions: []string{"EIConsumer"}}, "1811 eventName"},
		"no action":              {EventDefinitionInput{Name: "A"}, "1810 actions"},
		"an unknown action":      {EventDefinitionInput{Name: "A", Actions: []string{"EIConsumer", "X"}}, "1810 actions[1]"},
		"50 fields":              {EventDefinitionInput{Name: "A", Actions: []string{"EIConsumer"}, Fields: many[:50]}, ""},
		"51 fields":              {EventDefinitionInput{Name: "A", Actions: []string{"EIConsumer"}, Fields: many}, "400 fields"},
		"a type in another case": {one("x", "TILL_CODE"), ""},
		"an unknown type":        {one("x", "date"), "1823 fields[0].type"},
		"a field without name":   {one("", "string"), "1811 fields[0].name"},
		"a reserved name":        {one("event_name", "string"), "1811 fields[0].name"},
		"a field twice":          {EventDefinitionInput{Name: "A", Actions: []string{"EIConsumer"}, Fields: []EventField{{"x", "string", nil}, {"x", "double", nil}}}, "1811 fields[1].name"},
		"two customers":          {EventDefinitionInput{Name: "A", Actions: []string{"EIConsumer"}, Fields: []EventField{{"x", "customer", nil}, {"y", "customer", nil}}}, "1823 fields[1].type"},
		"a boolean":              {one("x", "string", "isRequired", " TRUE "), ""},
		"no boolean":             {one("x", "string", "isRequired", "1"), "1802 fields[0].attributes.isRequired"},
		"a customer":             {one("x", "customer", "identifierType", "MOBILE", "source", "instore", "addCustomerIfNotExists", "true"), ""},
		"an unknown identifier":  {one("x", "customer", "identifierType", "passport"), "1802 fields[0].attributes.identifierType"},
		"an unknown source":      {one("x", "customer", "source", "ALL"), "1802 fields[0].attributes.source"},
		"a source of a text":     {one("x", "string", "source", "INSTORE"), "1802 fields[0].attributes.source"},
		"a customer that is key": {one("x", "customer", "isUniqueKeyField", "true"), "1802 fields[0].attributes.isUniqueKeyField"},
		"an expression":          {one("x", "string", "regex", `\d+`), ""},
		"no expression":          {one("x", "string", "regex", `(`), "1802 fields[0].attributes.regex"},
		"a long expression":      {one("x", "string", "regex", strings.Repeat("a", 201)), "1802 fields[0].attributes.regex"},
		"one of many steps":      {one("x", "string", "regex", `(?:a*){1000}`), "1802 fields[0].attributes.regex"},
		"an expensive one":       {one("x", "string", "regex", `((a{1000}){1000}){1000}`), "1802 fields[0].attributes.regex"},
		"another kind of value":  {EventDefinitionInput{Name: "A", Actions: []string{"EIConsumer"}, Fields: []EventField{{"x", "string", map[string]EventAttribute{"regex": {"List", "a"}}}}}, "1802 fields[0].attributes.regex"},
	} {
		out, err := c.in.canonical()
		if got := failure(t, err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if again, err2 := out.canonical(); err == nil && (err2 != nil || fmt.Sprint(again) != fmt.Sprint(out)) {
			t.Errorf("%s: %v is not canonical: %v, %v", name, out, again, err2)
		}
	}
}

func TestEventValues(t *testing.T) {
	d, err := EventDefinitionInput{Name: "A", Actions: []string{"EIConsumer"}, Fields: []EventField{
		{"who", "customer", nil},
		{"need", "string", attributes("isRequired", "true")},
		{"form", "string", attributes("regex", "ab+|c")},
		{"n", "double", nil},
		{"till", "tillCode", nil},
		{"coupon", "couponCode", nil},
	}}.canonical()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		sent map[string]string
		want string // code, or the values kept and the names left out
	}{
		"all":                 {map[string]string{"need": " x ", "form": "abb", "n": "-1.5e3", "till": "t1", "coupon": "C1", "who": "9"}, "map[coupon:C1 form:abb n:-1.5e3 need:x till:t1] []"},
		"nothing":             {nil, "9713 need"},
		"blank":               {map[string]string{"need": "  "}, "9713 need"},
		"an unknown name":     {map[string]string{"need": "x", "Need": "y", "zzz": ""}, "map[need:x] [Need zzz]"},
		"half of the form":    {map[string]string{"need": "x", "form": "abx"}, "9714 form"},
		"one of two forms":    {map[string]string{"need": "x", "form": "xc"}, "9714 form"},
		"no number":           {map[string]string{"need": "x", "n": "1,5"}, "9714 n"},
		"no number of ours":   {map[string]string{"need": "x", "n": "0x10p1"}, "9714 n"},
		"infinite":            {map[string]string{"need": "x", "n": "Inf"}, "9714 n"},
		"a number too large":  {map[string]string{"need": "x", "n": "1e999"}, "9714 n"},
		"another till":        {map[string]string{"need": "x", "till": "t2"}, "9714 till"},
		"another coupon":      {map[string]string{"need": "x", "coupon": "t1"}, "9714 coupon"},
		"as much as may be":   {map[string]string{"need": strings.Repeat("x", 32<<10-4)}, "map[need:" + strings.Repeat("x", 32<<10-4) + "] []"},
		"more than may be":    {map[string]string{"need": strings.Repeat("x", 32<<10-3)}, "9714 "},
		"a name that is long": {map[string]string{"need": "x", strings.Repeat("y", 32<<10): ""}, "9714 "},
	} {
		j, err := d.judge(c.sent, func(typ, code string) (bool, error) {
			return typ == "tillCode" && code == "t1" || typ == "couponCode" && code == "C1", nil
		})
		got := fmt.Sprint(j.values, j.unknown)
		if f, ok := fault.Of(err); ok {
			got = fmt.Sprintf("%d %s", f.Number, j.failed)
		}
		if got != c.want {
			t.Errorf("%s: %.100s, want %.100s", name, got, c.want)
		}
	}
}

// What the expressions of an event may take is bounded for all of its fields together, by their size and by the text.
func TestExpressionsTakeNoTime(t *testing.T) {
	in := EventDefinitionInput{Name: "A", Actions: []string{"EIConsumer"}}
	for i := range 30 {
		in.Fields = append(in.Fields, EventField{fmt.Sprintf("f%d", i), "string", attributes("regex", "[ab]*a[ab]{90}b")})
	}
	d, err := in.canonical()
	if err != nil {
		t.Fatal(err)
	}
	re, err := eventRegexp("[ab]*a[ab]{90}b")
	if err != nil || re.steps < 90 || re.steps > maxRegexSteps {
		t.Fatal(re, err)
	}
	for _, c := range []struct {
		fields, text int
		failed       string
	}{{1, maxEventSteps / re.steps, ""}, {1, maxEventSteps/re.steps + 1, "f0"}, {30, 200, "f10"}, {20, 100, ""}} {
		sent := map[string]string{}
		for i := range c.fields {
			sent[fmt.Sprintf("f%d", i)] = strings.Repeat("b", c.text%2) + strings.Repeat("ab", c.text/2)
		}
		j, err := d.judge(sent, nil)
		f, _ := fault.Of(err)
		if j.failed != c.failed || c.failed != "" && !strings.Contains(f.Text(), "too long") {
			t.Errorf("%d fields of %d letters, %d steps each: %v", c.fields, c.text, re.steps, err)
		}
	}
}

func TestPublishedDefinitions(t *testing.T) {
	field := func(name, typ string, at ...string) EventField { return EventField{name, typ, attributes(at...)} }
	was := EventDefinitionInput{Name: "A", Fields: []EventField{field("x", "string"), field("y", "double", "isRequired", "true")}}
	for name, c := range map[string]struct {
		fields []EventField
		frozen bool
	}{
		"as it is":             {was.Fields, false},
		"in another order":     {[]EventField{was.Fields[1], was.Fields[0]}, false},
		"one more":             {append(slices.Clone(was.Fields), field("z", "string", "regex", "a")), false},
		"one more, required":   {append(slices.Clone(was.Fields), field("z", "string", "isRequired", "true")), true},
		"one more, in the key": {append(slices.Clone(was.Fields), field("z", "string", "isUniqueKeyField", "true")), true},
		"a customer":           {append(slices.Clone(was.Fields), field("z", "customer")), true},
		"one less":             {was.Fields[:1], true},
		"another type":         {[]EventField{field("x", "double"), was.Fields[1]}, true},
		"no longer required":   {[]EventField{was.Fields[0], field("y", "double")}, true},
	} {
		if err := was.frozen(&EventDefinitionInput{Name: "A", Fields: c.fields}); fault.Is(err, fault.EventPublished) != c.frozen || !c.frozen && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestUniqueKeys(t *testing.T) {
	d := EventDefinitionInput{Fields: []EventField{{"a", "string", attributes("isUniqueKeyField", "true")}, {"b", "string", attributes("isUniqueKeyField", "true")}, {"c", "string", nil}}}
	keys := map[string]string{}
	for _, v := range []map[string]string{{}, {"a": "b"}, {"b": "b"}, {"a": "bb"}, {"a": "b", "b": "b"}} {
		k := d.uniqueKey(v)
		if other, there := keys[k]; there || len(k) != 64 {
			t.Errorf("%v and %v have the key %q", v, other, k)
		}
		keys[k] = fmt.Sprint(v)
		v["c"] = "x"
		if d.uniqueKey(v) != k {
			t.Errorf("%v: a field that is no part of the key changes it", v)
		}
	}
	if k := (&EventDefinitionInput{Fields: d.Fields[2:]}).uniqueKey(map[string]string{"c": "x"}); k != "" {
		t.Errorf("no unique field, and the key is %q", k)
	}
}

func TestEventStates(t *testing.T) {
	for want, trace := range map[string]eventTrace{
		"EVENT_PROCESSING_STARTED A, EVENT_FIELD_VALIDATION_STARTED x, EVENT_FIELD_VALIDATION_FINISHED x, EVENT_VALIDATION_FINISHED A, EVENT_CUSTOMER_REGISTERED A, EVENT_CONSUMER_STARTED EMFConsumer, EVENT_CONSUMER_SKIPPED EMFConsumer, EVENT_CONSUMER_STARTED EIConsumer, EVENT_CONSUMER_FINISHED EIConsumer": {Fields: []string{"x"}, Registered: true, Actions: EventActions()},
		"EVENT_PROCESSING_STARTED A, EVENT_VALIDATION_FINISHED A, EVENT_DUPLICATE id":                                                    {Of: "id"},
		"EVENT_PROCESSING_STARTED A, EVENT_FIELD_VALIDATION_STARTED x, EVENT_FIELD_VALIDATION_FAILED x, EVENT_VALIDATION_FAILED x: 9714": {Failed: "x", Code: 9714},
		"EVENT_PROCESSING_STARTED A, EVENT_VALIDATION_FAILED A: 9710":                                                                    {Code: 9710},
	} {
		var got []string
		for _, s := range trace.states("A") {
			got = append(got, s.Status+" "+s.Message)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
