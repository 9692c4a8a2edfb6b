import { button, isVisible, selectorOf } from "./element";
import { fieldsOf, groupOf, type Field, type FieldListener, type Stay } from "./fields";
import { MOST_EVIDENCE, REQUEST_WITHIN_MS, THRESHOLDS } from "./thresholds";
import type { Watch } from "./watch";

/** A framework takes a page's form away a little after it changed the address. */
const GONE_AFTER_MS = 500;

const SUBMITTERS = "button:not([type=button],[type=reset]),input[type=submit],input[type=image]";

/** Buttons that send nothing, by their names in the page's code. */
const NO_SENDING = /cancel|discard|dismiss|(^|[\W_])(close|back|abort|reset|clear|toggle|show|hide)([\W_]|$)/i;

/**
 * What was seen of one field: its `place` among the fields of the form, `entries` stays, `changes` of them with a change,
 * `first_ms` until the first of those.
 */
interface Seen {
  selector: string;
  place: number;
  entries: number;
  changes: number;
  spent_ms: number;
  first_ms?: number;
}

interface Filling {
  group: Element;
  /** Known while the group stands there, not when it is gone. */
  selector: string;
  path: string;
  since: number;
  fields: Map<Field, Seen>;
  /** How many fields there were to fill in, when the last one was come to. */
  places: number;
  /** The field where it ended, as far as it went. */
  last: string;
  /** When it was sent, as far as one can see, if it has not come back with an error since. */
  sentAt?: number;
  isSubmitted: boolean;
  submits: number;
  errors: number;
}

/** A form that was begun, and left with its page. It tells which fields, in which order, and where it ended. */
export function watchForms(watch: Watch): FieldListener {
  const { changed: enough, changed_without_form, sent_within_ms } = THRESHOLDS.form_abandoned;
  const { failed_within_ms } = THRESHOLDS.retry;
  const fillings = new Map<Element, Filling>();

  const tell = (filling: Filling, at: number) => {
    const { group, selector, path, since, places, last, sentAt, isSubmitted, submits, errors } = filling;
    fillings.delete(group);
    const all = [...filling.fields.values()];
    const changed = all.filter(({ changes }) => changes).length;
    const form = group instanceof HTMLFormElement;
    if (changed < (form ? enough : changed_without_form)) return;
    if (sentAt !== undefined && (isSubmitted || at - sentAt <= sent_within_ms)) return;
    const fields = all.slice(0, MOST_EVIDENCE).map((each) => ({ ...each, spent_ms: Math.round(each.spent_ms) }));
    const counts = { form, places, entered: all.length, changed, submits, errors, spent_ms: Math.round(at - since) };
    watch.signal("$form_abandoned", selector, { ...counts, last, fields }, path);
  };

  const begin = ({ field, since }: Stay): Filling | undefined => {
    const group = groupOf(field);
    const known = fillings.get(group);
    // Without a button to send it there is nothing to finish: it is saved as one goes.
    if (known || !hasSender(group)) return known;
    const place = { group, selector: selectorOf(group), path: location.pathname };
    const nothing = { fields: new Map(), places: 0, last: "", isSubmitted: false, submits: 0, errors: 0 };
    const filling: Filling = { ...place, since, ...nothing };
    fillings.set(group, filling);
    return filling;
  };

  const send = (filling: Filling | undefined, at: number, isSubmitted: boolean) => {
    if (!filling) return;
    filling.sentAt = at;
    filling.isSubmitted = isSubmitted;
    if (isSubmitted) filling.submits++;
    // Gone by then, and no word of a failure: it was sent, however long the user stays on the page.
    watch.later(sent_within_ms, () => {
      if (filling.sentAt === at && isGone(filling) && fillings.get(filling.group) === filling) fillings.delete(filling.group);
    });
  };

  watch.on("submit", ({ target, timeStamp }) => send(fillings.get(target as Element), timeStamp, true));
  watch.onClick(({ timeStamp }, element) => {
    const found = button(element);
    if (!found || found.matches("[type=reset]") || NO_SENDING.test(namesOf(found))) return;
    for (const each of fillings.values()) {
      if (each.group.contains(found) || (found as HTMLButtonElement).form === each.group) send(each, timeStamp, false);
    }
  });
  // Where there is no form, Enter may be what sends.
  watch.on("keydown", ({ key, timeStamp, target }) => {
    if (key !== "Enter") return;
    for (const each of fillings.values()) {
      if (!(each.group instanceof HTMLFormElement) && each.group.contains(target as Node)) send(each, timeStamp, false);
    }
  });
  watch.onFailure(({ at, because, since = at }) => {
    for (const each of fillings.values()) {
      const { sentAt } = each;
      if (because === "error" || sentAt === undefined || since < sentAt || at - sentAt > failed_within_ms) continue;
      if (because === "status" && since - sentAt > REQUEST_WITHIN_MS) continue;
      each.sentAt = undefined;
      each.errors++;
    }
  });

  watch.onRoute(() => {
    // Also what began on an earlier route, and went on on this one.
    const left = [...fillings.values()];
    const at = performance.now();
    watch.later(GONE_AFTER_MS, () => {
      for (const each of left) if (isGone(each) && fillings.get(each.group) === each) tell(each, at);
    });
  });

  return {
    enter(stay) {
      const filling = begin(stay);
      if (!filling) return;
      const { field, selector } = stay;
      const all = fieldsOf(filling.group);
      const seen = filling.fields.get(field) ?? { selector, place: 0, entries: 0, changes: 0, spent_ms: 0 };
      seen.place = all.indexOf(field) + 1;
      seen.entries++;
      filling.places = all.length;
      filling.fields.set(field, seen);
      filling.last = selector;
    },
    change({ field, changedAfter }) {
      const filling = fillings.get(groupOf(field));
      const seen = filling?.fields.get(field);
      if (!filling || !seen) return;
      seen.changes++;
      seen.first_ms ??= Math.round(changedAfter!);
      filling.sentAt = undefined;
    },
    leave({ field, since }, at) {
      for (const { fields } of fillings.values()) {
        const seen = fields.get(field);
        if (seen) seen.spent_ms += at - since;
      }
    },
    gone: (at) => fillings.forEach((each) => tell(each, at)),
  };
}

function isGone({ group }: Filling): boolean {
  return !group.isConnected || !isVisible(group);
}

function hasSender(group: Element): boolean {
  if (!(group instanceof HTMLFormElement)) return group.querySelector("button,[role=button]") !== null;
  return group.querySelector(SUBMITTERS) !== null || [...group.elements].some((each) => each.matches(SUBMITTERS));
}

function namesOf(element: Element): string {
  const names = ["id", "class", "name", "aria-label", "data-testid", "data-action"];
  return names.map((name) => element.getAttribute(name) ?? "").join(" ");
}
