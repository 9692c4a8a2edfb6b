import { selectorOf } from "./element";
import { THRESHOLDS } from "./thresholds";
import type { Watch } from "./watch";

/** A class's name, as it stands in code; anything else might be a message. */
const CLASS = /^[\w$]{1,60}$/;

/** Not the page's own: what an extension throws, and a browser's remark that every user of ResizeObserver knows. */
export const NOT_THE_PAGE_S = /^(chrome|moz|safari-web)-extension:|^ResizeObserver loop/;

/** An error that the page does not catch, just after a click. Its name is told, never its message. */
export function watchErrorClicks(watch: Watch): void {
  let last: { selector: string; at: number } | undefined;

  const onError = (event: Event) => {
    const { error, reason, filename = "", message = "" } = event as Event & Partial<ErrorEvent & PromiseRejectionEvent>;
    if (NOT_THE_PAGE_S.test(filename) || NOT_THE_PAGE_S.test(message)) return;
    const after_ms = Math.round(event.timeStamp - (last?.at ?? -Infinity));
    if (!last || after_ms > THRESHOLDS.error_click.within_ms) return;
    const cause: unknown = error ?? reason;
    const name = cause instanceof Error && CLASS.test(cause.name) ? cause.name : "error";
    watch.signal("$error_click", last.selector, { after_ms, error: name });
    watch.fail({ because: "error", at: event.timeStamp });
    // One click, one signal: a loop of errors says nothing more about the user.
    last = undefined;
  };
  watch.on("error", onError);
  watch.on("unhandledrejection", onError);
  watch.onClick((event, element) => void (last = { selector: selectorOf(element), at: event.timeStamp }));
}
