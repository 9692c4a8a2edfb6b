import { THRESHOLDS } from "./thresholds";
import type { Trail, View } from "./trail";
import type { Watch } from "./watch";

/** The last views, where they are the same few pages in the same order, again and again. */
function circleOf(views: View[], pages: number, rounds: number): View[] | undefined {
  const last = views.slice(-pages * rounds);
  const isCircle = last.length === pages * rounds && last.every(({ path }, at) => path === last[at % pages]!.path);
  return isCircle ? last : undefined;
}

/** Going in circles: from page to page and again, with nothing found. */
export function watchLoops(watch: Watch, trail: Trail): void {
  const { rounds, pages: most, within_ms } = THRESHOLDS.loop;

  trail.onView((views) => {
    for (let pages = 2; pages <= most; pages++) {
      const circle = circleOf(views, pages, rounds);
      if (!circle || circle.some(({ isTold }) => isTold)) continue;
      const took_ms = circle.at(-1)!.at - circle[0]!.at;
      if (took_ms > within_ms) continue;
      const walked = views.map(({ path, at }) => ({ path, after_ms: at - views[0]!.at }));
      watch.signal("$loop", undefined, { pages, rounds, took_ms, trail: walked });
      circle.forEach((each) => (each.isTold = true));
      return;
    }
  });
}
