import type { Word } from "./consent.js";
import type { Theme } from "./contract.js";
/** What the page says once: in the `data-` attributes of the script's tag, or to `init`. */
export interface Settings {
    /** The public key, `wp_pub_…`. */
    key: string;
    /** Where Waypost is served from; the script's own address if it does not say. */
    host: string;
    /** Send a page view at load and after each change of route. */
    pages: boolean;
    /** Watch for signs of friction. */
    sensors: boolean;
    /** Gather clicks by element and how far pages are seen, for heat maps. */
    clicks: boolean;
    /** The page draws guides itself, and is handed them by `on("guide", …)`. */
    headless: boolean;
    /** Whether the visitor may be recorded, until `optIn()` or `optOut()` says more; `granted` without. */
    consent: Word;
    theme: Theme;
    /** Selectors of what may be seen in a recording of the page; everything else is masked. */
    reveal: string[];
}
export interface InitOptions extends Partial<Settings> {
    /** `false`: do nothing at all, until `init` is called without it. */
    enabled?: boolean;
}
/** The files that are loaded when they are needed. */
export type Part = "drawing" | "headless" | "sensors" | "clicks" | "panel" | "picker" | "replay";
/** What the build of the core knows besides: what to begin with, and where its parts are. */
export interface Origin {
    given: InitOptions;
    partAt(part: Part, settings: Settings): string;
}
/** The settings of a script's tag, which must be looked for while the script runs. */
export declare function tag(): Origin;
export declare function complete(given: InitOptions): Settings | undefined;
