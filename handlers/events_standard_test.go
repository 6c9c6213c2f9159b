package handlers

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// A field of the type enum takes the values of its definition, as they are spelled, and no others.
func TestEnumFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	define := func(attributes string) string {
		return `{"eventName":"Brewed","actions":["EIConsumer"],"fields":[{"name":"size","type":"ENUM","attributes":{` + attributes + `}},{"name":"group","type":"groupId"}]}`
	}
	w.want(400, []int{1802}, "POST", "/v2/events", define(``))
	w.want(400, []int{1802}, "POST", "/v2/events", define(`"enumValues":{"value":" , "}`))
	w.want(400, []int{1802}, "POST", "/v2/events", strings.Replace(define(`"enumValues":{"value":"a"}`), "ENUM", "string", 1))
	w.want(200, nil, "POST", "/v2/events", define(`"enumValues":{"value":"small, large,small"}`))
	if a := w.want(200, nil, "GET", "/v2/events", ""); !strings.Contains(a.body, `"enumValues":{"value":"small,large","valueType":"String"}`) {
		t.Errorf("%s", a.body)
	}
	brewed := func(attributes string) string {
		return `{"eventName":"Brewed","identifierType":"mobile","identifierValue":"919845000001","source":"INSTORE","attributes":{` + attributes + `}}`
	}
	w.want(200, nil, "POST", addEvents, brewed(`"size":"large","group":"G-1"`))
	w.want(200, nil, "POST", addEvents, brewed(`"group":7`))
	for _, wrong := range []string{`"size":"Large"`, `"size":"small,large"`, `"group":"` + strings.Repeat("x", 65) + `"`} {
		w.want(400, []int{9714}, "POST", addEvents, brewed(wrong))
	}
}

// What another system pushes by its own names becomes an event by those of the definition; what no mapping takes is kept with its
// trace and has no effect.
func TestMappedEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	open := w.as("")
	trace := func(a answer) string {
		steps := w.steps(a.header.Get(headerEventID))
		return steps[len(steps)-1]
	}
	w.want(400, []int{9717}, "POST", "/v2/events/webhook", `{"transformerType":"webEngageTransformer","tillCode":"store.till1"}`)
	w.want(200, nil, "POST", "/v2/events/adapter_mapping", `{"transformerType":"webEngageTransformer","webEngageTransformerData":{
		"eventMapper":{"Tea tasted":"teatasting"},"eventFieldMapper":{"teatasting":{"phone":"mobile","Tea name":"tea","rating":"note","tea":"rating"}}}}`)
	uri := w.want(200, nil, "POST", "/v2/events/webhook", `{"transformerType":"webEngageTransformer","tillCode":"store.till1"}`).get(t, "webHookUri").(string)
	before := len(w.eventsOf(1003))
	a := open.want(200, nil, "POST", uri, `{"event_name":"Tea tasted","phone":"919845000003","Tea name":"Nilgiri","tea":"4.5","rating":"kind"}`)
	event := w.want(200, nil, "GET", "/v2/events/event_data?id="+a.header.Get(headerEventID), "").get(t, "data").([]any)[0].(map[string]any)
	if got := fmt.Sprint(event["eventName"], event["userId"], event["additonalAttributes"]); got != "TeaTasting1003 map[note:kind rating:4.5 tea:Nilgiri]" {
		t.Errorf("%s", got)
	}
	for body, want := range map[string]string{
		`{"event_name":"TeaTasting","mobile":"919845000003","tea":"X"}`: "TeaTasting: 9717", // its own name is not one of the mapping
		`{"event_name":"Tea tasted","phone":"919845000003","tea":"4"}`:  "tea: 9713",        // what is pushed as tea is no tea
	} {
		if got := trace(open.want(200, nil, "POST", uri, body)); got != "VALIDATION_FAILED "+want {
			t.Errorf("%s: %s", body, got)
		}
	}
	if n := len(w.eventsOf(1003)); n != before+1 {
		t.Errorf("%d events more", n-before)
	}

	// The default transformer takes all, until it is told what.
	w.want(200, nil, "PUT", "/v2/events/webhook/disable", `{"webHookId":1}`)
	uri = w.want(200, nil, "POST", "/v2/events/webhook", `{"transformerType":"defaultTransformer","tillCode":"store.till1"}`).get(t, "webHookUri").(string)
	w.want(200, nil, "POST", "/v2/events/standard_events/enable?event_name=storevisited", "")
	w.want(200, nil, "POST", "/v2/events/adapter_mapping", `{"transformerType":"defaultTransformer","eventsMapped":["STOREVISITED"]}`)
	mapped := map[string]string{}
	for _, d := range w.want(200, nil, "GET", "/v2/events", "").get(t, "data").([]any) {
		m := d.(map[string]any)
		meta := m["clickEventsMeta"].(map[string]any)
		mapped[meta["eventName"].(string)] = fmt.Sprint(m["defaultTransformerMappping"], " ", meta["standardEvent"])
	}
	if got := fmt.Sprint(mapped); got != "map[StoreVisited:true true TeaTasting:false false]" {
		t.Errorf("%s", got)
	}
	if got := trace(open.want(200, nil, "POST", uri, `{"event_name":"TeaTasting","mobile":"919845000003","tea":"X"}`)); got != "VALIDATION_FAILED TeaTasting: 9717" {
		t.Errorf("%s", got)
	}
	if got := trace(open.want(200, nil, "POST", uri, `{"event_name":"StoreVisited","customer":"919845000003","till":"store.till1"}`)); got != "CONSUMER_FINISHED EIConsumer" {
		t.Errorf("%s", got)
	}

	// Without eventsMapped its mapping ends, and it takes all again.
	w.want(200, nil, "POST", "/v2/events/adapter_mapping", `{"transformerType":"defaultTransformer"}`)
	if got := trace(open.want(200, nil, "POST", uri, `{"event_name":"TeaTasting","mobile":"919845000003","tea":"X"}`)); got != "CONSUMER_FINISHED EIConsumer" {
		t.Errorf("%s", got)
	}

	many := map[string]string{}
	for i := range 101 {
		many[fmt.Sprint("x", i)] = "TeaTasting"
	}
	names, err := json.Marshal(many)
	if err != nil {
		t.Fatal(err)
	}
	w.want(400, []int{400}, "POST", "/v2/events/adapter_mapping", fmt.Sprintf(`{"transformerType":"webEngageTransformer","webEngageTransformerData":{"eventMapper":%s}}`, names))
	w.want(400, []int{400}, "POST", "/v2/events/adapter_mapping", fmt.Sprintf(`{"transformerType":"webEngageTransformer","webEngageTransformerData":{"eventMapper":{},"eventFieldMapper":%s}}`,
		strings.ReplaceAll(string(names), `"TeaTasting"`, "{}")))
	for body, code := range map[string]int{
		`{"transformerType":"webEngageTransformer"}`:                                                    400,
		`{"transformerType":"webEngageTransformer","webEngageTransformerData":{"eventMapper":{"x":7}}}`: 400,
		`{"transformerType":"webEngageTransformer","webEngageTransformerData":{"eventMapper":{"x":"TeaTasting"},"eventFieldMapper":{"TeaTasting":{"a":"tea","b":"tea"}}}}`: 9714,
	} {
		w.want(400, []int{code}, "POST", "/v2/events/adapter_mapping", body)
	}
	w.want(404, []int{9710}, "POST", "/v2/events/adapter_mapping", `{"transformerType":"webEngageTransformer","webEngageTransformerData":{"eventMapper":{},"eventFieldMapper":{"TeaTasting":{}}}}`)
}

