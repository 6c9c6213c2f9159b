package samples

import (
	"fmt"
	"go/format"
	"net/url"
	"strings"
)

// lines is a program as it is written.
type lines struct{ strings.Builder }

func (l *lines) add(format string, args ...any) {
	fmt.Fprintf(&l.Builder, format+"\n", args...)
}

// bare is the request itself: its line, broken at the query where it is long, headers, body.
func bare(c *call) string {
	var l lines
	line := c.method + " " + c.target
	if len(line) > width {
		line = strings.NewReplacer("?", "\n  ?", "&", "\n  &").Replace(line)
	}
	l.add("%s", line)
	for _, h := range c.headers {
		l.add("%s: %s", h.Name, h.Value)
	}
	if c.sends() {
		l.add("")
		l.add("%s", bodyText(c, jsonNotation))
	}
	return l.String()
}

// bodyText is the body as JSON in the notation, or the text that it is.
func bodyText(c *call, n notation) string {
	if c.body.kind == 0 {
		return c.text
	}
	return n.write(c.body, 0, 0, true)
}

// shell has the query of a request without a body in parts, for curl to encode. What cannot
// stand between single quotes comes by standard input.
func shell(c *call) string {
	address, parts := c.base, c.query
	if len(parts.names) > 0 && c.sends() {
		address, parts = c.base+c.target[strings.IndexByte(c.target, '?'):], value{}
	}
	first := "curl --fail-with-body"
	if c.method != "GET" {
		first += " -X " + c.method
	}
	if len(parts.names) > 0 {
		first += " -G"
	}
	all := []string{first + " " + shellText(address)}
	if len(all[0]) > 100 {
		all = []string{first, shellText(address)}
	}
	for i, name := range parts.names {
		text := parts.items[i].text
		if word.MatchString(name) && printable(text) {
			all = append(all, "--data-urlencode "+shellText(name+"="+text))
		} else {
			all = append(all, "-d "+shellText(url.QueryEscape(name)+"="+url.QueryEscape(text)))
		}
	}
	for _, h := range c.headers {
		all = append(all, "-H "+shellText(h.Name+": "+h.Value))
	}
	before, after := "", ""
	switch text := bodyText(c, jsonNotation); {
	case c.body.kind != 0 && !strings.Contains(text, "'"):
		all = append(all, "-d '"+text+"'")
	case c.body.kind != 0:
		all = append(all, "-d @- <<'JSON'")
		after = "\n" + text + "\nJSON"
	case c.text != "" && printable(text):
		all = append(all, "--data-raw "+shellText(text))
	case c.text != "":
		before = "printf -- " + printfText(text) + " | "
		all = append(all, "--data-binary @-")
	}
	return before + strings.Join(all, " \\\n  ") + after
}

func ruby(c *call) string {
	var l lines
	l.add(`require "net/http"`)
	if c.body.kind != 0 {
		l.add(`require "json"`)
	}
	l.add("")
	l.add("uri = URI(%s)", rubyText(c.base))
	if len(c.query.names) > 0 {
		const set = "uri.query = URI.encode_www_form("
		l.add("%s%s)", set, rubyNotation.write(c.query, 0, len(set), false))
	}
	l.add("")
	l.add("request = Net::HTTP::%s.new(uri)", c.method[:1]+strings.ToLower(c.method[1:]))
	for _, h := range c.headers {
		l.add("request[%s] = %s", rubyText(h.Name), rubyText(h.Value))
	}
	switch {
	case c.body.kind != 0:
		l.add("request.body = JSON.generate(%s)", rubyNotation.write(c.body, 0, 0, true))
	case c.text != "":
		l.add("request.body = %s", rubyText(c.text))
	}
	l.add("")
	l.add(`answer = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == "https") do |http|`)
	l.add("  http.request(request)")
	l.add("end")
	l.add("puts answer.body")
	l.add(`abort "HTTP #{answer.code}" if answer.code.to_i >= 400`)
	return l.String()
}

// python uses requests, which is what people use: the standard library takes an answer with a
// status of 400 and above for an exception, and twice the lines.
func python(c *call) string {
	var l lines
	l.add("import requests\n")
	l.add("answer = requests.%s(", strings.ToLower(c.method))
	l.add("    %s,", pythonText(c.base))
	argument := func(name string, v value, whole bool) {
		l.add("    %s=%s,", name, pythonNotation.write(v, 1, len("    =")+len(name), whole))
	}
	if len(c.query.names) > 0 {
		argument("params", c.query, false)
	}
	headers := c.headers
	if last := len(headers) - 1; c.body.kind != 0 && headers[last] == (Header{"Content-Type", "application/json"}) {
		headers = headers[:last] // json=… says so
	}
	if len(headers) > 0 {
		argument("headers", ofHeaders(headers), false)
	}
	switch {
	case c.body.kind != 0:
		argument("json", c.body, true)
	case c.text != "":
		l.add("    data=%s.encode(),", pythonText(c.text))
	}
	l.add(")")
	l.add("print(answer.text)")
	l.add("answer.raise_for_status()")
	return l.String()
}

