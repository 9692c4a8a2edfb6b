import { isClickedInARow, selectorOf, selectsText } from "./element";
import { MOST_EVIDENCE, THRESHOLDS } from "./thresholds";
import type { Watch } from "./watch";

/** ms since the burst began, and the place on the screen in px. */
type Point = [ms: number, x: number, y: number];

interface Burst {
  selector: string;
  path: string;
  at: number;
  lastAt: number;
  points: Point[];
  clicks: number;
}

/** As many clicks as it takes, before one of them, near enough and soon enough; as `most_clicks` of `engine/rescoring.py`. */
function mostClicks(points: Point[], { radius_px, window_ms }: { radius_px: number; window_ms: number }): number {
  const near = ([ms, x, y]: Point, end: number) =>
    points.slice(0, end + 1).filter(([at, left, top]) => ms - at < window_ms && Math.hypot(x - left, y - top) <= radius_px);
  return Math.max(0, ...points.map((each, index) => near(each, index).length));
}

/** Several clicks in one spot in a short time, on something that is not made for it. Told when the burst is over. */
export function watchRageClicks(watch: Watch): void {
  const { clicks: enough, pause_ms } = THRESHOLDS.rage_click;
  let burst: Burst | undefined;
  let cancel = () => {};

  const end = () => {
    cancel();
    const over = burst;
    burst = undefined;
    if (!over || mostClicks(over.points, THRESHOLDS.rage_click) < enough) return;
    const { selector, path, clicks, points, at, lastAt } = over;
    watch.signal("$rage_click", selector, { clicks, within_ms: Math.round(lastAt - at), points }, path);
  };

  watch.onClick((event, element) => {
    // Three clicks on a paragraph select it.
    if (selectsText(element)) burst = undefined;
    // A keyboard's clicks have no place.
    if (!event.detail || isClickedInARow(element) || selectsText(element)) return end();
    const { clientX, clientY, timeStamp: at } = event;
    if (burst && at - burst.lastAt > pause_ms) end();
    burst ??= { selector: selectorOf(element), path: location.pathname, at, lastAt: at, points: [], clicks: 0 };
    burst.lastAt = at;
    burst.clicks++;
    const point: Point = [Math.round(at - burst.at), Math.round(clientX), Math.round(clientY)];
    if (burst.points.length < MOST_EVIDENCE) burst.points.push(point);
    cancel();
    cancel = watch.later(pause_ms, end);
  });
  watch.onLeave(end);
}
