/** A Waypost for the tests of your own application: it remembers what it is told, and sends nothing. */
import { present } from "../../../headless/headless";
import type { Desk, Presentable } from "../../../snippet/contract";
import type { Content, Decision, Guide, LifeEvents, Properties, Waypost } from "./types";

/** A call, by its name and with what it was given: `{name: "track", args: ["Signed Up", {via: "ad"}]}`. */
export interface RecordedCall {
  name: keyof Waypost;
  args: unknown[];
}

export interface WaypostMock extends Waypost {
  /** Every call since the beginning, or since `clear()`, in order. */
  readonly calls: readonly RecordedCall[];
  /** What the guides that were offered told of their lives: `{event: "$answered", properties: {…}}`. */
  readonly reports: readonly { event: string; properties: Properties }[];
  /** What one call was given, each time: `mock.given("track")`. */
  given(name: keyof Waypost): unknown[][];
  /** Tell the listeners of an event something, as if a guide's life had come to it. */
  emit<Name extends keyof LifeEvents>(event: Name, heard: LifeEvents[Name]): void;
  /**
   * Hand a guide to the listeners of `guide`, as headless Waypost would; whatever you do with it is in `reports`.
   * Needs a DOM, of a browser, jsdom or happy-dom. Gives the guide as it is at first.
   */
  offer(decision: Partial<Decision> & { content: Content }): Guide;
  /** Forget everything, and take away what was offered. */
  clear(): void;
}

const NAMES = [
  ...["init", "identify", "group", "track", "page", "step", "show", "dismiss"],
  ...["setLocale", "reset", "optIn", "optOut", "on", "off", "debug"],
] as (keyof Waypost)[];

type Listener = (heard: unknown) => void;

export function createMock(): WaypostMock {
  const calls: RecordedCall[] = [];
  const reports: { event: string; properties: Properties }[] = [];
  const listeners = new Map<string, Set<Listener>>();
  const open = new Map<string, Guide>();
  let ids = 0;

  const emit = (event: string, heard: unknown) => listeners.get(event)?.forEach((listener) => listener(heard));
  const record = (name: keyof Waypost) => (...args: unknown[]) => void calls.push({ name, args });
  const recorded = Object.fromEntries(NAMES.map((name) => [name, record(name)]));

  const desk: Desk = {
    contract: CONTRACT,
    theme: "light",
    report: (event, properties) => {
      reports.push({ event, properties });
      emit(event.slice(1), properties);
    },
    track: (event) => record("track")(event),
    start: (guide) => record("show")(guide),
    present: (guide: Presentable) => {
      open.delete(guide.id);
      if (guide.isOpen) open.set(guide.id, guide as Guide);
      emit("guide", guide);
    },
    askAgain: () => undefined,
    confirm: () => Promise.resolve(true),
    onRoute: () => () => undefined,
    onTaken: () => () => undefined,
    guard: (call) => call,
    newId: () => `mock_${++ids}`,
  };

  return {
    ...(recorded as unknown as Waypost),
    calls,
    reports,
    on: ((event: string, listener: Listener) => {
      record("on")(event, listener);
      listeners.set(event, (listeners.get(event) ?? new Set()).add(listener));
      if (event === "guide") open.forEach((guide) => listener(guide));
    }) as Waypost["on"],
    off: ((event: string, listener: Listener) => {
      record("off")(event, listener);
      listeners.get(event)?.delete(listener);
    }) as Waypost["off"],
    debug: (...args) => {
      record("debug")(...args);
      return { faults: [] };
    },
    given: (name) => calls.filter((call) => call.name === name).map(({ args }) => args),
    emit,
    offer: (decision) => {
      const id = decision.id ?? desk.newId();
      const usual = { guide: "guide", kind: decision.content.widget, variant: null, wait: null, priority: 50, expires: null };
      let first: Guide | undefined;
      const hear = (guide: Presentable) => {
        if (guide.id === id) first ??= guide as Guide;
        desk.present(guide);
      };
      present({ ...usual, ...decision, id }, { ...desk, present: hear });
      return first!;
    },
    clear: () => {
      [...open.values()].forEach((guide) => guide.ended());
      calls.length = reports.length = 0;
    },
  };
}
