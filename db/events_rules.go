package db

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/arteriole/arteriole/fault"
)

const (
	maxEventFields = 50       // of a definition
	maxEventName   = 100      // characters, of a definition and of a field
	maxEventRegex  = 200      // characters
	maxGroupID     = 64       // characters
	maxRegexSteps  = 200      // instructions of the compiled expression: matching takes as many steps for each character
	maxEventSteps  = 200_000  // that the expressions of an event may take in all: the writer waits for them
	maxEventBytes  = 32 << 10 // of the names and values of an event
	eventAhead     = 24       // hours that an event may be dated ahead
)

// The vocabularies of event definitions (openapi.yaml, Create Event Definition).
var (
	eventActions        = []string{"EMFConsumer", "EIConsumer"}
	eventFieldTypes     = []string{"tillCode", "couponCode", "customer", "productSku", "productBrand", "productCategory", "string", "double", "groupId", "enum"}
	eventAttributeTypes = map[string]string{"isRequired": "Boolean", "addCustomerIfNotExists": "Boolean", "identifierType": "ENUM", "source": "ENUM",
		"accountId": "String", "regex": "String", "isUniqueKeyField": "Boolean", "isPsiData": "Boolean", "enumValues": "String"}
	eventTransformers = []string{"defaultTransformer", "webEngageTransformer"}
)

// EventActions, EventFieldTypes and EventTransformers are all there are, as they are answered.
func EventActions() []string      { return slices.Clone(eventActions) }
func EventFieldTypes() []string   { return slices.Clone(eventFieldTypes) }
func EventTransformers() []string { return slices.Clone(eventTransformers) }

// EventField is a field of a definition. Attributes are by their name; a value is text, as "true".
type EventField struct {
	Name       string                    `json:"name"`
	Type       string                    `json:"type"`
	Attributes map[string]EventAttribute `json:"attributes,omitempty"`
}

// EventAttribute says something of a field.
type EventAttribute struct {
	ValueType string `json:"valueType"` // Boolean, ENUM or String
	Value     string `json:"value"`
}

func (f *EventField) is(attribute string) bool { return f.Attributes[attribute].Value == "true" }

// EventDefinitionInput is a definition as a request gives it.
type EventDefinitionInput struct {
	Name, Label, Description string
	Actions                  []string
	Fields                   []EventField
}

// ParseEventTransformer gives the spelling of a transformer, or false.
func ParseEventTransformer(sent string) (string, bool) { return parseWord(eventTransformers, sent) }

func goodEventName(name string) bool {
	n := utf8.RuneCountInString(name)
	return n >= 1 && n <= maxEventName && !hasControl(name) && !strings.ContainsFunc(name, unicode.IsSpace)
}

// canonical returns the definition in its canonical spelling, or what is wrong with it.
func (in EventDefinitionInput) canonical() (EventDefinitionInput, error) {
	out := in
	if !goodEventName(in.Name) {
		return out, fault.EventNameInvalid.At("body: eventName")
	}
	out.Actions = nil
	for i, sent := range in.Actions {
		action, ok := parseWord(eventActions, sent)
		if !ok {
			return out, fault.EventActionInvalid.At(fmt.Sprintf("body: actions[%d]", i))
		}
		if !slices.Contains(out.Actions, action) {
			out.Actions = append(out.Actions, action)
		}
	}
	if len(out.Actions) == 0 {
		return out, fault.EventActionInvalid.At("body: actions")
	}
	if len(in.Fields) > maxEventFields {
		return out, tooMany("fields", maxEventFields, "body: fields")
	}
	out.Fields = make([]EventField, len(in.Fields))
	for i, f := range in.Fields {
		at := fmt.Sprintf("body: fields[%d]", i)
		if !goodEventName(f.Name) || f.Name == "event_name" || slices.ContainsFunc(in.Fields[:i], func(o EventField) bool { return o.Name == f.Name }) {
			return out, fault.EventNameInvalid.At(at + ".name")
		}
		var ok bool
		if f.Type, ok = parseWord(eventFieldTypes, f.Type); !ok {
			return out, fault.EventFieldTypeInvalid.At(at + ".type")
		}
		if f.Type == "customer" && slices.ContainsFunc(out.Fields[:i], func(o EventField) bool { return o.Type == "customer" }) {
			return out, fault.EventFieldTypeInvalid.At(at + ".type")
		}
		var err error
		if f.Attributes, err = f.canonicalAttributes(); err != nil {
			return out, err.(*fault.Fault).At(at + ".attributes." + err.(*fault.Fault).Place())
		}
		out.Fields[i] = f
	}
	return out, nil
}

