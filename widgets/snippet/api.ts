/** The calls of a page, for whichever way the core came into it. Each is safe at any time: none throws. */
import { Client } from "./client";
import type { Listener } from "./contract";
import { Guard } from "./guard";
import { complete, type InitOptions, type Origin, type Part } from "./settings";

export type Call = [name: string, ...args: unknown[]];
export type Api = Record<string, (...args: unknown[]) => unknown> & { loaded: string };

/** What needs a client; called before `init`, it waits for it. */
export const VERBS = ["identify", "group", "track", "page", "step", "show", "dismiss", "setLocale", "reset", "optIn", "optOut"] as const;

/** As many calls wait for `init` as messages wait for a server. */
const MOST_EARLY = 1000;

export function openApi({ given: first, partAt }: Origin): Api {
  const guard = new Guard();
  const listeners = new Map<string, Set<Listener>>();
  let early: Call[] = [];
  let isOff = false;
  /** The page told of its first view itself. */
  let hasPage = false;
  let client: Client | undefined;

  const call = ([verb, ...args]: Call) => {
    (client as unknown as Record<string, (...args: unknown[]) => void>)[verb]!(...args);
  };

  const report = () => ({ ...client?.snapshot(), faults: [...guard.faults] });

  const init = (given: InitOptions = {}) => {
    if (client) return;
    isOff = given.enabled === false;
    if (isOff) early = [];
    hasPage = early.some(([verb]) => verb === "page");
    const settings = !isOff && complete({ ...first, ...given });
    if (!settings) return;
    // A page that is only made ready may never be seen: until it is, nobody visits it.
    if ((document as { prerendering?: boolean }).prerendering) {
      return document.addEventListener("prerenderingchange", () => isOff || api.init!(given), { once: true });
    }
    const load = (part: Part) => import(/* @vite-ignore */ /* webpackIgnore: true */ partAt(part, settings));
    client = new Client(settings, load, listeners, guard);
    early.forEach((each) => guard.wrap(call)(each));
    early = [];
    // After the rest of this task, in which a page likes to say who it is.
    queueMicrotask(guard.wrap(() => client?.begin(hasPage)));
  };

  const api = {
    loaded: VERSION,
    init: guard.wrap(init),
    on: guard.wrap((event: string, listener: Listener) => {
      if (!listeners.has(event)) listeners.set(event, new Set());
      listeners.get(event)!.add(listener);
      // Whoever begins to listen later is handed what is there.
      if (event === "guide") client?.presented.forEach((guide) => listener(guide));
    }),
    off: guard.wrap((event: string, listener: Listener) => void listeners.get(event)?.delete(listener)),
    debug: guard.wrap((opensPanel = true) => {
      if (opensPanel && client) guard.wrap(() => client?.openPanel(report))();
      return report();
    }),
    push: guard.wrap(([name, ...args]: Call) => void api[name]?.(...args)),
  } as unknown as Api;
  for (const verb of VERBS) {
    api[verb] = guard.wrap((...args: unknown[]) => {
      hasPage ||= verb === "page";
      if (client) call([verb, ...args]);
      else if (!isOff && early.length < MOST_EARLY) early.push([verb, ...args]);
    });
  }
  return api;
}

/**
 * The one Waypost of a page, however often and in whichever ways it was brought there. Calls that the page queued in
 * `window.waypost` before are made up for, and an array that somebody still holds goes on working.
 */
export function takePlace(origin: () => Origin): Api {
  const page = window as { waypost?: unknown };
  const before = page.waypost as Api | Call[] | undefined;
  if (typeof (before as Api | undefined)?.loaded === "string") return before as Api;
  const api = openApi(origin());
  page.waypost = api;
  if (before && Symbol.iterator in before) {
    for (const each of before) api.push!(each);
    (before as { push: unknown }).push = api.push;
  }
  return api;
}
