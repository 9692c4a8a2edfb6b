/**
 * Session replay, which the core loads where a reply says to record. Nothing of it can be seen, and all that it sends is
 * masked (`masking.ts`).
 */
import type { Replay, ReplayDesk } from "../snippet/contract";
import { Recorder } from "./recorder";

export { takeSnapshot } from "./masking";

export function openReplay(desk: ReplayDesk): Replay {
  return new Recorder(desk);
}
