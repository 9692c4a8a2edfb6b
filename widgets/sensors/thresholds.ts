/**
 * What counts as friction, version 1. Published in docs/reference/friction.md (a test compares the two); a change here
 * is a new version. The evidence is sent along, so that the server can score it again by other thresholds.
 */
export const VERSION_OF_THRESHOLDS = 1;

/** Three clicks in one spot within a second. */
export const RAGE_CLICKS = 3;
export const RAGE_RADIUS_PX = 30;
export const RAGE_WINDOW_MS = 1000;
/** One burst is one signal, however long it goes on. */
export const RAGE_PAUSE_MS = 1000;

/** Nothing happens for so long after a click on something that looks as if it could be clicked. */
export const DEAD_AFTER_MS = 2500;

/** An uncaught error so soon after a click is counted as its consequence. */
export const ERROR_WITHIN_MS = 1000;

/** A pointer that moves further while it is down is dragging, not clicking. */
export const DRAG_PX = 8;
