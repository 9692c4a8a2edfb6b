/** The pages that the visitor of this tab came through, and what was tried there, as the core keeps them. */
import type { Attempt, Trail as Kept, View } from "../snippet/trail";
import { button } from "./element";
import { THRESHOLDS } from "./thresholds";
import type { Watch } from "./watch";

export type { View };

export interface Trail {
  /** Hear of each page that the user comes to: all views that are known, the present one last. */
  onView(call: (views: View[]) => void): void;
  /** When a form was sent here or on the page before, by the clock on the wall, ms; 0 for never. */
  readonly sentBefore: number;
  readonly attempts: Attempt[];
  /** Write down what changed. */
  keep(): void;
}

const MOST_ATTEMPTS = 10;

/** Without those that led on at once: they were passed, not seen. */
function seen(views: View[]): View[] {
  const found: View[] = [];
  for (const view of views) {
    if (found.length && view.at - found.at(-1)!.at < THRESHOLDS.loop.passing_ms) found.pop();
    if (found.at(-1)?.path !== view.path) found.push(view);
  }
  return found;
}

export function watchTrail(watch: Watch, kept: Kept): Trail {
  const calls: ((views: View[]) => void)[] = [];
  const lately = kept.views.slice(-2);
  const sentBefore = Math.max(0, ...lately.map(({ sentAt }) => sentAt ?? 0));
  lately.forEach((view) => delete view.sentAt);

  const keep = () => {
    if (watch.ended.aborted) return;
    kept.attempts = kept.attempts.slice(-MOST_ATTEMPTS);
    kept.keep();
  };

  const weigh = () => {
    const views = seen(kept.views);
    const view = views.at(-1);
    if (!view || view.isWeighed) return;
    view.isWeighed = true;
    calls.forEach((call) => call(views));
    keep();
  };

  const use = (more?: Partial<View>) => {
    const view = seen(kept.views).at(-1);
    if (!view || (view.isUsed && !more)) return;
    Object.assign(view, { isUsed: true, ...more });
    keep();
  };
  watch.on("input", (event) => event.isTrusted && use());
  watch.onClick((_, element) => button(element) && use());
  watch.on("submit", () => use({ sentAt: Date.now() }));

  // After the others have said that they want to hear of it.
  queueMicrotask(watch.guard(weigh));
  kept.onView = watch.guard(weigh);

  return {
    onView: (call) => void calls.push(call),
    sentBefore,
    get attempts() {
      return kept.attempts;
    },
    keep,
  };
}
