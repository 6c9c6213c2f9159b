// What the reading needs; loaded with the page. Search and the forms come at first use.
import type { Credentials, Tools } from "./tools";

const $ = <E extends Element = HTMLElement>(s: string) => document.querySelector<E>(s);
const all = <E extends Element = HTMLElement>(s: string, root: ParentNode = document) => [...root.querySelectorAll<E>(s)];
const self = $<HTMLScriptElement>("script[data-index]")!;

// Storage may be forbidden or full: then nothing is kept.
const read = (s: Storage | undefined, k: string) => {
  try {
    return s?.getItem(k) ?? null;
  } catch {
    return null;
  }
};
const write = (s: Storage | undefined, k: string, v: string | null) => {
  try {
    v === null ? s?.removeItem(k) : s?.setItem(k, v);
  } catch {
    // see above
  }
};
const storage = (kind: "localStorage" | "sessionStorage") => {
  try {
    return window[kind];
  } catch {
    return undefined;
  }
};
const local = storage("localStorage"), session = storage("sessionStorage");

// Announcements.
const live = document.createElement("div");
live.className = "vh";
live.setAttribute("role", "status");
document.body.append(live);
const say = (text: string) => {
  live.textContent = "";
  setTimeout(() => (live.textContent = text), 50);
};

// md5 by RFC 1321: the till's password is sent as its md5, and WebCrypto has none.
const roll = (x: number, n: number) => (x << n) | (x >>> (32 - n));
const md5 = (text: string) => {
  const bytes = [...new TextEncoder().encode(text)], bits = bytes.length * 8;
  let h = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  bytes.push(128);
  while (bytes.length % 64 !== 56) bytes.push(0);
  bytes.push(...[0, 8, 16, 24].map((n) => (bits >>> n) & 255), 0, 0, 0, 0);
  for (let at = 0; at < bytes.length; at += 64) {
    let [a, b, c, d] = h;
    for (let i = 0; i < 64; i++) {
      const r = i >> 4, p = at + 4 * ([i, 5 * i + 1, 3 * i + 5, 7 * i][r] % 16);
      const f = [(b & c) | (~b & d), (b & d) | (c & ~d), b ^ c ^ d, c ^ (b | ~d)][r];
      const word = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
      const t = (a + f + Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) + word) | 0;
      const turn = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21][r * 4 + (i % 4)];
      [a, d, c, b] = [d, c, b, (b + roll(t, turn)) | 0];
    }
    h = [a, b, c, d].map((x, j) => (x + h[j]) | 0);
  }
  return h.flatMap((w) => [0, 8, 16, 24].map((n) => ((w >>> n) & 255).toString(16).padStart(2, "0"))).join("");
};
const utf8base64 = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

// Language and theme: radio groups, kept; the language is in the address too, as ?ruby.
const radios = (name: string) => all<HTMLInputElement>(`input[name=${name}]`);
const language = () => radios("lang").find((r) => r.checked)?.value ?? "json";
const initial = language();
let pushed = 0;
const choose = (name: string, value: string) => {
  write(local, name, value);
  if (name === "lang") inView();
  else document.documentElement.dataset.theme = value;
};
for (const name of ["lang", "theme"]) {
  for (const r of radios(name)) {
    r.addEventListener("change", () => {
      choose(name, r.value);
      if (name !== "lang") return;
      const now = performance.now(), to = "?" + r.value + location.hash;
      // Arrow keys pass through what lies between: one step back, not seven.
      now - pushed < 1000 ? history.replaceState(null, "", to) : history.pushState(null, "", to);
      pushed = now;
    });
  }
}
addEventListener("popstate", () => {
  const asked = location.search.slice(1).split("&"), to = radios("lang").find((r) => asked.includes(r.value))?.value ?? initial;
  if (to === language()) return;
  radios("lang").forEach((r) => (r.checked = r.value === to));
  choose("lang", to);
});

