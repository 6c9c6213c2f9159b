package samples

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// literal quotes s: named characters get their escape, what does not print the one of code.
func literal(quote, s string, named map[rune]string, code func(rune) string) string {
	var b strings.Builder
	b.WriteString(quote)
	for _, r := range s {
		switch e, ok := named[r]; {
		case ok:
			b.WriteString(e)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(code(r))
		}
	}
	b.WriteString(quote)
	return b.String()
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// The escapes that all of them share.
var common = map[rune]string{'"': `\"`, '\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`}

func jsonText(s string) string { return literal(`"`, s, common, utf16Escape) }

func utf16Escape(r rune) string {
	if r <= 0xFFFF {
		return fmt.Sprintf(`\u%04x`, r)
	}
	high, low := utf16.EncodeRune(r)
	return fmt.Sprintf(`\u%04x\u%04x`, high, low)
}

func braceEscape(r rune) string { return fmt.Sprintf(`\u{%X}`, r) }

// #{…}, #$… and #@… stand for values in a string of ruby.
var rubyHash = strings.NewReplacer("#{", `\#{`, "#$", `\#$`, "#@", `\#@`)

func rubyText(s string) string {
	return rubyHash.Replace(literal(`"`, s, common, braceEscape))
}

func pythonText(s string) string {
	return literal(`"`, s, common, func(r rune) string {
		switch {
		case r <= 0xFF:
			return fmt.Sprintf(`\x%02x`, r)
		case r <= 0xFFFF:
			return fmt.Sprintf(`\u%04x`, r)
		}
		return fmt.Sprintf(`\U%08x`, r)
	})
}

var (
	phpSingle = map[rune]string{'\'': `\'`, '\\': `\\`}
	phpDouble = map[rune]string{'"': `\"`, '\\': `\\`, '$': `\$`, '\n': `\n`, '\r': `\r`, '\t': `\t`}
)

func phpText(s string) string {
	if printable(s) {
		return literal("'", s, phpSingle, nil)
	}
	return literal(`"`, s, phpDouble, braceEscape)
}

// javascriptText is JSON's: a subset of the language's.
func javascriptText(s string) string { return jsonText(s) }

// goText prefers a raw string where there is much to escape.
func goText(s string) string {
	if strings.ContainsAny(s, `"\`) && strconv.CanBackquote(s) && printable(s) {
		return "`" + s + "`"
	}
	return strconv.Quote(s)
}

// shellText quotes a word for any POSIX shell; it must not hold NUL.
func shellText(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// printfText is a format for the shell's printf that prints s, whatever is in it.
func printfText(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\\' || r == '%':
			b.WriteString(string(r) + string(r))
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			for _, x := range []byte(string(r)) {
				fmt.Fprintf(&b, `\%03o`, x)
			}
		}
	}
	return shellText(b.String())
}

var (
	word    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	integer = regexp.MustCompile(`^-?[0-9]+$`)
)

// key makes the function that writes a key: bare where it is a word, else quoted.
func key(quote func(string) string, between string, bare bool) func(string) string {
	return func(s string) string {
		if bare && word.MatchString(s) {
			return s + between
		}
		return quote(s) + between
	}
}

var (
	jsonNotation = notation{
		indent: "  ", null: "null", yes: "true", no: "false",
		quote: jsonText, key: key(jsonText, ": ", false), open: openJSON, end: endJSON,
	}
	rubyNotation = notation{
		indent: "  ", null: "nil", yes: "true", no: "false", pad: " ",
		quote: rubyText, key: key(rubyText, ": ", true), open: openJSON, end: endJSON,
	}
	pythonNotation = notation{
		indent: "    ", null: "None", yes: "True", no: "False", lastComma: true,
		quote: pythonText, key: key(pythonText, ": ", false), open: openJSON, end: endJSON,
	}
	phpNotation = notation{
		indent: "    ", null: "null", yes: "true", no: "false", lastComma: true,
		quote: phpText, key: key(phpText, " => ", false), open: phpOpen, end: func(value) string { return "]" },
	}
	javascriptNotation = notation{
		indent: "  ", null: "null", yes: "true", no: "false", pad: " ", lastComma: true,
		quote: javascriptText, key: javascriptKey, open: openJSON, end: endJSON,
	}
	// What stands between backquotes in go may hold none.
	backquotedNotation = func() notation {
		n := jsonNotation
		n.quote = func(s string) string { return strings.ReplaceAll(jsonText(s), "`", `\u0060`) }
		n.key = key(n.quote, ": ", false)
		return n
	}()
)

// phpOpen keeps json_encode from taking an object for a list: an empty one, and one whose keys
// php turns into numbers.
func phpOpen(v value) string {
	if v.kind == '{' {
		for _, name := range v.names {
			if integer.MatchString(name) {
				return "(object) ["
			}
		}
		if len(v.names) == 0 {
			return "(object) ["
		}
	}
	return "["
}

// javascriptKey keeps __proto__ a key like any other.
func javascriptKey(s string) string {
	if s == "__proto__" {
		return `["__proto__"]: `
	}
	return key(javascriptText, ": ", true)(s)
}
