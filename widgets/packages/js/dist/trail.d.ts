/** Where it is kept in `sessionStorage`. */
export declare const TRAIL_KEPT_AS = "waypost:trail";
export interface View {
    path: string;
    /** By the clock on the wall, ms, since it goes over several pages. */
    at: number;
    /** Something was done there besides looking. */
    isUsed?: boolean;
    /** The sensors have thought about it. */
    isWeighed?: boolean;
    /** The view was part of a loop that was told. */
    isTold?: boolean;
    /** When a form was sent there. */
    sentAt?: number;
}
/** The latest use of a control or a form. Times are by the clock on the wall, ms. */
export interface Attempt {
    selector: string;
    at: number;
    attempts: number;
    /** When and why it came to nothing, if it did. */
    failedAt?: number;
    because?: string;
    status?: number;
}
export declare class Trail {
    views: View[];
    attempts: Attempt[];
    /** Hear of each page that the visitor comes to. */
    onView: (() => void) | undefined;
    constructor();
    /** Of pages that this tab showed in the meantime. */
    read(): void;
    /** Write down what changed. */
    keep(): void;
    /** The visitor is on the page of the address; whether they were there a few pages ago. */
    arrive(at: number): boolean;
}
