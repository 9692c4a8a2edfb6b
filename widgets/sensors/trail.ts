/** What a tab remembers of its last pages, for signs that one page alone does not show: paths, selectors and times. */
import { button } from "./element";
import { THRESHOLDS } from "./thresholds";
import type { Watch } from "./watch";

/** Where it is kept in `sessionStorage`. */
export const TRAIL_KEPT_AS = "waypost:trail";

export interface View {
  path: string;
  /** By the clock on the wall, ms, since it goes over several pages. */
  at: number;
  /** Something was done there besides looking. */
  isUsed?: boolean;
  /** The view was part of a loop that was told. */
  isTold?: boolean;
}

/** The latest use of a control or a form. Times are by the clock on the wall, ms. */
export interface Attempt {
  selector: string;
  at: number;
  attempts: number;
  /** When and why it came to nothing, if it did. */
  failedAt?: number;
  because?: string;
  status?: number;
}

interface Kept {
  views: View[];
  sentAt: number;
  attempts: Attempt[];
}

export interface Trail {
  /** Hear of each page that the user comes to: all views that are known, the present one last. */
  onView(call: (views: View[]) => void): void;
  /** When a form was sent on the page before, by the clock on the wall, ms; 0 for never. */
  readonly sentBefore: number;
  readonly attempts: Attempt[];
  /** Write down what changed. */
  keep(): void;
}

const MOST_VIEWS = 12;
const MOST_ATTEMPTS = 10;

function read(): Kept {
  const kept: Kept = { views: [], sentAt: 0, attempts: [] };
  try {
    const found = JSON.parse(sessionStorage.getItem(TRAIL_KEPT_AS) ?? "{}") as Partial<Kept>;
    if (Array.isArray(found.views)) kept.views = found.views;
    if (Array.isArray(found.attempts)) kept.attempts = found.attempts;
    kept.sentAt = Number(found.sentAt) || 0;
  } catch {
    // Blocked, or not ours: this page begins anew.
  }
  return kept;
}

function forget(): void {
  try {
    sessionStorage.removeItem(TRAIL_KEPT_AS);
  } catch {
    // What cannot be reached was not written either.
  }
}

export function watchTrail(watch: Watch): Trail {
  const kept = read();
  const calls: ((views: View[]) => void)[] = [];
  const sentBefore = kept.sentAt;
  kept.sentAt = 0;

  const keep = () => {
    if (watch.ended.aborted) return;
    kept.attempts = kept.attempts.slice(-MOST_ATTEMPTS);
    kept.views = kept.views.slice(-MOST_VIEWS);
    try {
      sessionStorage.setItem(TRAIL_KEPT_AS, JSON.stringify(kept));
    } catch {
      // Blocked or full: the copy here serves this page.
    }
  };

  const arrive = (at: number) => {
    const path = location.pathname + (/^#[!/]/.test(location.hash) ? location.hash : "");
    const last = kept.views.at(-1);
    // A page that leads on at once was passed, not seen.
    if (last && last.path !== path && at - last.at < THRESHOLDS.loop.passing_ms) kept.views.pop();
    if (kept.views.at(-1)?.path !== path) {
      kept.views.push({ path, at });
      calls.forEach((call) => call(kept.views));
    }
    keep();
  };

  const use = () => {
    const view = kept.views.at(-1);
    if (!view || view.isUsed) return;
    view.isUsed = true;
    keep();
  };
  watch.on("input", (event) => event.isTrusted && use());
  watch.onClick((_, element) => button(element) && use());
  watch.on("submit", () => {
    kept.sentAt = Date.now();
    use();
    keep();
  });
  watch.onRoute(() => arrive(Date.now()));
  // The page stood still in the browser's memory while others were visited.
  watch.on("pageshow", ({ persisted }) => {
    if (!persisted) return;
    Object.assign(kept, read());
    arrive(Date.now());
  });
  watch.ended.addEventListener("abort", forget);
  // After the others have said that they want to hear of it.
  queueMicrotask(watch.guard(() => arrive(Math.round(performance.timeOrigin))));

  return {
    onView: (call) => void calls.push(call),
    sentBefore,
    get attempts() {
      return kept.attempts;
    },
    keep,
  };
}
