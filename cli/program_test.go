package cli

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The file in the help is one that an organization without anything can be given.
func TestTheProgramOfTheHelpCanBeSet(t *testing.T) {
	s, run := withDemo(t)
	if _, err := s.AddOrg(context.Background(), "Tea House", nil); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "tea.yaml")
	if err := os.WriteFile(file, []byte(regexp.MustCompile(`(?m)^  `).ReplaceAllString(programExample, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	run(0, "Tea points of Tea House: version 1 .*\n", "program", "set", "--org", "Tea House", file)
	// With a series of coupons, and without the marks of a comment.
	if err := os.WriteFile(file, []byte(strings.Replace(regexp.MustCompile(`(?m)^  # `).ReplaceAllString(programExample, "  "), "from: 2026-04-01", "", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	run(0, "Tea points of demo: version [0-9]+ .*\n", "program", "set", "--org", "demo", file)
}
