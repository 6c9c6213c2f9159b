package build

import (
	"path"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

var (
	textLink    = regexp.MustCompile(`\]\(([\w./-]*)#([^)\s]+)\)`)
	textHeading = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *$`)
)

// headings are the anchors of a Markdown text, as the usual readers make them of its headings.
func headings(text string) map[string]bool {
	all, fenced := map[string]bool{}, false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		m := textHeading.FindStringSubmatch(line)
		if m == nil || fenced {
			continue
		}
		slug := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, m[1])
		id := slug
		for n := 1; all[id]; n++ {
			id = slug + "-" + strconv.Itoa(n)
		}
		all[id] = true
	}
	return all
}

// anchored leads every link of the texts that names an anchor to a place that has it: the
// file that it names, the text itself, the whole reference, and what is no heading of a text,
// such as a code, to the page that has it.
func anchored(texts, pages []File) []File {
	slugs, homes := map[string]map[string]bool{}, map[string]string{}
	for _, f := range texts {
		slugs[f.Path] = headings(string(f.Data))
	}
	for _, f := range pages {
		if !strings.HasSuffix(f.Path, ".html") {
			continue
		}
		for _, m := range idOf.FindAllSubmatch(f.Data, -1) {
			if id := string(m[1]); homes[id] == "" {
				homes[id] = f.Path
			}
		}
	}
	for i, f := range texts {
		root := strings.Repeat("../", strings.Count(f.Path, "/"))
		texts[i].Data = textLink.ReplaceAllFunc(f.Data, func(link []byte) []byte {
			m := textLink.FindSubmatch(link)
			file, id := string(m[1]), string(m[2])
			to := f.Path
			if file != "" {
				to = path.Join(path.Dir(f.Path), file)
			}
			switch {
			case slugs[to] == nil && file != "", slugs[to][id]:
				return link
			case slugs[f.Path][id]:
				return []byte("](#" + id + ")")
			case slugs["reference.md"][id]:
				return []byte("](" + root + "reference.md#" + id + ")")
			case homes[id] != "":
				return []byte("](" + root + homes[id] + "#" + id + ")")
			}
			return link
		})
	}
	return texts
}
