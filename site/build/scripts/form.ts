// The form of an operation: inputs where its fields are described, the request in the chosen
// language, the answer beside it.
import { answer, codeOf, remember, table, type Sent } from "./calls";
import { authorization, origin } from "./config";
import { complaint, editor, el, type Editor } from "./editor";
import { control, single, type Control } from "./fields";
import { get, parsed, type Value } from "./json";
import { found, mark } from "./marks";
import { pretty, queryOf, segment, type Call } from "./notation";
import { asWho, callOf, checker, config, credentials, dialogs, forms, languages, loadLanguages, manyParts, parts, root, sample, tools, withCredentials, type Example, type Operation } from "./state";
import type { Problem, Schema } from "./validate";

/** The open forms, by their sections. */
export const open = new Map<HTMLElement, Form>();

export async function credentialsOpen() {
  dialog ??= (await dialogs()).credentialsDialog(config, tools, () => open.forEach((f) => f.update()));
  dialog.fill!();
  dialog.showModal();
}
let dialog: (HTMLDialogElement & { fill?(): void }) | undefined;

export class Form {
  readonly bar: HTMLElement;
  readonly send = el("button", { type: "button", className: "btn go" }, "Send");
  #abort = el("button", { type: "button", className: "btn", disabled: true }, "Abort");
  #status = el("p", { role: "status" });
  #note = el("div", { className: "fnote", hidden: true });
  #params = new Map<string, Control>(); // by place and name
  #leaves: { path: string[]; control: Control }[] = []; // of the body
  #whole?: Editor;
  #wholeBox?: HTMLElement;
  #asJSON = false;
  #mode = el("button", { type: "button", className: "rep" }, "Write the whole body as JSON");
  #example = el("select", { className: "inp" });
  #headers: [string, string][] = [];
  #first = new Map<string, string>();
  #undo: (() => void)[] = [];
  #running?: AbortController;
  #slot: HTMLElement;
  #busy = false; // while the form is filled

  readonly #section: HTMLElement;

