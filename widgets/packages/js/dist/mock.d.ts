import type { Content, Decision, Guide, LifeEvents, Properties, Waypost } from "./types.js";
/** A call, by its name and with what it was given: `{name: "track", args: ["Signed Up", {via: "ad"}]}`. */
export interface RecordedCall {
    name: keyof Waypost;
    args: unknown[];
}
export interface WaypostMock extends Waypost {
    /** Every call since the beginning, or since `clear()`, in order. */
    readonly calls: readonly RecordedCall[];
    /** What the guides that were offered told of their lives: `{event: "$answered", properties: {…}}`. */
    readonly reports: readonly {
        event: string;
        properties: Properties;
    }[];
    /** What one call was given, each time: `mock.given("track")`. */
    given(name: keyof Waypost): unknown[][];
    /** Tell the listeners of an event something, as if a guide's life had come to it. */
    emit<Name extends keyof LifeEvents>(event: Name, heard: LifeEvents[Name]): void;
    /**
     * Hand a guide to the listeners of `guide`, as headless Waypost would; whatever you do with it is in `reports`.
     * Needs a DOM, of a browser, jsdom or happy-dom. Gives the guide as it is at first.
     */
    offer(decision: Partial<Decision> & {
        content: Content;
    }): Guide;
    /** Forget everything, and take away what was offered. */
    clear(): void;
}
export declare function createMock(): WaypostMock;
