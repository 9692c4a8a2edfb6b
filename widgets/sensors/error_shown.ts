import { isVisible, selectorOf, wayOf } from "./element";
import { MESSAGES } from "./messages";
import type { Root, Roots } from "./roots";
import { MOST_EVIDENCE, THRESHOLDS } from "./thresholds";
import type { Trail } from "./trail";
import type { Watch } from "./watch";

/** Alerts that say that all is well, by the names that component libraries give them. */
const GOOD_NEWS = /success|info(?![a-z])|positive/i;
const BAD_NEWS = /error|danger|warn|invalid|fail/i;

/** The page is asked again this long after a change of it, so that all messages of one moment are one sign. */
const LOOK_AFTER_MS = 250;
const CHANGES_AT_ONCE = 200;

const CHANGES = {
  ...{ subtree: true, childList: true, characterData: true, attributes: true },
  attributeFilter: ["aria-invalid", "role", "class", "hidden", "aria-hidden", "open"],
};

function isGoodNews(alert: Element): boolean {
  const names = [alert, alert.parentElement, alert.firstElementChild].map((each) => each?.getAttribute("class") ?? "");
  return names.some((each) => GOOD_NEWS.test(each)) && !names.some((each) => BAD_NEWS.test(each));
}

/** The alerts whose words changed, of regions that stand there all the time. */
function* rewritten(changes: MutationRecord[]): Iterable<Element> {
  for (const { type, target, addedNodes } of changes.slice(0, CHANGES_AT_ONCE)) {
    const isWritten = type === "characterData" && (target as CharacterData).length > 0;
    if (!addedNodes.length && !isWritten) continue;
    const alert = (target instanceof Element ? target : target.parentElement)?.closest("[role=alert]");
    if (alert) yield alert;
  }
}

function shownIn(root: Root): Element[] {
  const isShown = (each: Element) => !each.closest("[data-waypost-ignore]") && isVisible(each) && !isGoodNews(each);
  return [...root.querySelectorAll(MESSAGES)].filter(isShown);
}

/**
 * Messages of errors that appear: alerts, fields marked as wrong, and the browser's own word. Never what they say.
 *
 * hadMessages: some stood there when the core first looked, long before somebody did something.
 */
export function watchErrorsShown(watch: Watch, roots: Roots, trail: Trail, hadMessages: boolean): void {
  const { pause_ms, reload_ms } = THRESHOLDS.error_shown;
  /** What is shown, whether or not it was told. */
  let standing = new Set<Element>();
  let isNews = new Set<Element>();
  const toldAt = new WeakMap<Element, number>();
  let lastActAt: number | undefined;
  let isLooking = false;
  /** A form was just sent here from the page before: what stands there from the start is what came of it. */
  const isAnswer = performance.timeOrigin - trail.sentBefore <= reload_ms;

  const tell = (shown: Element[]) => {
    const at = performance.now();
    const news = shown.filter((each) => at - (toldAt.get(each) ?? -Infinity) > pause_ms);
    shown.forEach((each) => toldAt.set(each, at));
    if (!news.length) return;
    watch.fail({ because: "message", at });
    const alerts = news.filter((each) => each.matches("[role=alert]")).length;
    const after_ms = lastActAt === undefined ? undefined : Math.round(at - lastActAt);
    const selectors = news.slice(0, MOST_EVIDENCE).map(selectorOf);
    const evidence = { messages: news.length, alerts, fields: news.length - alerts, after_ms, selectors };
    watch.signal("$error_shown", news[0], evidence);
  };

  const look = () => {
    isLooking = false;
    if (document.readyState === "loading") return;
    const now = new Set(roots.all().flatMap(shownIn));
    const news = [...now].filter((each) => !standing.has(each) || isNews.has(each));
    standing = now;
    isNews = new Set();
    tell(news);
  };

  const soon = () => {
    if (isLooking) return;
    isLooking = true;
    watch.later(LOOK_AFTER_MS, look);
  };

  const observer = new MutationObserver(
    watch.guard((changes: MutationRecord[]) => {
      for (const alert of rewritten(changes)) isNews.add(alert);
      roots.look(changes.length > CHANGES_AT_ONCE ? [document.documentElement] : changes.flatMap((each) => [...each.addedNodes]));
      soon();
    }),
  );
  // What stands there when watching begins did not appear.
  const stand = (root: Root) => !isAnswer && shownIn(root).forEach((each) => standing.add(each));
  // Nor did what comes with the page itself, however early somebody clicked on it.
  watch.on("DOMContentLoaded", () => {
    isNews.clear();
    stand(document);
  });
  roots.onRoot((root) => {
    observer.observe(root, CHANGES);
    if (root === document ? hadMessages : roots.isFirstWalk) stand(root);
    soon();
  });
  watch.ended.addEventListener("abort", () => observer.disconnect());

  // The browser's own bubble: it stands at the field that it gives the focus to.
  watch.on("invalid", (event) => {
    const [field] = wayOf(event);
    watch.later(0, () => {
      if (field instanceof Element && (field.getRootNode() as Document | ShadowRoot).activeElement === field) tell([field]);
    });
  });

  const act = ({ timeStamp }: Event) => void (lastActAt = timeStamp);
  (["pointerdown", "keydown", "submit"] as const).forEach((name) => watch.on(name, act));
}
