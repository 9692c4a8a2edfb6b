/** The life of one guide from its first moment to its end, and what is told of it; who draws it does not matter. */
import type { Action, Content, Decision } from "../generated/content";
import type { Desk, Properties } from "../snippet/contract";
import { hold, inView } from "./hold";
import type { Missing } from "./target";

/** How a guide was sent away, as `$dismissed` tells it. */
export type How = "close" | "escape" | "button" | "outside";

const SEEN_AFTER_MS = 1000;

/** A decision that the page drew itself, to look at it: nothing of it is recorded. */
export type Offered = Decision & {
  preview?: boolean;
  /** Where a tour stood when the page went away. */
  at?: number;
};

/** Where the core finds a tour that goes on after a page load. */
export const KEPT_AS = "waypost:tour";

export class Life {
  readonly ended: Promise<void>;
  private readonly abort = new AbortController();
  private isSeen = false;
  private isStarted = false;
  private isCompleted = false;
  private isEnded = false;
  private finish!: () => void;
  /** The same guide came again with other content. */
  onUpdate: ((content: Content) => void) | undefined;
  /** What to take down at the end. */
  private readonly downs: (() => void)[] = [];

  constructor(
    readonly decision: Offered,
    readonly desk: Desk,
  ) {
    this.ended = new Promise((resolve) => (this.finish = resolve));
    const onLeave = desk.guard(() => this.leavePage());
    addEventListener("pagehide", onLeave);
    this.onEnd(() => removeEventListener("pagehide", onLeave));
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** Counted as shown, once, when some part of it has been in view for a second. */
  seen(element: Element): void {
    const { guide, variant, id } = this.decision;
    void hold(SEEN_AFTER_MS, this.signal, inView(element)).then(() => {
      if (!this.isSeen) this.tell("$shown", { guide, ...(variant && { variant }), decision: id });
      this.isSeen = true;
    });
  }

  onEnd(call: () => void): void {
    this.downs.push(call);
  }

  report(event: string, more: Properties = {}): void {
    this.tell(event, { guide: this.decision.guide, ...more });
  }

  /** The user has begun with it; told once. */
  start(): void {
    if (!this.isStarted) this.report("$started");
    this.isStarted = true;
  }

  /** Done with it; its last words may stay a while. */
  complete(): void {
    if (!this.isCompleted) this.report("$completed");
    this.isCompleted = true;
  }

  /** Sent away; after its completion that is only tidying up. */
  dismiss(how: How): void {
    if (!this.isCompleted && !this.isEnded) this.report("$dismissed", { how });
    this.end();
  }

  lose(reason: Missing): void {
    this.report("$target_missing", { reason });
    this.end();
  }

  /** What a button does, after telling that it was clicked. */
  press(text: string, action: Action): void {
    this.report("$clicked", { button: text });
    switch (action.type) {
      case "open":
        // The browser follows the link itself; a card that stands in the way of the page goes.
        return;
      case "complete":
        this.complete();
        return this.end();
      case "dismiss":
        return this.dismiss("button");
      case "snooze":
        this.report("$snoozed", { seconds: action.seconds });
        this.desk.askAgain(action.seconds);
        return this.end();
      case "start":
        this.end();
        return this.desk.start(action.guide);
      case "track":
        if (!this.decision.preview) this.desk.track(action.event);
        return this.end();
    }
  }

  /** Go on at this place after a page load in the same tab; what ends is forgotten. */
  keep(at: number): void {
    try {
      if (this.isEnded) sessionStorage.removeItem(KEPT_AS);
      else if (!this.decision.preview) sessionStorage.setItem(KEPT_AS, JSON.stringify({ ...this.decision, at }));
    } catch {
      // Without storage it begins anew.
    }
  }

  /** Take it away; idempotent, and nothing is told. */
  end(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.abort.abort();
    if (this.decision.content.widget === "tour") this.keep(0);
    this.downs.reverse().forEach((down) => this.desk.guard(down)());
    this.finish();
  }

  private tell(event: string, properties: Properties): void {
    if (!this.decision.preview) this.desk.report(event, properties);
  }

  private leavePage(): void {
    if (this.isStarted && !this.isCompleted && !this.isEnded) this.report("$abandoned");
  }
}
