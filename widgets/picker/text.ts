/** What was picked, as text of the rules. The server writes the same, and has the last word. */

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\t": "\\t", "\r": "\\r" };
const LONGEST = 60;

/** A text in quotes, as the formatter of the rules writes it. */
export function quoted(value: string): string {
  return `"${value.replace(/[\\"\n\t\r]/g, (sign) => ESCAPES[sign] ?? `\\${sign}`)}"`;
}

export interface Picked {
  kind: "target" | "event";
  selector: string;
  event?: string;
  /** A pattern; nothing for every page. */
  page?: string;
}

export function wayOf({ kind, selector, event = "", page }: Picked): string {
  if (kind === "target") return `beside ${quoted(selector)}`;
  return `event ${quoted(event)} when clicked ${quoted(selector)}${page ? ` on page ${quoted(page)}` : ""}`;
}

/** A pattern for pages like this one: numbers and ids stand for any. */
export function patternOf(path: string): string {
  const parts = path.split("/").map((part) => (/\d{2,}|^\d+$|^[0-9a-f-]{16,}$|@|%40/i.test(part) ? "*" : part));
  return parts.join("/").replace(/\/$/, "") || "/";
}

/** What a click on it may be called, until somebody knows better. */
export function proposedName(name: string): string {
  const short = name.slice(0, LONGEST).trim();
  return short ? `Clicked ${short}` : "";
}
