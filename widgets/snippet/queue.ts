/**
 * Messages on their way to the server: gathered for one task, sent in batches one at a time, tried again with full
 * jitter while the server cannot be reached, handed to a beacon when the page goes away.
 *
 * Sending a message twice does no harm: the server counts a `messageId` once.
 */
import type { Memory } from "./memory";

const MOST_MESSAGES = 1000;
const MOST_CHARACTERS = 1_000_000;
const BATCH_MESSAGES = 50;
const BATCH_CHARACTERS = 300_000;
/** Browsers share 64 KiB between all beacons of a page; what does not fit is kept for the next page. */
const BEACON_CHARACTERS = 30_000;
const KEPT_CHARACTERS = 200_000;
const TIMEOUT_MS = 10_000;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
const MOST_REPLY_CHARACTERS = 2_000_000;

/** An answer that says not to try again. */
export class Refusal extends Error {
  constructor(readonly status: number) {
    super(`the server answered ${status}`);
  }
}

/** An answer, or none, after which it is worth trying again. */
class Setback extends Error {
  constructor(
    message: string,
    readonly waitMs = 0,
  ) {
    super(message);
  }
}

function retryAfter(header: string | null): number {
  if (!header) return 0;
  const wait = Number(header) * 1000 || Date.parse(header) - Date.now();
  return wait > 0 ? wait : 0;
}

/** POST as text/plain, which needs no pre-flight, and read the JSON of the answer. */
export async function post<T>(url: string, body: string): Promise<T> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      headers: { "Content-Type": "text/plain" },
      credentials: "omit",
      signal: abort.signal,
    });
    const { status } = response;
    if (status === 429 || status === 408 || status >= 500) {
      throw new Setback(`the server answered ${status}`, retryAfter(response.headers.get("Retry-After")));
    }
    if (!response.ok) throw new Refusal(status);
    const text = await response.text();
    if (text.length > MOST_REPLY_CHARACTERS) throw new Setback("the answer is too long");
    const reply: unknown = JSON.parse(text);
    if (typeof reply !== "object" || reply === null) throw new Setback("the answer is no object");
    return reply as T;
  } finally {
    clearTimeout(timer);
  }
}

export interface QueueOptions<Reply> {
  url: string;
  memory: Memory;
  /** The members of a batch besides its messages, as JSON without the outer braces. */
  envelope(decide: boolean, userId: string | undefined): string;
  /** last: the last message of those that were answered, for whose user the reply is. */
  onReply(reply: Reply, last: string): void;
  onFault(fault: unknown): void;
  /** The same function, which never throws into the page. */
  guard(call: () => Promise<void>): () => unknown;
}

/** Whether the browser took it; one that was told not to, and says so by throwing, did not. */
function beacon(url: string, body: string): boolean {
  try {
    return navigator.sendBeacon(url, body);
  } catch {
    return false;
  }
}

