package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const good = `x-faults:
  - {family: http, code: 400, name: BadRequest, status: 400, as: [error], message: Bad, help: Mend it}
  - {family: customers, code: 8010, name: ChannelInvalid, status: 400, as: [error, warning], message: "No {type}", help: "Use \"email\""}
  - {family: customers, code: 8050, name: Combined, status: 200, as: [warning], message: Combined, help: Nothing to do, ours: true}
x-org-settings:
  - {key: country-code, default: "91", type: text, help: Digits}
paths:
  /a:
    get:
      parameters:
        - {name: q, x-fault: {any: BadRequest}}
      x-fault-codes: [BadRequest, ChannelInvalid]
      x-examples:
        - {name: a, shows: [Combined], body: {x-fault: {any: NotAFault}}}
`

func TestRefusals(t *testing.T) {
	for _, tt := range []struct{ name, from, to, want string }{
		{"good", "", "", ""},
		{"name twice", "name: Combined", "name: BadRequest", "4: fault BadRequest: the name stands on line 2 too"},
		{"number twice", "code: 8050", "code: 8010", "4: fault Combined: customers 8010 stands on line 3 too"},
		{"placeholder", "{type}", "{type", "3: fault ChannelInvalid: a placeholder is malformed: No {type"},
		{"capital placeholder", "{type}", "{Type}", "3: fault ChannelInvalid: a placeholder is malformed: No {Type}"},
		{"lower-case name", "name: Combined", "name: combined", "4: fault combined: the name is no exported Go name"},
		{"name in use", "name: Combined", "name: All", "4: fault All: package fault has another use for the name"},
		{"status of a warning", "status: 200", "status: 409", "4: fault Combined: a warning has status 200"},
		{"status of an error", "status: 400, as: [error, warning]", "status: 200, as: [error]", "3: fault ChannelInvalid: an error cannot have status 200"},
		{"http status", "code: 400", "code: 401", "2: fault BadRequest: in family http the code is the status"},
		{"as", "[warning]", "[remark]", "4: fault Combined: as: must hold error, warning or both"},
		{"as as well", "[error, warning]", "[error, remark]", `3: fault ChannelInvalid: as: cannot be "remark"`},
		{"no help", "help: Mend it", "help: ''", "2: fault BadRequest: family, code, message and help are needed"},
		{"unknown key", "ours: true", "oars: true", `4: unknown key "oars"`},
		{"x-fault", "any: BadRequest", "any: BadReqest", `11: x-fault: no fault is named "BadReqest"`},
		{"x-fault-codes", "[BadRequest, ChannelInvalid]", "[BadRequest, Channel]", `12: x-fault-codes: no fault is named "Channel"`},
		{"x-examples", "shows: [Combined]", "shows: [Combine]", `14: x-examples: no fault is named "Combine"`},
		{"setting key", "key: country-code", "key: countryCode", `6: setting "countryCode": the key is not in kebab-case`},
		{"setting without type", "type: text", "type: ''", "6: setting country-code: type and help are needed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, err := read([]byte(strings.Replace(good, tt.from, tt.to, 1)))
			if err == nil {
				err = check(d)
			}
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFilesAreDeterministic(t *testing.T) {
	dir := t.TempDir()
	spec, codes, settings := filepath.Join(dir, "a.yaml"), filepath.Join(dir, "c.go"), filepath.Join(dir, "s.go")
	if err := os.WriteFile(spec, []byte(good), 0o644); err != nil {
		t.Fatal(err)
	}
	var before string
	for range 3 {
		if err := run(spec, codes, settings); err != nil {
			t.Fatal(err)
		}
		c, _ := os.ReadFile(codes)
		s, _ := os.ReadFile(settings)
		if now := string(c) + string(s); before != "" && now != before {
			t.Fatal("two runs differ")
		} else {
			before = now
		}
	}
	for _, want := range []string{"ChannelInvalid = &Code{", `"Use \"email\""`, "Warning: true, Ours: false", `Key: "country-code", Default: "91", Type: "text"`} {
		if !strings.Contains(before, want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestABadSpecWritesNothing(t *testing.T) {
	dir := t.TempDir()
	spec, codes := filepath.Join(dir, "a.yaml"), filepath.Join(dir, "c.go")
	if err := os.WriteFile(spec, []byte(strings.Replace(good, "code: 8050", "code: 8010", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	err := run(spec, codes, filepath.Join(dir, "s.go"))
	if err == nil || !strings.HasPrefix(err.Error(), spec+":4: ") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(codes); err == nil {
		t.Error("a file was written")
	}
}
