/**
 * What counts as friction. The one definition is `thresholds.json`, which the server reads too: a change there is a new
 * version, and what it was before moves to `earlier`. Published in docs/reference/friction.md; a test compares them.
 */
import { thresholds, version } from "./thresholds.json";

export { thresholds as THRESHOLDS, version as VERSION_OF_THRESHOLDS };

/** More of one kind in a row on one page says nothing more, and would only cost. */
export const MOST_SIGNALS_OF_A_KIND = 20;

/** Paths, points and fields in one signal's evidence. */
export const MOST_EVIDENCE = 20;

/** A page's request is its answer to a click if it begins so soon. */
export const REQUEST_WITHIN_MS = 1000;
