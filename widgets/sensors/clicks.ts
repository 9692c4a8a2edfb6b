/** Clicks that rules make events of: `event "…" when clicked "SELECTOR" on page "…"`. Nothing of the element is sent. */
import type { Click, SensorDesk } from "../snippet/contract";
import { isPartOf } from "../targeting/selector";
import { clicked, isOurs } from "./element";

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

function trimmed(text: string): string {
  const bare = text.split("#")[0]!.split("?")[0]!;
  return bare.length > 1 && bare.endsWith("/") ? bare.slice(0, -1) : bare;
}

/** Whether a path or an address fits a pattern; as `glob` of `dsl/patterns.py`. */
export function fits(pattern: string, address: string): boolean {
  const parts = trimmed(pattern).split("*").map(escaped);
  return new RegExp(`^${parts.join("[^]*")}$`, "u").test(trimmed(address));
}

function isOnPage({ page }: Click): boolean {
  return page === null || fits(page, page.includes("://") ? location.href : location.pathname);
}

/** Call the answer with the clicks to watch for, instead of those before. */
export function watchClicks({ track, guard }: SensorDesk): (clicks: Click[]) => void {
  let watched: Click[] = [];
  const onClick = guard((event: MouseEvent) => {
    const element = clicked(event);
    if (!event.isTrusted || !element || isOurs(event)) return;
    const events = watched.filter((each) => isOnPage(each) && isPartOf(element, each.selector)).map((each) => each.event);
    new Set(events).forEach((each) => track(each, {}));
  });
  addEventListener("click", onClick, { capture: true, passive: true });
  return (clicks) => void (watched = clicks);
}
