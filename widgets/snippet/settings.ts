import type { Word } from "./consent";
import type { Theme } from "./contract";

/** What the page says once: in the `data-` attributes of the script's tag, or to `init`. */
export interface Settings {
  /** The public key, `wp_pub_…`. */
  key: string;
  /** Where Waypost is served from; the script's own address if it does not say. */
  host: string;
  /** Send a page view at load and after each change of route. */
  pages: boolean;
  /** Watch for signs of friction. */
  sensors: boolean;
  /** Gather clicks by element and how far pages are seen, for heat maps. */
  clicks: boolean;
  /** The page draws guides itself, and is handed them by `on("guide", …)`. */
  headless: boolean;
  /** Whether the visitor may be recorded, until `optIn()` or `optOut()` says more; `granted` without. */
  consent: Word;
  theme: Theme;
  /** Selectors of what may be seen in a recording of the page; everything else is masked. */
  reveal: string[];
}

export interface InitOptions extends Partial<Settings> {
  /** `false`: do nothing at all, until `init` is called without it. */
  enabled?: boolean;
}

/** The files that are loaded when they are needed. */
export type Part = "drawing" | "headless" | "sensors" | "clicks" | "panel" | "picker" | "replay";

/** What the build of the core knows besides: what to begin with, and where its parts are. */
export interface Origin {
  given: InitOptions;
  partAt(part: Part, settings: Settings): string;
}

/** The settings of a script's tag, which must be looked for while the script runs. */
export function tag(): Origin {
  // A picture of the page's that goes by the name `currentScript` stands in its place: our parts are not looked for there.
  const { currentScript } = document;
  const script =
    currentScript instanceof HTMLScriptElement ? currentScript : document.querySelector<HTMLScriptElement>("script[data-key]");
  const home = script?.src ?? location.href;
  // A server may stand below a path of another one.
  const { origin, pathname } = new URL(home);
  const { key, host, pages, sensors, clicks, theme, headless, consent, reveal } = script?.dataset ?? {};
  return {
    given: {
      ...(key && { key }),
      host: host ?? origin + (/^(.*)\/sdk\/[^/]*$/.exec(pathname)?.[1] ?? ""),
      pages: pages !== "off",
      sensors: sensors !== "off",
      clicks: clicks === "on",
      headless: headless === "on",
      ...(theme && { theme: theme as Theme }),
      ...(consent && { consent: consent as Word }),
      ...(reveal && { reveal: [reveal] }),
    },
    partAt: (part) => new URL(PARTS[part], home).href,
  };
}

export function complete(given: InitOptions): Settings | undefined {
  const { key, host, pages = true, sensors = true, clicks = false, headless = false } = given;
  const { consent = "granted", theme = "auto" } = given;
  // One text is one selector: its letters taken for selectors would reveal every <p> and <b>.
  const reveal = [given.reveal].flat().filter((each) => typeof each === "string");
  const settings = { pages, sensors, clicks, headless, consent, theme, reveal };
  return key && host ? { key, host: host.replace(/\/+$/, ""), ...settings } : undefined;
}
