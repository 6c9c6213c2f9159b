// What the visitor typed is marked without elements of its own.
const marks = new Map<object, Range[]>();
export function mark(form: object, ranges: Range[]) {
  ranges.length ? marks.set(form, ranges) : marks.delete(form);
  if (!("highlights" in CSS)) return;
  CSS.highlights.set("typed", new Highlight(...[...marks.values()].flat()));
}

export function found(code: Element, text: string): Range[] {
  const out: Range[] = [], walk = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
  const forms = new Set([text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)]);
  for (let n = walk.nextNode(); n; n = walk.nextNode())
    for (const f of forms)
      for (let at = n.nodeValue!.indexOf(f); at >= 0; at = n.nodeValue!.indexOf(f, at + f.length)) {
        const s = n.nodeValue!;
        if (/\w/.test((s[at - 1] ?? "") + (s[at + f.length] ?? "")) && /^\w|\w$/.test(f)) continue;
        const r = document.createRange();
        r.setStart(n, at);
        r.setEnd(n, at + f.length);
        out.push(r);
      }
  return out;
}
