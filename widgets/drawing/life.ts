/** The life of one guide from its first moment to its end, and what is told of it; who draws it does not matter. */
import type { Action, Content, Decision } from "../generated/content";
import type { Desk, Properties } from "../snippet/contract";
import { toJson } from "../snippet/json";
import type { Answer } from "../survey/flow";
import { hold, inView } from "./hold";
import type { Missing } from "./target";

/** How a guide was sent away, as `$dismissed` tells it. */
export type How = "close" | "escape" | "button" | "outside";

const SEEN_AFTER_MS = 1000;

/** A decision that the page drew itself, to look at it: nothing of it is recorded. */
export type Offered = Decision & {
  preview?: boolean;
  /** Where it stood when the page went away: the step of a tour; 1 for a checklist that was folded away. */
  at?: number;
  /** The path of the page on which it stood there. */
  path?: string;
  /** What has been told of it already. */
  told?: { isSeen: boolean; isStarted: boolean };
  /** What was answered of a survey, and by which way; `at` is the place of its question. */
  given?: Given;
};

/** The part of a survey that was answered. path: the places of the questions met so far. */
export interface Given {
  submission: string;
  path: number[];
  answers: [question: string, answer: Answer][];
}

/** Where the core finds, by their names, the tour, the checklist and the survey that go on after a page load. */
export const KEPT_AS = "waypost:kept";
const GOES_ON: Content["widget"][] = ["tour", "checklist"];
/** It can be taken up again where it was left, which not everybody does: it is told as abandoned all the same. */
const CAN_GO_ON: Content["widget"][] = [...GOES_ON, "survey"];

export class Life {
  readonly ended: Promise<void>;
  readonly #abort = new AbortController();
  #isSeen = false;
  #isStarted = false;
  protected isCompleted = false;
  #isEnded = false;
  #place: Pick<Offered, "at" | "path" | "given"> | undefined;
  #finish!: () => void;
  /** The same guide came again with other content. */
  onUpdate: ((content: Content) => void) | undefined;
  /** Where an action of the user leads elsewhere and this is not the end: a checklist stays, and goes out of the way. */
  onElsewhere: (() => void) | undefined;
  /** Where closing is not the end: a launcher takes its questions away, and can be asked again. */
  onClose: (() => void) | undefined;
  /** Resolves when it no longer stands in the way of others, which is not yet its end. */
  readonly aside: Promise<void>;
  /** Folded away, it leaves the place to others. */
  stepAside!: () => void;
  /** What to take down at the end. */
  readonly #downs: (() => void)[] = [];

  constructor(
    readonly decision: Offered,
    readonly desk: Desk,
  ) {
    this.ended = new Promise((resolve) => (this.#finish = resolve));
    this.aside = new Promise((resolve) => (this.stepAside = resolve));
    const { told } = decision;
    this.#isSeen = told?.isSeen ?? false;
    this.#isStarted = told?.isStarted ?? false;
    const onLeave = desk.guard(() => this.#leavePage());
    addEventListener("pagehide", onLeave);
    this.onEnd(() => removeEventListener("pagehide", onLeave));
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Counted as shown, once, when some part of it has been in view for a second. */
  seen(element: Element): void {
    this.desk.guard(() => hold(SEEN_AFTER_MS, this.signal, inView(element)).then(() => this.saw()))();
  }

  /** Counted as shown, once. */
  saw(): void {
    const { guide, variant, id } = this.decision;
    if (!this.#isSeen) this.#tell("$shown", { guide, ...(variant && { variant }), decision: id });
    this.#isSeen = true;
    this.#store();
  }

  onEnd(call: () => void): void {
    this.#downs.push(call);
  }

  report(event: string, more: Properties = {}): void {
    this.#tell(event, { guide: this.decision.guide, ...more });
  }

  /** The user has begun with it; told once. */
  start(): void {
    if (!this.#isStarted) this.report("$started");
    this.#isStarted = true;
    this.#store();
  }

  /** Done with it; its last words may stay a while. */
  complete(): void {
    if (!this.isCompleted) this.report("$completed");
    this.isCompleted = true;
  }

  /** Sent away; after its completion that is only tidying up. */
  dismiss(how: How): void {
    if (!this.isCompleted && !this.#isEnded) this.report("$dismissed", { how });
    this.close();
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
        return this.close();
      case "dismiss":
        return this.dismiss("button");
      case "snooze":
        this.report("$snoozed", { seconds: action.seconds });
        this.desk.askAgain(action.seconds);
        return this.end();
      case "start":
        this.#goElsewhere();
        return this.desk.start(action.guide);
      case "track":
        if (!this.decision.preview) this.desk.track(action.event);
        return this.#goElsewhere();
    }
  }

  /** Go on at this place after a page load in the same tab; what ends is forgotten. */
  keep(at: number, path?: string, given?: Given): void {
    this.#place = { at, path, given };
    this.#store();
  }

  /** Done with it for now; what comes after is told anew. */
  close(): void {
    if (!this.onClose || this.#isEnded) return this.end();
    this.#isStarted = this.isCompleted = false;
    this.onClose();
  }

  /** Take it away; idempotent, and nothing is told. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#abort.abort();
    this.#store();
    this.#downs.reverse().forEach((down) => this.desk.guard(down)());
    this.#finish();
  }

  get #goesOn(): boolean {
    return !this.decision.preview && GOES_ON.includes(this.decision.content.widget);
  }

  #store(): void {
    const { guide, preview, content } = this.decision;
    if (preview || !CAN_GO_ON.includes(content.widget) || !this.#place) return;
    const told = { isSeen: this.#isSeen, isStarted: this.#isStarted };
    // The thanks after a survey are not worth coming back to.
    const isOver = this.#isEnded || (this.isCompleted && content.widget === "survey");
    try {
      const { [guide]: _, ...kept } = JSON.parse(sessionStorage.getItem(KEPT_AS) ?? "{}") as { [guide: string]: Offered };
      if (!isOver) kept[guide] = { ...this.decision, ...this.#place, told };
      sessionStorage.setItem(KEPT_AS, toJson(kept));
    } catch {
      // Without storage it begins anew.
    }
  }

  #goElsewhere(): void {
    if (this.onElsewhere) this.onElsewhere();
    else this.end();
  }

  #tell(event: string, properties: Properties): void {
    if (!this.decision.preview) this.desk.report(event, properties);
  }

  #leavePage(): void {
    // What goes on on the next page is not abandoned by leaving this one.
    if (this.#isStarted && !this.isCompleted && !this.#isEnded && !this.#goesOn) this.report("$abandoned");
  }
}
