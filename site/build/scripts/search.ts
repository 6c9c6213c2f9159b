// The search: a dialog over the index of all that the pages print.
import type { Tools } from "./tools";

/** kind, title, address, where, text: as data.go writes it. */
type Row = [string, string, string, string, string];

interface Entry {
  kind: string;
  title: string;
  href: string;
  where: string;
  text: string;
  low: [title: string, where: string, text: string];
}

interface Hit {
  entry: Entry;
  score: number;
}

declare const SEARCH_SHEET: string; // the name that the generator gives to search.css

let tools: Tools;
let entries: Entry[] = [];
let vocabulary = new Map<string, Entry[]>(); // words of titles, for the nearest spellings
let dialog: HTMLDialogElement, input: HTMLInputElement, list: HTMLElement, none: HTMLElement, count: HTMLElement;
let options: HTMLElement[] = [];
let chosen = 0;
let matched = 0; // how many there are of what is shown

const escaped: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const esc = (s: string) => s.replace(/[&<>"]/g, (c) => escaped[c]);

let begun: Promise<void> | undefined;

/** Once; a try that failed may be made again. */
export const ready = (t: Tools) =>
  (begun ??= begin(t).catch((e) => {
    begun = undefined;
    throw e;
  }));

async function begin(t: Tools) {
  tools = t;
  const [rows] = await Promise.all([t.json<Row[]>(t.self.dataset.index!), t.sheet(new URL(SEARCH_SHEET, import.meta.url).href)]);
  for (const [kind, title, href, where, text] of rows) {
    const e: Entry = { kind, title, href, where, text, low: [title.toLowerCase(), where.toLowerCase(), text.toLowerCase()] };
    entries.push(e);
    for (const w of new Set(e.low[0].split(/[^\p{L}\p{N}]+/u).concat(title.split(/(?=\p{Lu})|[^\p{L}\p{N}]+/u).map((p) => p.toLowerCase())))) {
      if (w.length > 2) vocabulary.has(w) ? vocabulary.get(w)!.push(e) : vocabulary.set(w, [e]);
    }
  }
  dialog = document.createElement("dialog");
  dialog.className = "find";
  dialog.setAttribute("aria-label", "Search");
  dialog.innerHTML =
    '<div class=q><svg width=16 height=16 viewBox="0 0 16 16" fill=none stroke=currentColor stroke-width=1.6 stroke-linecap=round aria-hidden=true><circle cx=7 cy=7 r=4.6 /><path d="m10.5 10.5 4 4"/></svg>' +
    '<input role=combobox aria-label="Search operations, fields, codes and text" aria-expanded=true aria-controls=found aria-autocomplete=list autocomplete=off autocapitalize=off spellcheck=false enterkeyhint=go placeholder="Operation, path, field, code or word">' +
    '<button type=button class=esc aria-label="Esc, close the search"><kbd>Esc</kbd></button></div><div class=no hidden></div><div class=found id=found role=listbox aria-label=Results tabindex=-1></div>' +
    "<div class=ks><span><kbd>↑</kbd> <kbd>↓</kbd> choose</span><span><kbd>Enter</kbd> open</span><span><kbd>Esc</kbd> close</span><span class=r></span></div>";
  document.body.append(dialog);
  input = dialog.querySelector("input")!;
  list = dialog.querySelector(".found")!;
  none = dialog.querySelector(".no")!;
  count = dialog.querySelector(".r")!;
  input.addEventListener("input", show);
  dialog.querySelector("button")!.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (e) => e.target === dialog && dialog.close()); // the ground around it
  dialog.addEventListener("keydown", key);
  list.addEventListener("click", (e) => {
    const a = (e.target as Element).closest("a");
    if (a && !e.ctrlKey && !e.metaKey && !e.shiftKey) dialog.close();
  });
  list.addEventListener("pointermove", (e) => {
    const at = options.indexOf((e.target as Element).closest<HTMLElement>("[role=option]")!);
    if (at >= 0 && at !== chosen) choose(at, false);
  });
}

export function open() {
  if (!dialog.open) dialog.showModal();
  input.select();
  show();
}

function key(e: KeyboardEvent) {
  const step = ({ ArrowDown: 1, ArrowUp: -1, PageDown: 5, PageUp: -5 } as Record<string, number>)[e.key];
  if (step && options.length) {
    e.preventDefault();
    const n = options.length;
    choose(Math.abs(step) === 1 ? (chosen + step + n) % n : Math.min(n - 1, Math.max(0, chosen + step)), true);
  } else if (e.key === "Enter" && e.target === input) {
    e.preventDefault();
    options[chosen]?.click();
  } else if (dialog.open && (e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "k") {
    e.preventDefault();
    e.stopPropagation();
    input.select();
  }
}

function choose(at: number, scroll: boolean) {
  options[chosen]?.setAttribute("aria-selected", "false");
  chosen = at;
  const o = options[at];
  if (!o) return input.removeAttribute("aria-activedescendant");
  o.setAttribute("aria-selected", "true");
  input.setAttribute("aria-activedescendant", o.id);
  if (scroll) o.scrollIntoView({ block: "nearest" });
}

const shownMost = 40, perGroup = 12;

// How much a match is worth: what it is found in, then how. A title goes before a path, a
// path before a code, a code before a setting or a field, a field before running text.
const titles: Record<string, number> = { operation: 60, guide: 54, code: 40, setting: 34, field: 30 };

function scored(e: Entry, words: string[]): number {
  let sum = 0;
  for (const w of words) {
    const [title, where, text] = e.low;
    let best = 0, at = title.indexOf(w);
    if (at >= 0) {
      best = titles[e.kind] + (title === w ? 9 : at === 0 ? 6 : start(e.title, at) ? 3 : 0);
      if (e.kind === "code" && at === 0 && /^\d/.test(w)) best = 80;
    }
    if (best < 50 && (at = where.indexOf(w)) >= 0) best = Math.max(best, (e.kind === "operation" ? 50 : 12) + (alike.test(where[at + w.length] ?? " ") ? 0 : 2));
    if (!best && (at = text.indexOf(w)) >= 0) best = (e.kind === "operation" || e.kind === "guide" ? 8 : 6) + (start(e.text, at) ? 2 : 0);
    if (!best) return 0;
    sum += best;
  }
  return sum / words.length - e.title.length / 1000;
}

/** Whether a word begins there: behind a blank, a sign or the hump of a name. */
const start = (s: string, at: number) => at === 0 || !alike.test(s[at - 1]) || (s[at] !== s[at].toLowerCase() && s[at - 1] === s[at - 1].toLowerCase());
const alike = /[\p{L}\p{N}]/u;

function find(asked: string): Hit[] {
  const words = asked.toLowerCase().split(/\s+/).filter(Boolean), top: Hit[] = [];
  matched = 0;
  for (const entry of entries) {
    const score = scored(entry, words);
    if (score <= 0) continue;
    matched++;
    // The best are few: a list kept in order is faster than sorting what a letter finds.
    if (top.length === shownMost && score <= top[shownMost - 1].score) continue;
    let at = top.length;
    while (at > 0 && top[at - 1].score < score) at--;
    top.splice(at, 0, { entry, score });
    if (top.length > shownMost) top.pop();
  }
  return top;
}

/** Entries whose titles have the words that are nearest in spelling. */
function nearest(asked: string): Hit[] {
  const near: [number, Entry[]][] = [];
  for (const w of asked.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean).slice(0, 6)) {
    const most = Math.max(1, Math.ceil(w.length / 2) - 1);
    for (const [v, es] of vocabulary) {
      // A long word counts from its beginning too: refnd is near to ref in referral.
      const d = Math.min(distance(w, v, most), v.length > w.length ? distance(w, v.slice(0, w.length), most) + 0.5 : 99);
      if (d <= most) near.push([d, es]);
    }
  }
  const seen = new Set<Entry>(), titled = new Set<string>(), hits: Hit[] = [];
  for (const [d, es] of near.sort((a, b) => a[0] - b[0])) {
    for (const entry of [...es].sort((a, b) => titles[b.kind] - titles[a.kind])) {
      if (seen.has(entry) || titled.has(entry.title) || hits.length === 6) continue;
      seen.add(entry);
      titled.add(entry.title);
      hits.push({ entry, score: -d });
    }
  }
  return hits;
}

/** Insertions, deletions, changes and swaps between two words; more than most is 99. */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return 99;
  let last: number[] = [], row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + +(a[i - 1] !== b[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) next[j] = Math.min(next[j], last[j - 2] + 1);
    }
    if (Math.min(...next) > most) return 99;
    [last, row] = [row, next];
  }
  return row[b.length] > most ? 99 : row[b.length];
}