function isMessage(text: unknown): text is string {
  try {
    return typeof text === "string" && typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

function userOf(message: string): string | undefined {
  return (JSON.parse(message) as { userId?: string }).userId;
}

export class Queue<Reply> {
  #waiting: string[] = [];
  #inFlight: string[] = [];
  #attempts = 0;
  #most = BATCH_MESSAGES;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #whenIdle: (() => void)[] = [];

  /** Nothing goes out, or into storage: the visitor has not agreed yet. */
  #isHeld = true;

  readonly #options: QueueOptions<Reply>;

  constructor(options: QueueOptions<Reply>) {
    this.#options = options;
  }

  get length(): number {
    return this.#waiting.length + this.#inFlight.length;
  }

  add(message: string): void {
    this.#waiting.push(message);
    let characters = this.#waiting.join("").length;
    while (this.#waiting.length > MOST_MESSAGES || characters > MOST_CHARACTERS) {
      characters -= this.#waiting.shift()?.length ?? characters;
    }
    if (!this.#attempts) this.#sendIn(0);
  }

  /** True while the server cannot be reached. */
  get isStuck(): boolean {
    return this.#attempts > 0;
  }

  /** From now on messages go out. */
  release(): void {
    this.#isHeld = false;
    this.fetch();
    if (this.#waiting.length) this.#sendIn(0);
  }

  /** What this page or another one could not send as it went away. */
  fetch(): void {
    if (this.#isHeld) return;
    const kept = this.#kept();
    if (!kept.length) return;
    this.#options.memory.write("unsent", undefined);
    this.#waiting.unshift(...kept);
    if (!this.#attempts) this.#sendIn(0);
  }

  /** Send now what a setback is holding back. */
  hurry(): void {
    if (this.#attempts) this.#sendIn(0);
  }

  /** Resolves when nothing is on its way any more, or the server cannot be reached. */
  settled(): Promise<void> {
    if (!this.length || this.#attempts || this.#isHeld) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** Let nothing out any more, and drop what waits. */
  forget(): void {
    this.#isHeld = true;
    this.#waiting = [];
    this.#options.memory.write("unsent", undefined);
  }

  /** The page goes away: beacons for what fits, storage for the rest and for what the server did not take before. */
  leave(): void {
    if (this.#isHeld) return;
    const all = [...this.#inFlight, ...this.#waiting];
    this.#waiting = [];
    while (all.length && !this.#attempts) {
      const batch = this.#batch(all, BEACON_CHARACTERS);
      if (!beacon(this.#options.url, this.#body(batch, false))) break;
      all.splice(0, batch.length);
    }
    // Another tab may have left something too.
    if (all.length) this.#options.memory.write("unsent", this.#cut([...this.#kept(), ...all], KEPT_CHARACTERS, MOST_MESSAGES));
  }

  #kept(): string[] {
    const kept = this.#options.memory.read<unknown>("unsent");
    return Array.isArray(kept) ? kept.filter(isMessage) : [];
  }

  #sendIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#options.guard(() => this.#send()), ms);
  }

  /** As many from the front as fit, and at least one. */
  #cut(messages: string[], characters: number, most = this.#most): string[] {
    let count = 0;
    let sum = 0;
    while (count < messages.length && count < most) {
      sum += messages[count]!.length;
      if (count && sum > characters) break;
      count++;
    }
    return messages.slice(0, count);
  }

  /** Messages of one known user at the most: what proves who they are is theirs alone. */
  #batch(messages: string[], characters: number): string[] {
    const found = this.#cut(messages, characters);
    const user = found.map(userOf).find((each) => each !== undefined);
    const next = found.findIndex((each) => ![user, undefined].includes(userOf(each)));
    return next < 0 ? found : found.slice(0, next);
  }

  #body(batch: string[], decide: boolean): string {
    const user = batch.map(userOf).find((each) => each !== undefined);
    return `{${this.#options.envelope(decide, user)},"batch":[${batch.join()}]}`;
  }

  async #send(): Promise<void> {
    if (this.#isHeld || this.#inFlight.length || !this.#waiting.length) return;
    this.#inFlight = this.#batch(this.#waiting, BATCH_CHARACTERS);
    this.#waiting.splice(0, this.#inFlight.length);
    let pauseMs = 0;
    const last = this.#inFlight.at(-1)!;
    try {
      const reply = await post<Reply>(this.#options.url, this.#body(this.#inFlight, true));
      this.#attempts = 0;
      this.#most = BATCH_MESSAGES;
      this.#inFlight = [];
      this.#options.onReply(reply, last);
    } catch (fault) {
      this.#options.onFault(fault);
      pauseMs = this.#afterFault(fault);
    }
    if (this.#waiting.length) this.#sendIn(pauseMs);
    if (!this.#waiting.length || this.#attempts) this.#whenIdle.splice(0).forEach((resolve) => resolve());
  }

  /** A refused batch is dropped, since it would be refused again; anything else goes back. Answers the pause in ms. */
  #afterFault(fault: unknown): number {
    const batch = this.#isHeld ? [] : this.#inFlight;
    this.#inFlight = [];
    if (fault instanceof Refusal) {
      this.#attempts = 0;
      // Too large as a whole says nothing about each: halves are tried until one message is left.
      if (fault.status === 413 && batch.length > 1) {
        this.#most = batch.length >> 1;
        this.#waiting.unshift(...batch);
      }
      return 0;
    }
    this.#waiting.unshift(...batch);
    const jitter = Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#attempts++);
    return Math.max(jitter, fault instanceof Setback ? fault.waitMs : 0);
  }
}
