package gen

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
)

func TestLooseString(t *testing.T) {
	for _, tt := range []struct {
		in, want string
		ok       bool
	}{
		{`"919845000001"`, "919845000001", true},
		{`919845000001`, "919845000001", true},
		{`"a\u00e9"`, "aé", true},
		{`""`, "", true},
		{`"true"`, "true", true},
		{`900719925474099312345`, "900719925474099312345", true},
		{`9.198e11`, "", false},
		{`91.0`, "", false},
		{`-0`, "", false},
		{`true`, "", false},
		{`false`, "", false},
		{`null`, "", false},
		{`{}`, "", false},
		{`[]`, "", false},
	} {
		var got LooseString
		if err := json.Unmarshal([]byte(tt.in), &got); string(got) != tt.want || (err == nil) != tt.ok {
			t.Errorf("%s: got %q, %v", tt.in, got, err)
		}
	}
}

func TestLooseBool(t *testing.T) {
	for in, want := range map[string]string{
		`true`: "true", `"TRUE"`: "true", `"true"`: "true", `false`: "false", `"False"`: "false",
		`"yes"`: "refused", `1`: "refused", `null`: "refused", `""`: "refused", `{}`: "refused",
	} {
		var b LooseBool
		got := "refused"
		if json.Unmarshal([]byte(in), &b) == nil {
			got = map[LooseBool]string{true: "true", false: "false"}[b]
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

func TestFields(t *testing.T) {
	var got Fields
	long := strings.Repeat("é", 101)
	text := strings.Repeat("é", 2000)
	if err := json.Unmarshal([]byte(`{"a b":"x","A b":7,"c":true,"d":null,"e":{},"f":1.5,"":"x","`+long+`":"x","`+long[2:]+`":"`+text+`","g":"`+text+`x"}`), &got); err != nil {
		t.Fatal(err)
	}
	want := Fields{"a b": {"x", true}, "A b": {"7", true}, "c": {"true", true}, "d": {}, "e": {}, "f": {}, "": {}, long: {}, long[2:]: {text, true}, "g": {}}
	if len(got) != len(want) {
		t.Fatalf("got %v", got)
	}
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s: got %v, want %v", name, got[name], want[name])
		}
	}
}

func TestTime(t *testing.T) {
	zone := time.FixedZone("", 19800)
	for _, tt := range []struct {
		in   time.Time
		want string
	}{
		{time.Date(2016, 6, 23, 19, 11, 18, 123e6, zone), `"2016-06-23T19:11:18+05:30"`},
		{time.Date(2016, 6, 23, 19, 11, 18, 0, time.UTC), `"2016-06-23T19:11:18Z"`},
	} {
		if got, err := json.Marshal(Time{tt.in}); string(got) != tt.want || err != nil {
			t.Errorf("got %s, %v, want %s", got, err, tt.want)
		}
	}
}

func TestAmount(t *testing.T) {
	for in, want := range map[Amount]string{
		0: "0", 1: "0.001", 12500: "12.5", 1000: "1", -1: "-0.001", -12050: "-12.05",
		math.MaxInt64: "9223372036854775.807", math.MinInt64: "-9223372036854775.808",
	} {
		if got, err := json.Marshal(in); string(got) != want || err != nil {
			t.Errorf("%d: got %s, %v", in, got, err)
		}
	}
}

func TestLooseAmount(t *testing.T) {
	for in, want := range map[string]LooseAmount{
		`0`: {0, true}, `12.5`: {12500, true}, `"640.50"`: {640500, true}, `" 7 "`: {7000, true}, `-0.001`: {-1, true}, `"-3"`: {-3000, true},
		`0.1000`: {100, true}, `9007199254740.991`: {9007199254740991, true}, `"007"`: {7000, true},
		`9007199254740.992`: {}, `99999999999999999999`: {}, `0.0001`: {}, `1e3`: {}, `1E-1`: {}, `""`: {}, `"."`: {}, `".5"`: {}, `"5."`: {}, `"1,5"`: {}, `"--1"`: {},
		`"+1"`: {}, `"1.-5"`: {}, `"٣"`: {}, `true`: {}, `null`: {}, `{}`: {}, `[1]`: {}, `"Infinity"`: {}, `"0x10"`: {},
	} {
		var got LooseAmount
		if err := json.Unmarshal([]byte(in), &got); err != nil || got != want {
			t.Errorf("%s: %v %v, want %v", in, got, err, want)
		}
	}
}
