package build

import (
	"strconv"
	"strings"
	"unicode"
)

// ids hands out the ids of the page, each once.
type ids struct{ taken map[string]bool }

// take gives the id asked for, or the first free one of id-2, id-3 and so on.
func (i *ids) take(id string) string {
	if i.taken == nil {
		i.taken = map[string]bool{}
	}
	free := id
	for n := 2; i.taken[free]; n++ {
		free = id + "-" + strconv.Itoa(n)
	}
	i.taken[free] = true
	return free
}

// kebab makes an id of a title: "Fetch Customer ID" is fetch-customer-id.
func kebab(title string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), "-")
}

// fieldID is the part of an id that a field's name makes: its case is kept.
func fieldID(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.", r) {
			return r
		}
		return '-'
	}, name)
}

func join(parts ...string) string {
	kept := parts[:0:0]
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "-")
}
