/** What tells of an error: alerts with words in them, and fields that are marked as wrong. */
export const MESSAGES = "[role=alert]:not(:empty),[aria-invalid=true]";
