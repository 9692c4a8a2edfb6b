/** What is sent to `/v1/replays`, and what rrweb hands over. Types only, and the names that both ends know. */
import { thresholds } from "../sensors/thresholds.json";

/** Each sign of friction is a moment, and these are. */
export const ERROR = "$error";
export const LOW_SCORE = "$low_score";
export const DROPPED = "$dropped";
export const MOMENTS: readonly string[] = [...Object.keys(thresholds).map((name) => `$${name}`), ERROR, LOW_SCORE, DROPPED];

/** What made a stretch of a session worth to be kept. at: ISO 8601. */
export interface Moment {
  event: string;
  at: string;
}

/** A chunk without its events: `{…these, "events": […]}` is the whole of it, as JSON, in gzip. */
export interface Head {
  writeKey: string;
  userToken?: string;
  /** The version of this format. */
  v: 1;
  recording: string;
  chunk: number;
  /** Nothing follows. */
  last: boolean;
  anonymousId: string;
  userId?: string;
  sessionId: string;
  /** Where it was, without query and fragment; `*` for parts of the path that look like secrets. */
  page: string;
  size: { width: number; height: number };
  started: string;
  ended: string;
  /** Those that were added since the chunk before. */
  moments: Moment[];
}

export interface Envelope extends Head {
  events: ReplayEvent[];
}

/** What the server answers: the first chunk that it lacks. */
export interface Receipt {
  next: number;
}

/** Why nothing is recorded, in `$replay_skipped`. */
export type Reason = "too_many_elements" | "too_slow" | "too_large" | "unsupported";

export type StyleChange = Record<string, string | false | [string, string]>;
export type AttributeValue = string | number | boolean | null | StyleChange;
export type Attributes = Record<string, AttributeValue>;

/** A node as rrweb writes it down. */
export interface SerializedNode {
  type: number;
  id: number;
  childNodes?: SerializedNode[];
  tagName?: string;
  attributes?: Attributes;
  textContent?: string;
  name?: string;
  compatMode?: string;
  isSVG?: true;
  isShadow?: boolean;
  isShadowHost?: boolean;
  isCustom?: true;
}

/** An event as rrweb writes it down; `data` is of the type's own form. */
export interface ReplayEvent {
  type: number;
  timestamp: number;
  data: Record<string, unknown>;
}
