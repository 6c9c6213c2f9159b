// The subset of JSON Schema that openapi.yaml uses, checked as one types. The server has the
// last word: this only says early what it will probably say.
import type { Value } from "./json";

export interface Schema {
  ref?: string;
  type?: string;
  format?: string;
  lenient?: boolean; // the format is one of several that are read
  enum?: unknown[];
  values?: string[]; // compared without case, _ and -
  default?: unknown;
  nullable?: boolean;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  exclusiveMaximum?: boolean;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  minProperties?: number;
  maxProperties?: number;
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema;
  items?: Schema;
  oneOf?: Schema[];
  faults?: Record<string, string>; // the code that a breach of a keyword gives; any: of every one
}

export interface Problem {
  from: number;
  to: number;
  name: string; // the field
  text: string;
  code: string; // of the answer that is to be expected
  meant?: string; // what was probably meant
}

const loose = (s: string) => s.toLowerCase().replace(/[_-]/g, "");
const kinds: Record<string, string> = { "{": "object", "[": "array", '"': "string", t: "boolean", f: "boolean", n: "null" };
const names: Record<string, string> = { object: "an object", array: "a list", string: "text", boolean: "a boolean", integer: "a whole number", number: "a number", null: "null" };

export class Checker {
  constructor(private readonly schemas: Record<string, Schema>) {}

  resolve(s: Schema): Schema {
    const { ref, ...own } = s;
    return ref ? { ...this.resolve(this.schemas[ref] ?? {}), ...own } : s;
  }

  check(schema: Schema, v: Value, name: string, faults?: Record<string, string>): Problem[] {
    const s = this.resolve(schema), codes = s.faults ?? faults ?? {};
    const found: Problem[] = [];
    const bad = (keyword: string, text: string, meant?: string) =>
      found.push({ from: v.from, to: v.to, name, text, meant, code: codes[keyword] ?? codes.any ?? "400" });
    if (v.kind === "n") return s.nullable || bad("type", "null is refused; leave it out"), found;
    if (s.oneOf) {
      const tries = s.oneOf.map((one) => this.check(one, v, name, codes));
      if (tries.some((t) => !t.length)) return [];
      const fits = s.oneOf.findIndex((one) => this.fits(this.resolve(one), v));
      if (fits >= 0) return tries[fits];
      bad("type", "it must be " + s.oneOf.map((one) => names[this.resolve(one).type ?? ""] ?? "something else").join(" or "));
      return found;
    }
    if (!this.fits(s, v)) return bad("type", `it must be ${names[s.type!] ?? s.type}`), found;
    const list = s.values ?? (s.enum as string[] | undefined);
    if (v.kind === '"') {
      const n = [...v.text].length;
      if (list && !list.some((x) => (s.values ? loose(x) === loose(v.text) : x === v.text)) && v.text !== "") {
        bad("enum", `“${v.text}” is none of ${list.length > 8 ? list.slice(0, 8).join(", ") + " …" : list.join(", ")}`, closest(v.text, list));
      } else if (s.minLength && n < s.minLength) bad("minLength", n ? `it needs at least ${s.minLength} characters` : "it must not be empty");
      else if (s.maxLength !== undefined && n > s.maxLength) bad("maxLength", `${n} characters are too many; ${s.maxLength} may stand there`);
      else if (s.pattern && !matches(s.pattern, v.text)) bad("pattern", `“${v.text}” does not have the right form`);
      else if (s.format?.startsWith("date") && v.text && !dated.test(v.text)) bad("format", `“${v.text}” is no date`, "2016-06-23T19:11:18+08:00");
    } else if (v.kind === "0") {
      const n = Number(v.text);
      if (s.minimum !== undefined && (n < s.minimum || (s.exclusiveMinimum && n === s.minimum))) bad("minimum", `${v.text} is too small; ${s.minimum} is the lowest`);
      else if (s.maximum !== undefined && (n > s.maximum || (s.exclusiveMaximum && n === s.maximum))) bad("maximum", `${v.text} is too large; ${s.maximum} is the highest`);
      else if (s.multipleOf && n % s.multipleOf) bad("multipleOf", `${v.text} is no multiple of ${s.multipleOf}`);
    } else if (v.kind === "[") {
      const n = v.items.length;
      if (s.minItems && n < s.minItems) bad("minItems", `it needs at least ${s.minItems} ${s.minItems === 1 ? "entry" : "entries"}`);
      if (s.maxItems !== undefined && n > s.maxItems) bad("maxItems", `${n} entries are too many; ${s.maxItems} may stand there`);
      if (s.items) v.items.forEach((item, i) => found.push(...this.check(s.items!, item, `${name}[${i}]`, codes)));
    } else if (v.kind === "{") {
      const n = v.names.length;
      if (v.twice !== undefined) bad("any", `the key ${v.twice} stands twice`);
      if (s.maxProperties !== undefined && n > s.maxProperties) bad("maxProperties", `${n} entries are too many; ${s.maxProperties} may stand there`);
      for (const key of s.required ?? []) if (!v.names.includes(key)) {
        const inner = s.properties?.[key], own = inner ? this.resolve(inner).faults : undefined;
        found.push({ from: v.from, to: v.from + 1, name: key, text: "it is required and missing", code: own?.required ?? own?.any ?? codes.required ?? "400" });
      }
      v.items.forEach((item, i) => {
        const inner = s.properties?.[v.names[i]] ?? s.additionalProperties;
        if (inner) found.push(...this.check(inner, item, v.names[i]));
      });
    }
    return found;
  }

  private fits(s: Schema, v: Value): boolean {
    if (!s.type) return true;
    if (v.kind === "0") return s.type === "number" || (s.type === "integer" && /^-?\d+$/.test(v.text));
    return kinds[v.kind] === s.type;
  }
}

const dated = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s?(Z|[+-]\d\d:?\d\d)?)?$/i;

function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return true; // a pattern that only the server reads
  }
}

/** The word of a list that is nearest in spelling, if one is near. */
function closest(text: string, list: string[]): string | undefined {
  let best: string | undefined, least = Math.max(2, text.length / 3) + 0.5;
  for (const x of list) {
    let row = Array.from({ length: x.length + 1 }, (_, i) => i);
    for (let i = 1; i <= text.length; i++) {
      const next = [i];
      for (let j = 1; j <= x.length; j++) next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + +(text[i - 1].toLowerCase() !== x[j - 1].toLowerCase()));
      row = next;
    }
    if (row[x.length] < least) [best, least] = [x, row[x.length]];
  }
  return best;
}
