import { clicked, isKeptOut, isOurs, selectorOf } from "./element";
import { THRESHOLDS } from "./thresholds";
import type { Watch } from "./watch";

interface Place {
  x: number;
  y: number;
  at: number;
}

/** A way of the pointer; a type, so that it may be sent as it is. */
type Trace = {
  turns: number;
  length_px: number;
  diagonal_px: number;
  took_ms: number;
};

/** Where the pointer is moved to and fro on purpose. */
const MOVED_ON_PURPOSE =
  "canvas,video,audio,iframe,input,textarea,select,[contenteditable],[draggable=true],[role=slider],[role=scrollbar]," +
  "[role=application],[role=img],svg";

/** A hand is never quite still. */
const STEP_PX = 10;
/** As often as a place is noted; a mouse may tell of a thousand in a second. */
const NOTE_MS = 15;

/** The way through these places, how often it turns back, and the diagonal of the area that it stays in. */
function traceOf(places: Place[]): Trace {
  let turns = 0;
  let length = 0;
  let before: { x: number; y: number } | undefined;
  places.forEach(({ x, y }, index) => {
    const last = places[index - 1];
    if (!last) return;
    const way = { x: x - last.x, y: y - last.y };
    length += Math.hypot(way.x, way.y);
    if (before && way.x * before.x + way.y * before.y < 0) turns++;
    before = way;
  });
  const extent = (of: number[]) => Math.max(...of) - Math.min(...of);
  const diagonal = Math.hypot(extent(places.map(({ x }) => x)), extent(places.map(({ y }) => y)));
  const took_ms = Math.round(places.at(-1)!.at - places[0]!.at);
  return { turns, length_px: Math.round(length), diagonal_px: Math.round(diagonal), took_ms };
}

function isThrash({ turns, length_px, diagonal_px }: Trace): boolean {
  const { turns: enough, ratio, length_px: far } = THRESHOLDS.thrash;
  return turns >= enough && length_px >= far && length_px >= ratio * diagonal_px;
}

/** The pointer, shaken. Told when the hand comes to rest. */
export function watchThrash(watch: Watch): void {
  const { turns: enough, window_ms, pause_ms, settle_ms } = THRESHOLDS.thrash;
  let places: Place[] = [];
  let worst: { trace: Trace; selector: string; path: string } | undefined;
  let quietUntil = 0;
  let cancel = () => {};

  const end = () => {
    cancel();
    const over = worst;
    worst = undefined;
    places = [];
    if (over) watch.signal("$thrash", over.selector, over.trace, over.path);
  };

  // Who comes back to the window looks for the pointer first.
  const settle = ({ timeStamp }: Event) => {
    places = [];
    quietUntil = timeStamp + settle_ms;
  };
  watch.on("focus", (event) => event.target === window && settle(event));
  watch.on("visibilitychange", settle);

  watch.on("pointermove", (event) => {
    const { clientX: x, clientY: y, timeStamp: at, buttons, pointerType } = event;
    const last = places.at(-1);
    if (last && at - last.at < NOTE_MS) return;
    // With a button down it is a drag; a finger does not hover.
    if (!event.isTrusted || buttons || pointerType !== "mouse" || at < quietUntil) {
      places = [];
      return;
    }
    if (last && Math.hypot(x - last.x, y - last.y) < STEP_PX) return;
    places = places.filter((each) => at - each.at < window_ms);
    places.push({ x, y, at });
    if (places.length <= enough) return;
    const trace = traceOf(places);
    if (!isThrash(trace)) return;
    const element = clicked(event);
    if (!element || element.closest(MOVED_ON_PURPOSE) || isOurs(event) || isKeptOut(event)) return;
    cancel();
    cancel = watch.later(pause_ms, end);
    if (worst && trace.turns <= worst.trace.turns) return;
    worst = { trace, selector: worst?.selector ?? selectorOf(element), path: location.pathname };
  });
  watch.onLeave(end);
}