// canonicalAttributes validates the attributes of a field; the place of a fault is the name of the attribute.
func (f *EventField) canonicalAttributes() (map[string]EventAttribute, error) {
	out := map[string]EventAttribute{}
	for _, name := range slices.Sorted(maps.Keys(f.Attributes)) {
		a := f.Attributes[name]
		wrong := func(reason string) error { return fault.EventAttributeInvalid.With("reason", reason).At(name) }
		kind := eventAttributeTypes[name]
		if _, ok := parseWord([]string{"Boolean", "ENUM", "String"}, a.ValueType); !ok && a.ValueType != "" {
			return nil, wrong("the valueType is Boolean, ENUM or String")
		}
		a.ValueType = kind
		a.Value = strings.TrimSpace(a.Value)
		ofCustomer := slices.Contains([]string{"addCustomerIfNotExists", "identifierType", "source", "accountId"}, name)
		if name != "isRequired" && name != "isPsiData" && ofCustomer != (f.Type == "customer") {
			return nil, wrong("a field of this type does not have it")
		}
		switch {
		case kind == "Boolean":
			if a.Value = strings.ToLower(a.Value); a.Value != "true" && a.Value != "false" {
				return nil, wrong("true or false is expected")
			}
		case name == "identifierType":
			typ, ok := ParseIdentifierType(a.Value)
			if !ok {
				return nil, wrong("there is no such type of identifiers")
			}
			a.Value = typ
		case name == "source":
			src, ok := ParseSource(a.Value)
			if !ok {
				return nil, wrong("there is no such source")
			}
			a.Value = src.Name
		case name == "enumValues":
			if f.Type != "enum" {
				return nil, wrong("a field of this type does not have it")
			}
			if a.Value = strings.Join(enumValues(a.Value), ","); a.Value == "" {
				return nil, wrong("a value is needed")
			}
		case name == "regex":
			if utf8.RuneCountInString(a.Value) > maxEventRegex {
				return nil, wrong(fmt.Sprintf("at most %d characters", maxEventRegex))
			}
			if _, err := eventRegexp(a.Value); err != nil {
				return nil, wrong("it is no regular expression of RE2, or too large a one")
			}
		}
		out[name] = a
	}
	if f.Type == "enum" && out["enumValues"].Value == "" {
		return nil, fault.EventAttributeInvalid.With("reason", "a field of the type enum needs it").At("enumValues")
	}
	return out, nil
}

