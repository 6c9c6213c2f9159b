package handlers

import (
	"bytes"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
)

// An operation with x-lines is a bulk operation (bulk.go) whose body may also be one item alone, or NDJSON: an item on each line,
// by its Content-Type. What follows sees an array either way.

// bodyForm is the form of a bulk body.
type bodyForm int

const (
	inList  bodyForm = iota
	inLines          // each on its own line
	alone            // one item, in no list
)

// takeLines recognizes NDJSON by its media type, which it replaces by JSON for later steps.
func takeLines(h http.Header) bodyForm {
	media, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || media != "application/x-ndjson" || len(h.Values("Content-Type")) > 1 {
		return inList
	}
	kind := "application/json"
	if charset := params["charset"]; charset != "" {
		kind = mime.FormatMediaType(kind, map[string]string{"charset": charset})
	}
	h.Set("Content-Type", kind)
	return inLines
}

func isObject(data []byte) bool {
	trimmed := bytes.TrimLeft(data, " \t\r\n")
	return len(trimmed) > 0 && trimmed[0] == '{'
}

// split is splitJSON for a body of any form.
func (f bodyForm) split(data []byte, maxDepth, most int) ([]any, error) {
	switch f {
	case inLines:
		return splitLines(data, maxDepth, most)
	case alone:
		if _, err := parseJSON(data, maxDepth); err != nil {
			return nil, err
		}
		return []any{json.RawMessage(data)}, nil
	}
	return splitJSON(data, maxDepth, most)
}

// splitLines is splitJSON for NDJSON: each line that is not empty is one item.
func splitLines(data []byte, maxDepth, most int) (items []any, err error) {
	number := 0
	for line := range bytes.Lines(data) {
		number++
		if line = bytes.TrimRight(line, " \t\r\n"); len(line) == 0 {
			continue
		}
		var bad *jsonError
		if _, err := parseJSON(line, maxDepth); errors.As(err, &bad) {
			return nil, &jsonError{line: number, column: bad.column, reason: bad.reason}
		} else if err != nil {
			return nil, err
		}
		if len(items) == most {
			return nil, errManyItems
		}
		items = append(items, json.RawMessage(line))
	}
	return items, nil
}
