import type { Field, FieldListener } from "./fields";
import { THRESHOLDS } from "./thresholds";
import type { Watch } from "./watch";

/** Corrected by a choice among few, which costs nobody much. */
const CHOSEN = "[type=checkbox],[type=radio],[type=range],[type=color],[type=file]";

interface History {
  /** Stays in which it was changed, with another field in between. */
  entries: number;
  /** The end of the latest, on the clock of `event.timeStamp`, ms. */
  at: number;
}

/** A field that was filled in and left for another one, and is changed again. */
export function watchReentry(watch: Watch): FieldListener {
  const histories = new WeakMap<Field, History>();
  let lastField: Field | undefined;
  let isReturn = false;

  // What was sent begins anew.
  watch.on("submit", ({ target }) => {
    if (target instanceof HTMLFormElement) [...target.elements].forEach((each) => histories.delete(each as Field));
  });

  return {
    enter({ field }) {
      isReturn = lastField !== field;
      lastField = field;
      // Emptied by the page: a message was sent, and the next one is written.
      if (field.value === "") histories.delete(field);
    },
    leave({ field, selector, since, changedAfter }, at) {
      if (changedAfter === undefined || field.matches(CHOSEN)) return;
      const history = histories.get(field);
      const isAgain = history !== undefined && isReturn;
      const entries = (history?.entries ?? 1) + (isAgain ? 1 : 0);
      histories.set(field, { entries, at });
      if (!isAgain || entries < THRESHOLDS.field_reentered.entries) return;
      watch.signal("$field_reentered", selector, { entries, away_ms: Math.round(since - history.at) });
    },
  };
}
