/** Which question comes next; pure, so that a table of cases can test it. */
import type { Expression, Question } from "./content.js";
export type Value = string | number | boolean | string[];
export interface Answer {
    value: Value;
    /** What was typed beside `other`. */
    text?: string;
}
/** By the id of the question; a skipped one is not in it. */
export type Answers = ReadonlyMap<string, Answer>;
/** True, false, or undefined where it cannot be known (Kleene). */
type Truth = boolean | undefined;
/**
 * Text without its case, so that two texts are the same here exactly where they are on the server (`str.casefold`): ß is
 * ss, both small sigmas are one, and only the dotless ı is nobody else's.
 */
export declare function folded(text: string): string;
export declare function holds(expression: Expression, answers: Answers): Truth;
/** The place of the question to ask after the one at `place` (-1 for the first); as many as there are at the end. */
export declare function nextPlace(questions: Question[], place: number, answers: Answers): number;
/** Fisher and Yates: every order is as likely as any other. What is `other` stays at the end. */
export declare function shuffled<T extends {
    other: boolean;
}>(items: T[], seed: string): T[];
export {};
