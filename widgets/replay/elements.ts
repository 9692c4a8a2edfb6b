/** Which attributes of an element a recording keeps, and what becomes of their values: an allow-list. */
import { madeUpAs, TEST_ID } from "../targeting/names";
import { HIDDEN, isName, mask, withoutSecrets } from "./secrets";
import type { StyleCleaner } from "./styles";
import type { Attributes, AttributeValue } from "./wire";

export const REVEAL = "data-waypost-reveal";
export const MASK = "data-waypost-mask";

/** Drawn as an empty box as large as it was. Pictures of letters and codes are letters and codes. */
const MEDIA = ["img", "picture", "video", "audio", "canvas", "iframe", "frame", "object", "embed", "portal", "map", "[data-waypost-ignore]"];

const WORD = /^[a-z][a-z-]{0,23}$/i;
const NUMBER = /^-?\d{1,6}(?:\.\d{1,6})?(?:%|px|r?em)?$/;
const STATES = /^(?:true|false|mixed|page|step|location|menu|listbox|tree|grid|dialog|polite|assertive|off|horizontal|vertical|ascending|descending|none)?$/;
const LOOKS =
  /^(?:light|dark|auto|system|open|opened|closed|opening|closing|active|inactive|on|off|true|false|visible|hidden|expanded|collapsed|loading|loaded|idle|vertical|horizontal|top|right|bottom|left|start|end|center|small|medium|large|sm|md|lg|xl)?$/;
