package build

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestSaid(t *testing.T) {
	for _, tt := range []struct {
		text, limit string
		want        bool
	}{
		{"The last name, at most 255 characters. Blanks around it are dropped.", "at most 255 characters", true},
		{"At most 1000 characters.", "at most 1,000 characters", true},
		{"At most 20 identifiers. An update does not change them.", "at most 20 entries", true},
		{"How many to answer at most, from 1 to 100.", "1 to 100", true},
		{"Exactly one profile, that of the source.", "exactly 1 entry", false},
		{"At most 100 hours before; at most 100 of them.", "at most 100 entries", true},
		{"", "at most 255 characters", false},
		{"1 to 100 characters without a blank.", "at most 100 characters", false}, // fewer are said elsewhere
		{"A text of at most 2,000 characters.", "at most 2,000 entries", false},
		{"With at most 3 decimals.", "at most 3", false},
		{"At most 2,000 of them.", "at most 2 entries", false},
		{"11 to 100.", "1 to 100", false},
		{"1 to 1,000.", "1 to 100", false},
	} {
		if got := said(tt.text, tt.limit); got != tt.want {
			t.Errorf("%q says %q: %v", tt.text, tt.limit, got)
		}
	}
}

// The texts stand for themselves: no bound is said twice, drawings are told, and the rules are in order.
func TestTexts(t *testing.T) {
	files := map[string]string{}
	for _, f := range siteFiles(t) {
		files[f.Path] = string(f.Data)
	}
	for line := range strings.Lines(files["reference.md"]) {
		all := regexp.MustCompile(`at most [\d,]+ characters|\b[\d,]+ to [\d,]+ characters`).FindAllString(strings.ToLower(line), -1)
		slices.Sort(all)
		if strings.HasPrefix(line, "| `") && len(slices.Compact(slices.Clone(all))) < len(all) {
			t.Errorf("a bound stands twice in %s", line)
		}
	}
	last := 0
	for _, m := range regexp.MustCompile(`(?m)^### (\d+)\. `).FindAllStringSubmatch(files["reference.md"], -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil || n <= last {
			t.Errorf("rule %s stands behind rule %d", m[1], last)
		}
		last = n
	}
	if last < 100 {
		t.Errorf("the last rule is %d", last)
	}
	for path, want := range map[string][]string{
		"guides/merging.md": {
			"1002 flows into 1001. Afterwards 1001 has both profiles, and 1002 only leads to it.\n\n1. You ask 1002 to take a mobile number.\n2. ",
			"4. From now on, reading 1002 returns 1001 with warning [8069](../index.html#code-customers-8069). Writing to it is refused.\n\nA second profile",
			"A request to merge customer 1002 into 1001 is PENDING.",
		},
		"guides/authentication.md": {"| in Base64, as the header | `Authorization: " + demoHeader() + "` |"},
	} {
		for _, text := range want {
			if !strings.Contains(files[path], text) {
				t.Errorf("%s lacks %q", path, text)
			}
		}
	}
	for path, text := range files {
		if strings.HasSuffix(path, ".md") && madeFence.MatchString(text) {
			t.Errorf("%s has what only a page can show: %s", path, madeFence.FindString(text))
		}
	}
}
