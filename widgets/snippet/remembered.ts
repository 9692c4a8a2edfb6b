/**
 * What to show while the server cannot be reached: the decisions of the last good reply that needed no event, each as
 * long as it has not been shown here as often as it may be.
 */
import type { Decision, Keep } from "../generated/content";
import type { Properties } from "./contract";
import { toJson } from "./json";
import type { Memory } from "./memory";

const DAY_MS = 86_400_000;
const MOST_CHARACTERS = 100_000;
const MOST_GUIDES = 50;
const MOST_TIMES = 20;
const ENDS: string[] = ["answered", "completed", "dismissed"] satisfies Keep["ends"];

interface Kept {
  at: number;
  path: string;
  decisions: Decision[];
}

/** What became of a guide in this browser. */
interface Seen {
  times: number[];
  ended: string[];
  /** The end of a snooze. */
  until: number;
}

/** A show from before the decision was known to whoever made it; one after it may use up what is left. */
function isUsedUp({ every, times, per }: Keep, seen: Seen, at: number, now: number): boolean {
  const last = seen.times.at(-1);
  if (last === undefined || last < at) return false;
  if (every !== null && now < last + every * 1000) return true;
  const counted = per === null ? seen.times : seen.times.filter((time) => time > now - per * 1000);
  return times !== null && counted.length >= times;
}

export class Remembered {
  readonly #memory: Memory;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** A good reply came: it replaces the one before, also where it shows nothing. */
  keep(decisions: Decision[]): void {
    const lasting = decisions.filter(({ keep }) => keep);
    const kept: Kept = { at: Date.now(), path: location.pathname, decisions: lasting };
    const isWorthIt = lasting.length > 0 && toJson(kept).length <= MOST_CHARACTERS;
    if (isWorthIt || this.#memory.read("last")) this.#memory.write("last", isWorthIt ? kept : undefined);
  }

  /** A guide was shown here, or came to an end. */
  note(event: string, { guide, how, seconds }: Properties): void {
    const kind = event.slice(1);
    if (kind !== "shown" && kind !== "snoozed" && !ENDS.includes(kind)) return;
    const { [String(guide)]: one, ...others } = this.#seen();
    const seen = one ?? { times: [], ended: [], until: 0 };
    const now = Date.now();
    if (kind === "shown") seen.times = [...seen.times, now].slice(-MOST_TIMES);
    else if (kind === "snoozed") seen.until = now + Number(seconds) * 1000;
    // A click beside it is no end, as on the server.
    else if (how !== "outside") seen.ended.push(kind);
    const rest = Object.entries(others).slice(1 - MOST_GUIDES);
    this.#memory.write("seen", Object.fromEntries([...rest, [String(guide), seen]]));
  }

  /** What may be shown on this page now. */
  recall(): Decision[] {
    const kept = this.#memory.read<Kept>("last");
    const now = Date.now();
    if (!kept || now - kept.at > DAY_MS) return [];
    const all = this.#seen();
    return kept.decisions.filter(({ guide, keep, expires }) => {
      if (!keep || (keep.page && kept.path !== location.pathname)) return false;
      const seen = all[guide] ?? { times: [], ended: [], until: 0 };
      const isOver = seen.ended.some((each) => (keep.ends as string[]).includes(each)) || seen.until > now;
      return !isOver && (expires === null || Date.parse(expires) > now) && !isUsedUp(keep, seen, kept.at, now);
    });
  }

  forget(): void {
    this.#memory.write("last", undefined);
    this.#memory.write("seen", undefined);
  }

  #seen(): Record<string, Seen> {
    return this.#memory.read<Record<string, Seen>>("seen") ?? {};
  }
}