const COLOR = /^(?:#[\da-f]{3,8}|[a-z]{3,20})$/i;

/** By the name of an attribute what its value must be. Everything else is left out. */
const KEPT = new Map<string, RegExp>([
  ...["type", "role", "dir", "align", "valign", "lang", "inputmode", "wrap", "scope", "slot", "popover", "shape"].map((name) => [name, WORD] as const),
  ...["colspan", "rowspan", "span", "rows", "cols", "size", "width", "height", "border", "cellpadding", "cellspacing", "start", "tabindex", "rr_scrollleft", "rr_scrolltop", "rr_width", "rr_height"].map((name) => [name, NUMBER] as const),
  ...["hidden", "disabled", "readonly", "required", "multiple", "open", "inert", "nowrap", "reversed", "novalidate", "contenteditable", "draggable", "autofocus"].map((name) => [name, /^[a-z-]{0,16}$/i] as const),
  ...["expanded", "hidden", "current", "disabled", "busy", "invalid", "haspopup", "orientation", "modal", "readonly", "required", "sort", "live"].map((name) => [`aria-${name}`, STATES] as const),
  ...["theme", "bs-theme", "mode", "color-mode", "color-scheme", "state", "open", "active", "orientation", "side", "size", "align"].map((name) => [`data-${name}`, LOOKS] as const),
  ...["bgcolor", "color", "fill", "stroke", "stop-color", "flood-color"].map((name) => [name, COLOR] as const),
  ["rr_open_mode", /^(?:non-)?modal$/],
]);

const DRAWN = /^[mlhvcsqtaz\d\s.,e+-]*$/i;
const SHAPES = new Map<string, RegExp>([
  ...["d", "points", "viewbox", "stroke-dasharray"].map((name) => [name, DRAWN] as const),
  ...["transform", "gradienttransform", "patterntransform"].map((name) => [name, /^(?:[a-z]{5,10}\([\d\s.,e+-]*\)\s*)*$/i] as const),
  ...["x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy", "dx", "dy", "offset", "opacity", "fill-opacity", "stroke-opacity", "stroke-width", "stroke-dashoffset", "stroke-miterlimit", "stop-opacity"].map((name) => [name, NUMBER] as const),
  ...["fill-rule", "clip-rule", "stroke-linecap", "stroke-linejoin", "text-anchor", "gradientunits", "patternunits", "clippathunits", "maskunits", "spreadmethod"].map((name) => [name, WORD] as const),
  ["preserveaspectratio", /^[a-z\s]{4,20}$/i],
]);

const BUTTONS = new Set(["submit", "button", "reset"]);
const TICKS = new Set(["checkbox", "radio"]);
const SECRET_FIELD =
  /pass|pwd|secret|token|otp|one-?time|2fa|mfa|pin\b|cvc|cvv|csc|card|iban|account|routing|ssn|social|tax|security|recovery|api-?key/i;

/** Fields that once were for passwords: a page that shows what was typed makes them fields for text. */
const werePasswords = new WeakSet<Element>();

function typeOf(element: Element): string {
  return (element.getAttribute("type") ?? "").toLowerCase();
}

/** Look at a field before anything is typed into it: what it is for by then may not be what it is for later. */
export function rememberPassword(element: Element): void {
  if (typeOf(element) === "password") werePasswords.add(element);
}

export function isForSecrets(element: Element): boolean {
  rememberPassword(element);
  const type = typeOf(element);
  if (werePasswords.has(element) || type === "hidden" || type === "file" || type === "email") return true;
  return SECRET_FIELD.test(["autocomplete", "name", "id", "class"].map((name) => element.getAttribute(name) ?? "").join(" "));
}

export function isTick(element: Element): boolean {
  return element.tagName === "INPUT" && TICKS.has(typeOf(element));
}

/** What is typed, as it may be seen: never, whatever a page reveals. */
export function typed(element: Element, text: string): string {
  return text === "" ? "" : isForSecrets(element) ? HIDDEN : mask(text);
}

/** Selectors that the browser understands, as one. */
export function oneSelector(selectors: readonly string[]): string {
  return selectors
    .filter((each) => {
      try {
        document.createDocumentFragment().querySelector(each);
        return typeof each === "string" && each.trim() !== "";
      } catch {
        return false;
      }
    })
    .join();
}

/** Which elements stand in a recording as boxes; revealed: the selector of what a page reveals. */
export function blockedBy(revealed: string): string {
  // A drawing is masked as a whole or not at all: what masks within what is revealed comes first, whatever stands between.
  return [...MEDIA, `svg:not(:is(${revealed}), :is(${revealed}) *)`, `svg:is([${MASK}], [${MASK}] *)`, `svg [${MASK}]`].join();
}

function cleanNames(value: string): string {
  return value.split(/\s+/).filter((each) => each && isName(each)).join(" ");
}

const MOST_REMEMBERED = 5000;
const remembered = new Map<string, string | undefined>();

/** The value of an attribute whatever the element, or undefined: it is left out. Most come again and again. */
export function keptAttribute(name: string, value: string): string | undefined {
  const both = `${name}=${value}`;
  if (remembered.has(both)) return remembered.get(both);
  const found = judged(name, value);
  if (remembered.size > MOST_REMEMBERED) remembered.clear();
  if (value.length < 300) remembered.set(both, found);
  return found;
}

function judged(name: string, value: string): string | undefined {
  if (name === "class") return cleanNames(value);
  if (name === "id" || name === "part") return isName(value) && !/\s/.test(value) ? value : undefined;
  // What signs of friction and clicks tell of elements, so that heat maps find them in a picture of the page.
  if (name === "data-waypost" || TEST_ID.test(name)) return isName(value) && !madeUpAs(value) ? value : undefined;
  const pattern = KEPT.get(name) ?? SHAPES.get(name);
  return pattern?.test(value) && isName(value) ? value : undefined;
}

export interface Looked {
  element: Element;
  isRevealed: boolean;
  styles: StyleCleaner;
}

/** A value that only some elements may have, or undefined. */
function special(name: string, value: string, { element, isRevealed }: Looked): string | boolean | undefined {
  const seen = (text: string) => (isRevealed ? withoutSecrets(text) : mask(text));
  const tag = element.tagName;
  switch (name) {
    case "placeholder":
      return seen(value);
    case "label":
      return tag === "OPTION" || tag === "OPTGROUP" ? seen(value) : undefined;
    case "value":
      if (tag === "INPUT" && BUTTONS.has(typeOf(element))) return seen(value);
      return tag === "TEXTAREA" || (tag === "INPUT" && !isTick(element) && typeOf(element) !== "hidden") ? typed(element, value) : undefined;
    case "checked":
    case "selected":
      return isRevealed ? true : undefined;
    case "href":
      // Where it leads says nothing to see; that it leads somewhere is how it looks.
      return tag === "A" || tag === "AREA" ? "#" : reference(value);
    case "xlink:href":
      return reference(value);
    default:
      return undefined;
  }
}

/** A part of the same drawing. */
function reference(value: string): string | undefined {
  return /^#[\w-]+$/.test(value) && isName(value.slice(1)) ? value : undefined;
}

function cleanStyle(value: AttributeValue, styles: StyleCleaner): AttributeValue | undefined {
  if (typeof value === "string") return styles.declarations(value);
  if (typeof value !== "object" || value === null) return undefined;
  const kept: Record<string, string | false | [string, string]> = {};
  for (const [property, change] of Object.entries(value)) {
    const [text, priority] = Array.isArray(change) ? change : [change, ""];
    const found = typeof text === "string" ? styles.value(property, text) : undefined;
    if (found !== undefined) kept[property] = priority === "important" ? [found, priority] : found;
    else if (text === false && isName(property)) kept[property] = false;
  }
  return Object.keys(kept).length ? kept : undefined;
}

/** What a recording keeps of an element's attributes, each on its own. Null: it was taken away. */
export function cleanAttributes(given: Attributes, looked: Looked): Attributes {
  const kept: Attributes = {};
  for (const [name, value] of Object.entries(given)) {
    const found = cleaned(name, value, looked);
    if (found !== undefined) kept[name] = found;
  }
  return kept;
}

function cleaned(written: string, value: AttributeValue, looked: Looked): AttributeValue | undefined {
  const name = written.toLowerCase();
  if (name === "style") return value === null ? null : cleanStyle(value, looked.styles);
  if (name === "_csstext") return typeof value === "string" ? looked.styles.sheet(value) : undefined;
  if (name === "media") return typeof value === "string" ? looked.styles.sheet(value).replace(/[{}]/g, "") : undefined;
  const isKnown = KEPT.has(name) || SHAPES.has(name) || ["class", "id", "part", "placeholder", "value", "checked", "selected"].includes(name);
  if (value === null) return isKnown && /^[a-z-]+$/i.test(written) ? null : undefined;
  if (typeof value === "object") return undefined;
  if (typeof value === "string") return keptAttribute(name, value) ?? special(name, value, looked);
  // Numbers and yes or no are rrweb's own: how far it was scrolled, whether it is ticked.
  if (name === "checked" || name === "selected") return value === true ? special(name, "", looked) : undefined;
  return KEPT.get(name) === NUMBER && typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
