package cli

import (
	"bytes"
	"context"
	"net/netip"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func allCommands(t *testing.T) (all []*cobra.Command) {
	t.Helper()
	a := &app{stdin: strings.NewReader(""), stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Name() == "completion" || c.Name() == "help" {
			return
		}
		all = append(all, c)
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(a.root())
	return all
}

// TestEveryCommand: each can be understood from its help alone, and each flag names its variable.
func TestEveryCommand(t *testing.T) {
	for _, c := range allCommands(t) {
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: short help %q", c.CommandPath(), c.Short)
		}
		if !c.HasSubCommands() && !strings.Contains(c.Example, c.CommandPath()) {
			t.Errorf("%s: no example", c.CommandPath())
		}
		for line := range strings.Lines(c.Long) {
			if len(line) > 130 {
				t.Errorf("%s: a line of %d characters: %s", c.CommandPath(), len(line), line)
			}
		}
		c.InheritedFlags() // joins those of parents
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Name != "help" && !strings.HasSuffix(f.Usage, " ["+variable(f)+"]") {
				t.Errorf("%s --%s: %q does not name %s", c.CommandPath(), f.Name, f.Usage, variable(f))
			}
		})
	}
}

// TestEnvironmentSetsEveryFlag: one value in the environment for each flag of each command.
func TestEnvironmentSetsEveryFlag(t *testing.T) {
	values := map[string]string{"bool": "true", "int": "7", "int64": "7", "float64": "7.5", "duration": "7s", "string": "seven", "size": "7KiB", "network": "10.0.0.7/32", "origin": "https://seven.example"}
	for _, c := range allCommands(t) {
		c.InheritedFlags()
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Name == "help" {
				return
			}
			value := values[f.Value.Type()]
			if allowed := strings.Split(f.Value.Type(), "|"); len(allowed) > 1 {
				value = allowed[len(allowed)-1]
			}
			t.Setenv(variable(f), value)
		})
		if err := fromEnvironment(c.Flags()); err != nil {
			t.Errorf("%s: %v", c.CommandPath(), err)
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Name != "help" && (!f.Changed || f.Value.String() == f.DefValue) {
				t.Errorf("%s --%s: still %s", c.CommandPath(), f.Name, f.Value)
			}
		})
	}
}

func TestWeak(t *testing.T) {
	for _, c := range []struct{ password, want string }{
		{"", "is empty"},
		{"short", "has 5 characters and needs at least 12"},
		{"ünïcödé pässwörd", ""},
		{"main.till1000", "is the till's user name"},
		{"MAIN.TILL1000", "is the till's user name"},
		{"aaaaaaaaaaaa", "has fewer than 5 different characters"},
		{"password1234", "is too common"},
		{"PassWord!!!!", "is too common"},
		{"superman2024superman", ""},
		{"passwordpassword", "is too common"},
		{"1234567890123", "is too common"},
		{"tab\tin the middle", "has control characters or invalid UTF-8"},
		{"not utf-8 \xff at all", "has control characters or invalid UTF-8"},
		{" leading blank x", "begins or ends with whitespace"},
		{strings.Repeat("long enough ", 100) + "x", "is longer than 1000 bytes"},
		{"a long sentence", ""},
		{"3LL5GAEBACJWH2WJWW5X5RPHYL", ""},
	} {
		if got := weak(c.password, "main.till1000"); got != c.want {
			t.Errorf("%q %q, want %q", c.password, got, c.want)
		}
	}
}

func TestSize(t *testing.T) {
	for text, want := range map[string]int64{"1": 1, "65536": 65536, "64KiB": 65536, "64kb": 65536, "64K": 65536, "1MiB": 1 << 20, " 2 MB ": 2 << 20, "1GiB": 1 << 30, "100B": 100,
		"0": 0, "-1": 0, "": 0, "1.5MiB": 0, "MiB": 0, "1TiB": 0, "99999999GiB": 0, "1KiBKiB": 0} {
		var n int64
		err := size[int64]{&n}.Set(text)
		if n != want || (err == nil) != (want > 0) {
			t.Errorf("%q is %d, %v, want %d", text, n, err, want)
		}
	}
	for n, want := range map[int64]string{1: "1", 1024: "1KiB", 1025: "1025", 1 << 20: "1MiB", 3 << 30: "3GiB"} {
		if got := (size[int64]{&n}).String(); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

func TestNetworks(t *testing.T) {
	var list []netip.Prefix
	n := networks{&list}
	for _, text := range []string{"10.1.2.3/8", "127.0.0.1, ::1", "::ffff:10.0.0.1"} {
		if err := n.Set(text); err != nil {
			t.Error(err)
		}
	}
	if got, want := n.String(), "10.0.0.0/8,127.0.0.1/32,::1/128,10.0.0.1/32"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for _, text := range []string{"", "somewhere", "10.0.0.0/33"} {
		if n.Set(text) == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestOrigins(t *testing.T) {
	var list []string
	o := origins{&list}
	if err := o.Set("https://docs.example.com, http://LOCALHOST:3000/"); err != nil || o.String() != "https://docs.example.com,http://localhost:3000" {
		t.Errorf("%s, %v", o, err)
	}
	for _, text := range []string{"", "*", "null", "docs.example.com", "https://a.example/page", "ftp://a.example", "https://a b"} {
		if o.Set(text) == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestQuoted(t *testing.T) {
	for s, want := range map[string]string{"plain.till1": "plain.till1", "": "''", "Tea House": "'Tea House'", "it's": `'it'\''s'`, "$(id)": "'$(id)'"} {
		if got := quoted(s); got != want {
			t.Errorf("%q is %s, want %s", s, got, want)
		}
	}
}

// TestErrorsAreOneLine: whatever went wrong.
func TestErrorsAreOneLine(t *testing.T) {
	var stderr bytes.Buffer
	a := &app{stdin: strings.NewReader(""), stdout: &bytes.Buffer{}, stderr: &stderr}
	if code := a.run(context.Background(), []string{"or\ng"}); code != exitUsage || strings.Count(stderr.String(), "\n") != 1 {
		t.Errorf("code %d, %q", code, stderr.String())
	}
}
