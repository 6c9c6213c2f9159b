// Try it: the table of fields becomes the form; what is typed stands in every sample.
import { Form, open } from "./form";
import { begin, forms, loadFor, root } from "./state";
import type { Tools } from "./tools";

export { credentialsOpen } from "./form";
export { callOf, forms, loadLanguages, sample, withCredentials } from "./state"; // for the tests, of samples

let begun: Promise<void> | undefined;

/** Once; a try that failed may be made again. */
export const ready = (tools: Tools) =>
  (begun ??= begin(tools).then(
    () => document.querySelectorAll("input[name=lang]").forEach((r) => r.addEventListener("change", () => open.forEach((f) => f.update()))),
    (e) => {
      begun = undefined;
      throw e;
    },
  ));

export async function toggle(section: HTMLElement) {
  const form = open.get(section);
  if (form) return form.close();
  (await openForm(section)).fill(0);
  section.querySelector(".formtop")!.scrollIntoView();
  section.querySelector<HTMLElement>(".ask:not(details *) :is(input, select, textarea), .jsn textarea, .send .go")?.focus({ preventScroll: true });
}

async function openForm(section: HTMLElement): Promise<Form> {
  const op = forms.operations[section.dataset.operation!];
  await loadFor(op);
  const form = open.get(section) ?? new Form(section, op);
  open.set(section, form);
  return form;
}

/** Opens the form of an operation, filled with an example. */
export async function reproduce(operation: string, example: string) {
  const section = document.querySelector<HTMLElement>(`section[data-operation="${operation}"]`);
  if (!section) return location.assign(root() + "#" + forms.operations[operation]?.id);
  const form = await openForm(section);
  form.fill(Math.max(0, form.op.examples.findIndex((e) => e.name === example)));
  location.hash = section.id;
  form.bar.scrollIntoView({ block: "nearest" });
  form.send.focus({ preventScroll: true });
}
