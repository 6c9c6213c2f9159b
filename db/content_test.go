package db

import (
	"slices"
	"testing"
)

// Each table of an org is exported, or is left out for a reason.
func TestEveryTableIsContentOrIsNot(t *testing.T) {
	for _, table := range tablesOfOrg {
		if in, out := slices.Contains(contentTables, table), notContent[table] != ""; in == out {
			t.Errorf("%s: in contentTables %v, in notContent %v", table, in, out)
		}
	}
	for _, table := range contentTables {
		if !slices.Contains(tablesOfOrg, table) {
			t.Errorf("%s is no table of an org", table)
		}
	}
}
