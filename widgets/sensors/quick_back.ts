import { THRESHOLDS } from "./thresholds";
import type { Trail } from "./trail";
import type { Watch } from "./watch";

/** To a page and at once back to the one before, without having done anything there: it was not what was looked for. */
export function watchQuickBacks(watch: Watch, trail: Trail): void {
  trail.onView((views) => {
    const [from, there, back] = views.slice(-3);
    if (!from || !there || !back || from.path !== back.path || there.isUsed) return;
    const stayed_ms = back.at - there.at;
    if (stayed_ms > THRESHOLDS.quick_back.within_ms) return;
    watch.signal("$quick_back", undefined, { stayed_ms, back_to: back.path }, there.path.split("#")[0]);
  });
}
