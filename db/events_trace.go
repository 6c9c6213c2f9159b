package db

import (
	"cmp"
	"fmt"
)

// eventTrace is the stored record of how an event was processed.
type eventTrace struct {
	Fields     []string `json:"fields,omitempty"` // that were valid
	Failed     string   `json:"failed,omitempty"` // the field that was not, "" for the event itself
	Code       int      `json:"code,omitempty"`   // why
	Of         string   `json:"of,omitempty"`     // the event that it repeats
	Registered bool     `json:"registered,omitempty"`
	Actions    []string `json:"actions,omitempty"`
}

// EventState is one step of the processing. Message is the name of the event, a field or a consumer.
type EventState struct{ Status, Message string }

// states are the steps, in their order (openapi.yaml, Fetch Event Status); those that the vendor does not list are ours.
func (t *eventTrace) states(name string) []EventState {
	out := []EventState{{"EVENT_PROCESSING_STARTED", name}}
	field := func(f, end string) {
		out = append(out, EventState{"EVENT_FIELD_VALIDATION_STARTED", f}, EventState{"EVENT_FIELD_VALIDATION_" + end, f})
	}
	for _, f := range t.Fields {
		field(f, "FINISHED")
	}
	if t.Code != 0 {
		message := fmt.Sprintf("%s: %d", cmp.Or(t.Failed, name), t.Code)
		if t.Failed != "" {
			field(t.Failed, "FAILED")
		}
		return append(out, EventState{"EVENT_VALIDATION_FAILED", message})
	}
	out = append(out, EventState{"EVENT_VALIDATION_FINISHED", name})
	if t.Of != "" {
		return append(out, EventState{"EVENT_DUPLICATE", t.Of})
	}
	if t.Registered {
		out = append(out, EventState{"EVENT_CUSTOMER_REGISTERED", name})
	}
	for _, a := range t.Actions {
		end := "FINISHED"
		if a == "EMFConsumer" { // nothing of loyalty hangs on events here
			end = "SKIPPED"
		}
		out = append(out, EventState{"EVENT_CONSUMER_STARTED", a}, EventState{"EVENT_CONSUMER_" + end, a})
	}
	return out
}
