/** OpenFeature's words for the reasons of Waypost, which go along in a flag's metadata; as the Python provider has them. */
import { StandardResolutionReasons } from "@openfeature/web-sdk";

const WORDS: Readonly<Record<string, string>> = {
  TARGETING_MATCH: StandardResolutionReasons.TARGETING_MATCH,
  WAITING_FOR_BROWSER: StandardResolutionReasons.TARGETING_MATCH,
  SPLIT: StandardResolutionReasons.SPLIT,
  NOT_IN_ROLLOUT: StandardResolutionReasons.SPLIT,
  HELD_OUT: StandardResolutionReasons.SPLIT,
  DISABLED: StandardResolutionReasons.DISABLED,
  PAUSED: StandardResolutionReasons.DISABLED,
  DRAFT: StandardResolutionReasons.DISABLED,
  ERROR: StandardResolutionReasons.ERROR,
};

/** A reason that this release does not know is no fault: the answer came from the rules all the same. */
export function wordOf(reason: string): string {
  return Object.hasOwn(WORDS, reason) ? (WORDS[reason] as string) : StandardResolutionReasons.DEFAULT;
}
