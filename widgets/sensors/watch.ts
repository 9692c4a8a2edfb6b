/** What all sensors share: listening without getting in the way, telling, and ending. */
import type { Properties, SensorDesk } from "../snippet/contract";
import { clicked, isKeptOut, isOurs, remember, selectorOf } from "./element";
import { MOST_SIGNALS_OF_A_KIND, THRESHOLDS, VERSION_OF_THRESHOLDS } from "./thresholds";

/** Why something that the user tried came to nothing: a message, an exception, a request that was refused. */
export type Failure = "message" | "error" | "status";

export interface Failed {
  because: Failure;
  /** On the clock of `event.timeStamp`, ms. */
  at: number;
  /** When the request began that failed, ms on the same clock, and how it was answered. */
  since?: number;
  status?: number;
}

type EventNamed<Name extends string> = Name extends keyof WindowEventMap ? WindowEventMap[Name] : Event;

export interface Watch {
  /** Tell of a sign. at: the element, or its selector; path: of the page where it was, if not of this one. */
  signal(name: string, at: Element | string | undefined, evidence: Properties, path?: string): void;
  track: SensorDesk["track"];
  /** Hear of events of the window before the page does, without a way to change them. */
  on<Name extends string>(name: Name, call: (event: EventNamed<Name>) => void): void;
  /** A click by a person that is no drag, on something of the page. */
  onClick(call: (event: MouseEvent, element: Element) => void): void;
  /** After each change of route; before: the path that was left. */
  onRoute(call: (before: string) => void): void;
  /** The page goes away. */
  onLeave(call: () => void): void;
  onFailure(call: (failed: Failed) => void): void;
  fail(failed: Failed): void;
  /** Once, later; the answer keeps it from happening. */
  later(ms: number, call: () => void): () => void;
  guard: SensorDesk["guard"];
  /** Aborted when watching ends. */
  ended: AbortSignal;
}

/** Begin to watch; `replay` tells what happened before, `end` takes everything back. */
export function beginWatch(desk: SensorDesk): { watch: Watch; replay: () => void; end: () => void } {
  const { guard, track, early } = desk;
  const controller = new AbortController();
  const { signal: ended } = controller;
  const told = new Map<string, number>();
  const failures: ((failed: Failed) => void)[] = [];

  const listeners = new Map<string, ((event: Event) => void)[]>();
  const on: Watch["on"] = (name, call) => {
    const guarded = guard(call as (event: Event) => void);
    listeners.set(name, [...(listeners.get(name) ?? []), guarded]);
    addEventListener(name, guarded, { capture: true, passive: true, signal: ended });
  };

  const replay = () => {
    for (const each of early) {
      remember(each);
      listeners.get(each.event.type)?.forEach((call) => call(each.event));
    }
  };

  const onRoute: Watch["onRoute"] = (call) => {
    let before = location.pathname;
    const off = desk.onRoute(() => {
      const left = before;
      before = location.pathname;
      call(left);
    });
    ended.addEventListener("abort", off);
  };

  let pressed = { x: 0, y: 0 };
  on("pointerdown", ({ clientX, clientY }) => void (pressed = { x: clientX, y: clientY }));
  onRoute(() => told.clear());

  const watch: Watch = {
    track,
    guard,
    ended,
    on,
    onRoute,
    signal(name, at, evidence, path = location.pathname) {
      const count = (told.get(name) ?? 0) + 1;
      told.set(name, count);
      if (ended.aborted || count > MOST_SIGNALS_OF_A_KIND) return;
      const selector = at instanceof Element ? selectorOf(at) : at;
      track(name, { selector, page: { path }, evidence, v: VERSION_OF_THRESHOLDS });
    },
    onClick(call) {
      on("click", (event) => {
        const element = clicked(event);
        const moved = Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y);
        const isDrag = event.detail > 0 && moved > THRESHOLDS.rage_click.drag_px;
        if (event.isTrusted && !isDrag && element && !isOurs(event) && !isKeptOut(event)) call(event, element);
      });
    },
    // On the window capturing comes first, also before the core sends what there is to send.
    onLeave: (call) => on("pagehide", call),
    onFailure: (call) => void failures.push(guard(call)),
    fail: (failed) => failures.forEach((call) => call(failed)),
    later(ms, call) {
      const timer = setTimeout(
        guard(() => ended.aborted || call()),
        ms,
      );
      return () => clearTimeout(timer);
    },
  };
  return { watch, replay, end: () => controller.abort() };
}
