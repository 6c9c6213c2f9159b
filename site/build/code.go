package build

import (
	"html"
	"html/template"
	"regexp"
	"strings"
)

// code is text in pieces, each of a kind that the style sheet colours: "k" keyword,
// "s" string, "n" number or literal, "cred" a credential, which is shown cut and copied
// whole, "" the rest. Names of properties keep the colour
// of the text: a colour of their own would double the elements of the page.
type code []piece

type piece struct{ kind, text string }

// html writes the pieces; equal kinds that touch share an element.
func (c code) html() template.HTML {
	var b strings.Builder
	for i := 0; i < len(c); {
		kind, text := c[i].kind, ""
		for ; i < len(c) && c[i].kind == kind; i++ {
			text += c[i].text
		}
		if kind == "" {
			b.WriteString(html.EscapeString(text))
			continue
		}
		b.WriteString(`<span class="` + kind + `">` + html.EscapeString(text) + `</span>`)
	}
	return template.HTML(b.String())
}

var jsonToken = regexp.MustCompile(`"(?:[^"\\\n]|\\.)*"|-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b|\b(?:true|false|null)\b`)

// jsonCode colours JSON, or what is meant to be JSON: it never fails.
func jsonCode(text string) code {
	var c code
	for text != "" {
		at := jsonToken.FindStringIndex(text)
		if at == nil {
			break
		}
		token, rest := text[at[0]:at[1]], text[at[1]:]
		kind := "n"
		if token[0] == '"' {
			kind = "s"
			if strings.HasPrefix(strings.TrimLeft(rest, " \n"), ":") {
				kind = ""
			}
		}
		c = append(c, piece{"", text[:at[0]]}, piece{kind, token})
		text = rest
	}
	return append(c, piece{"", text})
}

var shellToken = regexp.MustCompile(`'[^']*'|"(?:[^"\\]|\\.)*"|(?m:^)(?:curl|printf|echo)\b|#.*`)

func shellCode(text string) code {
	var c code
	for text != "" {
		at := shellToken.FindStringIndex(text)
		if at == nil {
			break
		}
		token := text[at[0]:at[1]]
		kind := "k"
		switch token[0] {
		case '\'', '"':
			kind = "s"
		case '#':
			kind = "c"
		}
		c = append(c, piece{"", text[:at[0]]}, piece{kind, token})
		text = text[at[1]:]
	}
	return append(c, piece{"", text})
}

// coloured colours a block of a language; one that it does not know stays plain.
func coloured(language, text string) template.HTML {
	switch strings.ToLower(language) {
	case "json":
		return jsonCode(text).html()
	case "shell", "sh", "bash", "curl":
		return shellCode(text).html()
	}
	return code{{"", text}}.html()
}
