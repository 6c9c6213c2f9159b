package db

import "time"

// eventsPart: events stay with the customer whom they were about, and are found through the survivor of a merge.
var eventsPart = part{name: "events", erase: eraseEvents, export: exportEvents}

// eraseEvents keeps that there was an event of this name, and when, and erases its content.
func eraseEvents(tx *Tx, e *erasing) error {
	for _, id := range e.ids {
		if _, err := tx.Exec(`UPDATE events SET attributes = '{}', unique_key = '' WHERE org = $1 AND customer = $2`, e.who.Org, id); err != nil {
			return err
		}
	}
	return nil
}

// ExportedEvent is an event, in an export.
type ExportedEvent struct {
	EventID    string            `json:"eventId"`
	Name       string            `json:"eventName"`
	On         time.Time         `json:"on"`
	Received   time.Time         `json:"received"`
	Source     string            `json:"source"`
	Account    string            `json:"accountId,omitempty"`
	By         EntityRef         `json:"by"`
	Outcome    string            `json:"outcome"`
	Attributes map[string]string `json:"attributes"`
}

func exportEvents(tx *Tx, e *exporting) (any, error) {
	all := []ExportedEvent{}
	for _, id := range e.ids {
		list, err := tx.eventRows(e.o, `e.org = $1 AND e.customer = $2 ORDER BY e.id`, e.org, id)
		if err != nil {
			return nil, err
		}
		for _, ev := range list {
			all = append(all, ExportedEvent{ev.EventID, ev.Name, ev.At, ev.Received, ev.Source, ev.Account, ev.Till, ev.Outcome, ev.Attributes})
		}
	}
	return all, nil
}
