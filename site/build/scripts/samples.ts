// The request of a form in every language, as package samples writes it; loaded when one is
// chosen. A test holds both together: what is written here is what was run there.
import type { Value } from "./json";
import { common, hex, json, jsonNotation, key, length, literal, percent, pretty, prints, queryOf, word, words, write, type Call, type Notation } from "./notation";

const object = (pairs: [string, string][]): Value => ({
  kind: "{", text: "", names: pairs.map((p) => p[0]), items: pairs.map((p) => text(p[1])), from: 0, to: 0,
});
const text = (s: string): Value => ({ kind: '"', text: s, names: [], items: [], from: 0, to: 0 });

const brace = (n: number) => `\\u{${n.toString(16).toUpperCase()}}`;

const ruby = (s: string) => literal('"', s, common, brace).replace(/#(?=[{$@])/g, "\\#");
const python = (s: string) => literal('"', s, common, (n) => (n < 256 ? "\\x" + hex(n, 2) : n < 65536 ? "\\u" + hex(n, 4) : "\\U" + hex(n, 8)));
const php = (s: string) =>
  prints.test(s) ? literal("'", s, { "'": "\\'", "\\": "\\\\" }, brace) : literal('"', s, { ...common, $: "\\$" }, brace);
const goNamed = { ...common, "\x07": "\\a", "\b": "\\b", "\f": "\\f", "\v": "\\v" };
const go = (s: string) =>
  /["\\]/.test(s) && prints.test(s) && !s.includes("`")
    ? "`" + s + "`"
    : literal('"', s, goNamed, (n) => (n < 32 || n === 127 ? "\\x" + hex(n, 2) : n < 65536 ? "\\u" + hex(n, 4) : "\\U" + hex(n, 8)));
const shell = (s: string) => "'" + s.replaceAll("'", "'\\''") + "'";
const printf = (s: string) =>
  shell([...s].map((c) => (c === "\\" || c === "%" ? c + c : prints.test(c) ? c : [...new TextEncoder().encode(c)].map((x) => "\\" + x.toString(8).padStart(3, "0")).join(""))).join(""));

const notations = {
  ruby: { indent: "  ", words: ["true", "false", "nil"], pad: " ", quote: ruby, key: key(ruby, true) },
  python: { indent: "    ", words: ["True", "False", "None"], lastComma: true, quote: python, key: key(python, false) },
  php: {
    indent: "    ", words, lastComma: true, quote: php, key: (s: string) => php(s) + " => ", end: () => "]",
    // json_encode takes an object for a list when it is empty, or when its keys are digits.
    open: (v: Value) => (v.kind === "{" && (!v.names.length || v.names.some((k) => /^-?\d+$/.test(k))) ? "(object) [" : "["),
  },
  javascript: {
    indent: "  ", words, pad: " ", lastComma: true, quote: json,
    key: (s: string) => (s === "__proto__" ? '["__proto__"]: ' : key(json, true)(s)),
  },
  go: { indent: "\t", words, lastComma: true, aligned: true, quote: (s: string) => "{" + go(s) + "}", key: key(go, false) },
} satisfies Record<string, Notation>;
const backquoted = { ...jsonNotation, quote: (s: string) => json(s).replaceAll("`", "\\u0060") };
const inGo: Notation = { ...backquoted, key: key(backquoted.quote, false) };

/** body is the call's, when the languages can write it as a literal of their own. */
export function samples(call: Call, body: Value | undefined): Record<string, string> {
  const { method, headers } = call, encoded = queryOf(call.query);
  const target = call.path + (encoded ? "?" + encoded : "");
  const names = call.query.map((q) => q[0]), plain = names.every((n, i) => n && names.indexOf(n) === i);
  const base = call.server + (plain ? call.path : target), query = plain ? call.query : [];
  const asked = object(query), raw = body ? "" : call.body ?? "";
  const list = (n: Notation, set: string, v: Value, depth = 0) => set + write(n, v, depth, set.length, false);
  const whole = (n: Notation, depth = 0) => write(n, body!, depth, 0, true);
  const given = object(headers);

  const curl = () => {
    const inUrl = !!(body || raw), first = `curl --fail-with-body${method === "GET" ? "" : " -X " + method}${query.length && !inUrl ? " -G" : ""}`;
    const address = shell(inUrl && query.length ? call.server + target : base), all = first.length + address.length < 100 ? [first + " " + address] : [first, address];
    if (!inUrl)
      for (const [k, v] of query)
        all.push(word.test(k) && prints.test(v) ? "--data-urlencode " + shell(k + "=" + v) : "-d " + shell(percent(k).replaceAll("%20", "+") + "=" + percent(v).replaceAll("%20", "+")));
    for (const h of headers) all.push("-H " + shell(h.join(": ")));
    let before = "", after = "";
    if (body) {
      const s = pretty(body);
      if (s.includes("'")) {
        all.push("-d @- <<'JSON'");
        after = "\n" + s + "\nJSON";
      } else all.push("-d '" + s + "'");
    } else if (raw && prints.test(raw)) all.push("--data-raw " + shell(raw));
    else if (raw) {
      before = "printf -- " + printf(raw) + " | ";
      all.push("--data-binary @-");
    }
    return before + all.join(" \\\n  ") + after;
  };

  const inRuby = () =>
    [
      'require "net/http"', ...(body ? ['require "json"'] : []), "", `uri = URI(${ruby(base)})`,
      ...(query.length ? [list(notations.ruby, "uri.query = URI.encode_www_form(", asked) + ")"] : []), "",
      `request = Net::HTTP::${method[0] + method.slice(1).toLowerCase()}.new(uri)`, ...headers.map(([k, v]) => `request[${ruby(k)}] = ${ruby(v)}`),
      ...(body ? [`request.body = JSON.generate(${whole(notations.ruby)})`] : raw ? [`request.body = ${ruby(raw)}`] : []), "",
      'answer = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == "https") do |http|', "  http.request(request)", "end", "puts answer.body",
      'abort "HTTP #{answer.code}" if answer.code.to_i >= 400',
    ].join("\n");

  const inPython = () => {
    const argument = (name: string, v: Value, all = false) => `    ${name}=${write(notations.python, v, 1, 5 + name.length, all)},`;
    const says = body && headers.at(-1)?.join() === "Content-Type,application/json" ? headers.slice(0, -1) : headers; // json=… says so
    return [
      "import requests", "", `answer = requests.${method.toLowerCase()}(`, `    ${python(base)},`, ...(query.length ? [argument("params", asked)] : []),
      ...(says.length ? [argument("headers", object(says))] : []), ...(body ? [argument("json", body, true)] : raw ? [`    data=${python(raw)}.encode(),`] : []),
      ")", "print(answer.text)", "answer.raise_for_status()",
    ].join("\n");
  };

  const inPHP = () =>
    [
      "<?php", "", ...(query.length ? [list(notations.php, "$query = http_build_query(", asked) + ");"] : []),
      `$call = curl_init(${query.length ? php(base + "?") + " . $query" : php(base)});`, "curl_setopt_array($call, [",
      ...(method === "GET" ? [] : [`    CURLOPT_CUSTOMREQUEST => '${method}',`]),
      ...(headers.length ? [list(notations.php, "    CURLOPT_HTTPHEADER => ", { ...given, kind: "[", names: [], items: headers.map((h) => text(h.join(": "))) }, 1) + ","] : []),
      ...(body ? [`    CURLOPT_POSTFIELDS => json_encode(${whole(notations.php, 1)}),`] : raw ? [`    CURLOPT_POSTFIELDS => ${php(raw)},`] : []),
      "    CURLOPT_RETURNTRANSFER => true,", "]);", "", "$answer = curl_exec($call);", "if ($answer === false) {", "    throw new RuntimeException(curl_error($call));", "}",
      "echo $answer, PHP_EOL;", "$status = curl_getinfo($call, CURLINFO_RESPONSE_CODE);", "if ($status >= 400) {", '    error_log("HTTP $status");', "    exit(1);", "}",
    ].join("\n");

  const inJavascript = () => {
    const n = notations.javascript, options = [
      ...(method === "GET" ? [] : [`  method: ${json(method)},`]), ...(headers.length ? [list(n, "  headers: ", given, 1) + ","] : []),
      ...(body ? [`  body: JSON.stringify(${whole(n, 1)}),`] : raw ? [`  body: ${json(raw)},`] : []),
    ];
    const address = query.length ? "`" + base + "?${query}`" : json(base);
    return [
      ...(query.length ? [list(n, "const query = new URLSearchParams(", asked) + ");"] : []),
      ...(options.length ? [`const answer = await fetch(${address}, {`, ...options, "});"] : [`const answer = await fetch(${address});`]),
      "console.log(await answer.text());", "if (!answer.ok) {", "  throw new Error(`HTTP ${answer.status}`);", "}",
    ].join("\n");
  };

  const inGoLang = () => {
    const sends = !!(body || raw), orEnd = ["\tif err != nil {", "\t\tlog.Fatal(err)", "\t}"];
    const imports = ["io", "log", "net/http", ...(query.length ? ["net/url"] : []), "os", ...(sends ? ["strings"] : [])];
    const address = query.length ? go(base + "?") + "+query.Encode()" : go(base);
    let request = `request, err := http.NewRequest("${method}", ${address}, ${sends ? "body" : "nil"})`;
    if (length(request) > 90) request = request.replace('", ', '",\n\t\t');
    return [
      "package main", "", "import (", ...imports.map((i) => `\t"${i}"`), ")", "", "func main() {",
      ...(query.length ? [list(notations.go, "\tquery := url.Values", asked, 1)] : []),
      ...(sends ? [`\tbody := strings.NewReader(${body ? "`" + whole(inGo) + "`" : go(raw)})`] : []), "\t" + request, ...orEnd,
      ...headers.map(([k, v]) => `\trequest.Header.Set(${go(k)}, ${go(v)})`), "", "\tanswer, err := http.DefaultClient.Do(request)", ...orEnd,
      "\tdefer answer.Body.Close()", "\tif _, err := io.Copy(os.Stdout, answer.Body); err != nil {", "\t\tlog.Fatal(err)", "\t}",
      "\tif answer.StatusCode >= 400 {", "\t\tlog.Fatal(answer.Status)", "\t}", "}",
    ].join("\n");
  };

  return { shell: curl(), ruby: inRuby(), python: inPython(), php: inPHP(), javascript: inJavascript(), go: inGoLang() };
}
