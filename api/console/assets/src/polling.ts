// Asking again and again, as long as somebody looks: never two at once, not in a tab that is hidden, and with a growing
// pause while it does not work.

/** What came of one look: it worked, it is to be tried again later, or there is nothing more to look for. */
export type Outcome = "went" | "failed" | "over";

interface Pace {
  /** Milliseconds between two looks. */
  every: number;
  /** The longest pause while it does not work. */
  longest?: number;
  /** Milliseconds before the first look. */
  first?: number;
}

const LONGEST_MS = 15_000;

export class Polling {
  readonly #look: () => Promise<Outcome>;
  readonly #every: number;
  readonly #longest: number;
  readonly #heard = new AbortController();
  #pause: number;
  #timer: number | undefined;
  #isLooking = false;
  #isPaused = false;

  constructor(look: () => Promise<Outcome>, { every, longest = LONGEST_MS, first = 0 }: Pace) {
    this.#look = look;
    this.#every = every;
    this.#longest = Math.max(longest, every);
    this.#pause = every;
    document.addEventListener("visibilitychange", () => this.#again(0), { signal: this.#heard.signal });
    this.#again(first);
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#again(0);
  }

  /** For good. What a look that is under way brings may still be heard. */
  stop(): void {
    window.clearTimeout(this.#timer);
    this.#heard.abort();
  }

  get isOver(): boolean {
    return this.#heard.signal.aborted;
  }

  #again(within: number): void {
    window.clearTimeout(this.#timer);
    if (this.#isPaused || this.isOver || this.#isLooking || document.hidden) return;
    this.#timer = window.setTimeout(() => void this.#once(), within);
  }

  async #once(): Promise<void> {
    this.#isLooking = true;
    const outcome = await this.#look();
    this.#isLooking = false;
    if (outcome === "over") this.stop();
    this.#pause = outcome === "failed" ? Math.min(this.#longest, 2 * this.#pause) : this.#every;
    this.#again(this.#pause);
  }
}