function places(): Hit[] {
  const start = entries.filter((e) => e.kind === "guide" && document.getElementById(e.href.split("#")[1])?.closest("h1, h2, section")?.matches("h1, h2"));
  return (start.length ? start : entries.filter((e) => e.kind === "guide")).slice(0, 5).map((entry) => ({ entry, score: 0 }));
}

function show() {
  const asked = input.value.trim(), words = asked.toLowerCase().split(/\s+/).filter(Boolean);
  let hits = asked ? find(asked) : [], html = "", n = 0;
  const group = (name: string, hits: Hit[], marks: string[]) => {
    if (!hits.length) return;
    html += `<div role=group aria-label="${name}">` + (name.includes(" ") ? `<p class=gh aria-hidden=true>${name}</p>` : "");
    for (const { entry } of hits) html += row(entry, marks, n++);
    html += "</div>";
  };
  none.hidden = true;
  if (hits.length) {
    // Groups stand in the order of their best.
    const kinds = [...new Set(hits.map((h) => h.entry.kind))];
    for (const kind of kinds) group(kind[0].toUpperCase() + kind.slice(1) + "s", hits.filter((h) => h.entry.kind === kind).slice(0, perGroup), words);
    count.textContent = `${n} of ${matched}, best first`;
  } else if (asked) {
    hits = nearest(asked);
    none.hidden = false;
    none.innerHTML = `<p>Nothing is called “${esc(asked)}”.</p>` + (hits.length ? "<p>These come closest in spelling:</p>" : "");
    group("Closest", hits, []);
    group("Or start from", places(), []);
    count.textContent = `nothing found, ${hits.length} close`;
  } else {
    group("Operations", entries.filter((e) => e.kind === "operation").slice(0, perGroup).map((entry) => ({ entry, score: 0 })), []);
    group("Or start from", places(), []);
    count.textContent = `${entries.length} places`;
  }
  list.innerHTML = html;
  options = [...list.querySelectorAll<HTMLElement>("[role=option]")];
  list.scrollTop = 0;
  choose(0, false);
  tools.say(asked ? count.textContent! : "");
}

