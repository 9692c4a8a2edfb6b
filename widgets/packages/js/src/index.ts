/**
 * Waypost for applications that are built with a bundler: the core is part of the application, what draws is loaded
 * from the server when there is something to draw. On a server, where there is no page, every call does nothing.
 */
import { takePlace, VERBS, type Api } from "../../../snippet/api";
import type { Origin } from "../../../snippet/settings";
import type { InitOptions, Report, Waypost } from "./types";

export * from "./types";

/** The parts by their plain names: a server of any version knows which of its files that is. */
const origin: Origin = { given: {}, partAt: (part, { host }) => `${host}/sdk/${part}.js?contract=${CONTRACT}` };

let place: Api | undefined;

function api(): Api | undefined {
  try {
    return typeof document === "undefined" ? undefined : (place ??= takePlace(() => origin));
  } catch {
    return undefined;
  }
}

function init(options: InitOptions): void {
  const { key, host, enabled } = options;
  if (enabled !== false && !(key && host) && typeof document !== "undefined") {
    console.warn("waypost.init needs { key, host }: the project's public key, and where Waypost is served from");
  }
  api()?.init!(options);
}

function debug(opensPanel?: boolean): Report {
  return (api()?.debug!(opensPanel) as Report | undefined) ?? { faults: [] };
}

function forwarded(): Record<string, (...args: unknown[]) => void> {
  const names = [...VERBS, "on", "off"];
  return Object.fromEntries(names.map((name) => [name, (...args: unknown[]) => void api()?.[name]!(...args)]));
}

export const waypost: Waypost = /* @__PURE__ */ Object.freeze({ ...forwarded(), init, debug }) as unknown as Waypost;
export default waypost;
export const version: string = VERSION;
