/** What an element is to a user, and how to say which one it was without saying what is written in it. */
import type { Early } from "../snippet/contract";
import { byAttribute, madeUpAs, placeOf, TEST_ID } from "../targeting/names";

const CLICKABLE =
  "a[href],button,summary,input[type=button],input[type=submit],input[type=reset],input[type=image]," +
  "[role=button],[role=link],[role=menuitem],[role=tab],[role=switch],[role=option],[onclick]";

/** Things whose click shows its effect elsewhere, later, or in ways that a page cannot see. */
const QUIET_BY_NATURE =
  "label,input:not([type=button],[type=submit],[type=reset],[type=image]),select,option,textarea,video,audio,canvas," +
  "iframe,embed,object,[contenteditable],[draggable=true],[download],a[target]:not([target=_self])," +
  "a[href^='mailto:'],a[href^='tel:'],a[href^='blob:'],a[href^='data:'],[disabled],[aria-disabled=true]";

/** Things that are clicked quickly on purpose. */
const CLICKED_IN_A_ROW =
  "input:not([type=button],[type=submit],[type=reset],[type=image]),select,textarea,video,audio,canvas," +
  "[contenteditable],[role=spinbutton],[role=slider],[role=scrollbar],[role=application]";

/** The whole label of a button that steps: − + ‹ › « » ▲ ▼ ← → and the like. */
const STEPPER_LABEL = /^[\p{S}\p{P}]{1,2}$/u;
const STEPPER_NAME =
  /\b(next|previous|prev|increase|increment|decrease|decrement|zoom|undo|redo|forward|back|play|pause|mute|skip|seek|volume)\b/i;

/** As many parts a selector has, and more only as long as it fits other elements too. */
const ENOUGH_PARTS = 4;
const MOST_PARTS = 10;

/** The ways of events that are over. */
const WAYS = new WeakMap<Event, EventTarget[]>();

/** Of an event that was kept: the way that it went. */
export function remember({ event, path }: Early): void {
  WAYS.set(event, path);
}

/** Whether it is over, and heard of only now. */
export function isEarly(event: Event): boolean {
  return WAYS.has(event);
}

/** From the innermost element to the window. */
export function wayOf(event: Event): EventTarget[] {
  return WAYS.get(event) ?? event.composedPath();
}

/** The innermost element that an event went to, in open shadow roots too. */
export function clicked(event: Event): Element | undefined {
  const [first] = wayOf(event);
  return first instanceof Element ? first : undefined;
}

export function isOurs(event: Event): boolean {
  return wayOf(event).some((each) => each instanceof Element && /^waypost-/.test(each.localName));
}

/** In a part of the page that asks to be left alone. */
export function isKeptOut(event: Event): boolean {
  return wayOf(event).some((each) => each instanceof Element && each.hasAttribute("data-waypost-ignore"));
}

/** The control that a click on some part of it is meant for. */
export function control(element: Element): Element | undefined {
  const found = element.closest(CLICKABLE);
  if (found) return found;
  return getComputedStyle(element).cursor === "pointer" ? element : undefined;
}

/** A control that does something where it stands, rather than leading elsewhere. */
export function button(element: Element): Element | undefined {
  const found = element.closest(CLICKABLE);
  return found && !found.matches("a[href],[role=link]") ? found : undefined;
}

export function isQuietByNature(element: Element): boolean {
  return element.closest(QUIET_BY_NATURE) !== null;
}

/** Clicking a stepper, a player or a field many times in a row is use, not rage. */
export function isClickedInARow(element: Element): boolean {
  if (element.closest(CLICKED_IN_A_ROW)) return true;
  const button = element.closest("button,a,[role=button],summary") ?? element;
  const name = button.getAttribute("aria-label") ?? button.getAttribute("title") ?? "";
  const label = button.textContent?.trim() ?? "";
  return STEPPER_LABEL.test(label) || STEPPER_NAME.test(name || label);
}

/** Whether some of the element's own words are selected. */
export function selectsText(element: Element): boolean {
  const root = element.getRootNode() as { getSelection?: () => Selection | null };
  const selection = root.getSelection?.() ?? getSelection();
  return !!selection && !selection.isCollapsed && selection.containsNode(element, true);
}

function part(element: Element): string {
  const { id, attributes } = element;
  const isGiven = ({ name, value }: Attr) => (name === "data-waypost" || TEST_ID.test(name)) && value && !madeUpAs(value);
  const given = Array.from(attributes).find(isGiven);
  if (given) return byAttribute(given.name, given.value);
  return id && !madeUpAs(id) ? `#${CSS.escape(id)}` : placeOf(element);
}

/** A short selector; it begins at the nearest ancestor with a name of its own, else where it fits nothing else. */
export function selectorOf(element: Element): string {
  const root = element.getRootNode() as Element | Document | ShadowRoot;
  const parts: string[] = [];
  for (let each: Element | null = element; each && parts.length < MOST_PARTS; each = each.parentElement) {
    if (parts.length >= ENOUGH_PARTS && root.querySelectorAll(parts.join(" > ")).length < 2) break;
    parts.unshift(part(each));
    if (/^[#[]/.test(parts[0]!)) break;
  }
  return parts.join(" > ");
}

/** Drawn where eyes can see it; what is there for screen readers alone, such as the name of a new page, is not. */
export function isVisible(element: Element): boolean {
  const { width, height } = element.getBoundingClientRect();
  return width > 1 && height > 1 && getComputedStyle(element).visibility === "visible";
}