// enumValues are the comma-separated values of an enum field, each once.
func enumValues(text string) (values []string) {
	for v := range strings.SplitSeq(text, ",") {
		if v = strings.TrimSpace(v); v != "" && !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	return values
}

// expression matches whole values; steps is the most steps it takes per character.
type expression struct {
	*regexp.Regexp
	steps int
}

var regexps struct {
	sync.Mutex
	made map[string]*expression
}

// eventRegexp compiles an expression for whole values. The latest ones are cached, since every event needs them.
func eventRegexp(text string) (*expression, error) {
	regexps.Lock()
	defer regexps.Unlock()
	if re := regexps.made[text]; re != nil {
		return re, nil
	}
	anchored := `^(?:` + text + `)$`
	parsed, err := syntax.Parse(anchored, syntax.Perl)
	if err != nil {
		return nil, err
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil || len(program.Inst) > maxRegexSteps {
		return nil, errors.Join(err, errors.New("the expression is too large"))
	}
	compiled, err := regexp.Compile(anchored)
	if err != nil {
		return nil, err
	}
	re := &expression{compiled, len(program.Inst)}
	if len(regexps.made) >= 500 || regexps.made == nil {
		regexps.made = map[string]*expression{}
	}
	regexps.made[text] = re
	return re, nil
}

// impliedCustomer is the field of a definition that names none.
var impliedCustomer = EventField{Name: "customer", Type: "customer"}

// customerField is the field by which a pushed event names, and may register, its customer.
func (in *EventDefinitionInput) customerField() *EventField {
	for i := range in.Fields {
		if in.Fields[i].Type == "customer" {
			return &in.Fields[i]
		}
	}
	f := impliedCustomer
	return &f
}

// frozen refuses another content of a published definition that would change what its events depend on (EventPublished).
func (in *EventDefinitionInput) frozen(next *EventDefinitionInput) error {
	changed := func(name, reason string) error {
		return fault.EventPublished.With("name", in.Name, "reason", fmt.Sprintf("the field %s %s", name, reason)).At("body: fields")
	}
	for _, f := range in.Fields {
		i := slices.IndexFunc(next.Fields, func(n EventField) bool { return n.Name == f.Name })
		switch {
		case i < 0:
			return changed(f.Name, "is missing")
		case !reflect.DeepEqual(next.Fields[i], f):
			return changed(f.Name, "differs")
		}
	}
	for _, f := range next.Fields {
		if slices.ContainsFunc(in.Fields, func(o EventField) bool { return o.Name == f.Name }) {
			continue
		}
		if f.Type == "customer" || f.is("isRequired") || f.is("isUniqueKeyField") {
			return changed(f.Name, "is new, and would change what events need or are told apart by")
		}
	}
	return nil
}

var decimalNumber = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$`)

// judged is the result of validating the values of an event.
type judged struct {
	values  map[string]string
	unknown []string // names that no field has
	passed  []string // fields in the order in which they were judged
	failed  string   // the one that was not valid
}

// judge validates the values of an event, keyed by field. exists reports whether a till or a coupon exists.
func (in *EventDefinitionInput) judge(sent map[string]string, exists func(typ, code string) (bool, error)) (j judged, err error) {
	j.values = map[string]string{}
	size, steps := 0, maxEventSteps
	for name, v := range sent {
		size += len(name) + len(v)
	}
	if size > maxEventBytes {
		return j, fault.EventFieldInvalid.With("field", "attributes", "reason", fmt.Sprintf("an event has at most %d KiB", maxEventBytes>>10)).At("body: attributes")
	}
	for i := range in.Fields {
		f := &in.Fields[i]
		if f.Type == "customer" {
			continue
		}
		value := strings.TrimSpace(sent[f.Name])
		if err := f.judge(value, &steps, exists); err != nil {
			j.failed = f.Name
			return j, err
		}
		j.passed = append(j.passed, f.Name)
		if value != "" {
			j.values[f.Name] = value
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		if !slices.ContainsFunc(in.Fields, func(f EventField) bool { return f.Name == name }) && name != impliedCustomer.Name {
			j.unknown = append(j.unknown, name)
		}
	}
	return j, nil
}

// judge returns what is wrong with the value of a field; "" for nothing. Matching its expression is charged to steps.
func (f *EventField) judge(value string, steps *int, exists func(typ, code string) (bool, error)) error {
	wrong := func(reason string) error {
		return fault.EventFieldInvalid.With("field", f.Name, "reason", reason).At("body: attributes")
	}
	if value == "" {
		if f.is("isRequired") {
			return fault.EventFieldMissing.With("field", f.Name).At("body: attributes")
		}
		return nil
	}
	switch f.Type {
	case "double":
		if _, err := strconv.ParseFloat(value, 64); err != nil || !decimalNumber.MatchString(value) {
			return wrong("a number is expected")
		}
	case "groupId":
		if utf8.RuneCountInString(value) > maxGroupID || hasControl(value) {
			return wrong(fmt.Sprintf("at most %d characters", maxGroupID))
		}
	case "enum":
		if !slices.Contains(enumValues(f.Attributes["enumValues"].Value), value) {
			return wrong("it is none of the values of the definition")
		}
	case "tillCode", "couponCode":
		ok, err := exists(f.Type, value)
		if err != nil {
			return err
		}
		if !ok {
			return wrong("there is no such " + strings.TrimSuffix(f.Type, "Code"))
		}
	}
	if a, ok := f.Attributes["regex"]; ok && a.Value != "" {
		re, err := eventRegexp(a.Value)
		if err != nil {
			return err
		}
		if *steps -= re.steps * len(value); *steps < 0 {
			return wrong("the expressions of the definition would take too long for so much text")
		}
		if !re.MatchString(value) {
			return wrong("it does not have the form that the definition asks for")
		}
	}
	return nil
}

// uniqueKey is a hash of the values that make an event of a customer unique; "" if the definition has no unique field.
func (in *EventDefinitionInput) uniqueKey(values map[string]string) string {
	h, any := sha256.New(), false
	for i := range in.Fields {
		if f := &in.Fields[i]; f.is("isUniqueKeyField") {
			any = true
			for _, text := range []string{f.Name, values[f.Name]} {
				binary.Write(h, binary.BigEndian, uint64(len(text)))
				h.Write([]byte(text))
			}
		}
	}
	if !any {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
}
