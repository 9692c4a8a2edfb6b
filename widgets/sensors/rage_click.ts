import { clicked, isClickedInARow, selectorOf, selectsText } from "./element";
import type { Signal } from "./sensors";
import { RAGE_CLICKS, RAGE_PAUSE_MS, RAGE_RADIUS_PX, RAGE_WINDOW_MS } from "./thresholds";

interface Click {
  x: number;
  y: number;
  at: number;
}

/** Several clicks in one spot in a short time, on something that is not made for it. */
export function watchRageClicks(signal: Signal): (event: MouseEvent) => void {
  let burst: Click[] = [];
  let lastAt = -Infinity;
  let isTold = false;

  return (event) => {
    const target = clicked(event);
    const click = { x: event.clientX, y: event.clientY, at: event.timeStamp };
    // A burst ends with a pause, so that a long one is told once.
    if (click.at - lastAt > RAGE_PAUSE_MS) isTold = false;
    lastAt = click.at;
    // A keyboard's clicks have no place; three clicks on a paragraph select it.
    if (!target || !event.detail || isClickedInARow(target) || selectsText()) {
      burst = [];
      return;
    }
    burst = burst.filter(
      ({ x, y, at }) => click.at - at < RAGE_WINDOW_MS && Math.hypot(click.x - x, click.y - y) <= RAGE_RADIUS_PX,
    );
    burst.push(click);
    if (burst.length < RAGE_CLICKS || isTold) return;
    isTold = true;
    const within_ms = Math.round(click.at - burst[0]!.at);
    signal("$rage_click", selectorOf(target), { clicks: burst.length, within_ms, radius_px: RAGE_RADIUS_PX });
  };
}
