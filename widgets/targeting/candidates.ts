/**
 * How an element could be named in a rule, best first: a data attribute, a test id, an id, its role and name, a short
 * path. Each with how many elements it leads to and whether it is likely to last.
 */
import { isVisible } from "../drawing/target";
import { byAttribute, madeUpAs, placeOf, quoted, TEST_ID, type MadeUp } from "./names";
import { nameOf, roleOf } from "./roles";
import { matches } from "./selector";

export type Kind = "data attribute" | "test id" | "id" | "role and name" | "short path" | "several ways";

export interface Candidate {
  kind: Kind;
  selector: string;
  /** What it leads to on this page now, of what can be seen. */
  elements: Element[];
  isStable: boolean;
  /** Of its stability, as a sentence. */
  why: string;
}

/** Of frameworks, or of what the page is doing just now. */
const NOT_NAMES = /^data-(v-|react|radix|headlessui|state|index|key|active|selected|open|side|align|orientation|theme|emotion|styled|n?g-)/;
const LONGEST_VALUE = 60;
const LONGEST_NAME = 80;
const MOST_ATTRIBUTES = 2;
const MOST_PARTS = 5;

/** Of names that a rule is to rely on more is asked than of those that a sign is told with. */
const FRAMEWORKS = /^(ember|radix|headlessui|react-select|mui|mat-|ng-|cdk-|__|ext-gen|gwt-|yui_|select2|jss|sc-|css-)/i;
const WITH_CAPITALS = /(^|[-_])(?=\w*[a-z][A-Z]\w*[A-Z])\w{4,7}$/;
const WHY: Readonly<Record<MadeUp | "framework", string>> = {
  anew: "a framework makes it up anew for each page",
  framework: "it looks like a framework's own",
  address: "it looks like somebody's address",
  number: "it holds a long number, which is often another one tomorrow",
  hash: "it holds a hash, which changes with each build",
};

function found(selector: string): Element[] {
  try {
    return matches(selector).filter(isVisible);
  } catch {
    return [];
  }
}

/** name: what somebody gave it, or a machine. */
function named(kind: Kind, selector: string, name: string, fine = "somebody gave it this name"): Candidate {
  const madeUp = FRAMEWORKS.test(name) ? "framework" : madeUpAs(name) ?? (WITH_CAPITALS.test(name) ? "hash" : undefined);
  return { kind, selector, elements: found(selector), isStable: !madeUp, why: madeUp ? WHY[madeUp] : fine };
}

function attributed(kind: Kind, attribute: string, value: string): Candidate {
  return named(kind, byAttribute(attribute, value), value, kind === "test id" ? "tests rely on it too" : undefined);
}

function ofAttributes(element: Element): Candidate[] {
  const isName = ({ name, value }: Attr) =>
    name.startsWith("data-") && !NOT_NAMES.test(name) && !TEST_ID.test(name) && /^[^{[]/.test(value) && value.length <= LONGEST_VALUE && /[a-z]/i.test(value);
  const own = Array.from(element.attributes).filter(isName);
  // Ours first: it is there for this.
  own.sort((a, b) => Number(b.name === "data-waypost") - Number(a.name === "data-waypost"));
  return own.slice(0, MOST_ATTRIBUTES).map(({ name, value }) => attributed("data attribute", name, value));
}

function ofTestIds(element: Element): Candidate[] {
  const found = Array.from(element.attributes).find(({ name, value }) => TEST_ID.test(name) && value);
  return found ? [attributed("test id", found.name, found.value)] : [];
}

function ofId({ id }: Element): Candidate[] {
  return id ? [named("id", `#${CSS.escape(id)}`, id)] : [];
}

function ofRole(element: Element): Candidate[] {
  const role = roleOf(element);
  const name = nameOf(element);
  if (!role || !name || name.length > LONGEST_NAME) return [];
  const selector = `role=${role}[name=${quoted(name)}]`;
  const hasNumbers = /\d/.test(name);
  const why = hasNumbers ? "the number in its name may be another one tomorrow" : "as long as its words, and in this language only";
  return [{ kind: "role and name", selector, elements: found(selector), isStable: !hasNumbers, why }];
}

/** The strongest name that an element on the way has of its own. */
function anchor(element: Element): string | undefined {
  const [best] = [...ofAttributes(element), ...ofTestIds(element), ...ofId(element)].filter(({ isStable }) => isStable);
  return best?.selector;
}

/** From the element up, until it is the only one, or to the nearest that has a name. */
function ofPath(element: Element): Candidate[] {
  const parts = [placeOf(element)];
  let up = element.parentElement;
  for (; up && parts.length < MOST_PARTS; up = up.parentElement) {
    const name = anchor(up);
    parts.unshift(name ?? placeOf(up));
    if (name || (parts.length > 2 && found(parts.join(" > ")).length === 1)) break;
  }
  const selector = parts.join(" > ");
  const counts = selector.includes(":nth-of-type");
  const why = counts ? "it counts places, and leads elsewhere when something is added" : "as long as the page is laid out like this";
  return [{ kind: "short path", selector, elements: found(selector), isStable: !counts, why }];
}

/** Best first. The last is two ways at once, where two of them would do alone. */
export function candidatesFor(element: Element): Candidate[] {
  const all = [...ofAttributes(element), ...ofTestIds(element), ...ofId(element), ...ofRole(element), ...ofPath(element)];
  const led = all.filter(({ elements }) => elements.includes(element));
  const [first, second] = led.filter(({ elements, isStable }) => isStable && elements.length === 1);
  if (!first || !second) return led;
  const selector = `${first.selector} || ${second.selector}`;
  return [...led, { kind: "several ways", selector, elements: [element], isStable: true, why: "the second is taken where the first is gone" }];
}

/** The one to begin with: it leads to the element alone, and lasts. */
export function bestOf(candidates: Candidate[]): Candidate | undefined {
  const alone = candidates.filter(({ elements }) => elements.length === 1);
  return alone.find(({ isStable }) => isStable) ?? alone[0] ?? candidates[0];
}
