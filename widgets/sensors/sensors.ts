/** Signs of friction that only the browser sees. Loaded when the page has come to rest; reads, never changes. */
import type { Properties, SensorDesk } from "../snippet/contract";
import { watchDeadClicks } from "./dead_click";
import { isOurs } from "./element";
import { watchErrorClicks } from "./error_click";
import { watchRageClicks } from "./rage_click";
import { DRAG_PX, VERSION_OF_THRESHOLDS } from "./thresholds";

export { watchClicks } from "./clicks";

export type Signal = (name: string, selector: string, evidence: Properties) => void;

export function watch({ track, guard, onRoute }: SensorDesk): void {
  const signal: Signal = (name, selector, evidence) =>
    track(name, { selector, page: { path: location.pathname }, evidence, v: VERSION_OF_THRESHOLDS });

  let pressed = { x: 0, y: 0 };
  addEventListener("pointerdown", ({ clientX, clientY }) => void (pressed = { x: clientX, y: clientY }), {
    capture: true,
    passive: true,
  });

  const watchers = [
    // First: an error follows its click at once.
    watchErrorClicks(signal, guard),
    watchRageClicks(signal),
    watchDeadClicks(signal, onRoute),
  ];
  const onClick = guard((event: MouseEvent) => {
    const isDrag = event.detail > 0 && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > DRAG_PX;
    if (!event.isTrusted || isDrag || isOurs(event)) return;
    watchers.forEach((see) => see(event));
  });
  addEventListener("click", onClick, { capture: true, passive: true });
}
