/** What the small core and the lazily loaded drawing promise each other. Types only: it adds nothing to either file. */
import type { Decision } from "../generated/content";
import type { Trail } from "./trail";

/**
 * The number of what core and parts promise each other. An application may have been built with an older core than its
 * server's: it asks for parts of its own number, and is given none where the server has none. Adding something optional
 * leaves the number as it is; anything else raises it.
 */
export type Contract = 1;

export type Json = string | number | boolean | null | undefined | Json[] | { [name: string]: Json };
export type Properties = { [name: string]: Json };
/** A guide that the page draws itself; all of it is in `headless/guide.ts`. */
export interface Presentable {
  readonly id: string;
  readonly isOpen: boolean;
}
/** Of `guide` it hears a guide, of every other event its properties. */
export type Listener = (heard: Properties | Presentable) => void;
export type Theme = "light" | "dark" | "auto";

/** What the drawing may ask of the core. */
export interface Desk {
  readonly contract: Contract;
  readonly theme: Theme;
  /** Record a life-cycle event such as `$shown`, and tell the page's own listeners. */
  report(event: string, properties: Properties): void;
  track(event: string, properties?: Properties): void;
  /** Where the page draws: hand it a guide, again after each change and at its end. */
  present(guide: Presentable): void;
  /** Ask for a guide by its name. */
  start(guide: string): void;
  /** Ask the server for guidance again after so many seconds. */
  askAgain(seconds: number): void;
  /** Whether the server still wants the decision shown, after everything recorded so far has reached it. */
  confirm(decision: string): Promise<boolean>;
  /** Call back after each batch of events that the server took; the answer stops it. */
  onTaken(call: () => void): () => void;
  /** Call back after each change of route; the answer stops it. */
  onRoute(call: () => void): () => void;
  /** The same function, which never throws into the page. */
  guard<A extends unknown[]>(call: (...args: A) => void): (...args: A) => void;
  newId(): string;
}

/** What the core may ask of the drawing. */
export interface Stage {
  /** Show it when its turn comes. A guide that is waiting or shown already is not taken twice. */
  offer(decision: Decision): void;
  /** Take away what is shown, or only this guide, as if the user had closed it. */
  dismiss(guide?: string): void;
  /** Take everything away without a word to the server. */
  clear(): void;
}

export interface DrawingModule {
  openStage(desk: Desk): Stage;
}

/** An event from before the sensors were there, and the way that it went, which is told only while it is on it. */
export interface Early {
  event: Event;
  path: EventTarget[];
}

/** What the core saw before the sensors were there. */
export interface Vigil {
  early: Early[];
  /** Whether messages of errors stood on the page when the core first looked. */
  hadMessages: boolean;
  trail: Trail;
}

/** What the sensors may ask of the core. */
export interface SensorDesk extends Vigil {
  track: Desk["track"];
  guard: Desk["guard"];
  onRoute: Desk["onRoute"];
  /** Gather clicks by element and how far pages are seen, for heat maps. */
  readonly countsClicks?: boolean;
}

export interface SensorsModule {
  /** Begin to watch for signs of friction; the answer ends it. */
  watch(desk: SensorDesk): () => void;
}

/** What session replay may ask of the core. */
export interface ReplayDesk {
  readonly host: string;
  readonly key: string;
  /** Selectors of what may be seen in a recording. */
  readonly reveal: string[];
  who(): { anonymousId: string; userId?: string };
  tokenOf(userId: string | undefined): string | undefined;
  track: Desk["track"];
  guard: Desk["guard"];
  /** Keep what went wrong for `debug()`. */
  note(fault: unknown): void;
  onRoute: Desk["onRoute"];
  newId: Desk["newId"];
}

/** What the core tells session replay. */
export interface Replay {
  /** A reply came that says whether to record. */
  heed(reply: { record?: Recording; decisions?: Decision[] }): void;
  /** A message is about to be sent, or the visitor is nobody any more. */
  hear(message: { type: string } & Properties): void;
  /** The visitor does not want to be recorded: stop, and drop what was not sent. */
  drop(): void;
}

/** Whether a visitor is recorded here: when there is a moment worth it, all the time, or not. */
export type Recording = "moments" | "sessions" | "off";

export interface ReplayModule {
  openReplay(desk: ReplayDesk): Replay;
  /** A masked picture of the page as it stands, in rrweb's events. */
  takeSnapshot(document: Document, reveal?: readonly string[]): object[];
}

export interface ClicksModule {
  /** Call the answer with the clicks to watch for, instead of those before. */
  watchClicks(desk: Pick<SensorDesk, "track" | "guard">): (clicks: Click[]) => void;
}

/** A click of which an event is made. page: a pattern; null for every page. */
export interface Click {
  event: string;
  selector: string;
  page: string | null;
}

/** Why a guide is shown or not; meaning: in a sentence. */
export interface Considered {
  guide: string;
  reason: string;
  meaning: string;
}

/** What a server tells of its decision, to whom it may. Null: it told nothing. */
export interface Explained {
  considered?: Considered[] | null;
  /** By journey, the step where the user stands; null after the last. */
  standing?: Record<string, string | null> | null;
}

/** What the element picker may ask of the core. */
export interface PickerDesk {
  readonly host: string;
  readonly key: string;
  readonly theme: Theme;
  guard: Desk["guard"];
  /** What takes masked pictures of the page: it is loaded for that. */
  pictures(): Promise<() => object[]>;
}

export interface PickerModule {
  /** Open the picker, where this page was opened with a link to it. */
  openPicker(desk: PickerDesk): Promise<void>;
}

export interface PanelModule {
  /** Open the panel, or look again where it is open. */
  openPanel(report: () => Properties, explain: () => Promise<Explained>): Promise<void>;
}
