/** How far down a page was seen, for heat maps: one sign for each view of it, in tenths. Only where a page asks. */
import { VERSION_OF_THRESHOLDS } from "./thresholds";
import type { Watch } from "./watch";

/** Steps of the share that is told, in percent: fine enough for a curve, too coarse to tell people apart. */
const STEP = 10;
/** A page is measured this long after it changed or was scrolled: all changes of a moment at once, and never the next page. */
const MEASURED_AFTER_MS = 250;
/** The bottom may be missed by as much, where pixels of the screen are not those of the page. */
const NEARLY_PX = 2;
/** Sizes are told in steps of so many px. */
const COARSE_PX = 10;

interface View {
  path: string;
  /** All in px: the lowest line that was seen, the height of the whole page, and of what was seen of it at first. */
  deepest: number;
  height: number;
  fold: number;
  /** The share that was told, in percent. */
  told: number;
}

const coarse = (px: number) => Math.round(px / COARSE_PX) * COARSE_PX;

/** What scrolls when the page does: the document, or the one large part of it in applications that fill the window. */
function scroller(): Element {
  const whole = document.scrollingElement ?? document.documentElement;
  if (whole.scrollHeight > innerHeight + NEARLY_PX) return whole;
  const enough = (innerWidth * innerHeight) / 2;
  for (let each = document.elementFromPoint(innerWidth / 2, innerHeight / 2); each; each = each.parentElement) {
    const scrolls = each.scrollHeight > each.clientHeight + NEARLY_PX && /auto|scroll/.test(getComputedStyle(each).overflowY);
    if (scrolls && each.clientWidth * each.clientHeight >= enough) return each;
  }
  return whole;
}

export function watchScrollDepth(watch: Watch): void {
  let view: View;
  let cancel: (() => void) | undefined;

  const measure = () => {
    cancel?.();
    cancel = undefined;
    const { scrollTop, scrollHeight, clientHeight } = scroller();
    view.deepest = Math.max(view.deepest, scrollTop + clientHeight);
    // Pages grow while one goes down, and become shorter when something in them is closed.
    view.height = Math.max(view.height, scrollHeight);
    view.fold ||= clientHeight;
  };
  const soon = () => {
    cancel ??= watch.later(MEASURED_AFTER_MS, measure);
  };

  const begin = () => {
    cancel?.();
    cancel = undefined;
    view = { path: location.pathname, deepest: 0, height: 0, fold: 0, told: -1 };
    soon();
  };

  const tell = () => {
    const { path, deepest, height, fold, told } = view;
    if (!height) return;
    const share = Math.min(100, (100 * (deepest + NEARLY_PX)) / height);
    const depth = Math.floor(share / STEP) * STEP;
    // Who comes back to the tab and goes on down is told of again; the deepest of a view counts.
    if (depth <= told) return;
    view.told = depth;
    const sizes = { height: coarse(height), viewport: coarse(fold), width: coarse(innerWidth) };
    const seen = Math.min(100, Math.round((100 * fold) / height));
    watch.track("$scroll_depth", { page: { path }, depth, fold: seen, ...sizes, v: VERSION_OF_THRESHOLDS });
  };

  begin();
  const observer = new ResizeObserver(watch.guard(soon));
  observer.observe(document.documentElement);
  if (document.body) observer.observe(document.body);
  watch.ended.addEventListener("abort", () => observer.disconnect());
  watch.on("scroll", soon);
  watch.on("resize", soon);
  // Before the page has acted on it, which may lead elsewhere.
  watch.onClick(measure);

  // The document may be the next page's already: what was measured last is what was seen.
  watch.onRoute(() => {
    tell();
    begin();
  });
  const leave = () => {
    measure();
    tell();
  };
  watch.onLeave(leave);
  watch.on("visibilitychange", () => document.visibilityState === "hidden" && leave());
}