function row(e: Entry, words: string[], n: number): string {
  let where = marked(e.where, words);
  const [title, place, text] = e.low, only = words.find((w) => !title.includes(w) && !place.includes(w));
  if (only) {
    const at = text.indexOf(only), from = Math.max(0, e.text.lastIndexOf(" ", Math.max(0, at - 40)) + 1);
    where = (from ? "… " : "") + marked(cut(e.text, from, 110), words);
  } else if (e.kind === "guide" || e.kind === "setting") where = esc(cut(e.text, 0, 90));
  else if (e.kind === "field" && e.text) where += ". " + esc(cut(e.text, 0, 90));
  const name = e.kind === "field" || e.kind === "setting" ? `<code>${marked(e.title, words)}</code>` : e.kind === "code" ? marked(e.title, words).replace(/^\S+/, "<code>$&</code>") : marked(e.title, words);
  const shown = e.kind === "operation" && !only ? `<code>${where}</code>` : where;
  const href = new URL((tools.self.dataset.root ?? "") + e.href, document.baseURI);
  return `<a role=option aria-selected=false id=found-${n} tabindex=-1 href="${esc(href.pathname === location.pathname ? href.hash : href.href)}"><span class=kd>${e.kind}</span><span class=ti>${name}</span><span class=en aria-hidden=true>Enter opens</span><span class=wh>${shown}</span></a>`;
}

/** At most so many letters from there on, in whole words. */
const cut = (s: string, from: number, most: number) => (s.length <= from + most ? s.slice(from) : s.slice(from, s.lastIndexOf(" ", from + most)) + " …");

/** The text as HTML, with what was asked for marked. */
function marked(text: string, words: string[]): string {
  const low = text.toLowerCase(), on = new Uint8Array(text.length);
  if (low.length === text.length) for (const w of words) for (let at = low.indexOf(w); at >= 0; at = low.indexOf(w, at + 1)) on.fill(1, at, at + w.length);
  let out = "";
  for (let i = 0; i < text.length; ) {
    let j = i;
    while (j < text.length && on[j] === on[i]) j++;
    out += on[i] ? `<em>${esc(text.slice(i, j))}</em>` : esc(text.slice(i, j));
    i = j;
  }
  return out;
}
