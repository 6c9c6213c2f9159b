// A textarea over a painted copy of its text: real input, coloured, with what is wrong marked.
import { Broken, parse, parsed, type Value } from "./json";
import { pretty } from "./notation";
import type { Problem } from "./validate";

export const el = <K extends keyof HTMLElementTagNameMap>(tag: K, props: Record<string, unknown> = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] => {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(props)) k in e && k !== "list" ? ((e as Record<string, unknown>)[k] = v) : v !== undefined && e.setAttribute(k, String(v));
  e.append(...children);
  return e;
};

let count = 0;
export const nextId = (name: string) => `t-${name}-${++count}`;

export interface Editor {
  readonly element: HTMLElement;
  readonly text: string;
  set(text: string): void;
  problems: Problem[];
}

/** What is wrong, in a line under an input. */
export const complaint = (p: Problem, line?: number) => {
  const out = el("span");
  if (line) out.append(`Line ${line}, `);
  out.append(el("code", {}, p.name || "body"), ": ", p.text, ".");
  if (p.meant) out.append(" Did you mean ", el("code", {}, p.meant), "?");
  return out;
};

/** Calls changed with every change. check is asked when the text is JSON. */
export function editor(name: string, labelledBy: string, check: (v: Value) => Problem[], changed: () => void, json = true): Editor {
  const id = nextId("json"), area = el("textarea", { id, spellcheck: false, autocapitalize: "off", autocomplete: "off", rows: 1, wrap: "soft" });
  area.setAttribute("aria-labelledby", labelledBy);
  const copy = el("pre", { ariaHidden: "true" }), err = el("p", { className: "err", id: id + "-e", hidden: true, role: "status" });
  const button = (text: string, then: () => void) => el("button", { type: "button", onclick: then }, text);
  let first = "";
  const set = (text: string) => {
    area.value = text;
    update();
  };
  const tidy = () => {
    const v = parsed(area.value);
    if (v) set(pretty(v));
    area.focus();
  };
  const caption = el("span", {}, "JSON");
  const element = el(
    "div", { className: "jsn" },
    el("div", { className: "cap" }, caption, el("span", { className: "r" }, button("Tidy", tidy), button("Reset", () => (set(first), area.focus())))),
    el("div", { className: "ed" }, copy, area), err,
  );
  const me: Editor = {
    element,
    problems: [],
    get text() {
      return area.value;
    },
    set(text) {
      first = text;
      set(text);
    },
  };
  function update() {
    const text = area.value;
    me.problems = [];
    let value: Value | undefined;
    if (json && text.trim())
      try {
        value = parse(text);
        me.problems = check(value);
      } catch (e) {
        if (!(e instanceof Broken)) throw e;
        me.problems = [{ from: e.at, to: e.at + 1, name, text: e.message, code: "400" }];
      }
    caption.textContent = value?.kind === "[" ? `${value.items.length} ${value.items.length === 1 ? "entry" : "entries"}` : text.trim() ? (json ? "JSON" : "text") : "not sent";
    paint(copy, text, me.problems);
    const p = me.problems[0];
    if (p) {
      area.setAttribute("aria-invalid", "true");
      area.setAttribute("aria-describedby", err.id);
      const more = me.problems.length - 1;
      err.replaceChildren(complaint(p, text.slice(0, p.from).split("\n").length), ...(more ? [` And ${more} more.`] : []));
    } else {
      area.removeAttribute("aria-invalid");
      area.removeAttribute("aria-describedby");
    }
    err.hidden = !p;
    changed();
  }
  area.addEventListener("input", update);
  set("");
  return me;
}

const token = /("(?:[^"\\\n]|\\.)*")(\s*:)?|-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b|\b(?:true|false|null)\b/g;

function paint(copy: HTMLElement, text: string, problems: Problem[]) {
  const lines = text.split("\n");
  let from = 0;
  copy.replaceChildren(
    ...lines.map((line) => {
      const to = from + line.length, wrong = problems.find((p) => p.from <= to && p.from >= from);
      const out = el("span", { className: wrong ? "ln bad" : "ln" });
      const colour = (s: string, into: HTMLElement) => {
        let end = 0;
        for (const m of s.matchAll(token)) {
          into.append(s.slice(end, m.index), el("span", { className: m[1] ? (m[2] ? "a" : "s") : "n" }, m[1] ?? m[0]), m[2] ?? "");
          end = m.index + m[0].length;
        }
        into.append(s.slice(end));
      };
      if (wrong && wrong.to <= to && wrong.to - wrong.from > 1) {
        const u = el("u");
        colour(line.slice(0, wrong.from - from), out);
        colour(line.slice(wrong.from - from, wrong.to - from), u);
        out.append(u);
        colour(line.slice(wrong.to - from), out);
      } else colour(line, out);
      from = to + 1;
      out.append("\n");
      return out;
    }),
  );
}
