/** The page's own requests, as far as a browser tells of them to somebody who patches nothing. */
import type { Watch } from "./watch";

export interface Done {
  /** When it began, ms on the clock of `event.timeStamp`. */
  since: number;
  /** 0 where the browser does not say. */
  status: number;
}

export interface Requests {
  /** Hear of each that was answered; the answer stops it. */
  onDone(call: (done: Done) => void): () => void;
}

/** Our own messages and files are nothing that the page does. */
const OURS = /\/v1\/(batch|decide|decisions|flags|picker|replays)\b|\/sdk\//;

export function watchRequests(watch: Watch): Requests {
  const calls = new Set<(done: Done) => void>();
  const observer = new PerformanceObserver(
    watch.guard((list: PerformanceObserverEntryList) => {
      for (const entry of list.getEntries() as (PerformanceResourceTiming & { responseStatus?: number })[]) {
        if (OURS.test(entry.name)) continue;
        const done = { since: entry.startTime, status: entry.responseStatus ?? 0 };
        calls.forEach((call) => call(done));
        if (done.status >= 400 && /^(fetch|xmlhttprequest)$/.test(entry.initiatorType)) {
          watch.fail({ because: "status", at: entry.responseEnd, ...done });
        }
      }
    }),
  );
  // Those from before too: what was done just before watching began may have asked for them.
  observer.observe({ type: "resource", buffered: true });
  watch.ended.addEventListener("abort", () => observer.disconnect());
  return {
    onDone(call) {
      const guarded = watch.guard(call);
      calls.add(guarded);
      return () => void calls.delete(guarded);
    },
  };
}
