/**
 * The last half minute, and what is being recorded: events gathered to stretches, each made small as soon as it is cut,
 * so that little is left to do when there is a reason to send them.
 */
import { asJson } from "./json";
import { canDeflate, deflated, stored, type Piece } from "./gzip";
import type { Head, Moment, ReplayEvent } from "./wire";

const META = 4;
/** An event of rrweb's that shows nothing: a chunk has one at least. */
const CUSTOM = 5;
/** Timers stand still while a computer sleeps; a stretch does not go on over that. */
const LONGEST_MS = 60_000;
const MOST_CHARACTERS = 400_000;
/** A server takes 8 MB, unpacked. */
export const MOST_STRETCH_BYTES = 7_900_000;

/** What a stretch is told with, besides its number and its moments. */
export type Scene = Pick<Head, "writeKey" | "userToken" | "v" | "anonymousId" | "userId" | "sessionId" | "page" | "size">;

/** A recording that is being sent. Times are by the clock on the wall, ms. */
export interface Recording {
  id: string;
  /** The number of the next chunk. */
  chunk: number;
  started: number;
  until: number;
  bytes: number;
  moments: number;
  /** The server wants nothing more of it. */
  isRefused?: boolean;
}

/** Events of one page, one after the other. */
export interface Stretch {
  /** Of which recording it is, if there was one when it was cut. */
  recording?: Recording;
  /** Nothing follows in that recording. */
  last?: boolean;
  scene: Scene;
  piece: Piece;
  from: number;
  to: number;
  /** A picture of the whole page stands at its beginning: it can be shown from here. */
  begins: boolean;
  moments: Moment[];
}

export interface RingOptions {
  /** Who and where it is now. */
  scene(): Scene;
  /** What is being recorded now, if anything is. */
  recording(): Recording | undefined;
  /** A stretch is ready. They come in order. */
  onStretch(stretch: Stretch): void;
  guard<A extends unknown[]>(call: (...args: A) => void): (...args: A) => void;
  now(): number;
}

export { canDeflate };

interface Open {
  scene: Scene;
  lines: string[];
  characters: number;
  from: number;
  to: number;
  begins: boolean;
}

export class Ring {
  #open: Open | undefined;
  #moments: Moment[] = [];
  /** Stretches that are being made small, in order. */
  #making: { text: string; stretch: Omit<Stretch, "piece"> }[] = [];
  /** Raised when all is dropped: what is still being made then is nobody's. */
  #turn = 0;
  readonly #options: RingOptions;

  constructor(options: RingOptions) {
    this.#options = options;
  }

  /** Whether something is to be cut. */
  get isEmpty(): boolean {
    return !this.#open && !this.#moments.length;
  }

  add(event: ReplayEvent): void {
    if (event.type === META || event.timestamp - (this.#open?.from ?? Infinity) > LONGEST_MS) this.cut();
    const line = asJson(event);
    const open = (this.#open ??= {
      scene: this.#options.scene(),
      lines: [],
      characters: 0,
      from: event.timestamp,
      to: event.timestamp,
      begins: event.type === META,
    });
    open.lines.push(line);
    open.characters += line.length;
    open.to = Math.max(open.to, event.timestamp);
    if (open.characters > MOST_CHARACTERS && event.type !== META) this.cut();
  }

  note(moment: Moment): void {
    this.#moments.push(moment);
  }

  /** End the stretch. It is ready a little later. isLast: so does the recording end. */
  cut(isLast = false): void {
    const cut = this.#taken(isLast);
    if (!cut) return;
    this.#making.push(cut);
    if (this.#making.length === 1) this.#make();
  }

  /** End all stretches at once: the page goes away. */
  cutNow(isLast: boolean): void {
    this.#turn++;
    const rest = this.#making.splice(0);
    const last = this.#taken(isLast);
    if (last) rest.push(last);
    for (const { text, stretch } of rest) this.#options.onStretch({ ...stretch, piece: stored(text) });
  }

  /** Drop what was not cut. */
  discard(): void {
    this.#open = undefined;
    this.#moments = [];
  }

  /** Drop everything. */
  clear(): void {
    this.#turn++;
    this.#making = [];
    this.discard();
  }

  #taken(isLast: boolean): { text: string; stretch: Omit<Stretch, "piece"> } | undefined {
    if (this.isEmpty && !isLast) return undefined;
    const now = this.#options.now();
    const note = [asJson({ type: CUSTOM, timestamp: now, data: { tag: "waypost" } })];
    const nothing = { scene: this.#options.scene(), lines: note, from: now, to: now, begins: false };
    const { scene, lines, from, to, begins } = this.#open ?? nothing;
    this.#open = undefined;
    const stretch = { recording: this.#options.recording(), last: isLast, scene, from, to, begins, moments: this.#moments.splice(0) };
    return { text: `[${lines.join()}]}`, stretch };
  }

  #make(): void {
    const [next] = this.#making;
    if (!next) return;
    const turn = this.#turn;
    const { guard } = this.#options;
    deflated(next.text).then(
      guard((piece: Piece) => {
        if (turn !== this.#turn) return;
        this.#making.shift();
        this.#options.onStretch({ ...next.stretch, piece });
        this.#make();
      }),
      guard(() => {
        if (turn !== this.#turn) return;
        this.#making.shift();
        this.#options.onStretch({ ...next.stretch, piece: stored(next.text) });
        this.#make();
      }),
    );
  }
}
