import { clicked, selectorOf } from "./element";
import type { Signal } from "./sensors";
import { ERROR_WITHIN_MS } from "./thresholds";

/** An error that the page does not catch, just after a click. Its name is told, never its message. */
export function watchErrorClicks(signal: Signal, guard: (call: (event: Event) => void) => (event: Event) => void) {
  let last: { selector: string; at: number } | undefined;

  const onError = guard((event) => {
    const after_ms = Math.round(event.timeStamp - (last?.at ?? -Infinity));
    if (!last || after_ms > ERROR_WITHIN_MS) return;
    const { error, reason } = event as Event & { error?: unknown; reason?: unknown };
    const cause = error ?? reason;
    signal("$error_click", last.selector, { after_ms, error: cause instanceof Error ? cause.name : "error" });
    // One click, one signal: a loop of errors says nothing more about the user.
    last = undefined;
  });
  addEventListener("error", onError);
  addEventListener("unhandledrejection", onError);

  return (event: MouseEvent) => {
    const target = clicked(event);
    last = target && { selector: selectorOf(target), at: event.timeStamp };
  };
}