// Colours. The generator paints one language; the others are text until they are chosen
// and near: what nobody reads costs nothing.
const words: Record<string, string> = {
  json: "GET|PUT|POST|DELETE|PATCH",
  shell: "curl|printf|echo|export",
  ruby: "require|puts|do|end|def|if|else|nil",
  python: "import|from|print|with|as|if|else|for|in",
  php: "echo|new|return|if|else|use|require|foreach",
  javascript: "const|let|await|async|new|return|if|else|function|import|from|throw",
  go: "package|import|func|var|const|if|else|return|defer|range|for|map",
};
const paint = (code: Element, lang: string, text: string) => {
  const note = /shell|ruby|python/.test(lang) ? "#" : lang === "json" ? "(?!)" : lang === "php" ? "//|#" : "//";
  const token = new RegExp(
    `((?:^|(?<=\\s))(?:${note}).*$)|("(?:[^"\\\\]|\\\\[^])*"|'(?:[^'\\\\]|\\\\[^])*'|\`[^\`]*\`)(\\s*:)?|` +
      `(?<![\\w.$])(-?\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?|true|false|null|nil|None|True|False)(?![\\w.])|(?<![\\w.$-])(${words[lang] ?? "(?!)"})(?![\\w(-])|` +
      `(?<![\\w.$-])(${words[lang] ?? "(?!)"})(?=\\()`,
    "gm",
  );
  const parts: (string | Node)[] = [];
  const add = (s: string, kind?: string) => {
    if (!s) return;
    const own = [shown.till, shown.key].find((c) => c && s.includes(c));
    if (!kind && !own) return void parts.push(s);
    const span = document.createElement("span");
    if (kind) span.className = kind;
    if (own) {
      const cred = document.createElement("b"), at = s.indexOf(own);
      cred.className = "cred";
      cred.textContent = own;
      span.append(s.slice(0, at), cred, s.slice(at + own.length));
    } else span.textContent = s;
    parts.push(span);
  };
  let end = 0;
  for (const m of text.matchAll(token)) {
    add(text.slice(end, m.index));
    const [whole, comment, string, colon, number] = m;
    if (comment) add(comment, "c");
    else if (string) {
      // Names of properties keep the colour of the text.
      add(string, colon && string[0] === '"' && lang !== "shell" ? "" : "s");
      add(colon ?? "");
    } else add(whole, number ? "n" : "k");
    end = m.index + whole.length;
  }
  add(text.slice(end));
  code.replaceChildren(...parts);
  code.normalize();
};
const near = new IntersectionObserver((entries) => {
  for (const e of entries) {
    const code = e.target.querySelector("code");
    if (!e.isIntersecting || !code) continue;
    near.unobserve(e.target);
    if (!code.firstElementChild) paint(code, (e.target as HTMLElement).dataset.lang!, code.textContent!);
  }
}, { rootMargin: "400px" });
const inView = (root: ParentNode = document) => {
  const lang = language();
  for (const pre of all("pre[data-lang]", root)) {
    near.unobserve(pre);
    if (pre.dataset.lang === lang) near.observe(pre);
  }
};

// Credentials: the visitor's own stand in the samples of the page.
const KEY = "credentials";
let mine: Credentials = {}, demo: Credentials = {}, forever = false;
const load = () => {
  const kept = read(local, KEY), text = read(session, KEY) ?? kept;
  forever = kept !== null;
  try {
    mine = text ? JSON.parse(text) : {};
  } catch {
    mine = {};
  }
  if (mine.until && mine.until <= Date.now()) mine = {};
  if (!Object.keys(mine).length) mine = demo;
};
/** What stands in the samples behind Basic. */
const header = () => (mine.till && mine.md5 ? utf8base64(mine.till + ":" + mine.md5) : "");
const shown = { till: self.dataset.till ?? "", key: self.dataset.key ?? "" };
const change = (root: ParentNode, pairs: [string, string][]) => {
  for (const [from, to] of pairs) {
    if (!from || !to || from === to) continue;
    for (const code of all("pre[data-lang] code, pre .cred, #address", root)) {
      if (!code.firstElementChild && code.textContent!.includes(from)) code.textContent = code.textContent!.replaceAll(from, to);
    }
  }
};
const personal = () => {
  const plain = /^[\w.~+\/=-]+$/, till = header() || self.dataset.till!, key = plain.test(mine.key ?? "") ? mine.key! : self.dataset.key!;
  change(document, [[shown.till, till], [shown.key, key]]);
  shown.till = till;
  shown.key = key;
  const button = $("#credentials");
  if (!button) return;
  const name = mine.use === "token" && mine.token ? "OAuth token" : mine.till ?? (mine.token ? "OAuth token" : mine.key ? "Kittens key" : "");
  const left = mine.until ? ` · ${Math.max(1, Math.round((mine.until - Date.now()) / 36e5))} h` : "";
  const label = button.querySelector(".lbl");
  if (label) label.textContent = name ? name + left : "Credentials";
  button.querySelector(".dot")?.classList.toggle("off", !name);
  button.setAttribute("aria-label", name ? `Credentials: ${name}${left}, used in every sample` : "Credentials: none of your own");
};

