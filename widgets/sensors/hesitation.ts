import type { FieldListener, Stay } from "./fields";
import { THRESHOLDS } from "./thresholds";
import type { Watch } from "./watch";

/** A long time between coming to a field and the first letter in it, or going on without one. Once for each field. */
export function watchHesitation(watch: Watch): FieldListener {
  const { wait_ms, wait_long_text_ms, away_ms } = THRESHOLDS.hesitation;
  const told = new WeakSet<Element>();

  const hear = ({ field, selector, isOwnWay, wasAway, changedAfter }: Stay, waited: number) => {
    const long_text = field instanceof HTMLTextAreaElement;
    // Who was elsewhere, or away from the desk, did not hesitate here; nor did who was put here by the page.
    if (!isOwnWay || wasAway || told.has(field) || waited > away_ms) return;
    if (waited < (long_text ? wait_long_text_ms : wait_ms)) return;
    told.add(field);
    watch.signal("$hesitation", selector, { waited_ms: Math.round(waited), long_text, filled: changedAfter !== undefined });
  };

  return {
    change: (stay) => hear(stay, stay.changedAfter!),
    leave: (stay, at) => stay.changedAfter ?? hear(stay, at - stay.since),
  };
}
