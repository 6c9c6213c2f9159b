// Sending, the answer, and the log of this visitor's calls.
import { el } from "./editor";
import { parsed } from "./json";
import { pretty } from "./notation";
import type { Tools } from "./tools";

export interface Sent {
  operation: string;
  deletes?: boolean;
  method: string;
  address: string; // path and query
  headers: [string, string][]; // without credentials
  body: string | null;
  status: number; // 0: no answer
  ms: number;
  code?: number;
  at: number;
}

export interface Codes {
  [number: string]: { id: string; status: number };
}

const KEY = "calls", MOST = 50, LONGEST = 20_000, SHOWN = 200_000;

export function log(): Sent[] {
  try {
    const all: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(all) ? all : [];
  } catch {
    return [];
  }
}

export function remember(c: Sent | null) {
  const all = c ? [c.body && c.body.length > LONGEST ? { ...c, body: null } : c, ...log()].slice(0, MOST) : [];
  try {
    sessionStorage.setItem(KEY, JSON.stringify(all));
  } catch {
    // Storage is full or forbidden: the log is only for reading.
  }
}

export const kind = (status: number, warned: boolean) => (status === 0 || status >= 500 ? "fault" : status >= 400 ? "care" : warned ? "warn" : "ok");

/** The first code of an error or a warning. */
export const codeOf = (body: string): number | undefined => {
  const m = /"(?:errors|warnings)"\s*:\s*\[\s*\{[^}]*?"code"\s*:\s*(\d+)/.exec(body);
  return m ? +m[1] : undefined;
};

export function answer(r: { status: number; said?: string; ms: number; headers: [string, string][]; body: string; error?: string }, codes: Codes, root: string, tools: Tools): HTMLElement {
  const code = codeOf(r.body), k = kind(r.status, code !== undefined);
  const line = el("div", { className: "res", role: "status" }, el("span", { className: "st " + k }, r.error ?? `${r.status} ${r.said ?? ""}`.trim()), el("span", {}, `${Math.round(r.ms)} ms`));
  const out = el("div", { className: "slip", id: "answer" });
  const copy = el("button", { className: "copy", type: "button", ariaLabel: "Copy the response" });
  copy.dataset.copy = r.body;
  out.append(el("div", { className: "cap" }, el("b", {}, "Response"), ...(r.body ? [el("span", { className: "r" }, copy)] : [])), line);
  if (r.error) return out;
  const bytes = new TextEncoder().encode(r.body).length;
  line.append(el("span", {}, `${bytes.toLocaleString("en")} bytes`));
  if (code !== undefined && codes[code]) line.append(el("a", { href: root + "#" + codes[code].id }, `What ${code} means`));
  out.append(
    el("details", { className: "hd" }, el("summary", {}, `${r.headers.length} headers`), el("dl", {}, ...r.headers.flatMap(([n, v]) => [el("dt", {}, n), el("dd", {}, v)]))),
  );
  if (!r.body) return out;
  const value = r.body.length < SHOWN ? parsed(r.body) : undefined, shown = value ? pretty(value) : r.body.slice(0, SHOWN);
  const text = el("code"), pre = el("pre", { tabIndex: 0, role: "group", ariaLabel: "Response" }, text);
  value ? tools.paint(text, "json", shown) : (text.textContent = shown);
  for (const n of text.querySelectorAll(".n")) {
    const to = codes[n.textContent!];
    if (to && /"code": $/.test(n.previousSibling?.textContent ?? "")) n.replaceWith(el("a", { className: "n", href: root + "#" + to.id }, n.textContent!));
  }
  out.append(pre);
  if (r.body.length > SHOWN) out.append(el("p", {}, "Copying takes the rest as well."));
  return out;
}

/** The log as a table; replay is asked to send one again, clear to forget them all. */
export function table(replay: (c: Sent) => void, clear: () => void): HTMLElement {
  const all = log();
  const rows = all.map((c, i) => {
    const again = el("button", { type: "button", ariaLabel: `Replay ${c.method} ${c.address}` }, "Replay");
    let asked = !c.deletes;
    again.addEventListener("click", () => {
      if (asked) return replay(c);
      asked = true;
      again.textContent = "Delete again?";
    });
    return el(
      "tr", { className: i ? "" : "now" },
      el("td", {}, el("span", { className: "st " + kind(c.status, c.code !== undefined) }, c.status ? String(c.status) : "none")),
      el("td", { title: new Date(c.at).toLocaleTimeString() }, `${c.method} ${c.address}`, ...(c.code ? [" ", el("b", {}, String(c.code))] : [])),
      el("td", { className: "num" }, `${Math.round(c.ms)} ms`), el("td", {}, again),
    );
  });
  const t = el("table", { className: "log" }, el("caption", { className: "vh" }, "Your calls"), el("thead", { className: "vh" }, el("tr", {}, ...["Status", "Call", "Time", "Again"].map((h) => el("th", { scope: "col" }, h)))), el("tbody", {}, ...rows));
  return el("div", { className: "slip", hidden: !all.length }, el("div", { className: "cap" }, el("b", {}, "Your calls"), el("span", {}, "kept in this tab"), el("span", { className: "r" }, el("button", { type: "button", className: "btn", onclick: clear }, "Clear"))), t);
}
