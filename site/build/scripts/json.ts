// JSON with places: what the browser's own parser does not tell. Numbers keep their text and
// objects the order of their keys, as the samples need it.

export interface Value {
  kind: "{" | "[" | '"' | "0" | "t" | "f" | "n";
  text: string; // decoded of a string, as written of a number
  names: string[]; // of an object
  items: Value[];
  from: number;
  to: number;
  twice?: string; // a key that stands twice
}

export class Broken extends Error {
  constructor(readonly at: number, message: string) {
    super(message);
  }
}

const short: Record<string, string> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** Reads JSON by RFC 8259; throws Broken. */
export function parse(s: string): Value {
  let i = 0;
  const fail = (message: string, at = i): never => {
    throw new Broken(at, message);
  };
  const blank = () => {
    while (" \t\n\r".includes(s[i]) && i < s.length) i++;
  };
  const string = (): string => {
    const from = i++;
    let out = "";
    for (;;) {
      const c = s[i];
      if (c === undefined || c === "\n") return fail("this text has no end", from);
      i++;
      if (c === '"') return out;
      if (c < " ") return fail("a control character must be written as \\u00…", i - 1);
      if (c !== "\\") {
        out += c;
        continue;
      }
      const e = s[i++];
      if (e === "u") {
        const hex = s.slice(i, i + 4);
        if (!/^[\da-f]{4}$/i.test(hex)) return fail("\\u needs four hexadecimal digits", i - 2);
        out += String.fromCharCode(parseInt(hex, 16));
        i += 4;
      } else if (e !== undefined && '"\\/'.includes(e)) out += e;
      else if (short[e]) out += short[e];
      else return fail(`JSON has no \\${e ?? ""}`, i - 2);
    }
  };
  const value = (depth: number): Value => {
    blank();
    const from = i, c = s[i];
    const v = (kind: Value["kind"], text = ""): Value => ({ kind, text, names: [], items: [], from, to: i });
    if (depth > 200) return fail("it nests too deep");
    if (c === '"') {
      const text = string();
      return v('"', text);
    }
    if (c === "{" || c === "[") {
      const end = c === "{" ? "}" : "]", out = v(c);
      i++;
      blank();
      if (s[i] === end) i++;
      else
        for (;;) {
          blank();
          if (c === "{") {
            if (s[i] === end) return fail("the comma before it is one too many");
            if (s[i] !== '"') return fail(/[“”„'‘’]/.test(s[i] ?? "") ? `${s[i]} is no quotation mark of JSON; write "` : "a key in quotation marks is missing");
            const name = string();
            if (out.names.includes(name)) out.twice ??= name;
            out.names.push(name);
            blank();
            if (s[i] !== ":") return fail("a colon is missing behind the key");
            i++;
          } else if (s[i] === end) return fail("the comma before it is one too many");
          out.items.push(value(depth + 1));
          blank();
          if (s[i] === end) {
            i++;
            break;
          }
          if (s[i] !== ",") return fail(s[i] === undefined ? `it ends before ${end}` : `a comma or ${end} is missing`);
          i++;
        }
      out.to = i;
      return out;
    }
    const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/.exec(s.slice(i, i + 400));
    if (number) {
      i += number[0].length;
      return v("0", number[0]);
    }
    for (const [word, kind] of [["true", "t"], ["false", "f"], ["null", "n"]] as const)
      if (s.startsWith(word, i) && !/\w/.test(s[i + word.length] ?? "")) {
        i += word.length;
        return v(kind);
      }
    if (c === undefined) return fail("a value is missing");
    if (/[“”„'‘’]/.test(c)) return fail(`${c} is no quotation mark of JSON; write "`);
    return fail("this is no value of JSON");
  };
  const v = value(0);
  blank();
  if (i < s.length) fail("there is something behind the end");
  return v;
}

export function parsed(s: string): Value | undefined {
  try {
    return parse(s);
  } catch {
    return undefined;
  }
}

export const get = (v: Value | undefined, name: string): Value | undefined => {
  const at = v?.kind === "{" ? v.names.indexOf(name) : -1;
  return at < 0 ? undefined : v!.items[at];
};
