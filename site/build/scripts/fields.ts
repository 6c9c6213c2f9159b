// The inputs that take the places of the fields' descriptions.
import { complaint, editor, el, nextId, type Editor } from "./editor";
import { parsed, type Value } from "./json";
import { pretty } from "./notation";
import type { Checker, Problem, Schema } from "./validate";

export interface Control {
  readonly element: HTMLElement;
  /** As it is sent in a query; undefined: not sent. */
  text(): string | undefined;
  /** As it stands in a body. */
  json(): string | undefined;
  set(v: Value | undefined): void;
  problems: Problem[];
  file?(): File | undefined;
}

const scalar = (v: Value) => (v.kind === '"' || v.kind === "0" ? v.text : { t: "true", f: "false", n: "null" }[v.kind as string] ?? "");
const value = (text: string): Value => ({ kind: '"', text, names: [], items: [], from: 0, to: text.length });
const quoted = (s: string) => JSON.stringify(s);

/** Whether the schema is of one value rather than of a list or an object. */
export function single(s: Schema, c: Checker): boolean {
  const r = c.resolve(s);
  return r.oneOf ? r.oneOf.every((one) => single(one, c)) : r.type !== "array" && r.type !== "object" && !r.properties;
}

export function control(name: string, schema: Schema, required: boolean, faults: Record<string, string> | undefined, labelledBy: string, c: Checker, changed: () => void): Control {
  const s = c.resolve(schema), types = (s.oneOf ?? [s]).map((one) => c.resolve(one).type);
  if (!single(s, c)) return jsonControl(name, s, faults, labelledBy, c, changed);
  if (s.format === "binary") return fileControl(name, labelledBy, changed);
  const number = types.every((t) => t === "integer" || t === "number");
  const box = el("div", { className: "ask" }), err = el("p", { className: "err", id: nextId("e"), hidden: true, role: "status" });
  let input: HTMLInputElement | HTMLSelectElement, get: () => string | undefined, put: (text: string | undefined) => void;
  const described = (e: HTMLElement) => (e.setAttribute("aria-labelledby", labelledBy), e);
  if (types.includes("boolean")) {
    let touched = false;
    const box = el("input", { type: "checkbox", role: "switch", id: nextId("sw") }), word = el("span"), leave = el("button", { type: "button", className: "rep", onclick: () => put(undefined) }, "Leave it out");
    described(box);
    const show = () => {
      word.textContent = touched ? String(box.checked) : "not sent";
      leave.hidden = !touched;
    };
    get = () => (touched ? String(box.checked) : undefined);
    put = (text) => {
      touched = text !== undefined;
      box.checked = /^true$/i.test(text ?? "");
      show();
      update();
    };
    box.addEventListener("change", () => put(String(box.checked)));
    input = box;
    wrap(el("span", { className: "sw" }, box, word, leave));
    show();
  } else if (s.values ?? s.enum) {
    const select = el("select", { className: "inp", id: nextId("s") }, el("option", { value: "" }, required ? "choose" : "not sent"), ...(s.values ?? (s.enum as string[])).map((v) => el("option", { value: v }, v)));
    described(select);
    get = () => select.value || undefined;
    put = (text) => {
      const list = [...select.options], there = list.find((o) => o.value === text) ?? list.find((o) => text && o.value.toLowerCase() === text.toLowerCase());
      if (text && !there) select.append(el("option", { value: text }, text));
      select.value = there?.value ?? text ?? "";
      update();
    };
    select.addEventListener("change", update);
    input = select;
    wrap(select);
  } else if (s.format === "date" || s.format === "date-time") {
    const day = s.format === "date", pattern = day ? /^(\d{4}-\d\d-\d\d)()$/ : /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)$/;
    const date = el("input", { className: "inp", type: day ? "date" : "datetime-local", step: "1", id: nextId("d") });
    const zones = ["+05:30", "Z", "+08:00", "+01:00", "-05:00", "-08:00"], zone = el("select", { className: "inp", ariaLabel: `Offset of ${name} from UTC` }, ...zones.map((z) => el("option", { value: z }, z === "Z" ? "UTC" : z)));
    const free = el("input", { className: "inp", id: nextId("f"), spellcheck: false, autocomplete: "off" });
    described(date);
    described(free);
    const pair = el("div", { className: day ? "" : "pair" }, date, ...(day ? [] : [zone]));
    let asText = false;
    get = () => (asText ? free.value || undefined : !date.value ? undefined : day ? date.value : (date.value.length === 16 ? date.value + ":00" : date.value) + zone.value);
    put = (text) => {
      const m = pattern.exec(text ?? "");
      asText = !!text && !m; // what no date input can hold, such as a wrong date
      pair.hidden = asText;
      free.hidden = !asText;
      free.value = text ?? "";
      date.value = m?.[1] ?? "";
      if (m && !day) {
        if (!zones.includes(m[2])) zone.append(el("option", { value: m[2] }, m[2])), zones.push(m[2]);
        zone.value = m[2];
      }
      input = asText ? free : date;
      update();
    };
    for (const i of [date, zone, free]) i.addEventListener("input", update);
    input = date;
    free.hidden = true;
    wrap(pair, free);
  } else {
    const text = el("input", { className: "inp", id: nextId("i"), spellcheck: false, autocomplete: "off", inputMode: number ? "numeric" : "text" });
    described(text);
    get = () => (text.value === "" ? undefined : text.value);
    put = (t) => {
      text.value = t ?? "";
      update();
    };
    text.addEventListener("input", update);
    input = text;
    wrap(text);
  }
  if (required) input.setAttribute("aria-required", "true");
  function wrap(...children: Node[]) {
    box.append(...children, err);
  }
  const literal = (text: string) =>
    types.includes("boolean") && /^(true|false)$/.test(text) ? text : number && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? text : quoted(text);
  const me: Control = {
    element: box,
    problems: [],
    text: () => get(),
    json: () => {
      const t = get();
      return t === undefined ? undefined : literal(t);
    },
    set: (v) => put(v && scalar(v)),
  };
  function update() {
    const t = get();
    me.problems =
      t !== undefined
        ? c.check(s, parsed(literal(t)) ?? value(t), name, faults)
        : required
          ? [{ from: 0, to: 0, name, text: "it is required", code: faults?.required ?? faults?.any ?? s.faults?.required ?? s.faults?.any ?? "400" }]
          : [];
    const p = me.problems[0];
    // What is merely not there yet is said beside Send, not here.
    err.hidden = !p || t === undefined;
    input.toggleAttribute("aria-invalid", false);
    input.removeAttribute("aria-describedby");
    if (p && t !== undefined) {
      err.replaceChildren(complaint(p));
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", err.id);
    }
    changed();
  }
  me.problems = required ? [{ from: 0, to: 0, name, text: "it is required", code: faults?.required ?? faults?.any ?? "400" }] : [];
  return me;
}

function jsonControl(name: string, s: Schema, faults: Record<string, string> | undefined, labelledBy: string, c: Checker, changed: () => void): Control {
  let e: Editor | undefined;
  const made: Editor = editor(name, labelledBy, (v) => c.check(s, v, name, faults), () => e && changed());
  e = made;
  return {
    element: made.element,
    get problems() {
      return made.problems;
    },
    text: () => made.text.trim() || undefined,
    json: () => made.text.trim() || undefined,
    set: (v) => made.set(v ? pretty(v) : ""),
  };
}

function fileControl(name: string, labelledBy: string, changed: () => void): Control {
  const input = el("input", { type: "file", className: "inp", id: nextId("file") });
  input.setAttribute("aria-labelledby", labelledBy);
  input.addEventListener("change", changed);
  return {
    element: el("div", { className: "ask" }, input), problems: [], text: () => input.files?.[0]?.name, json: () => (input.files?.[0] ? quoted(name) : undefined),
    set: () => (input.value = ""), file: () => input.files?.[0],
  };
}