const url = (path: string) => new URL(path, document.baseURI).href;
const tools: Tools = {
  self, md5, utf8base64, say, paint, language,
  credentials: () => (load(), { ...mine }),
  keep(c, always) {
    write(session, KEY, c && !always ? JSON.stringify(c) : null);
    write(local, KEY, c && always ? JSON.stringify(c) : null);
    load();
    personal();
  },
  fallback(c) {
    demo = c;
    load();
    personal();
  },
  get forever() {
    return forever;
  },
  sheet: (path) =>
    new Promise((done) => {
      if ($(`link[href="${path}"]`)) return done();
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.href = path;
      link.onload = link.onerror = () => done();
      document.head.append(link);
    }),
  json: (path) => fetch(url(path)).then((r) => (r.ok ? r.json() : Promise.reject(new Error(path + ": " + r.status)))),
};
/** Loads a script at its first use; a second use takes it from the browser's memory. */
const use = async <M extends { ready(t: Tools): Promise<void> }>(script: string, then: (m: M) => unknown) => {
  try {
    const m: M = await import(url(script));
    await m.ready(tools);
    await then(m);
  } catch (e) {
    say("It could not be loaded. Are you offline?");
    throw e;
  }
};
const search = () => use<typeof import("./search")>(self.dataset.search!, (m) => m.open());
const tryit = (then: (m: typeof import("./tryit")) => unknown) => use<typeof import("./tryit")>(self.dataset.tryit!, then);

