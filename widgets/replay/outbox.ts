/**
 * Chunks on their way to the server, one at a time and in order; tried again while it cannot be reached. Sending one
 * twice does no harm: a recording's chunk counts once.
 */
import { asJson } from "./json";
import { asBytes, asText, gzipOf, type Piece } from "./gzip";
import type { Head, Receipt } from "./wire";

const TIMEOUT_MS = 60_000;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
/** Of what waits. Beyond, the server was away for too long. */
const MOST_BYTES = 4_000_000;
/** Browsers share 64 KiB between all requests that outlive a page; events went before, and need little. */
const KEEPALIVE_BYTES = 56_000;

/** What an answer means, where it is no yes: `off` and `gone` for all that is recorded, `large` and `others` for this recording. */
export type Refused = "off" | "gone" | "large" | "others";

/** How often a chunk is tried that the server takes for somebody else's: it may not have heard yet who that is. */
const MOST_DISPUTES = 3;
const DISPUTE_WAIT_MS = 5000;

export interface Chunk {
  head: Head;
  piece: Piece;
}

export interface OutboxOptions {
  url: string;
  guard<A extends unknown[]>(call: (...args: A) => void): (...args: A) => void;
  onRefused(how: Refused, recording: string): void;
  onFault(fault: unknown): void;
}

interface Answer {
  status: number;
  next?: number;
  waitMs: number;
}

function bodyOf({ head, piece }: Chunk): Uint8Array<ArrayBuffer> {
  return gzipOf(`${asJson(head).slice(0, -1)},"events":`, piece);
}

function sizeOf({ piece }: Chunk): number {
  return piece.deflated.length;
}

function waitOf(header: string | null): number {
  const wait = Number(header) * 1000 || Date.parse(header ?? "") - Date.now();
  return wait > 0 ? wait : 0;
}

export class Outbox {
  #waiting: Chunk[] = [];
  #isSending = false;
  #attempts = 0;
  /** The server itself asked for patience, which is something else than not to be reached. */
  #isAskedToWait = false;
  #disputes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Bytes of requests that may outlive the page, still on their way. */
  #alive = 0;
  readonly #options: OutboxOptions;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** Whether too much waits for a server that does not answer. */
  get isFull(): boolean {
    let bytes = 0;
    for (const chunk of this.#waiting) bytes += sizeOf(chunk);
    return bytes > MOST_BYTES;
  }

  add(...chunks: Chunk[]): void {
    this.#waiting.push(...chunks);
    if (!this.#attempts) this.#sendIn(0);
  }

  /** The network is back. */
  hurry(): void {
    if (this.#attempts) this.#sendIn(0);
  }

  /** Drop what waits of a recording, or all of it. */
  drop(recording?: string): void {
    this.#waiting = this.#waiting.filter(({ head }) => recording !== undefined && head.recording !== recording);
    if (!this.#waiting.length) this.#rest();
  }

  /** The page goes away: send what fits, from the front. All of it goes on waiting, for the page may come back. */
  leave(): void {
    // A request that the page's end broke off is no sign of a server that is away.
    if (this.#isAskedToWait) return;
    let left = KEEPALIVE_BYTES - this.#alive;
    for (const chunk of this.#waiting) {
      const body = bodyOf(chunk);
      left -= body.length;
      if (left < 0) return;
      this.#alive += body.length;
      // An answer may still come, where the page stays in the browser's memory.
      void this.#ask(body, true)
        .then(this.#options.guard((answer: Answer) => this.#heed(answer, chunk.head)), () => {})
        .finally(() => (this.#alive -= body.length));
    }
  }

  /** As text of so many characters at the most, the oldest first; for the next page of this tab. */
  pack(most: number): unknown[] {
    const packed: unknown[] = [];
    let left = most;
    for (const { head, piece } of this.#waiting) {
      const text = asText(piece.deflated);
      left -= text.length + 600;
      if (left < 0) break;
      packed.push({ head, crc: piece.crc, length: piece.length, text });
    }
    return packed;
  }

  /** What another page could not send; a page that comes back may have kept some of it itself. */
  unpack(packed: unknown): void {
    if (!Array.isArray(packed)) return;
    const isHere = ({ recording, chunk }: Head) => this.#waiting.some(({ head }) => head.recording === recording && head.chunk === chunk);
    const chunks = (packed as { head: Head; crc: number; length: number; text: string }[])
      .filter(({ head }) => !isHere(head))
      .map(({ head, crc, length, text }) => ({ head, piece: { crc, length, deflated: asBytes(text) } }));
    if (chunks.length) this.add(...chunks);
  }

  #sendIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#options.guard(() => void this.#send()), ms);
  }

  async #send(): Promise<void> {
    const [chunk] = this.#waiting;
    if (this.#isSending || !chunk) return;
    this.#isSending = true;
    let pauseMs = 0;
    try {
      const answer = await this.#ask(bodyOf(chunk), false);
      const isDisputed = answer.status === 409 && ++this.#disputes < MOST_DISPUTES;
      this.#isAskedToWait = isDisputed || answer.status === 408 || answer.status === 429 || answer.status >= 500;
      if (this.#isAskedToWait) pauseMs = this.#wait(isDisputed ? DISPUTE_WAIT_MS : answer.waitMs);
      else this.#heed(answer, chunk.head);
    } catch (fault) {
      this.#options.onFault(fault);
      pauseMs = this.#wait(0);
    } finally {
      this.#isSending = false;
    }
    if (this.#waiting.length) this.#sendIn(pauseMs);
    else this.#rest();
  }

  /** Nothing waits: what comes next is sent at once, however it went before. */
  #rest(): void {
    clearTimeout(this.#timer);
    this.#attempts = 0;
  }

  #wait(leastMs: number): number {
    const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#attempts++);
    return Math.max(leastMs, Math.random() * most);
  }

  async #ask(body: Uint8Array<ArrayBuffer>, keepalive: boolean): Promise<Answer> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
    try {
      // As text, which needs no pre-flight: the server sees what it is.
      const headers = { "Content-Type": "text/plain" };
      const response = await fetch(this.#options.url, {
        method: "POST",
        body,
        headers,
        credentials: "omit",
        keepalive,
        signal: keepalive ? null : abort.signal,
      });
      const { next } = response.ok ? ((await response.json()) as Receipt) : { next: undefined };
      return { status: response.status, next, waitMs: waitOf(response.headers.get("Retry-After")) };
    } finally {
      clearTimeout(timer);
    }
  }

  #heed({ status, next }: Answer, { recording, chunk }: Head): void {
    if (status === 408 || status === 429 || status >= 500) return;
    this.#attempts = this.#disputes = 0;
    const isDone = ({ head }: Chunk) => head.recording === recording && (head.chunk === chunk || (next !== undefined && head.chunk < next));
    if (status >= 200 && status < 300) this.#waiting = this.#waiting.filter((each) => !isDone(each));
    else if (status === 410) this.#refuse("gone", recording);
    else if (status === 409) this.#refuse("others", recording);
    else if (status === 413) this.#refuse("large", recording);
    else if (status === 400) this.#spoilt(recording);
    else this.#refuse("off");
  }

  /** The server cannot read it, and would not the next time: the rest of the recording is worth nothing without it. */
  #spoilt(recording: string): void {
    this.#options.onFault(new Error("the server could not read a chunk of a recording"));
    this.#refuse("large", recording);
  }

  #refuse(how: Refused, recording?: string): void {
    this.drop(recording);
    this.#options.onRefused(how, recording ?? "");
  }
}
