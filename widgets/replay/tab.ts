/** What goes on from page to page of a tab: its session, a recording that is open, and what was not sent. All of it is masked. */
import { asJson } from "./json";
import { KEPT_AS } from "./kept_as";
import { asBytes, asText } from "./gzip";
import type { Outbox } from "./outbox";
import type { Recording, Stretch } from "./ring";

/** Browsers keep about five million characters for a site and tab, of which the page wants some. */
const MOST_UNSENT_CHARACTERS = 1_500_000;
const MOST_RING_CHARACTERS = 500_000;
/** After so long it is another session. */
const SESSION_ENDS_AFTER_MS = 1_800_000;
/** A recording, or what came before a moment, goes on where the next page follows so soon. */
const FOLLOWS_WITHIN_MS = 30_000;

export interface Tab {
  /** Whose tab it was. */
  anonymousId: string;
  session: string;
  /** When the page before went away, by the clock on the wall, ms. */
  seen: number;
  open?: Recording;
  ring: Stretch[];
  /** As the outbox packed it. */
  unsent: unknown;
}

type Packed = Omit<Tab, "ring"> & { ring: (Omit<Stretch, "piece"> & { text: string; crc: number; length: number })[] };

/** What the page before left, which is then nowhere else any more. */
export function takeTab(anonymousId: string, newId: () => string, now: number): Tab {
  const fresh: Tab = { anonymousId, session: newId(), seen: now, ring: [], unsent: undefined };
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT_AS) ?? "null") as Packed | null;
    sessionStorage.removeItem(KEPT_AS);
    if (!kept) return fresh;
    // What was recorded of somebody else is sent in their name, and that is all.
    if (kept.anonymousId !== anonymousId || now - kept.seen > SESSION_ENDS_AFTER_MS) return { ...fresh, unsent: kept.unsent };
    const ring = kept.ring.map(({ text, crc, length, ...rest }) => ({ ...rest, piece: { crc, length, deflated: asBytes(text) } }));
    const follows = now - kept.seen < FOLLOWS_WITHIN_MS;
    return { ...kept, ring: follows ? ring : [], ...(!follows && { open: undefined }) };
  } catch {
    return fresh;
  }
}

/** Keep it for the next page of the tab; undefined: nothing of it. */
export function keepTab(tab: Tab | undefined, outbox?: Outbox, stretches: Stretch[] = []): void {
  try {
    if (!tab) return sessionStorage.removeItem(KEPT_AS);
    const texts = stretches.map(({ piece, ...rest }) => ({ ...rest, text: asText(piece.deflated), crc: piece.crc, length: piece.length }));
    const isSmall = texts.map(({ text }) => text).join("").length < MOST_RING_CHARACTERS;
    const packed = { ...tab, unsent: outbox?.pack(MOST_UNSENT_CHARACTERS), ring: isSmall ? texts : [] };
    sessionStorage.setItem(KEPT_AS, asJson(packed));
  } catch {
    // Blocked or full: it ends with this page.
  }
}
