/** What the small core and the lazily loaded drawing promise each other. Types only: it adds nothing to either file. */
import type { Decision } from "./content.js";
export type Json = string | number | boolean | null | undefined | Json[] | {
    [name: string]: Json;
};
export type Properties = {
    [name: string]: Json;
};
/** A guide that the page draws itself; all of it is in `headless/guide.ts`. */
export interface Presentable {
    readonly id: string;
    readonly isOpen: boolean;
}
/** Of `guide` it hears a guide, of every other event its properties. */
export type Listener = (heard: Properties | Presentable) => void;
export type Theme = "light" | "dark" | "auto";
/** What the drawing may ask of the core. */
export interface Desk {
    readonly theme: Theme;
    /** Record a life-cycle event such as `$shown`, and tell the page's own listeners. */
    report(event: string, properties: Properties): void;
    track(event: string): void;
    /** Where the page draws: hand it a guide, again after each change and at its end. */
    present(guide: Presentable): void;
    /** Ask for a guide by its name. */
    start(guide: string): void;
    /** Ask the server for guidance again after so many seconds. */
    askAgain(seconds: number): void;
    /** Whether the server still wants the decision shown, after everything recorded so far has reached it. */
    confirm(decision: string): Promise<boolean>;
    /** Call back after each batch of events that the server took; the answer stops it. */
    onTaken(call: () => void): () => void;
    /** Call back after each change of route; the answer stops it. */
    onRoute(call: () => void): () => void;
    /** The same function, which never throws into the page. */
    guard<A extends unknown[]>(call: (...args: A) => void): (...args: A) => void;
    newId(): string;
}
/** What the core may ask of the drawing. */
export interface Stage {
    /** Show it when its turn comes. A guide that is waiting or shown already is not taken twice. */
    offer(decision: Decision): void;
    /** Take everything away without a word to the server. */
    clear(): void;
}
export interface DrawingModule {
    openStage(desk: Desk): Stage;
}
/** What the sensors may ask of the core. */
export interface SensorDesk {
    track(event: string, properties: Properties): void;
    guard: Desk["guard"];
    onRoute: Desk["onRoute"];
}
export interface SensorsModule {
    watch(desk: SensorDesk): void;
}
