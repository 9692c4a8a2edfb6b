/** What every frame does when it goes up: above everything else on the page, counted when seen, closed by Escape. */
import { useLayoutEffect } from "preact/hooks";
import type { RefObject } from "preact";
import { listen } from "./hold";
import type { Showing } from "./showing";

/** Into the top layer, where no z-index of the page reaches; older browsers have the highest z-index instead. */
export function raise(element: HTMLElement | null): void {
  if (!element?.showPopover || element.matches(":popover-open")) return;
  element.showPopover();
}

/** Escape closes what is not an overlay only where the key is not meant for something else of the page. */
function isForUs(event: KeyboardEvent, { host, target }: Showing): boolean {
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return false;
  const { activeElement } = document;
  return !activeElement || [document.body, document.documentElement, host.element, target].includes(activeElement as HTMLElement);
}

export function useLayer(showing: Showing, card: RefObject<HTMLElement | null>, onEscape: () => void): void {
  useLayoutEffect(() => {
    raise(card.current);
    if (card.current) showing.seen(card.current);
    const onKey = showing.desk.guard((event: Event) => isForUs(event as KeyboardEvent, showing) && onEscape());
    // Inside, keys stop at the shadow root; outside, the page goes first.
    const root = showing.host.root;
    root.addEventListener("keydown", onKey);
    document.addEventListener("keydown", onKey);
    return () => {
      root.removeEventListener("keydown", onKey);
      document.removeEventListener("keydown", onKey);
    };
  }, []);
}

/** To what one would write in, or else to the words, so that they are read out before the first control is reached. */
export function focusFirst(within: Element): void {
  const first = within.querySelector<HTMLElement>("[data-first]") ?? within.querySelector<HTMLElement>(".title");
  (first ?? (within as HTMLElement)).focus({ preventScroll: true });
}

/** Give the focus back to where it came from, if it is with us when we go. */
export function returnFocus(showing: Showing): void {
  const { element, root } = showing.host;
  let from: Element | undefined;
  const stop = listen(root, ["focusin"], (event) => {
    const { relatedTarget } = event as FocusEvent;
    if (relatedTarget instanceof Element && !root.contains(relatedTarget)) from = relatedTarget;
  });
  showing.onEnd(() => {
    stop();
    if (document.activeElement === element && from instanceof HTMLElement) from.focus({ preventScroll: true });
  });
}
