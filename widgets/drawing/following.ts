/** What becomes of a target while something stands beside it. */
import type { Showing } from "./showing";
import { findTarget, isVisible } from "./target";

const LOOK_EVERY_MS = 400;
/** Lists are drawn anew, menus close and open again: a target may be away for a moment. */
const AWAY_LOOKS = 5;

/** A target that is drawn anew is found again; one that stays away takes its card along. */
export function followTarget(
  showing: Showing,
  target: Element,
  selector: string | undefined,
  onFound: (target: Element) => void,
): () => void {
  let away = 0;
  const timer = setInterval(
    showing.desk.guard(() => {
      if (isVisible(target)) away = 0;
      else {
        const found = selector === undefined ? undefined : findTarget(selector);
        if (found instanceof Element) onFound((target = found));
        else if (!target.isConnected && ++away >= AWAY_LOOKS) showing.lose("removed");
      }
    }),
    LOOK_EVERY_MS,
  );
  return () => clearInterval(timer);
}

/** Scrolled out of a box with a scroller of its own, or hidden by the page: there is nothing to point at. */
export function markAway(target: Element, element: Element): () => void {
  const observer = new IntersectionObserver((entries) => element.toggleAttribute("data-away", !entries.at(-1)!.isIntersecting));
  observer.observe(target);
  return () => observer.disconnect();
}
