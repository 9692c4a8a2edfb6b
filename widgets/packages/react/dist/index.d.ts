/** Waypost for React: who uses the page, what happens in it, and guides that the application draws itself. */
import { type AccountTraits, type Guide, type InitOptions, type LifeEvents } from "@waypost/js";
import type { StepName, Traits, Waypost } from "@waypost/js";
import { type ReactNode } from "react";
export interface WaypostProviderProps {
    /** As of `waypost.init`. Read once: begin with `enabled: false` where consent is still to come, then without it. */
    options: InitOptions;
    /**
     * Who uses the page; null for nobody. Left out, the application calls `identify` itself. token: what your server
     * signed for the user, where the project insists on it.
     */
    user?: {
        id: string | number;
        traits?: Traits;
        token?: string;
    } | null;
    /** Which account the user belongs to. */
    account?: {
        id: string | number;
        traits?: AccountTraits;
    } | null;
    /** Another Waypost, such as a mock in tests. */
    client?: Waypost;
    children?: ReactNode;
}
/** Begins with Waypost, and says who uses the page. Everything inside may use the hooks. */
export declare function WaypostProvider({ options, user, account, client, children }: WaypostProviderProps): ReactNode;
/** Waypost itself: `track`, `page`, `show` and all other calls. Outside a provider, the one of `@waypost/js`. */
export declare function useWaypost(): Waypost;
/** The user is looking at this step (`activation.verify_domain`) while the component is there. */
export declare function useStep(id: StepName): void;
/** Hear of the life of guides while the component is there; the listener may be a new one each time. */
export declare function useWaypostEvent<Name extends keyof LifeEvents>(event: Name, listener: (heard: LifeEvents[Name]) => void): void;
/** With `headless`: every guide that is to be drawn now, the oldest first. */
export declare function useDecisions(): readonly Guide[];
/** Which guides a component draws: by their names, or by their widgets. */
export interface Which {
    guide?: string | readonly string[];
    kind?: string | readonly string[];
}
/** With `headless`: the guide that is to be drawn now, or null; the first of those that fit. */
export declare function useGuide({ guide, kind }?: Which): Guide | null;
export interface GuideSlotProps extends Which {
    className?: string;
    /** Draw the guide. */
    children: (guide: Guide) => ReactNode;
}
/**
 * With `headless`: a place for guides. Empty while there is none; what is drawn in it counts as shown when half of it
 * has been in view for a second, as where Waypost draws.
 */
export declare function GuideSlot({ className, children, ...which }: GuideSlotProps): ReactNode;
