import { button, isClickedInARow, selectorOf } from "./element";
import { isSubmitter } from "./fields";
import { REQUEST_WITHIN_MS, THRESHOLDS } from "./thresholds";
import type { Trail } from "./trail";
import type { Watch } from "./watch";

/** A click on a submit button and the form's `submit` are one use of it. */
const SAME_USE_MS = 300;

/** The same thing tried again after it came to nothing: a message, an error or a request that was refused. */
export function watchRetries(watch: Watch, trail: Trail): void {
  const { attempts: enough, failed_within_ms, again_within_ms } = THRESHOLDS.retry;
  // `event.timeStamp` begins anew with each page.
  const wall = (at: number) => Math.round(performance.timeOrigin + at);

  const use = (element: Element, timeStamp: number) => {
    const at = wall(timeStamp);
    const selector = selectorOf(element);
    const index = trail.attempts.findIndex((each) => each.selector === selector);
    const last = trail.attempts[index];
    if (last && at - last.at < SAME_USE_MS) return;
    if (last) trail.attempts.splice(index, 1);
    const again_after_ms = last?.failedAt ? at - last.failedAt : Infinity;
    const attempts = last && again_after_ms <= again_within_ms ? last.attempts + 1 : 1;
    trail.attempts.push({ selector, at, attempts });
    trail.keep();
    if (!last || attempts < enough) return;
    const { because, status } = last;
    const failed_after_ms = last.failedAt! - last.at;
    watch.signal("$retry", selector, { attempts, because, status, failed_after_ms, again_after_ms });
  };

  watch.onFailure(({ because, status, at: failedAt, since }) => {
    const at = wall(failedAt);
    // The latest use that can have caused it.
    const cause = [...trail.attempts].reverse().find((each) => {
      const isInTime = at >= each.at && at - each.at <= failed_within_ms;
      const began = since === undefined ? 0 : wall(since) - each.at;
      return isInTime && began >= 0 && began <= REQUEST_WITHIN_MS;
    });
    if (!cause || cause.failedAt) return;
    Object.assign(cause, { because, status, failedAt: at });
    trail.keep();
  });

  watch.onClick((event, element) => {
    const found = button(element);
    if (!found || isClickedInARow(found)) return;
    // Of a form, the form is what is tried, by whichever button or key.
    use(isSubmitter(found) ? found.form : found, event.timeStamp);
  });
  watch.on("submit", ({ target, timeStamp }) => target instanceof Element && use(target, timeStamp));
}
