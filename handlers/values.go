package handlers

import (
	"time"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

func some[T any](v T) *T { return &v }

func entityRef(e db.EntityRef) gen.EntityRef {
	return gen.EntityRef{Id: idOrNone(e.ID), Code: e.Code, Name: e.Name, Type: e.Type}
}

func warnings(fs []*fault.Fault) []gen.Status {
	ws := make([]gen.Status, len(fs))
	for i, f := range fs {
		ws[i] = gen.Status{Code: f.Number, Message: f.Text(), Status: false}
	}
	return ws
}

// text reads a text that may be left out: absent is "".
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// number reads a number that may be left out.
func number(n *int, otherwise int) int {
	if n == nil {
		return otherwise
	}
	return *n
}

// loose is text for a value that may be sent as a string or a number.
func loose(s *gen.LooseString) string {
	if s == nil {
		return ""
	}
	return string(*s)
}

// listed reads a list that may be left out: absent is empty.
func listed[T any](list *[]T) []T {
	if list == nil {
		return nil
	}
	return *list
}

// is reads a boolean that may be left out: absent is false.
func is[B ~bool](b *B) bool { return b != nil && bool(*b) }

// orNone leaves out an empty text.
func orNone(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// idOrNone leaves out an id of 0.
func idOrNone(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

// plainTime prints a time as the vendor's older answers do, without an offset.
func plainTime(t time.Time) string { return t.Format(time.DateTime) }
