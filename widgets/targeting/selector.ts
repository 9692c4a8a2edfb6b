/**
 * The selectors of rules: `#dns-help`, any other of CSS, or `role=button[name='Verify']`; several with `||` between them
 * are tried one after the other. One definition for guides, for clicks that are events, and for the picker.
 */
import { nameOf, roleOf, selectorOfRole } from "./roles";

const TEXT = `"(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*'`;
const BY_ROLE = new RegExp(`^\\s*role=([a-z]+)(?:\\[name=(${TEXT})\\])?\\s*$`);
const WAYS = new RegExp(`(?:${TEXT}|(?<!\\|)\\|(?!\\|)|[^|"'])+`, "g");

/** The ways to the element, in their order. */
export function waysOf(selector: string): string[] {
  return selector.match(WAYS) ?? [selector];
}

interface Named {
  role: string;
  name: string | undefined;
}

function byRole(way: string): Named | undefined {
  const [, role, name] = BY_ROLE.exec(way) ?? [];
  return role === undefined ? undefined : { role, name: name?.slice(1, -1).replace(/\\(.)/g, "$1") };
}

const isNamed = (element: Element, { role, name }: Named) =>
  roleOf(element) === role && (name === undefined || nameOf(element) === name);

function within(root: Document | ShadowRoot, way: string, named: Named | undefined): Element[] {
  if (!named) return Array.from(root.querySelectorAll(way));
  return Array.from(root.querySelectorAll(selectorOfRole(named.role))).filter((each) => isNamed(each, named));
}

/** The open shadow roots right below; ours are none of the page. */
export function openRoots(root: Document | ShadowRoot): ShadowRoot[] {
  return Array.from(root.querySelectorAll("*")).flatMap(({ shadowRoot, localName }) =>
    shadowRoot && !/^waypost-/.test(localName) ? [shadowRoot] : [],
  );
}

/** What one way leads to: in the document, or else in its open shadow roots. Throws where it is no selector. */
export function matches(way: string, root: Document | ShadowRoot = document): Element[] {
  const found = within(root, way, byRole(way));
  return found.length ? found : openRoots(root).flatMap((each) => matches(way, each));
}

function isAtOrIn(element: Element, way: string): boolean {
  const named = byRole(way);
  for (let each: Element | null = element; each; ) {
    if (named ? isNamed(each, named) : each.matches(way)) return true;
    const root: Node = each.getRootNode();
    each = each.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
  }
  return false;
}

/** Whether it is what the selector means or a part of it; the first way that leads anywhere is the one that counts. */
export function isPartOf(element: Element, selector: string): boolean {
  for (const way of waysOf(selector)) {
    try {
      if (isAtOrIn(element, way)) return true;
      if (matches(way).length) return false;
    } catch {
      // A selector that this browser does not know leads nowhere.
    }
  }
  return false;
}
