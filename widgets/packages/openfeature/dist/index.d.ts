/**
 * Waypost as a provider for OpenFeature's web SDK.
 *
 * All flags that the project lets browsers ask are fetched for the user at once, when the provider is set and when the
 * context changes; asking one is then a look at what was fetched. Whatever goes wrong gives the default with its code.
 */
import { type EvaluationContext, type JsonValue, type Logger, OpenFeatureEventEmitter, type Provider, type ResolutionDetails } from "@openfeature/web-sdk";
export interface WaypostOptions {
    /** The public key of the project, `wp_pub_…`. Never a secret one. */
    key: string;
    /** Where the server is: `https://waypost.example.com`. */
    host: string;
    /** Your server's signature for the user, where the project insists on it; or what gets one. */
    userToken?: string | (() => string | undefined | Promise<string | undefined>);
    /** Milliseconds between two looks whether anything changed; 0 for none. A page in the background does not look. */
    refreshEvery?: number;
    /** Milliseconds for which the last answers stand in while the server cannot be asked. */
    keptFor?: number;
    /** Milliseconds to wait for an answer. */
    timeout?: number;
    /** What the time is, in milliseconds: for your own tests. */
    now?: () => number;
}
export declare class WaypostProvider implements Provider {
    #private;
    readonly runsOn = "client";
    readonly metadata: {
        name: string;
    };
    readonly events: OpenFeatureEventEmitter;
    constructor({ key, host, userToken, refreshEvery, keptFor, timeout, now }: WaypostOptions);
    initialize(context?: EvaluationContext): Promise<void>;
    /** The answers were another user's, or of another page: until the new ones are here none is given. */
    onContextChange(_: EvaluationContext, context: EvaluationContext): Promise<void>;
    onClose(): Promise<void>;
    /** Ask again now, such as after something happened that changes who the user is to the rules. Never throws. */
    refresh(): Promise<void>;
    resolveBooleanEvaluation(key: string, fallback: boolean): ResolutionDetails<boolean>;
    resolveObjectEvaluation<T extends JsonValue>(key: string, fallback: T): ResolutionDetails<T>;
    resolveStringEvaluation(key: string, fallback: string, _: EvaluationContext, __: Logger): ResolutionDetails<string>;
    resolveNumberEvaluation(key: string, fallback: number, _: EvaluationContext, __: Logger): ResolutionDetails<number>;
}
/** The attributes as a request's context: `page.path` may also be written as `path` within `page`. */
export declare function nested(attributes: Record<string, unknown>): Record<string, unknown>;
