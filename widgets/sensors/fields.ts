/** Fields that people fill in, and each stay in one of them: from coming in to going on to another. */
import { clicked, isKeptOut, isOurs, selectorOf, wayOf } from "./element";
import type { Watch } from "./watch";

export type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

const NO_FIELD = "[type=hidden],[type=button],[type=submit],[type=reset],[type=image],[readonly],:disabled";
const SEARCH = "[type=search],[role=searchbox],[role=search] *,search *";
const GROUP = "[role=form],dialog,[role=dialog],fieldset,section,article,main";

/** The user's own way into a field began so short a time before. */
const OWN_WAY_MS = 1000;

export interface Stay {
  field: Field;
  selector: string;
  /** On the clock of `event.timeStamp`, ms. */
  since: number;
  /** By click or Tab, rather than by the page. */
  isOwnWay: boolean;
  /** Since the user came in, ms; undefined before the first change. */
  changedAfter?: number;
  /** The window lost the focus or was hidden in the meantime. */
  wasAway: boolean;
}

export interface FieldListener {
  enter?(stay: Stay): void;
  /** The first change of the stay. */
  change?(stay: Stay): void;
  leave?(stay: Stay, at: number): void;
  /** The page goes away. */
  gone?(at: number): void;
}

type Submitter = (HTMLButtonElement | HTMLInputElement) & { form: HTMLFormElement };

export function isSubmitter(element: Element): element is Submitter {
  const { form, type } = element as HTMLButtonElement;
  return form instanceof HTMLFormElement && /^(submit|image)$/.test(type);
}

/** What is filled in as one: the form, or what holds the field where there is none. */
export function groupOf(field: Field): Element {
  return field.form ?? field.closest(GROUP) ?? document.body;
}

/** What there is to fill in, in the order of the page. One question to the browser, however large the page is. */
export function fieldsOf(group: Element): Element[] {
  return [...group.querySelectorAll(`:is(input,select,textarea):not(${NO_FIELD})`)];
}

function fieldOf(event: Event): Field | undefined {
  const found = clicked(event);
  if (!(found instanceof HTMLInputElement || found instanceof HTMLSelectElement || found instanceof HTMLTextAreaElement)) {
    return undefined;
  }
  return found.matches(NO_FIELD) || found.matches(SEARCH) || isOurs(event) || isKeptOut(event) ? undefined : found;
}

/** Filled in by the browser; one that does not know the word does not tell. */
function isFilledIn(field: Field): boolean {
  try {
    return field.matches(":autofill");
  } catch {
    return false;
  }
}

function isFocused(field: Field): boolean {
  return (field.getRootNode() as Document | ShadowRoot).activeElement === field;
}

export function watchFields(watch: Watch, listeners: FieldListener[]): void {
  let stay: Stay | undefined;
  /** The latest way that the user took: the path of a click, or a key. */
  let way: { at: number; path?: EventTarget[] } | undefined;

  const leave = (at: number) => {
    const left = stay;
    stay = undefined;
    if (left) listeners.forEach((each) => each.leave?.(left, at));
  };

  const isOwnWay = (field: Field, at: number) => {
    if (!way || at - way.at > OWN_WAY_MS) return false;
    const doors: EventTarget[] = [field, ...(field.labels ?? [])];
    return !way.path || way.path.some((each) => doors.includes(each));
  };

  watch.on("pointerdown", (event) => void (way = { at: event.timeStamp, path: wayOf(event) }));
  watch.on("keydown", ({ key, timeStamp: at }) => void (key === "Tab" && (way = { at })));

  const enter = (field: Field, since: number) => {
    const entered: Stay = { field, selector: selectorOf(field), since, isOwnWay: isOwnWay(field, since), wasAway: false };
    stay = entered;
    listeners.forEach((each) => each.enter?.(entered));
  };

  watch.on("focusin", (event) => {
    const field = fieldOf(event);
    // The window has the focus again, where it was.
    if (field && field === stay?.field) return;
    leave(event.timeStamp);
    if (field) enter(field, event.timeStamp);
  });

  watch.on("input", (event) => {
    const field = fieldOf(event);
    // The page had put the focus there before anybody watched.
    if (field && !stay && event.isTrusted && isFocused(field)) enter(field, event.timeStamp);
    const changed = stay;
    if (!event.isTrusted || !changed || field !== changed.field) return;
    if (changed.changedAfter !== undefined || isFilledIn(changed.field)) return;
    changed.changedAfter = event.timeStamp - changed.since;
    listeners.forEach((each) => each.change?.(changed));
  });

  const away = () => void (stay && (stay.wasAway = true));
  watch.on("blur", (event) => event.target === window && away());
  watch.on("visibilitychange", away);
  // A place without a field takes the focus away too, and no `focusin` tells of it.
  const leaveIfLeft = (at: number) => stay && !isFocused(stay.field) && leave(at);
  watch.on("focusout", ({ timeStamp }) => void watch.later(0, () => void leaveIfLeft(timeStamp)));
  watch.onRoute(() => void leaveIfLeft(performance.now()));
  watch.onLeave(() => {
    const at = performance.now();
    leave(at);
    listeners.forEach((each) => each.gone?.(at));
  });
}
