import type { Theme } from "./contract";

/** What the page says once: in the `data-` attributes of the script's tag, or to `init`. */
export interface Settings {
  /** The public key, `wp_pub_…`. */
  key: string;
  /** Where Waypost is served from; the script's own address if it does not say. */
  host: string;
  /** Send a page view at load and after each change of route. */
  pages: boolean;
  /** Watch for rage, dead and error clicks. */
  sensors: boolean;
  theme: Theme;
}

const script =
  (document.currentScript as HTMLScriptElement | null) ?? document.querySelector<HTMLScriptElement>("script[data-key]");

/** Where the lazy files are. */
export const home = script?.src ?? location.href;

export function settingsOfTag(): Partial<Settings> {
  const { key, host, pages, sensors, theme } = script?.dataset ?? {};
  return {
    ...(key && { key }),
    ...(host && { host }),
    pages: pages !== "off",
    sensors: sensors !== "off",
    ...(theme && { theme: theme as Theme }),
  };
}

export function complete(given: Partial<Settings>): Settings | undefined {
  const { key, host = new URL(home).origin, pages = true, sensors = true, theme = "auto" } = given;
  return key ? { key, host: host.replace(/\/$/, ""), pages, sensors, theme } : undefined;
}
