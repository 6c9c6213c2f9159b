// How JSON is written for reading, and addresses: what the form and the samples share.
import { parsed, type Value } from "./json";

export interface Call {
  method: string;
  server: string; // scheme and host
  path: string; // encoded
  query: [name: string, value: string][];
  headers: [name: string, value: string][]; // Authorization first
  body: string | null;
}

export interface Notation {
  indent: string;
  words: [yes: string, no: string, nothing: string];
  quote(s: string): string;
  key(s: string): string;
  open?(v: Value): string;
  end?(v: Value): string;
  pad?: string;
  lastComma?: boolean;
  aligned?: boolean; // by gofmt
}

export const width = 66;
export const length = (s: string) => [...s].length;
export const hex = (n: number, digits: number) => n.toString(16).padStart(digits, "0");
export const prints = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u;
export const word = /^[A-Za-z_]\w*$/;

export function write(n: Notation, v: Value, depth: number, column: number, whole: boolean): string {
  if (v.kind === '"') return n.quote(v.text);
  if (v.kind === "0") return v.text;
  if (v.kind === "t" || v.kind === "f" || v.kind === "n") return n.words["tfn".indexOf(v.kind)];
  const open = n.open?.(v) ?? v.kind, end = n.end?.(v) ?? (v.kind === "{" ? "}" : "]");
  const key = (i: number) => (v.kind === "{" ? n.key(v.names[i]) : "");
  if (!v.items.length) return open + end;
  if (!whole && v.items.every((i) => !i.items.length)) {
    const pad = v.kind === "{" ? n.pad ?? "" : "";
    const line = open + pad + v.items.map((item, i) => key(i) + write(n, item, 0, 0, false)).join(", ") + pad + end;
    if (column + length(line) <= width) return line;
  }
  const gap = "\n" + n.indent.repeat(depth), last = v.items.length - 1, widest = Math.max(...v.items.map((_, i) => length(key(i))));
  return (
    open +
    v.items
      .map((item, i) => {
        const k = n.aligned ? key(i).padEnd(widest) : key(i);
        return gap + n.indent + k + write(n, item, depth + 1, n.indent.length * (depth + 1) + length(key(i)), false) + (i < last || n.lastComma ? "," : "");
      })
      .join("") +
    gap +
    end
  );
}

export const common: Record<string, string> = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
export const literal = (quote: string, s: string, named: Record<string, string>, code: (n: number) => string) =>
  quote + [...s].map((c) => named[c] ?? (prints.test(c) ? c : code(c.codePointAt(0)!))).join("") + quote;
const utf16 = (n: number) => [...String.fromCodePoint(n)].flatMap((c) => Array.from({ length: c.length }, (_, i) => "\\u" + hex(c.charCodeAt(i), 4))).join("");
export const json = (s: string) => literal('"', s, common, utf16);
export const key = (quote: (s: string) => string, bare: boolean) => (s: string) => (bare && word.test(s) ? s : quote(s)) + ": ";
export const words: Notation["words"] = ["true", "false", "null"];
export const jsonNotation: Notation = { indent: "  ", words, quote: json, key: key(json, false) };

export const pretty = (v: Value) => write(jsonNotation, v, 0, 0, true);

export const percent = (s: string) => {
  try {
    return encodeURIComponent(s).replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());
  } catch {
    return "%EF%BF%BD"; // half a character
  }
};
/** A segment of a path. */
export const segment = (s: string) => percent(s).replace(/%(24|26|2B|3A|3D|40)/g, (c) => decodeURIComponent(c));
export const queryOf = (query: Call["query"]) => query.map(([k, v]) => percent(k) + "=" + percent(v)).join("&");

/** What the languages cannot write as a literal of their own is sent as text. */
function literalBody(body: string): Value | undefined {
  const v = parsed(body);
  const fits = (v: Value, depth: number): boolean => {
    if (depth > 64 || v.twice !== undefined || v.names.some((n) => n[0] === "\0")) return false;
    if (v.kind === "0") {
      const n = Number(v.text);
      return /^-?[1-9]\d*$/.test(v.text) ? BigInt(v.text) <= 2n ** 53n && BigInt(v.text) >= -(2n ** 53n) : !!n && /^(-?0\.\d{0,3}[1-9]\d{0,8}|-?[1-9]\d{0,8}\.\d{1,6})$/.test(v.text) || /^0(\.0{1,6})?$/.test(v.text);
    }
    return [v.text, ...v.names].every((t) => !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(t)) && v.items.every((i) => fits(i, depth + 1));
  };
  return v && fits(v, 1) ? v : undefined;
}

/** The bare request, which JSON stands for among the languages. */
/** The body of a call, if a language can write it as a value of its own; a body of lines may look like one. */
export const literalOf = (c: Call): Value | undefined =>
  c.body && !c.headers.some((h) => /^content-type,(?!.*\/json)/i.test("" + h)) ? literalBody(c.body) : undefined;

export function bare(call: Call): string {
  const encoded = queryOf(call.query), body = literalOf(call);
  let line = call.method + " " + call.path + (encoded ? "?" + encoded : "");
  if (line.length > width) line = line.replace(/[?&]/g, "\n  $&");
  return [line, ...call.headers.map((h) => h.join(": ")), ...(call.body ? ["", body ? pretty(body) : call.body] : [])].join("\n");
}
