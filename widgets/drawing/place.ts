/**
 * Where a card stands beside its target. Both are measured from the window, and the card is in the top layer, so four
 * rectangles and some sums are all there is to it (docs/decisions has the figures on why no library does it).
 */
import { markAway } from "./following";
import type { Host } from "./host";

const GAP_PX = 17;
const EDGE_PX = 10;
const RING_PX = 4;
/** The point stays away from the card's round corners. */
const CORNER_PX = 18;
const POINT_PX = 12;

export type Side = "bottom" | "top" | "right" | "left";

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Spot {
  side: Side;
  left: number;
  top: number;
  /** How far along its edge the point is. */
  point: number;
  /** There was no room beside the target. */
  isOver: boolean;
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}

/** Below if there is room, else above, else beside, else over it; pushed along its edge into the window. */
export function spotFor(target: Box, card: Pick<Box, "width" | "height">, view: Pick<Box, "width" | "height">): Spot {
  const room: Record<Side, number> = {
    bottom: view.height - target.top - target.height - card.height,
    top: target.top - card.height,
    right: view.width - target.left - target.width - card.width,
    left: target.left - card.width,
  };
  const need = GAP_PX + EDGE_PX;
  const sides: Side[] = ["bottom", "top", "right", "left"];
  const side = sides.find((each) => room[each] >= need) ?? (room.bottom >= room.top ? "bottom" : "top");
  const isUpright = side === "bottom" || side === "top";
  const middle = isUpright ? target.left + target.width / 2 : target.top + target.height / 2;
  const length = isUpright ? card.width : card.height;
  const most = (isUpright ? view.width : view.height) - length - EDGE_PX;
  const along = clamp(middle - length / 2, EDGE_PX, Math.max(EDGE_PX, most));
  const across = {
    bottom: target.top + target.height + GAP_PX,
    top: target.top - card.height - GAP_PX,
    right: target.left + target.width + GAP_PX,
    left: target.left - card.width - GAP_PX,
  }[side];
  const held = clamp(across, EDGE_PX, Math.max(EDGE_PX, (isUpright ? view.height - card.height : view.width - card.width) - EDGE_PX));
  const isOver = Math.abs(held - across) > GAP_PX - POINT_PX / 2;
  const point = clamp(middle - along, CORNER_PX, length - CORNER_PX) - POINT_PX / 2;
  return isUpright ? { side, left: along, top: held, point, isOver } : { side, left: held, top: along, point, isOver };
}

function px(value: number): string {
  return `${Math.round(value)}px`;
}

/** A frame around the target, a little larger, with its corners. */
function placeRing(host: Host, target: Element, { left, top, width, height }: Box): void {
  const corner = Number.parseFloat(getComputedStyle(target).borderTopLeftRadius) || 0;
  host.place(".ring", {
    left: px(left - RING_PX),
    top: px(top - RING_PX),
    width: px(width + 2 * RING_PX),
    height: px(height + 2 * RING_PX),
    "border-radius": px(corner + RING_PX),
  });
}

/** Call back when the target's place or the window changes: looked at once a frame, which no scroller can escape. */
export function follow(target: Element, moved: (box: Box) => void): () => void {
  let last = "";
  let frame = 0;
  const look = () => {
    const { left, top, width, height } = target.getBoundingClientRect();
    const now = [left, top, width, height, innerWidth, innerHeight].join();
    if (now !== last && width) moved({ left, top, width, height });
    last = now;
    frame = requestAnimationFrame(look);
  };
  look();
  return () => cancelAnimationFrame(frame);
}

/** Keep the frame around an element alone; the answer stops it. */
export function keepRinged(host: Host, target: Element): () => void {
  return follow(target, (box) => placeRing(host, target, box));
}

/** Keep card, point and ring beside the target; the answer stops it. */
export function keepPlaced(host: Host, target: Element, card: HTMLElement): () => void {
  let box: Box = target.getBoundingClientRect();
  const place = () => {
    const { side, left, top, point, isOver } = spotFor(
      box,
      { width: card.offsetWidth, height: card.offsetHeight },
      { width: document.documentElement.clientWidth || innerWidth, height: innerHeight },
    );
    card.dataset.side = side;
    card.toggleAttribute("data-over", isOver);
    host.place(".float", { left: px(left), top: px(top) });
    const isUpright = side === "bottom" || side === "top";
    host.place(".point", { left: isUpright ? px(point) : "", top: isUpright ? "" : px(point) });
    placeRing(host, target, box);
  };
  const unfollow = follow(target, (moved) => {
    box = moved;
    place();
  });
  const grown = new ResizeObserver(place);
  grown.observe(card);
  const unmark = markAway(target, card);
  return () => {
    unfollow();
    grown.disconnect();
    unmark();
  };
}

/** Bring a target that is out of view into it, without a jump where the visitor wants none. */
export function bringIntoView(target: Element): void {
  const { top, bottom, left, right } = target.getBoundingClientRect();
  const isInWindow = top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth;
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  // In the window it may still be out of the view of a box with a scroller of its own; else the nearest is no move.
  target.scrollIntoView({ block: isInWindow ? "nearest" : "center", inline: "nearest", behavior: isCalm ? "auto" : "smooth" });
}
