// The credentials, once for the page, and the visitor's own sandbox; loaded when they are asked for.
import { el, nextId } from "./editor";
import { origin, type Config } from "./config";
import type { Credentials, Tools } from "./tools";

export interface Sandbox {
  till: string;
  password: string;
  till2?: string;
  password2?: string;
  kittensKey?: string;
  expires: string;
  seconds: number; // until then
}

/** Asks for an organization of the visitor's own and keeps its credentials for this tab. */
export async function sandbox(config: Config, tools: Tools): Promise<Sandbox> {
  const r = await fetch(origin(config) + "/sandbox", { method: "POST", credentials: "omit" });
  if (!r.ok) {
    const wait = r.headers.get("Retry-After");
    throw new Error((r.status === 429 ? "Too many sandboxes were asked for." : `The server responds with ${r.status}.`) + (wait ? ` Try again in ${wait} s.` : ""));
  }
  const s: Sandbox = await r.json();
  tools.keep({ till: s.till, md5: tools.md5(s.password), key: s.kittensKey, use: "till", until: Date.now() + 1000 * s.seconds }, false);
  return s;
}

export function credentialsDialog(config: Config, tools: Tools, changed: () => void): HTMLDialogElement {
  const input = (label: string, type: string, hint?: string) => {
    const id = nextId("c"), i = el("input", { className: "inp", id, type, autocomplete: "off", spellcheck: false });
    return { i, row: el("div", { className: "row1" }, el("label", { className: "lab", htmlFor: id }, label), i, ...(hint ? [el("p", { className: "rule" }, hint)] : [])) };
  };
  const till = input("Till", "text"), password = input("Password", "password", "Sent as its md5, which is made here. The password itself is not kept."), token = input("OAuth token", "password"), key = input("Kittens key", "password");
  const always = el("input", { type: "checkbox", id: nextId("k") }), status = el("p", { className: "rule", role: "status" });
  const named = (value: string, label: string) => {
    const r = el("input", { type: "radio", name: "use", value, id: nextId("u") });
    return el("label", {}, r, label);
  };
  const use = el("fieldset", { className: "use" }, el("legend", { className: "lab" }, "Calls are made as"), named("till", "the till"), named("token", "the holder of the token"));
  const radios = [...use.querySelectorAll("input")];
  const own = el("div", { className: "own", hidden: !config.sandbox }, el("p", {}, el("b", {}, "An organization of your own"), " with tills, sources and the customers of the printed examples. Nobody else sees it, and it is thrown away after a while."));
  const make = el("button", { type: "button", className: "btn go" }, "Get a sandbox");
  const drop = el("button", { type: "button", className: "btn", hidden: true }, "Throw it away now");
  own.append(make, drop);
  const dialog = el("dialog", { className: "creds" });
  dialog.setAttribute("aria-labelledby", "creds-title");
  const forget = el("button", { type: "button", className: "btn" }, "Forget them");
  const form = el(
    "form", { method: "dialog", autocomplete: "off" },
    el("h2", { id: "creds-title" }, "Credentials"), el("p", {}, "Entered once, they stand in every sample and go with every call of this page."),
    own, el("div", { className: "two2" }, till.row, password.row), token.row, key.row, use,
    el("label", { className: "keep" }, always, "Keep them in this browser. Otherwise they are gone with this tab."), status,
    el("div", { className: "acts" }, el("button", { className: "btn go" }, "Use them"), el("button", { type: "button", className: "btn", onclick: () => dialog.close() }, "Cancel"), forget),
  );
  dialog.append(form);
  const fill = () => {
    const c = tools.credentials();
    till.i.value = c.till ?? "";
    password.i.value = "";
    password.i.placeholder = c.md5 ? "as before" : "";
    token.i.value = c.token ?? "";
    key.i.value = c.key ?? "";
    always.checked = tools.forever;
    for (const r of radios) r.checked = r.value === (c.use ?? "till");
    drop.hidden = !c.until;
    make.textContent = c.until ? "Get a new one" : "Get a sandbox";
    status.textContent = c.until ? `These are those of your sandbox, which is thrown away at ${new Date(c.until).toLocaleString()}.` : "";
  };
  form.addEventListener("submit", () => {
    const before = tools.credentials(), same = till.i.value === before.till && !password.i.value;
    const c: Credentials = {
      till: till.i.value || undefined,
      md5: password.i.value ? tools.md5(password.i.value) : same ? before.md5 : till.i.value ? tools.md5("") : undefined,
      token: token.i.value.trim() || undefined,
      key: key.i.value.trim() || undefined,
      use: radios.find((r) => r.checked)?.value === "token" ? "token" : "till",
      until: same ? before.until : undefined,
    };
    tools.keep(c, always.checked);
    tools.say("The credentials are used in every sample.");
    changed();
  });
  forget.addEventListener("click", () => {
    tools.keep(null, false);
    fill();
    status.textContent = "Forgotten.";
    changed();
  });
  make.addEventListener("click", async () => {
    make.disabled = true;
    status.textContent = "Making it …";
    try {
      const s = await sandbox(config, tools);
      fill();
      if (s.till2) status.textContent += ` A second till: ${s.till2}, password ${s.password2}.`;
      changed();
    } catch (e) {
      status.textContent = (e as Error).message;
    }
    make.disabled = false;
  });
  drop.addEventListener("click", async () => {
    const c = tools.credentials();
    drop.disabled = true;
    try {
      const r = await fetch(origin(config) + "/sandbox", { method: "DELETE", credentials: "omit", headers: { Authorization: "Basic " + tools.utf8base64(c.till + ":" + c.md5) } });
      if (!r.ok && r.status !== 401) throw new Error(`The server responds with ${r.status}.`); // 401: it is gone already
      tools.keep(null, false);
      fill();
      status.textContent = "It is thrown away, with all that was in it.";
      make.focus();
      changed();
    } catch (e) {
      status.textContent = (e as Error).message;
    }
    drop.disabled = false;
  });
  dialog.addEventListener("click", (e) => e.target === dialog && dialog.close());
  document.body.append(dialog);
  return Object.assign(dialog, { fill });
}
