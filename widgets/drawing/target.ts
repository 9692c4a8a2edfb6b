/** Finding the one element that a widget stands beside: exactly one match that can be seen. */
import { matches, waysOf } from "../targeting/selector";

export type Missing = "not_found" | "hidden" | "several" | "invalid" | "removed";

const LOOK_EVERY_MS = 100;
export const GIVE_UP_MS = 10_000;
/** From the least telling to the most. */
const REASONS = ["invalid", "not_found", "hidden", "several"] as const;

/** Something to point at: words that only a screen reader is meant to find are a single point on the page. */
export function isVisible(element: Element): boolean {
  const { width, height } = element.getBoundingClientRect();
  if (!element.isConnected || !width || !height || (width <= 1 && height <= 1)) return false;
  return getComputedStyle(element).visibility === "visible";
}

function theOne(way: string): Element | (typeof REASONS)[number] {
  try {
    const found = matches(way);
    const seen = found.filter(isVisible);
    if (seen.length === 1) return seen[0]!;
    return seen.length ? "several" : found.length ? "hidden" : "not_found";
  } catch {
    return "invalid";
  }
}

/** By the first way that leads to exactly one; else why none does. */
export function findTarget(selector: string): Element | Missing {
  let reason = 0;
  for (const way of waysOf(selector)) {
    const found = theOne(way);
    if (typeof found !== "string") return found;
    reason = Math.max(reason, REASONS.indexOf(found));
  }
  return REASONS[reason]!;
}

/** All that wait look at the same moments: one observer and one timer for the page, however many guides wait. */
const lookers = new Set<() => void>();
let rest = () => {};

function watchPage(): () => void {
  const look = () => lookers.forEach((each) => each());
  let pending: ReturnType<typeof setTimeout> | undefined;
  // The page tells of changes; a slow look besides catches what only a style sheet or a shadow root changed.
  const observer = new MutationObserver(() => {
    pending ??= setTimeout(() => {
      pending = undefined;
      look();
    }, LOOK_EVERY_MS);
  });
  observer.observe(document, { subtree: true, childList: true, attributes: true });
  const slow = setInterval(look, 10 * LOOK_EVERY_MS);
  return () => {
    observer.disconnect();
    clearInterval(slow);
    clearTimeout(pending);
  };
}

function lookWith(look: () => void): () => void {
  if (!lookers.size) rest = watchPage();
  lookers.add(look);
  return () => {
    if (lookers.delete(look) && !lookers.size) rest();
  };
}

/** The target as soon as it is there, or why there is none after `giveUpMs`. Never resolves once aborted. */
export function awaitTarget(selector: string, signal: AbortSignal, giveUpMs = GIVE_UP_MS): Promise<Element | Missing> {
  let last = findTarget(selector);
  if (typeof last !== "string" || last === "invalid") return Promise.resolve(last);
  return new Promise((resolve) => {
    const unlook = lookWith(() => {
      last = findTarget(selector);
      if (typeof last !== "string") finish(last);
    });
    const giveUp = Number.isFinite(giveUpMs) ? setTimeout(() => finish(last), giveUpMs) : undefined;
    const stop = () => {
      unlook();
      clearTimeout(giveUp);
      signal.removeEventListener("abort", stop);
    };
    const finish = (answer: Element | Missing) => {
      stop();
      resolve(answer);
    };
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop);
  });
}
