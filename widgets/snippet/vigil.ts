/**
 * Until there is a reason to load the sensors the core itself looks out for one: somebody does something, a message of
 * an error stands on the page or appears, the pointer is shaken, or the visitor is back on a page of a moment ago. What
 * happens until the sensors are there is kept for them.
 */
import { MESSAGES } from "../sensors/messages";
import type { Desk, Early, Vigil } from "./contract";
import { Trail } from "./trail";

const DOINGS = ["pointerdown", "click", "keydown", "input", "submit", "invalid"];
/** What is kept besides, once somebody did something. */
const ASIDES = ["focusin", "focusout", "blur", "visibilitychange", "error", "unhandledrejection"];
const MOST_EARLY = 200;

/** A sweep of the pointer rather than its trembling, and half the turns that make a `$thrash`. */
const SWEEP_PX = 10;
const TURNS = 3;
const TURNS_WITHIN_MS = 1500;

/** All changes of one moment are looked at once; on a page that is large and always at work, less often. */
const LOOK_AFTER_MS = 100;
const LOOK_AFTER_MOST_MS = 1000;
const LOOKS_SHARE = 1 / 400;

export interface VigilOptions {
  guard: Desk["guard"];
  onRoute: Desk["onRoute"];
  /** Every view of a page is to be seen from its beginning: load them without a reason. */
  isEager?: boolean;
  /** Load the sensors, and let them begin; the answer ends them. */
  begin(vigil: Vigil): Promise<() => void>;
}

function whenQuiet(call: () => void): void {
  // Safari has none.
  if ("requestIdleCallback" in window) requestIdleCallback(call, { timeout: 3000 });
  else setTimeout(call, 500);
}

/** Begin to look out; the answer ends it, and the sensors. */
export function keepVigil({ guard, onRoute, isEager, begin }: VigilOptions): () => void {
  const trail = new Trail();
  const early: Early[] = [];
  const sleep = new AbortController();
  let isAwake = false;
  let isOver = false;
  let end: (() => void) | undefined;
  let hadMessages: boolean | undefined;

  const hasMessages = () => !!document.querySelector(MESSAGES);

  const wake = guard(async () => {
    if (isAwake) return;
    isAwake = true;
    hadMessages ??= hasMessages();
    observer.disconnect();
    end = await begin({ early, hadMessages, trail });
    sleep.abort();
    if (isOver) end();
  });

  const on = (name: string, call: (event: never) => void) =>
    addEventListener(name, guard(call as (event: Event) => void), { capture: true, passive: true, signal: sleep.signal });
  const keep = (event: Event) => {
    if (isAwake && early.length < MOST_EARLY) early.push({ event, path: event.composedPath() });
  };
  ASIDES.forEach((name) => on(name, keep));
  DOINGS.forEach((name) =>
    on(name, (event: Event) => {
      if (event.isTrusted) wake();
      keep(event);
    }),
  );

  let way = [0, 0];
  let turns: number[] = [];
  on("pointermove", ({ movementX: x, movementY: y, timeStamp: at }: PointerEvent) => {
    if (Math.hypot(x, y) < SWEEP_PX) return;
    if (x * way[0]! + y * way[1]! < 0) turns = [...turns.filter((each) => at - each < TURNS_WITHIN_MS), at];
    way = [x, y];
    if (turns.length >= TURNS) wake();
  });

  let timer: ReturnType<typeof setTimeout> | undefined;
  let pause = LOOK_AFTER_MS;
  const look = guard(() => {
    timer = undefined;
    const began = performance.now();
    if (hasMessages()) wake();
    pause = Math.min(Math.max(LOOK_AFTER_MS, (performance.now() - began) / LOOKS_SHARE), LOOK_AFTER_MOST_MS);
  });
  const observer = new MutationObserver(guard(() => void (timer ??= setTimeout(look, pause))));
  const arrive = (at: number) => trail.arrive(at) && whenQuiet(wake);
  const begins = guard(() => {
    if (isAwake) return;
    hadMessages = hasMessages();
    if (hadMessages || isEager) return wake();
    const attributeFilter = ["role", "aria-invalid"];
    observer.observe(document, { subtree: true, childList: true, characterData: true, attributeFilter });
  });
  // What comes with the page itself does not appear.
  if (document.readyState === "loading") on("DOMContentLoaded", () => whenQuiet(begins));
  else whenQuiet(begins);
  arrive(Math.round(performance.timeOrigin));
  const off = onRoute(() => arrive(Date.now()));
  // The page stood still in the browser's memory while others were visited.
  const come = guard(({ persisted }: PageTransitionEvent) => {
    if (!persisted || isOver) return;
    trail.read();
    arrive(Date.now());
  });
  addEventListener("pageshow", come);

  return () => {
    isAwake = isOver = true;
    observer.disconnect();
    sleep.abort();
    off();
    end?.();
  };
}
