import { clicked, control, isQuietByNature, selectorOf, selectsText } from "./element";
import type { Signal } from "./sensors";
import { DEAD_AFTER_MS } from "./thresholds";

/** What a page does when a click had an effect, besides changing its document. */
const SIGNS_OF_LIFE = ["scroll", "input", "change", "focusin", "submit", "toggle", "play", "pause", "beforeunload"];
const SIGNS_OF_WINDOW = ["blur", "pagehide", "popstate", "hashchange"];

/** A click on something that looks as if it could be clicked, after which nothing at all happens. */
export function watchDeadClicks(signal: Signal, onRoute: (call: () => void) => () => void): (event: MouseEvent) => void {
  let stop: (() => void) | undefined;

  return (event) => {
    const target = clicked(event);
    const meant = target && control(target);
    // While one click is watched, further ones on the same thing are the rage sensor's business.
    if (!meant || stop || isQuietByNature(meant) || selectsText()) return;

    const selector = selectorOf(meant);
    const finish = () => stop?.();
    const observer = new MutationObserver(finish);
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    const root = meant.getRootNode();
    if (root instanceof ShadowRoot) observer.observe(root, { subtree: true, childList: true, attributes: true });
    const requests = new PerformanceObserver((list) => {
      // Our own messages are not an effect of the click.
      if (list.getEntries().some(({ name }) => !/\/v1\/(batch|decide)/.test(name))) finish();
    });
    requests.observe({ type: "resource" });
    SIGNS_OF_LIFE.forEach((name) => document.addEventListener(name, finish, true));
    SIGNS_OF_WINDOW.forEach((name) => addEventListener(name, finish));
    const offRoute = onRoute(finish);

    const timer = setTimeout(() => {
      finish();
      if (document.visibilityState === "visible" && !selectsText()) {
        signal("$dead_click", selector, { waited_ms: DEAD_AFTER_MS });
      }
    }, DEAD_AFTER_MS);

    stop = () => {
      stop = undefined;
      clearTimeout(timer);
      observer.disconnect();
      requests.disconnect();
      SIGNS_OF_LIFE.forEach((name) => document.removeEventListener(name, finish, true));
      SIGNS_OF_WINDOW.forEach((name) => removeEventListener(name, finish));
      offRoute();
    };
  };
}
