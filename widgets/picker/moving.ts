/** From one element of the page to another: under the pointer, and with the arrow keys. */
import { isVisible } from "../drawing/target";

const SKIPPED = /^(script|style|link|meta|template|noscript|head|title|base|br|wbr|waypost-.*)$/;

const isOurs = (element: Element) => /^waypost-/.test(element.localName);

/** The innermost element of the page at a point, in open shadow roots too. */
export function under(x: number, y: number): Element | undefined {
  const topmost = (root: Document | ShadowRoot) =>
    root.elementsFromPoint(x, y).find((each) => !isOurs(each) && each.getRootNode() === root);
  let found = topmost(document);
  for (let inner = found; inner; inner = inner.shadowRoot ? topmost(inner.shadowRoot) : undefined) found = inner;
  return found;
}

function childrenOf(element: Element): Element[] {
  const { children } = element.shadowRoot ?? element;
  return Array.from(children).filter((each) => !SKIPPED.test(each.localName) && isVisible(each));
}

function parentOf(element: Element): Element | undefined {
  const root = element.getRootNode();
  return element.parentElement ?? (root instanceof ShadowRoot ? root.host : undefined);
}

function sibling(element: Element, step: 1 | -1): Element | undefined {
  const parent = parentOf(element);
  const all = parent ? childrenOf(parent) : [];
  return all[all.indexOf(element) + step];
}

const MOVES: Readonly<Record<string, (element: Element) => Element | undefined>> = {
  ArrowUp: (element) => (element === document.body ? undefined : parentOf(element)),
  ArrowDown: (element) => childrenOf(element)[0],
  ArrowLeft: (element) => sibling(element, -1),
  ArrowRight: (element) => sibling(element, 1),
};

/** Where an arrow key leads from an element; the element itself where there is nothing. Undefined for other keys. */
export function moved(key: string, from: Element | undefined): Element | undefined {
  const move = MOVES[key];
  if (!move) return undefined;
  return from ? (move(from) ?? from) : (childrenOf(document.body)[0] ?? document.body);
}