// A standard event that was disabled is enabled again, as it was; nothing else is.
func TestStandardEventAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	enabled := func() (n int) {
		for _, d := range w.want(200, nil, "GET", "/v2/events/standard_events_meta", "").get(t, "data").([]any) {
			if d.(map[string]any)["enabled"] == true {
				n++
			}
		}
		return n
	}
	const enable, disable = "/v2/events/standard_events/enable?event_name=", "/v2/events/disable?event_name="
	w.want(200, nil, "POST", enable+"StoreVisited", "")
	id := w.want(200, nil, "GET", "/v2/events", "").body
	w.want(200, nil, "PUT", disable+"StoreVisited", "")
	if n := enabled(); n != 0 {
		t.Errorf("%d are enabled", n)
	}
	w.want(200, nil, "POST", enable+"storevisited", "")
	if n := enabled(); n != 1 {
		t.Errorf("%d are enabled", n)
	}
	if again := w.want(200, nil, "GET", "/v2/events", "").body; again != id {
		t.Errorf("the list was\n%s\nand is\n%s", id, again)
	}
	w.want(409, []int{1806}, "POST", enable+"StoreVisited", "")

	// One of that name that the organization made itself is none.
	w.want(200, nil, "POST", "/v2/events", `{"eventName":"CartAbandoned","actions":["EIConsumer"],"fields":[{"name":"mobile","type":"customer"}]}`)
	w.want(200, nil, "PUT", disable+"CartAbandoned", "")
	w.want(409, []int{1806}, "POST", enable+"CartAbandoned", "")
	if n := enabled(); n != 1 {
		t.Errorf("%d are enabled", n)
	}

	// It needs room as a new one does.
	w.want(200, nil, "PUT", disable+"StoreVisited", "")
	if err := w.store.SetOrg(t.Context(), "demo", "event-definitions", "1"); err != nil {
		t.Fatal(err)
	}
	w.want(409, []int{9722}, "POST", enable+"StoreVisited", "")
}
