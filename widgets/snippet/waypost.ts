/**
 * The one script that a page loads. It takes over the calls that the page queued in `window.waypost` before it was
 * there, and answers to the same names afterwards. Every call is safe: it never throws, and never returns a value
 * except `debug`.
 */
import { Client } from "./client";
import type { Properties } from "./contract";
import { Guard } from "./guard";
import { complete, settingsOfTag, type Settings } from "./settings";

type Listener = (properties: Properties) => void;
type Call = [name: string, ...args: unknown[]];

/** What needs a client; called before `init`, it waits for it. */
const VERBS = ["identify", "group", "track", "page", "step", "show", "reset", "optIn", "optOut"] as const;

function waypost(): Record<string, unknown> {
  const guard = new Guard();
  const listeners = new Map<string, Set<Listener>>();
  const early: Call[] = [];
  let client: Client | undefined;

  const call = ([verb, ...args]: Call) => {
    (client as unknown as Record<string, (...args: unknown[]) => void>)[verb]!(...args);
  };

  const init = (given: Partial<Settings>) => {
    const settings = complete({ ...settingsOfTag(), ...given });
    if (client || !settings) return;
    client = new Client(settings, listeners, guard);
    early.forEach((each) => guard.wrap(call)(each));
    client.begin(early.some(([verb]) => verb === "page"));
  };

  const api: Record<string, unknown> = {
    loaded: VERSION,
    init: guard.wrap(init),
    on: guard.wrap((event: string, listener: Listener) => {
      if (!listeners.has(event)) listeners.set(event, new Set());
      listeners.get(event)!.add(listener);
    }),
    off: guard.wrap((event: string, listener: Listener) => void listeners.get(event)?.delete(listener)),
    debug: guard.wrap(() => ({ ...client?.snapshot(), faults: [...guard.faults] })),
    push: guard.wrap((each: Call) => (api[each[0]] as ((...args: unknown[]) => void) | undefined)?.(...[...each].slice(1))),
  };
  for (const verb of VERBS) {
    api[verb] = guard.wrap((...args: unknown[]) => {
      if (client) call([verb, ...args]);
      else early.push([verb, ...args]);
    });
  }
  return api;
}

/** Called once per page, even where the tag stands twice. */
function begin(): void {
  const page = window as { waypost?: unknown };
  const before = page.waypost as { loaded?: string } | Call[] | undefined;
  if (before && "loaded" in before) return;
  const api = waypost();
  page.waypost = api;
  if (before && Symbol.iterator in before) for (const each of before) (api.push as (call: Call) => void)(each);
  (api.init as (given: Partial<Settings>) => void)({});
}

try {
  begin();
} catch {
  // A page that forbids even this goes on without us.
}