func php(c *call) string {
	var l lines
	l.add("<?php")
	l.add("")
	address := phpText(c.base)
	if len(c.query.names) > 0 {
		const set = "$query = http_build_query("
		l.add("%s%s);", set, phpNotation.write(c.query, 0, len(set), false))
		address = phpText(c.base+"?") + " . $query"
	}
	l.add("$call = curl_init(%s);", address)
	l.add("curl_setopt_array($call, [")
	if c.method != "GET" {
		l.add("    CURLOPT_CUSTOMREQUEST => '%s',", c.method)
	}
	headers := value{kind: '['}
	for _, h := range c.headers {
		headers.items = append(headers.items, value{kind: '"', text: h.Name + ": " + h.Value})
	}
	if len(headers.items) > 0 {
		const set = "    CURLOPT_HTTPHEADER => "
		l.add("%s%s,", set, phpNotation.write(headers, 1, len(set), false))
	}
	switch {
	case c.body.kind != 0:
		l.add("    CURLOPT_POSTFIELDS => json_encode(%s),", phpNotation.write(c.body, 1, 0, true))
	case c.text != "":
		l.add("    CURLOPT_POSTFIELDS => %s,", phpText(c.text))
	}
	l.add("    CURLOPT_RETURNTRANSFER => true,")
	l.add("]);")
	l.add("")
	l.add("$answer = curl_exec($call);")
	l.add("if ($answer === false) {")
	l.add("    throw new RuntimeException(curl_error($call));")
	l.add("}")
	l.add("echo $answer, PHP_EOL;")
	l.add("$status = curl_getinfo($call, CURLINFO_RESPONSE_CODE);")
	l.add("if ($status >= 400) {")
	l.add(`    error_log("HTTP $status");`)
	l.add("    exit(1);")
	l.add("}")
	return l.String()
}

// javascript is a module, as top-level await needs; it runs in a browser too.
func javascript(c *call) string {
	var l lines
	address := javascriptText(c.base)
	if len(c.query.names) > 0 {
		const set = "const query = new URLSearchParams("
		l.add("%s%s);", set, javascriptNotation.write(c.query, 0, len(set), false))
		address = "`" + c.base + "?${query}`" // base has neither backquotes nor braces
	}
	var options lines
	if c.method != "GET" {
		options.add("  method: %s,", javascriptText(c.method))
	}
	if len(c.headers) > 0 {
		options.add("  headers: %s,", javascriptNotation.write(ofHeaders(c.headers), 1, len("  headers: "), false))
	}
	switch {
	case c.body.kind != 0:
		options.add("  body: JSON.stringify(%s),", javascriptNotation.write(c.body, 1, 0, true))
	case c.text != "":
		options.add("  body: %s,", javascriptText(c.text))
	}
	if options.Len() > 0 {
		l.add("const answer = await fetch(%s, {\n%s});", address, options.String())
	} else {
		l.add("const answer = await fetch(%s);", address)
	}
	l.add("console.log(await answer.text());")
	l.add("if (!answer.ok) {")
	l.add("  throw new Error(`HTTP ${answer.status}`);")
	l.add("}")
	return l.String()
}

func golang(c *call) string {
	imports := []string{"io", "log", "net/http"}
	if len(c.query.names) > 0 {
		imports = append(imports, "net/url")
	}
	imports = append(imports, "os")
	if c.sends() {
		imports = append(imports, "strings")
	}
	var l lines
	l.add("package main\n\nimport (\n\t\"%s\"\n)\n", strings.Join(imports, "\"\n\t\""))
	l.add("func main() {")
	address, body := goText(c.base), "nil"
	if len(c.query.names) > 0 {
		l.add("query := url.Values%s", goQuery(c.query))
		address = goText(c.base+"?") + "+query.Encode()"
	}
	if c.sends() {
		body = "body"
		text := goText(c.text)
		if c.body.kind != 0 {
			text = "`" + bodyText(c, backquotedNotation) + "`"
		}
		l.add("body := strings.NewReader(%s)", text)
	}
	call := fmt.Sprintf("request, err := http.NewRequest(%q, %s, %s)", c.method, address, body)
	if len(call) > 90 {
		call = strings.Replace(call, `", `, "\",\n", 1)
	}
	const orEnd = "if err != nil {\nlog.Fatal(err)\n}"
	l.add("%s\n%s", call, orEnd)
	for _, h := range c.headers {
		l.add("request.Header.Set(%s, %s)", goText(h.Name), goText(h.Value))
	}
	l.add("\nanswer, err := http.DefaultClient.Do(request)\n%s", orEnd)
	l.add("defer answer.Body.Close()")
	l.add("if _, err := io.Copy(os.Stdout, answer.Body); err != nil {\nlog.Fatal(err)\n}")
	l.add("if answer.StatusCode >= 400 {\nlog.Fatal(answer.Status)\n}")
	l.add("}")
	return gofmt(l.String())
}

func goQuery(query value) string {
	n := notation{
		indent: "\t", lastComma: true,
		quote: func(s string) string { return "{" + goText(s) + "}" },
		key:   key(goText, ": ", false), open: openJSON, end: endJSON,
	}
	return n.write(query, 0, len("\tquery := url.Values"), false)
}

func gofmt(text string) string {
	b, err := format.Source([]byte(text))
	if err != nil {
		panic(fmt.Sprintf("%v in\n%s", err, text)) // the text is ours, whatever it quotes
	}
	return string(b)
}
