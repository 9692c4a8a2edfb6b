/** What only the browser can see: the server decided the rest and is asked again when this has come true. */
import type { Wait } from "../generated/content";
import type { Desk } from "../snippet/contract";
import { hold, inView, listen, type Watch } from "./hold";
import { awaitTarget } from "./target";

const ACTIVITY = ["pointermove", "pointerdown", "keydown", "wheel", "scroll", "touchstart"];
/** A little after the condition came true in the same task is soon enough. */
const AT_ONCE = 0;

const isLookedAt = () => document.visibilityState === "visible";

const idle: Watch = (set) => {
  const restart = () => set(isLookedAt());
  restart();
  const stops = [listen(window, ACTIVITY, restart), listen(document, ["visibilitychange"], restart)];
  return () => stops.forEach((stop) => stop());
};

/** How far down the page its lowest visible line is, in percent; a page that fits the window is read to its end. */
function scrolledTo(): number {
  const { scrollHeight } = document.scrollingElement ?? document.documentElement;
  return scrollHeight ? (100 * (scrollY + innerHeight)) / scrollHeight : 100;
}

function scrolled(percent: number): Watch {
  return (set) => {
    const look = () => scrolledTo() >= percent - 0.5 && set(true);
    look();
    return listen(window, ["scroll", "resize"], look);
  };
}

/** The pointer leaves through the top of the window, towards the tabs and the address. */
const exitIntent: Watch = (set) =>
  listen(document, ["mouseout"], (event) => {
    const { clientY, relatedTarget } = event as MouseEvent;
    if (!relatedTarget && clientY <= 0) set(true);
  });

function onPage(desk: Desk): Watch {
  return (set) => {
    const restart = () => set(isLookedAt());
    restart();
    const stops = [desk.onRoute(restart), listen(document, ["visibilitychange"], restart)];
    return () => stops.forEach((stop) => stop());
  };
}

const always: Watch = (set) => {
  set(true);
  return () => undefined;
};

/** Resolves when what is waited for has come true; never, if the signal aborts before. */
export async function waited(wait: Wait, signal: AbortSignal, desk: Desk): Promise<void> {
  switch (wait.until) {
    case "idle":
      return hold(wait.seconds * 1000, signal, idle);
    case "visible": {
      const target = await awaitTarget(wait.selector, signal, Infinity);
      return target instanceof Element ? hold(wait.seconds * 1000, signal, inView(target)) : new Promise(() => {});
    }
    case "scrolled":
      return hold(AT_ONCE, signal, scrolled(wait.percent));
    case "exit_intent":
      return hold(AT_ONCE, signal, exitIntent);
    case "on_page":
      return hold(wait.seconds * 1000, signal, onPage(desk));
    case "elapsed":
      return hold(wait.seconds * 1000, signal, always);
    default: {
      // A newer server may know more; what we cannot wait for is not shown.
      const unknown: never = wait;
      return new Promise(() => unknown);
    }
  }
}