// An operation is brief in the page of the whole reference: what is left out stands in its
// own page, and is put in place before the reader comes there.
const wholes = new WeakMap<Element, Promise<void>>();
const whole = (s: HTMLElement | null | undefined): Promise<void> => {
  if (!s?.matches("[data-brief]")) return Promise.resolve();
  const begun = wholes.get(s) ?? fill(s);
  wholes.set(s, begun);
  begun.catch(() => wholes.delete(s)); // to be tried again
  return begun;
};
const fill = async (s: HTMLElement) => {
  const own = s.querySelector<HTMLAnchorElement>(".more a")!.href, home = url(".");
  const r = await fetch(own);
  if (!r.ok) throw new Error(own + ": " + r.status);
  const from = new DOMParser().parseFromString(await r.text(), "text/html").querySelector("section")!;
  for (const h of all("h1, h2, h3", from)) {
    const to = document.createElement("h" + (+h.tagName[1] + 2));
    if (h.id) to.id = h.id;
    to.append(...h.childNodes);
    h.replaceWith(to);
  }
  for (const a of all("a[href]", from)) {
    const to = new URL(a.getAttribute("href")!, own), at = to.href.replace(/#.*/, "");
    a.setAttribute("href", to.hash && (at === own || at === home) ? to.hash : to.href);
  }
  // Browsers that do not hold the place of the text by themselves; to ask costs a layout.
  const bottom = () => (CSS.supports("overflow-anchor: auto") ? 1 : s.getBoundingClientRect().bottom), at = bottom(), focus = s.contains(document.activeElement) && (document.activeElement!.matches(".try") ? ".try" : "h3 a");
  s.replaceChildren(...from.childNodes);
  delete s.dataset.brief;
  dress(s);
  if (focus) s.querySelector<HTMLElement>(focus)?.focus({ preventScroll: true });
  if (at <= 0) scrollBy(0, bottom() - at);
};
/** What the script adds to what stands in the page. */
const dress = (root: ParentNode) => {
  change(root, [[self.dataset.till!, shown.till], [self.dataset.key!, shown.key], [self.dataset.server!, location.protocol === "file:" ? "" : location.origin]]);
  inView(root);
};
const ahead = new IntersectionObserver((entries) => {
  for (const e of entries) {
    if (!e.isIntersecting) continue;
    ahead.unobserve(e.target);
    whole(e.target as HTMLElement).catch(() => {}); // its link leads to the rest
  }
}, { rootMargin: "120%" });
const briefs = () => all("[data-brief]");
briefs().forEach((s) => ahead.observe(s));
const everything = () => Promise.allSettled(briefs().map(whole));
/** Goes to what the address names, also when it has yet to be put in place. */
const seek = async (e?: Event) => {
  const hash = location.hash;
  let id = hash.slice(1);
  try {
    id = decodeURIComponent(id);
  } catch {
    // it is no more than what it is
  }
  const there = document.getElementById(id), own = there?.closest<HTMLElement>("[data-brief]");
  const of = there ? own : briefs().filter((s) => id.startsWith(s.id + "-")).sort((a, b) => b.id.length - a.id.length)[0];
  const [came] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  if (there && (e ? inSight(there) : came?.type === "navigate")) hold(there); // and not where the reader has been before
  if (!of) return;
  await whole(of);
  if (there === of || location.hash !== hash) return;
  location.replace(hash);
  hold(document.getElementById(id));
};
const inSight = (e: Element) => {
  const { top } = e.getBoundingClientRect();
  return top >= 0 && top < innerHeight;
};
// What was gone to stays where it is while what stands around it is put in place, until the reader does something.
let held: Element | null = null, heldUntil = 0;
const hold = (e: Element | null) => {
  held = e;
  heldUntil = performance.now() + 5000;
};
new ResizeObserver(() => {
  if (!held || performance.now() > heldUntil) return;
  hold(held);
  held.scrollIntoView();
}).observe(document.body);
for (const what of ["wheel", "touchstart", "pointerdown", "keydown"]) addEventListener(what, () => (held = null), { capture: true, passive: true });
addEventListener("hashchange", seek);

// Buttons.
const copied = (b: HTMLElement) => {
  const box = b.closest(".ep, .steps div, .slip, .tab, .ex, [data-copies]");
  const text = b.dataset.copy || all(".path, dd[id], pre", box ?? document.body).find((x) => x.offsetParent)?.textContent;
  if (!text || !box) return;
  navigator.clipboard?.writeText(text.trim()).then(
    () => {
      b.classList.add("done");
      say("Copied");
      setTimeout(() => b.classList.remove("done"), 1200);
    },
    () => say("The browser does not let this page copy."),
  );
};
let before: string | undefined; // where the reader was when the drawer opened
addEventListener("click", (e) => {
  const b = (e.target as Element).closest<HTMLElement>("button, a, #search");
  if (!b) return;
  if (b.matches(".copy")) copied(b);
  else if (b.matches("#search")) e.preventDefault(), search();
  else if (b.matches("#credentials")) tryit((m) => m.credentialsOpen());
  else if (b.matches("button.try")) {
    const section = b.closest<HTMLElement>("[data-operation]")!;
    tryit((m) => whole(section).then(() => m.toggle(section)));
  } else if (b.matches("button.reproduce")) {
    const { operation, example } = b.dataset;
    tryit((m) => whole($(`[data-operation=${operation}]`)).then(() => m.reproduce(operation!, example!)));
  } else if (b.matches("main a[href^='operations/'][href*='#']") && document.getElementById(b.closest("a")!.hash.slice(1).split("-example-")[0])) e.preventDefault(), (location.hash = (b as HTMLAnchorElement).hash);
  else if (b.matches("a.menu")) before = location.hash;
  else if (b.matches("a.close") && before !== undefined) {
    e.preventDefault();
    history.back(); // to the same place of the text
    before = undefined;
    $("a.menu")?.focus({ preventScroll: true });
  }
});

// Keys.
addEventListener("keydown", (e) => {
  // The field of a dialog that has just closed keeps the focus for a moment, but has no place on the page.
  const typing = (e.target as HTMLElement).offsetParent && (e.target as Element).matches("input:not([type=radio]), textarea, select");
  const mod = e.ctrlKey || e.metaKey;
  if (mod && !e.altKey && !e.shiftKey) {
    const key = e.key.toLowerCase();
    if (key === "k") return e.preventDefault(), void search();
    // Who looks through the page, or prints it, wants all of it.
    if (key === "f") everything();
    if (key === "p" && briefs().length) return e.preventDefault(), void everything().then(() => setTimeout(print));
  }
  if (mod || e.altKey || typing || $("dialog[open]")) return;
  if (e.key === "/") return e.preventDefault(), void search();
  if (e.key === "Escape" && location.hash === "#contents") $("a.close")?.click();
  if (e.key !== "j" && e.key !== "k") return;
  const ops = all("section[data-operation]"), y = (el: Element) => el.getBoundingClientRect().top;
  const to = e.key === "j" ? ops.find((o) => y(o) > 160) : ops.findLast((o) => y(o) < 0);
  if (!to) return;
  location.replace("#" + to.id);
  to.querySelector<HTMLElement>("h1 a, h2 a, h3 a, h4 a")?.focus({ preventScroll: true });
});

// The list follows the scroll. Only the sections are asked where they are, and what is in the
// current one: the browser need not lay out what it skips.
const links = new Map(all<HTMLAnchorElement>('#contents li a[href^="#"]').map((a) => [a.hash.slice(1), a]));
const parts = new Map<Element, Element[]>();
for (const id of links.keys()) {
  const head = document.getElementById(id), section = head?.closest("section");
  if (head && section) parts.set(section, [...(parts.get(section) ?? []), head]);
}
let current: HTMLAnchorElement | undefined;
const follow = () => {
  const above = (e: Element) => e.getBoundingClientRect().top < innerHeight / 4;
  const sections = [...parts.keys()], section = sections.findLast(above) ?? sections[0], heads = parts.get(section)!;
  const a = links.get((heads.findLast(above) ?? heads[0]).id);
  if (!a || a === current) return;
  current?.removeAttribute("aria-current");
  (current = a).setAttribute("aria-current", "location");
  reveal(a);
};
const reveal = (a: Element) => {
  for (let d = a.closest("details"); d; d = d.parentElement!.closest("details")) d.open = true;
  const nav = $("#contents")!, r = a.getBoundingClientRect(), n = nav.getBoundingClientRect();
  if (r.top < n.top + 40 || r.bottom > n.bottom - 40) nav.scrollTop += r.top - n.top - n.height / 2;
};
const here = $("#contents [aria-current=page]");
if (here) reveal(here);
if (parts.size) {
  const spy = new IntersectionObserver(follow, { rootMargin: "0px 0px -75% 0px" });
  for (const [section, heads] of parts) {
    spy.observe(section);
    if (heads.length > 1) heads.forEach((h) => spy.observe(h));
  }
}

// The filter of the codes.
$("#code-filter")?.addEventListener("input", (e) => {
  const asked = (e.target as HTMLInputElement).value.toLowerCase().split(/\s+/), rows = all('tr[id^="code-"]');
  let n = 0;
  for (const tr of rows) {
    const text = tr.textContent!.toLowerCase();
    tr.hidden = !asked.every((w) => text.includes(w));
    n += +!tr.hidden;
  }
  const count = $("#code-count");
  if (count) count.textContent = `${n} of ${rows.length}`;
});

// The calculator: what is typed stays in the page.
$(".calc")?.addEventListener("input", () => {
  const value = (s: string) => $<HTMLInputElement>(s)!.value, sum = md5(value("#cp")), pair = value("#cu") + ":" + sum;
  $("#c-md5")!.textContent = sum;
  $("#c-pair")!.textContent = pair;
  $("#c-head")!.textContent = "Authorization: Basic " + utf8base64(pair);
});

load();
personal();
dress(document);
seek();
