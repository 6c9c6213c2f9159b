// Bodies of several parts (multipart/form-data), as text: how examples come and samples go.
// Loaded with the first form that has such a body.
import type { Control } from "./fields";

type Leaf = { path: string[]; control: Control };
const name = (l: Leaf) => l.path.join(".");
const boundaryOf = (headers: [string, string][]) => /boundary=([\w-]+)/.exec(headers.join())?.[1] ?? "part";
const read = new WeakMap<File, string>();
const most = 20_000; // bytes of a file that samples show

/** The body of what the fields hold. Files are read beside it; changed is called when one has been. */
export function write(leaves: Leaf[], headers: [string, string][], changed: () => void): string {
  const line = "--" + boundaryOf(headers);
  const parts = leaves.flatMap((l) => {
    const file = l.control.file?.(), text = file ? read.get(file) : l.control.text();
    if (file && text === undefined) {
      if (file.size > most) read.set(file, `<the ${file.size} bytes of ${file.name}>`);
      else file.text().then((t) => (read.set(file, t), changed()));
    }
    if (!file && text === undefined) return [];
    const type = file ? `; filename="${file.name}"` + (file.type ? "\r\nContent-Type: " + file.type : "") : "";
    return [`${line}\r\nContent-Disposition: form-data; name="${name(l)}"${type}\r\n\r\n${text ?? ""}\r\n`];
  });
  return parts.join("") + line + "--\r\n";
}

/** Puts the parts of an example into the fields. */
export function fill(leaves: Leaf[], headers: [string, string][], raw: string) {
  const line = "--" + boundaryOf(headers), all = new Map<string, [string, string]>();
  for (const part of raw.split(line).slice(1, -1)) {
    const [head, ...text] = part.split("\r\n\r\n");
    all.set(/ name="([^"]*)"/.exec(head)?.[1] ?? "", [head, text.join("\r\n\r\n").replace(/\r\n$/, "")]);
  }
  for (const l of leaves) {
    const [head, text] = all.get(name(l)) ?? ["", undefined];
    l.control.set(text === undefined ? undefined : { kind: '"', text, names: [], items: [], from: 0, to: 0 });
    const input = l.control.element.querySelector<HTMLInputElement>("input[type=file]");
    if (!input || text === undefined) continue;
    const file = new File([text], /filename="([^"]*)"/.exec(head)?.[1] ?? name(l), { type: /Content-Type: (.*)/.exec(head)?.[1] ?? "" }), d = new DataTransfer();
    read.set(file, text);
    d.items.add(file);
    input.files = d.files;
  }
}
