package cli

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// variable names the environment variable of a flag.
func variable(f *pflag.Flag) string {
	return "ARTERIOLE_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
}

// isSetting tells the flags that set something from those that ask for help or version.
func isSetting(f *pflag.Flag) bool { return f.Name != "help" && f.Name != "version" }

func nameVariables(flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if isSetting(f) && !strings.Contains(f.Usage, variable(f)) {
			f.Usage += " [" + variable(f) + "]"
		}
	})
}

// fromEnvironment sets the flags that the command line leaves unset.
func fromEnvironment(flags *pflag.FlagSet) (err error) {
	flags.VisitAll(func(f *pflag.Flag) {
		value := os.Getenv(variable(f))
		if f.Changed || !isSetting(f) || value == "" || err != nil {
			return
		}
		if cause := f.Value.Set(value); cause != nil {
			err = fmt.Errorf("the environment variable %s is %q: %s", variable(f), value, wanted(f, cause))
			return
		}
		f.Changed = true
	})
	return err
}

// needed refuses a command that lacks a required flag.
func needed(cmd *cobra.Command) (err error) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if err == nil && !f.Changed && len(f.Annotations[cobra.BashCompOneRequiredFlag]) > 0 {
			err = fmt.Errorf("--%s is missing: see `%s --help`", f.Name, cmd.CommandPath())
		}
	})
	return err
}

func flagError(cmd *cobra.Command, err error) error {
	if e := (*pflag.InvalidValueError)(nil); errors.As(err, &e) {
		return fmt.Errorf("--%s is %q: %s", e.GetFlag().Name, e.GetValue(), wanted(e.GetFlag(), e.Unwrap()))
	}
	if errors.Is(err, pflag.ErrHelp) {
		return err
	}
	return fmt.Errorf("%w: see `%s --help`", err, cmd.CommandPath())
}

// wanted describes the values that a flag takes.
func wanted(f *pflag.Flag, cause error) string {
	switch f.Value.Type() {
	case "bool":
		return "it must be true or false"
	case "int", "int64":
		return "it must be a whole number"
	case "float64":
		return "it must be a number"
	case "duration":
		return "it must be a duration such as 500ms, 30s or 2m"
	}
	return cause.Error()
}

// choice is a flag with a few allowed values.
type choice struct {
	value   *string
	allowed []string
}

func (c choice) String() string {
	if c.value == nil {
		return ""
	}
	return *c.value
}

func (c choice) Type() string { return strings.Join(c.allowed, "|") }

func (c choice) Set(s string) error {
	s = strings.ToLower(strings.TrimSpace(s))
	if !slices.Contains(c.allowed, s) {
		return fmt.Errorf("it must be %s", orList(c.allowed))
	}
	*c.value = s
	return nil
}

// choose adds a flag with a few allowed values, with completion.
func choose(cmd *cobra.Command, value *string, name, initial string, allowed []string, usage string) {
	*value = initial
	cmd.Flags().Var(choice{value, allowed}, name, usage)
	cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(allowed, cobra.ShellCompDirectiveNoFileComp))
}

func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// size is a number of bytes, written as 1048576, 1024KiB or 1MiB; KB and MB mean the same.
type size[T int | int64] struct{ bytes *T }

var units = []struct {
	name  string
	bytes int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}

func (s size[T]) String() string {
	if s.bytes == nil {
		return ""
	}
	n := int64(*s.bytes)
	for _, u := range units {
		if n >= u.bytes && n%u.bytes == 0 {
			return strconv.FormatInt(n/u.bytes, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10)
}

func (s size[T]) Type() string { return "size" }

func (s size[T]) Set(text string) error {
	number, by := strings.ToUpper(strings.TrimSpace(text)), int64(1)
	for _, u := range units {
		letter := strings.ToUpper(u.name[:1])
		for _, suffix := range []string{letter + "IB", letter + "B", letter} {
			if rest, ok := strings.CutSuffix(number, suffix); ok && by == 1 {
				number, by = rest, u.bytes
			}
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(number, "B")), 10, 64)
	if err != nil || n < 1 || n > (1<<40)/by {
		return errors.New("it must be a size above 0, such as 65536, 64KiB or 1MiB")
	}
	*s.bytes = T(n * by)
	return nil
}

// networks is a list of networks; the flag repeats, or has commas.
type networks struct{ list *[]netip.Prefix }

func (n networks) String() string {
	if n.list == nil {
		return ""
	}
	var all []string
	for _, p := range *n.list {
		all = append(all, p.String())
	}
	return strings.Join(all, ",")
}

func (n networks) Type() string { return "network" }

func (n networks) Set(text string) error {
	for one := range strings.SplitSeq(text, ",") {
		one = strings.TrimSpace(one)
		p, err := netip.ParsePrefix(one)
		if err != nil {
			a, err := netip.ParseAddr(one)
			if err != nil {
				return errors.New("it must be an address or network, such as 10.0.0.0/8")
			}
			p = netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen())
		}
		*n.list = append(*n.list, p.Masked())
	}
	return nil
}

// origins is a list of sites, each a scheme, a host and perhaps a port, as browsers send them.
type origins struct{ list *[]string }

func (o origins) String() string {
	if o.list == nil {
		return ""
	}
	return strings.Join(*o.list, ",")
}

func (o origins) Type() string { return "origin" }

func (o origins) Set(text string) error {
	for one := range strings.SplitSeq(text, ",") {
		one = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(one), "/"))
		u, err := url.Parse(one)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || one != u.Scheme+"://"+u.Host {
			return errors.New("it must be a scheme and host, such as https://docs.example.com")
		}
		*o.list = append(*o.list, one)
	}
	return nil
}

// idOf reads an id from the command line, of "a merge", say; list is the command that shows such ids, "" for none.
func idOf(arg, what, list string) (int64, error) {
	id, err := strconv.ParseInt(arg, 10, 64)
	if err == nil && id > 0 {
		return id, nil
	}
	text := fmt.Sprintf("%q is not %s id", arg, what)
	if list != "" {
		text += ": see `arteriole " + list + "`"
	}
	return 0, usageError(text)
}
