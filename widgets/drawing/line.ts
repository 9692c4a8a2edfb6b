/** Decisions come in, one guide at a time goes on: after its waits, where its target is, and while it still holds. */
import type { Content } from "../generated/content";
import type { Desk, Stage } from "../snippet/contract";
import type { Life, Offered } from "./life";
import { awaitTarget, isVisible } from "./target";

const SECOND_LOOK_MS = 1000;

export type Put<Means> = (offered: Offered, desk: Desk, target: Element | undefined, means: Means) => Life;
export type IsFree = (target: Element | undefined, signal: AbortSignal) => Promise<void>;

function selectorOf(content: Content): string | undefined {
  const place = "show" in content ? content.show : content;
  return "target" in place ? place.target?.selector : undefined;
}

/**
 * A stage on which one guide at a time has the place. `isFree` resolves when nothing of the page's own stands in the
 * way; `prepare` fetches what `put` needs to begin the life of a guide whose turn has come.
 */
export function openLine<Means>(
  desk: Desk,
  prepare: (content: Content) => Promise<Means>,
  put: Put<Means>,
  isFree: IsFree,
): Stage {
  // Not only asked for: what is between here and the server may have kept another file.
  if (desk.contract !== CONTRACT) throw new Error(`this page's core keeps contract ${desk.contract}, what draws keeps ${CONTRACT}`);
  const present = new Map<string, Life | undefined>();
  const shownBefore = new Set<string>();
  let turn: Promise<void> = Promise.resolve();
  /** How many have the place or stand in line for it. */
  let inLine = 0;
  let all = new AbortController();

  /** Resolves when nothing else is shown; call the answer when the place is free again. */
  const takeTurn = async (): Promise<() => void> => {
    const before = turn;
    let free!: () => void;
    turn = new Promise((resolve) => (free = resolve));
    inLine++;
    await before;
    let isReleased = false;
    return () => {
      if (!isReleased) inLine--;
      isReleased = true;
      free();
    };
  };

  const run = async (offered: Offered, signal: AbortSignal): Promise<void> => {
    const { content, expires, guide, id, wait, preview } = offered;
    const isOver = () => signal.aborted || (expires !== null && Date.parse(expires) <= Date.now());
    const goesOn = offered.at !== undefined;
    let isStale = shownBefore.has(guide);
    if (wait && !preview && !goesOn) {
      const { waited } = await import("./waits");
      await waited(wait, signal, desk);
      isStale = true;
    }
    const selector = selectorOf(content);
    const prepared = prepare(content);
    // Waited for below; until then it may fail without anybody listening.
    prepared.catch(() => undefined);
    const find = async (giveUpMs?: number): Promise<Element | undefined | false> => {
      const found = selector === undefined ? undefined : await awaitTarget(selector, signal, giveUpMs);
      if (typeof found !== "string") return found;
      if (!preview) desk.report("$target_missing", { guide, reason: found });
      return false;
    };
    // Looked for before the place is taken, so that a missing target keeps nothing else from being shown.
    let target = await find();
    if (target === false) return;
    // A launcher is always there: it takes no place, and keeps nobody waiting.
    const isLauncher = content.widget === "feedback";
    isStale ||= !isLauncher && inLine > 0;
    const free = isLauncher ? () => undefined : await takeTurn();
    try {
      await isFree(target, signal);
      if (target && !isVisible(target)) target = await find(SECOND_LOOK_MS);
      if (target === false) return;
      // What was decided a while ago may have changed since, or another tab may be showing it. What goes on after a
      // page load was shown already.
      if (isStale && !preview && !goesOn && !isOver() && !(await desk.confirm(id))) return;
      const means = await prepared;
      if (isOver()) return;
      shownBefore.add(guide);
      const showing = put(offered, desk, target, means);
      present.set(guide, showing);
      signal.addEventListener("abort", () => showing.end());
      await Promise.race([showing.ended, showing.aside]);
      free();
      await showing.ended;
    } finally {
      free();
    }
  };

  return {
    offer(decision) {
      if (present.has(decision.guide)) return present.get(decision.guide)?.onUpdate?.(decision.content);
      present.set(decision.guide, undefined);
      const { signal } = all;
      void run(decision, signal)
        .catch((fault) => desk.guard(() => { throw fault; })())
        .finally(() => signal.aborted || present.delete(decision.guide));
    },
    dismiss(guide) {
      present.forEach((life, name) => (guide === undefined || name === guide) && life?.dismiss("close"));
    },
    clear() {
      all.abort();
      all = new AbortController();
      present.clear();
    },
  };
}
