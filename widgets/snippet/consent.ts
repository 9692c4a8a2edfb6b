import type { Memory } from "./memory";

/** Whether a visitor may be recorded. `pending`: they have not been asked, or have not answered yet. */
export type Word = "granted" | "pending" | "denied";

/** Only the answer itself is kept where nothing else may be: true for a no. */
const KEPT = "out";

/** What the visitor said in this browser, before what the page says; without either, the page's own consent is meant. */
export class Consent {
  #now: Word;

  readonly #memory: Memory;
  readonly #onChange: (word: Word, before: Word) => void;

  constructor(memory: Memory, given: Word, onChange: (word: Word, before: Word) => void) {
    this.#memory = memory;
    this.#onChange = onChange;
    const isOut = memory.noted(KEPT);
    this.#now = isOut === true ? "denied" : given === "pending" && isOut === false ? "granted" : given;
    memory.lasts = this.isGiven;
    memory.onChange(KEPT, () => {
      const isOut = memory.noted(KEPT);
      if (isOut !== undefined) this.#become(isOut === true ? "denied" : "granted");
    });
  }

  get word(): Word {
    return this.#now;
  }

  get isGiven(): boolean {
    return this.#now === "granted";
  }

  /** Said by the visitor, and remembered. */
  say(word: "granted" | "denied"): void {
    this.#memory.note(KEPT, word === "denied");
    this.#become(word);
  }

  #become(word: Word): void {
    const before = this.#now;
    if (word === before) return;
    this.#now = word;
    this.#memory.lasts = this.isGiven;
    this.#onChange(word, before);
  }
}
