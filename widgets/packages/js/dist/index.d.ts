import type { Waypost } from "./types.js";
export * from "./types.js";
export declare const waypost: Waypost;
export default waypost;
export declare const version: string;
