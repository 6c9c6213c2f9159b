// Where calls go, and who asks.
import type { Credentials, Tools } from "./tools";

export interface Config {
  server: string; // "" is where the page comes from
  demo: { till: string; password: string; key: string } | null;
  sandbox: boolean;
  version?: string;
}

export const origin = (c: Config) => (c.server || location.origin).replace(/\/+$/, "");

/** The headers that show who asks. */
export function authorization(c: Credentials, takes: string[], tools: Tools): [string, string][] {
  if (!takes.length) return [];
  if (takes.includes("key") && !takes.includes("till")) return c.key ? [["Authorization", c.key]] : [];
  if (c.token && (c.use === "token" || !c.till)) return [["X-CAP-API-OAUTH-TOKEN", c.token]];
  return c.till && c.md5 ? [["Authorization", "Basic " + tools.utf8base64(c.till + ":" + c.md5)]] : [];
}
