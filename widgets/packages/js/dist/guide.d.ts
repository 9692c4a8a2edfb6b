/** What a page that draws guides itself is handed. Types only. */
import type { Action, Content, Question, TourStep } from "./content.js";
import type { Answer, Value } from "./flow.js";
/** What goes with an answer. */
export interface AnswerMore {
    /** What was typed beside `other`. */
    text?: string;
    /** The element that a comment is about. */
    selector?: string;
}
/**
 * One guide as it is now. Every change makes a new object of the same `id`, handed to the listeners of `guide`; the
 * calls of each act on the same guide. After its end they do nothing.
 */
export interface Guide {
    /** The decision's. */
    readonly id: string;
    /** Its name in the rules. */
    readonly guide: string;
    /** Its widget, or `survey`. */
    readonly kind: string;
    readonly variant: string | null;
    /** What is to be drawn. */
    readonly content: Content;
    /** The element that it stands beside, where the rules name one. */
    readonly element: Element | undefined;
    /** Draw it while this is true; take it away when it is false: at its end, or where a tour goes on elsewhere. */
    readonly isOpen: boolean;
    readonly isCompleted: boolean;
    /** It was folded away: by `aside`, on an earlier page, or because something of it led elsewhere. */
    readonly isAside: boolean;
    /** Of a survey: what is asked now, its choices in this user's order; undefined when all is answered. */
    readonly question: Question | undefined;
    /** What was answered to it before, when somebody comes back. */
    readonly answer: Answer | undefined;
    /** Of a tour: the step that is shown now, and its place from 0. */
    readonly step: TourStep | undefined;
    readonly at: number;
    /** Whether `back` leads anywhere. */
    readonly hasBack: boolean;
    /** It is on the screen: counts at once, or once half of the given element has been in view for a second. */
    shown(element?: Element): void;
    /** The user has begun with it; the calls below say so by themselves. */
    started(): void;
    /** The answer to `question`, which goes on to the next. */
    answered(value: Value, more?: AnswerMore): void;
    /** Go on without an answer. */
    skipped(): void;
    /** Of a tour: the next step, or the end. */
    next(): void;
    /** The question or step before. */
    back(): void;
    /** A button, or an item of a checklist, was pressed: does what it says. An `open` is left to the page. */
    pressed(button: {
        text: string;
        action: Action | null;
    }): void;
    /** Done with it. Surveys and tours come to this by themselves. */
    completed(): void;
    /** Sent away; after its completion that is only tidying up. */
    dismissed(how?: "close" | "escape" | "button" | "outside"): void;
    /** Folded away: others may be shown beside it. */
    aside(): void;
    /** Taken away by the page itself, not by the user: nothing is told. */
    ended(): void;
}
