import type { Memory } from "./memory.js";
/** Whether a visitor may be recorded. `pending`: they have not been asked, or have not answered yet. */
export type Word = "granted" | "pending" | "denied";
/** What the visitor said in this browser, before what the page says; without either, the page's own consent is meant. */
export declare class Consent {
    #private;
    constructor(memory: Memory, given: Word, onChange: (word: Word, before: Word) => void);
    get word(): Word;
    get isGiven(): boolean;
    /** Said by the visitor, and remembered. */
    say(word: "granted" | "denied"): void;
}
