import { control, isEarly, isQuietByNature, selectorOf, selectsText } from "./element";
import type { Requests } from "./requests";
import type { Roots } from "./roots";
import { THRESHOLDS } from "./thresholds";
import type { Watch } from "./watch";

/** What a page does when a click had an effect, besides changing its document. */
const SIGNS_OF_LIFE = [
  ...["scroll", "input", "change", "focusin", "submit", "toggle", "play", "pause", "beforeunload"],
  ...["fullscreenchange", "copy", "blur", "pagehide", "popstate", "hashchange"],
];

/** A request may begin when the button goes down, before the click. */
const PRESSED_MS = 500;

/** A click on something that looks as if it could be clicked, after which nothing at all happens. */
export function watchDeadClicks(watch: Watch, roots: Roots, requests: Requests): void {
  let finish: (() => void) | undefined;
  const live = () => finish?.();
  SIGNS_OF_LIFE.forEach((name) =>
    watch.on(name, (event) => {
      // The focus leaving an element is not the window losing it, and what our own cards do is no effect of the click.
      if (event.type !== "blur" || event.target === window) live();
    }),
  );
  watch.onRoute(live);
  watch.ended.addEventListener("abort", live);

  watch.onClick((event, element) => {
    // What it did before anybody watched is not known.
    if (isEarly(event)) return;
    const meant = control(element);
    // While one click is watched, further ones on the same thing are the rage sensor's business.
    if (!meant || finish || isQuietByNature(meant) || selectsText(meant)) return;

    const selector = selectorOf(meant);
    const observer = new MutationObserver(live);
    const seen = { subtree: true, childList: true, attributes: true, characterData: true };
    roots.all().forEach((root) => observer.observe(root, seen));
    const offRequests = requests.onDone(({ since }) => since >= event.timeStamp - PRESSED_MS && live());
    const { wait_ms } = THRESHOLDS.dead_click;
    const cancel = watch.later(wait_ms, () => {
      live();
      if (document.visibilityState === "visible" && !selectsText(meant)) {
        watch.signal("$dead_click", selector, { waited_ms: wait_ms });
      }
    });
    finish = () => {
      finish = undefined;
      cancel();
      observer.disconnect();
      offRequests();
    };
  });
}
