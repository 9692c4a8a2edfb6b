/** Clicks by element, for heat maps: which element and where on it, never what is written there. Only where a page asks. */
import { selectorOf } from "./element";
import { VERSION_OF_THRESHOLDS } from "./thresholds";
import type { Watch } from "./watch";

const MOST_AT_ONCE = 30;
const SENT_AFTER_MS = 10_000;

/** The element's selector, and the place on it from its top left corner, both in percent. */
type Place = [selector: string, x: number, y: number];

const percent = (part: number, whole: number) => Math.min(100, Math.max(0, Math.round((100 * part) / (whole || 1))));

export function watchElementClicks(watch: Watch): void {
  let clicks: Place[] = [];
  let path = location.pathname;
  let cancel = () => {};

  const send = () => {
    cancel();
    const gathered = clicks;
    clicks = [];
    if (!gathered.length) return;
    const seen = { page: { path }, clicks: gathered, width: innerWidth, v: VERSION_OF_THRESHOLDS };
    watch.track("$element_clicks", seen);
  };

  watch.onClick(({ clientX, clientY, detail }, element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    if (!clicks.length) cancel = watch.later(SENT_AFTER_MS, send);
    path = location.pathname;
    // A keyboard's clicks have no place.
    const [x, y] = detail ? [percent(clientX - left, width), percent(clientY - top, height)] : [50, 50];
    clicks.push([selectorOf(element), x, y]);
    if (clicks.length >= MOST_AT_ONCE) send();
  });
  watch.onRoute(send);
  watch.onLeave(send);
  watch.on("visibilitychange", () => document.visibilityState === "hidden" && send());
}