  constructor(section: HTMLElement, readonly op: Operation) {
    this.#section = section;
    const changed = () => !this.#busy && (this.#sure ? this.#calm() : this.update()); // another call is asked about anew
    section.classList.add("trying");
    this.#undo.push(() => section.classList.remove("trying"));
    // Inputs in the places of the descriptions.
    for (const p of op.params) {
      const li = section.querySelector<HTMLElement>(`li[data-path="${CSS.escape(p.in + "." + p.name)}"]`)!;
      const c = control(p.name, p.schema, !!p.required, p.faults, this.#label(li), checker, changed);
      this.#params.set(p.in + "." + p.name, c);
      this.#put(li, c);
    }
    if (op.body) this.#body(op.body.schema, [], changed);
    // The bar below the fields.
    this.bar = el("div", { className: "send" }, this.#note, this.send, this.#abort, this.#status);
    const lists = this.#lists(), row = section.querySelector(".row .txt:last-of-type") ?? section;
    const around = (ul: HTMLElement) => ul.closest<HTMLElement>("details") ?? ul;
    lists.length ? around(lists.at(-1)!).after(this.bar) : row.append(this.bar);
    this.#undo.push(() => this.bar.remove());
    const label = el("label", { className: "from" }, "Start from ", this.#example);
    op.examples.forEach((e, i) => this.#example.append(el("option", { value: String(i) }, e.title || e.name)));
    this.#example.addEventListener("change", () => this.fill(+this.#example.value));
    const top = el("div", { className: "formtop" }, ...(op.examples.length > 1 ? [label] : []));
    const first = lists[0] ? around(lists[0]) : this.bar, head = first.previousElementSibling;
    (head?.matches("h2, h3, h4, h5") ? head : first).before(top);
    this.#undo.push(() => top.remove());
    if (op.body && !manyParts(op)) {
      const id = this.#label();
      this.#whole = editor("body", id, (v) => checker.check(op.body!.schema, v, "body"), changed, /json/.test(op.body.media));
      this.#wholeBox = el("div", { className: "whole", hidden: true }, el("span", { className: "vh", id }, "Body"), this.#whole.element);
      this.#mode.addEventListener("click", () => this.#switch(!this.#asJSON));
      const bodyList = section.querySelector('li[data-path^="body."]')?.closest("ul.led") ?? this.bar;
      bodyList.before(el("p", { className: "mode" }, this.#mode), this.#wholeBox);
      this.#undo.push(() => (this.#wholeBox!.remove(), this.#mode.parentElement!.remove()));
      if (!this.#leaves.length) this.#switch(true), (this.#mode.hidden = true);
    }
    this.#slot = section.querySelector<HTMLElement>("[data-slot]") ?? (section.querySelector(".pane .stick") ?? section).appendChild(el("div", { className: "tryit" }));
    this.#undo.push(() => this.#slot.replaceChildren());
    // The samples become those of the form.
    const slip = this.#slip();
    for (const code of slip?.querySelectorAll("pre[data-lang] code") ?? []) {
      const before = [...code.childNodes];
      this.#undo.push(() => code.replaceChildren(...before));
    }
    const said = slip?.querySelector(".cap > span:not(.r)");
    if (said) {
      const before = said.textContent;
      said.textContent = "as you type";
      this.#undo.push(() => (said.textContent = before));
    }
    const button = section.querySelector<HTMLButtonElement>("button.try");
    if (button) {
      const text = button.textContent, name = button.ariaLabel;
      button.textContent = "Close the form";
      button.ariaLabel = null;
      button.classList.remove("go");
      button.ariaExpanded = "true";
      this.#undo.push(() => {
        button.textContent = text;
        button.ariaLabel = name;
        button.classList.add("go");
        button.ariaExpanded = null;
      });
    }
    this.send.addEventListener("click", () => this.submit());
    this.#abort.addEventListener("click", () => this.#running?.abort());
    this.bar.closest(".row")?.addEventListener("keydown", (e) => {
      if ((e as KeyboardEvent).key === "Enter" && ((e as KeyboardEvent).ctrlKey || (e.target as Element).matches(".ask input"))) e.preventDefault(), (e as KeyboardEvent).repeat || this.submit(); // a key that is held down confirms nothing
    });
    this.#calls();
  }

  #slip() {
    return this.#section.querySelector("[data-request]") ?? this.#section.querySelector("pre[data-lang]")?.closest(".slip");
  }

  #lists() {
    return [...new Set([...this.#section.querySelectorAll<HTMLElement>("li[data-path]")].map((li) => li.closest<HTMLElement>("ul.led")!))].filter(Boolean);
  }

  #labels = 0;
  #label(li?: HTMLElement): string {
    const id = `${this.op.id}-label-${++this.#labels}`, fn = li?.querySelector(".fn");
    if (!fn) return id;
    if (!fn.id) fn.id = id;
    return fn.id;
  }

  #put(li: HTMLElement, c: Control) {
    const fd = li.querySelector<HTMLElement>(":scope > .f > .fd"), wide = c.element.matches(".jsn");
    li.classList.add(wide ? "wide" : "asked");
    wide ? (fd?.parentElement ?? li).append(c.element) : (fd ?? li).prepend(c.element);
    this.#undo.push(() => (c.element.remove(), li.classList.remove("asked", "wide")));
  }

  #body(schema: Schema, path: string[], changed: () => void) {
    const s = checker.resolve(schema);
    for (const [name, inner] of Object.entries(s.properties ?? {})) {
      const to = [...path, name], li = this.#section.querySelector<HTMLElement>(`li[data-path="${CSS.escape("body." + to.join("."))}"]`);
      if (!li) continue;
      if (!single(inner, checker) && checker.resolve(inner).properties && path.length < 4) {
        this.#body(inner, to, changed);
        continue;
      }
      const c = control(name, inner, !path.length && !!s.required?.includes(name), undefined, this.#label(li), checker, changed);
      this.#leaves.push({ path: to, control: c });
      this.#put(li, c);
    }
    if (!path.length) {
      // The order of the page is that of the request.
      const at = (l: { path: string[] }) => this.#section.querySelector(`li[data-path="${CSS.escape("body." + l.path.join("."))}"]`)!;
      this.#leaves.sort((a, b) => (at(a).compareDocumentPosition(at(b)) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
    }
  }

  #switch(json: boolean) {
    if (!this.#whole) return;
    const text = this.#bodyText();
    if (json === this.#asJSON && json) return;
    if (!json) {
      const v = parsed(this.#whole.text || "{}");
      if (!v || !this.#spread(v)) return void (this.#status.textContent = "The body does not fit the fields.");
    } else if (text !== null) this.#whole.set(text);
    this.#asJSON = json;
    this.#wholeBox!.hidden = !json;
    this.#section.classList.toggle("asjson", json);
    this.#mode.textContent = json ? "Fill in the fields instead" : "Write the whole body as JSON";
    this.update();
  }

  /** Puts the parts of a body into the fields; false when one has no field. */
  #spread(v: Value): boolean {
    if (v.kind !== "{" || v.twice !== undefined) return false;
    const at = (path: string[]) => path.reduce<Value | undefined>((o, name) => get(o, name), v);
    const fits = (o: Value, path: string[]): boolean =>
      o.names.every((name, i) => {
        const to = [...path, name], leaf = this.#leaves.find((l) => l.path.join("\0") === to.join("\0")), item = o.items[i];
        if (leaf) return !leaf.control.element.matches(".ask") || !"{[n".includes(item.kind);
        return item.kind === "{" && item.names.length > 0 && this.#leaves.some((l) => l.path.slice(0, to.length).join("\0") === to.join("\0")) && fits(item, to);
      });
    if (!fits(v, [])) return false;
    for (const l of this.#leaves) l.control.set(at(l.path));
    // A text that reads as a number or an empty one would come back as something else.
    return this.#leaves.every((l) => same(at(l.path), parsed(l.control.json() ?? "")));
  }

  #fieldsText(): string | null {
    type Tree = Map<string, Tree | string>;
    const tree: Tree = new Map();
    for (const { path, control } of this.#leaves) {
      const json = control.json();
      if (json === undefined) continue;
      let t = tree;
      for (const name of path.slice(0, -1)) {
        const next = t.get(name);
        t = next instanceof Map ? next : (t.set(name, new Map()), t.get(name) as Tree);
      }
      t.set(path.at(-1)!, json);
    }
    if (!tree.size && !this.op.body?.required) return null;
    const write = (t: Tree): string => "{" + [...t].map(([k, v]) => JSON.stringify(k) + ": " + (typeof v === "string" ? v : write(v))).join(", ") + "}";
    const text = write(tree), v = parsed(text);
    return v ? pretty(v) : text;
  }

  #bodyText(): string | null {
    if (!this.op.body) return null;
    if (manyParts(this.op)) return parts.write(this.#leaves, this.#headers, () => this.update());
    return this.#asJSON ? this.#whole!.text || null : this.#fieldsText();
  }

  /** Fills in an example of x-examples. */
  fill(n: number) {
    const e = this.op.examples[n];
    this.#busy = true;
    this.#example.value = String(n);
    const text = (v: unknown) => (v === undefined ? undefined : parsed(JSON.stringify(v)));
    for (const [place, c] of this.#params) {
      const [where, name] = [place.slice(0, place.indexOf(".")), place.slice(place.indexOf(".") + 1)];
      c.set(text((where === "path" ? e?.path : where === "query" ? e?.query : e?.headers)?.[name]));
    }
    this.#extra = Object.entries(e?.query ?? {}).filter(([k]) => !this.#params.has("query." + k)).flatMap(([k, v]) => (Array.isArray(v) ? v : [v]).map((x): [string, string] => [k, String(x)]));
    this.#headers = Object.entries(e?.headers ?? {}).filter(([k]) => !this.#params.has("header." + k)).map(([k, v]) => [k, String(v)]);
    if (this.op.body) {
      const v = e?.raw === undefined && e?.body !== undefined ? text(e.body) : undefined;
      if (this.#whole) {
        this.#whole.set(e?.raw ?? (v ? pretty(v) : ""));
        this.#asJSON = true;
        if (this.#leaves.length && e?.raw === undefined) this.#switch(false);
        else {
          this.#asJSON = false;
          this.#wholeBox!.hidden = true;
          const raw = this.#whole.text;
          this.#switch(true);
          this.#whole.set(raw);
        }
      } else parts.fill(this.#leaves, this.#headers, e?.raw ?? "");
    }
    this.#busy = false;
    for (const d of this.#section.querySelectorAll<HTMLDetailsElement>(".hds")) d.open = [...d.querySelectorAll("input")].some((i) => i.value);
    this.#steps(e);
    this.#first = this.#values();
    this.#sure ? this.#calm() : this.update();
  }
  #extra: [string, string][] = [];

  /** Says what must be there before an example gives its answer. */
  #steps(e?: Example) {
    this.#note.replaceChildren();
    this.#note.hidden = true;
    if (!e?.steps && !e?.settings) return;
    this.#note.hidden = false;
    if (e.settings) {
      const all = Object.entries(e.settings).map(([k, v]) => `${k} at ${v}`);
      this.#note.append(el("p", {}, `It gives this response in an organization with ${all.join(" and ")}, which its operator sets.`));
    }
    if (!e.steps) return;
    const titles = e.steps.map((s) => forms.operations[s.split("/")[0]]?.title ?? s);
    const go = el("button", { type: "button", className: "btn" }, e.steps.length > 1 ? `Make these ${e.steps.length} calls` : "Make this call");
    const text = el("p", {}, `Before it comes ${titles.join(", then ")}. That writes to your organization.`);
    go.addEventListener("click", async () => {
      go.disabled = true;
      for (const step of e.steps!) {
        const [operation, name] = step.split("/"), op = forms.operations[operation], example = op?.examples.find((x) => x.name === name);
        if (!op || !example) continue;
        await this.run(callOf(op, example), operation, false);
      }
      text.textContent = "Done. Now send this one.";
      go.remove();
      this.send.focus();
    });
    this.#note.append(text, go);
  }

  #values(): Map<string, string> {
    const all = new Map<string, string>();
    for (const [k, c] of this.#params) all.set(k, c.text() ?? "");
    const walk = (v: Value, path: string) => {
      if ('"0tf'.includes(v.kind)) all.set(path, v.text || v.kind);
      v.items.forEach((item, i) => walk(item, path + "." + (v.names[i] ?? i)));
    };
    const v = parsed(this.#bodyText() ?? "");
    if (v) walk(v, "body");
    return all;
  }

  call(): Call {
    const text = (place: string) => this.#params.get(place)?.text();
    return {
      method: this.op.method,
      server: origin(config),
      path: this.op.path.replace(/\{([^}]+)\}/g, (whole, name) => segment(text("path." + name) ?? whole)),
      query: [...this.op.params.filter((p) => p.in === "query").flatMap((p): [string, string][] => (text("query." + p.name) === undefined ? [] : [[p.name, text("query." + p.name)!]])), ...this.#extra],
      headers: [...this.op.params.filter((p) => p.in === "header").flatMap((p): [string, string][] => (text("header." + p.name) === undefined ? [] : [[p.name, text("header." + p.name)!]])), ...this.#headers],
      body: this.#bodyText(),
    };
  }

  #problems(): Problem[] {
    return [...[...this.#params.values()].flatMap((c) => c.problems), ...(this.#asJSON ? this.#whole!.problems : this.#leaves.flatMap((l) => l.control.problems))];
  }

  update() {
    const call = withCredentials(this.call(), this.op), lang = tools.language();
    if (lang !== "json" && !languages) loadLanguages().then(() => this.update());
    const slip = this.#slip();
    const typed: string[] = [];
    for (const [k, v] of this.#values()) if (v && v !== this.#first.get(k)) typed.push(v);
    const ranges: Range[] = [];
    const code = slip?.querySelector(`pre[data-lang="${lang}"] code`), text = sample(call, lang);
    if (code && text !== undefined) {
      tools.paint(code, lang, text);
      for (const t of typed) ranges.push(...found(code, t));
    }
    mark(this, ranges);
    if (this.#running) return;
    const problems = this.#problems(), who = authorization(credentials(), this.op.auth, tools);
    this.send.textContent = "Send";
    this.#status.replaceChildren();
    if (problems.length) {
      const p = problems[0], status = this.op.codes[p.code]?.status ?? 400;
      this.#status.append(`${problems.length} ${problems.length === 1 ? "problem" : "problems"}, `, complaint(p), ` You may send it anyway; the response will be ${status}${p.code !== String(status) ? ", code " + p.code : ""}.`);
    } else if (!who.length && this.op.auth.length && !this.#headers.some((h) => /^authorization$/i.test(h[0]))) {
      this.#status.append("Without credentials the response will be 401. ", el("button", { type: "button", className: "rep", onclick: credentialsOpen }, config.sandbox ? "Enter them, or get a sandbox" : "Enter them"));
    } else this.#status.append(`Goes to ${origin(config)} as ${who.length ? asWho(who) : "anybody"}.`);
  }

  #sure = false;
  submit() {
    if (this.#running) return;
    if (this.op.deletes && !this.#sure) {
      this.#sure = true;
      this.send.textContent = "Delete";
      this.send.classList.add("destroys");
      this.#abort.disabled = false;
      this.#abort.textContent = "Keep it";
      this.#abort.addEventListener("click", () => this.#calm(), { once: true });
      this.#status.textContent = "This deletes for good.";
      return;
    }
    this.#calm();
    this.run(this.call(), this.#section.dataset.operation!, true);
  }
  #calm() {
    this.#sure = false;
    this.send.classList.remove("destroys");
    this.#abort.textContent = "Abort";
    this.#abort.disabled = true;
    this.update();
  }

  /** Sends a call, shows what came and logs it. */
  async run(call: Call, operation: string, files: boolean) {
    const op = forms.operations[operation], stop = (this.#running = new AbortController());
    const address = call.path + (call.query.length ? "?" + queryOf(call.query) : ""), began = performance.now();
    let headers = withCredentials(call, op).headers;
    let body: BodyInit | undefined = call.body ?? undefined;
    if (manyParts(op) && files) {
      const data = new FormData();
      for (const l of this.#leaves) {
        const f = l.control.file?.();
        f ? data.append(l.path.join("."), f) : l.control.text() !== undefined && data.append(l.path.join("."), l.control.text()!);
      }
      body = data;
      headers = headers.filter((h) => !/^content-type$/i.test(h[0])); // it names the boundary
    }
    this.send.disabled = true;
    this.#abort.disabled = false;
    this.#status.textContent = "Waiting for the response …";
    let shown: Parameters<typeof answer>[0];
    try {
      const r = await fetch(call.server + address, {
        method: call.method, body, headers, signal: stop.signal, credentials: "omit", cache: "no-store", redirect: "follow",
      });
      const text = await r.text();
      shown = { status: r.status, said: r.statusText, ms: performance.now() - began, headers: [...r.headers], body: text };
    } catch (e) {
      const aborted = stop.signal.aborted;
      shown = { status: 0, ms: performance.now() - began, headers: [], body: "", error: aborted ? "Aborted; it may be done all the same" : `No response: ${(e as Error).message}` };
    }
    this.#running = undefined;
    this.send.disabled = false;
    this.#abort.disabled = true;
    if (op.auth.length) remember({ operation, deletes: op.deletes, method: call.method, address, headers: call.headers, body: call.body, status: shown.status, ms: shown.ms, code: codeOf(shown.body), at: Date.now() });
    this.#calls(answer(shown, op.codes, root(), tools));
    this.update();
    this.#slot.firstElementChild!.scrollIntoView({ block: "nearest" });
    tools.say(shown.error ?? `Response ${shown.status}`);
  }

  #calls(shown?: HTMLElement) {
    const again = (c: Sent) => {
      const [path, query] = c.address.split("?");
      const pairs = [...new URLSearchParams(query ?? "")] as [string, string][];
      if (!this.#running && forms.operations[c.operation]) this.run({ method: c.method, server: origin(config), path, query: pairs, headers: c.headers, body: c.body }, c.operation, false);
    };
    const keep = shown ?? this.#slot.querySelector("#answer");
    this.#slot.replaceChildren(...(keep ? [keep] : []), table(again, () => (remember(null), this.#calls())));
    if (shown) for (const f of open.values()) if (f !== this) f.#calls();
  }

  close() {
    this.#running?.abort();
    for (const u of this.#undo.reverse()) u();
    mark(this, []);
    this.#section.classList.remove("asjson");
    open.delete(this.#section);
    this.#section.querySelector<HTMLElement>("button.try")?.focus();
  }
}

const same = (a: Value | undefined, b: Value | undefined): boolean => (!a || !b ? a === b : pretty(a) === pretty(b));
