// What page.ts has loaded already and hands to the scripts that come at first use.
// Types only: nothing of this file is in any bundle.

/** The visitor's credentials, as they are kept. The password itself is not. */
export interface Credentials {
  till?: string;
  md5?: string; // of the till's password, lower-case hexadecimal
  token?: string; // an OAuth token
  key?: string; // of the kittens
  use?: "till" | "token";
  until?: number; // when a sandbox is thrown away whose they are, in ms by the clock of this browser, right or wrong
}

export interface Tools {
  /** The page's script element, whose data say where the other files are. */
  readonly self: HTMLScriptElement;
  md5(text: string): string;
  utf8base64(text: string): string;
  /** Tells it to screen readers. */
  say(text: string): void;
  /** Colours code of a language as the generator does; the element holds only text afterwards and spans. */
  paint(code: Element, language: string, text: string): void;
  credentials(): Credentials;
  /** Keeps them for this tab, or in this browser when asked; null forgets them in both. */
  keep(c: Credentials | null, forever: boolean): void;
  /** Those of the demo, for who has none. */
  fallback(c: Credentials): void;
  /** Whether they are kept in this browser. */
  readonly forever: boolean;
  sheet(path: string): Promise<void>;
  json<T>(path: string): Promise<T>;
  language(): string;
}
