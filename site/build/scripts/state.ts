// What all forms of the page share: the tools of the page, where calls go, the operations.
import { authorization, origin, type Config } from "./config";
import type { Codes } from "./calls";
import { parsed } from "./json";
import { bare, literalOf, pretty, segment, type Call } from "./notation";
import type { Tools } from "./tools";
import { Checker, type Schema } from "./validate";

export interface Example {
  name: string;
  title: string;
  path?: Record<string, unknown>;
  query?: Record<string, unknown>;
  headers?: Record<string, string>;
  body?: unknown;
  raw?: string;
  steps?: string[];
  settings?: Record<string, unknown>;
  codes?: number[];
}
export interface Operation {
  id: string;
  title: string;
  method: string;
  path: string;
  deletes?: boolean;
  auth: string[];
  params: { name: string; in: string; required?: boolean; schema: Schema; faults?: Record<string, string> }[];
  body?: { required?: boolean; media: string; schema: Schema };
  examples: Example[];
  codes: Codes;
}
export interface Forms {
  operations: Record<string, Operation>;
  schemas: Record<string, Schema>;
}

// The names that the generator gives to what is loaded later.
declare const SAMPLES: string, CREDENTIALS: string, PARTS: string, TRYIT_SHEET: string;
const later = (name: string) => import(new URL(name, import.meta.url).href);
export let languages: typeof import("./samples") | undefined;
export const dialogs = () => later(CREDENTIALS) as Promise<typeof import("./credentials")>;

export let parts: typeof import("./parts");
export const manyParts = (op: Operation) => op.body?.media === "multipart/form-data";
/** Loads what the form of an operation needs beside the rest. */
export const loadFor = async (op?: Operation) => {
  if (op && manyParts(op)) parts = await later(PARTS);
};

export let tools: Tools, config: Config, forms: Forms, checker: Checker;
export const root = () => tools.self.dataset.root ?? "";
export const credentials = () => {
  const own = tools.credentials(), d = config.demo;
  return d ? { till: own.token ? undefined : d.till, md5: own.token ? undefined : tools.md5(d.password), key: d.key, ...defined(own) } : own;
};
const defined = <T extends object>(o: T) => Object.fromEntries(Object.entries(o).filter((e) => e[1] !== undefined)) as T;

/** Loads them, once. */
export async function begin(t: Tools) {
  if (forms) return;
  tools = t;
  const [f, c] = await Promise.all([t.json<Forms>(t.self.dataset.forms!), t.json<Config>(root() + "config.json").catch(() => null), t.sheet(new URL(TRYIT_SHEET, import.meta.url).href)]);
  config = { server: "", demo: null, sandbox: false, ...c };
  checker = new Checker(f.schemas);
  forms = f;
  if (config.demo) tools.fallback({ till: config.demo.till, md5: tools.md5(config.demo.password), key: config.demo.key });
}

/** Loads the languages beside JSON. */
export const loadLanguages = async () => {
  languages ??= await later(SAMPLES);
};

export const asWho = (h: [string, string][]) => {
  const c = credentials();
  return h[0][0] !== "Authorization" ? "the holder of the token" : h[0][1].startsWith("Basic") ? c.till! : "the holder of the key";
};

/** Credentials first, the type of the body last: the order of the printed samples. */
export function withCredentials(call: Call, op: Operation): Call {
  const has = (name: string) => call.headers.some(([n]) => n.toLowerCase() === name);
  const headers = [...(has("authorization") ? [] : authorization(credentials(), op.auth, tools)), ...call.headers].filter((h) => h[1] !== "");
  if (call.body && !has("content-type") && !manyParts(op)) headers.push(["Content-Type", "application/json"]);
  return { ...call, headers };
}

/** The call of an example, without a form. */
export function callOf(op: Operation, e: Example): Call {
  const pairs = Object.entries(e.query ?? {}).flatMap(([k, v]) => (Array.isArray(v) ? v : [v]).map((x): [string, string] => [k, String(x)]));
  return {
    method: op.method, server: origin(config), path: op.path.replace(/\{([^}]+)\}/g, (whole, name) => (e.path?.[name] === undefined ? whole : segment(String(e.path[name])))),
    query: pairs, headers: Object.entries(e.headers ?? {}).map(([k, v]) => [k, String(v)]), body: e.raw ?? (e.body === undefined ? null : pretty(parsed(JSON.stringify(e.body))!)),
  };
}

/** The call in a language; undefined as long as the language is not loaded. */
export const sample = (call: Call, lang: string): string | undefined =>
  lang === "json" ? bare(call) : languages?.samples(call, literalOf(call))[lang];
