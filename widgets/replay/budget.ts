/** How much of the main thread recording may take; what is measured is handed in. */

/** One picture of the whole page; a second one in a row that takes so long is one too many. */
export const MOST_PICTURE_MS = 500;
/** However busy the computer was. */
export const LONGEST_PICTURE_MS = 1000;
/** All else, of any ten seconds. */
export const MOST_SPENT_MS = 500;
const WITHIN_MS = 10_000;

/** Pictures take a hundredth of the time at the most, and come no more often than this. */
const PICTURE_EVERY_MS = 15_000;
const PICTURE_SHARE = 0.01;

export class Budget {
  #isPassed = false;
  #picture = 0;
  #spent = 0;
  #since = 0;

  /** Something was done that held the main thread up. */
  spend(ms: number, isPicture: boolean, now: number): void {
    if (isPicture) {
      this.#isPassed ||= ms > LONGEST_PICTURE_MS || Math.min(ms, this.#picture) > MOST_PICTURE_MS;
      this.#picture = ms;
      return;
    }
    if (now - this.#since > WITHIN_MS) {
      this.#since = now;
      this.#spent = 0;
    }
    this.#spent += ms;
    this.#isPassed ||= this.#spent > MOST_SPENT_MS;
  }

  get isPassed(): boolean {
    return this.#isPassed;
  }

  /** How long to wait from one picture of the page to the next, ms. */
  get pictureEvery(): number {
    return Math.max(PICTURE_EVERY_MS, this.#picture / PICTURE_SHARE);
  }
}
