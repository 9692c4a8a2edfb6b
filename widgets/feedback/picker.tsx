/** Pointing at one element of the page. A pane over the page takes every click, so that none reaches the page itself. */
import { Fragment, h, type VNode } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { raise } from "../drawing/layer";
import { bringIntoView, keepRinged } from "../drawing/place";
import type { Showing } from "../drawing/showing";
import { isVisible } from "../drawing/target";
import type { Words } from "../drawing/words";
import { nameOf } from "../targeting/roles";

/** What one might mean; the arrow keys go from one to the next in the order of the page. */
const THINGS =
  "a,button,input,select,textarea,h1,h2,h3,h4,h5,h6,p,img,svg,video,li,td,th,label,section,article,form,table,nav,[role],[tabindex]";
const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
const LONGEST_NAME = 40;

/** What the user calls it; said and shown here, never sent. */
export function calledAs(element: Element): string {
  return nameOf(element).slice(0, LONGEST_NAME) || element.localName;
}

function isOurs(element: Element): boolean {
  return element.localName === "waypost-guide";
}

/** The innermost element of the page at a point, in open shadow roots too. */
function under(x: number, y: number): Element | undefined {
  const topmost = (root: Document | ShadowRoot) =>
    root.elementsFromPoint(x, y).find((each) => !isOurs(each) && each.getRootNode() === root);
  let found = topmost(document);
  for (let inner = found; inner; inner = inner.shadowRoot ? topmost(inner.shadowRoot) : undefined) found = inner;
  return found;
}

function neighbour(from: Element | undefined, step: number): Element | undefined {
  const things = Array.from(document.querySelectorAll(THINGS)).filter((each) => !isOurs(each) && isVisible(each));
  if (!from) return things[0];
  const at = things.indexOf(from);
  return things[Math.max(0, Math.min(at + step, things.length - 1))];
}

interface Props {
  words: Words;
  showing: Showing;
  /** With the element, or with nothing where it was cancelled. */
  onDone: (chosen?: Element) => void;
}

export function Picker({ words, showing, onDone }: Props): VNode {
  const pane = useRef<HTMLDivElement>(null);
  const ring = useRef<HTMLDivElement>(null);
  const bar = useRef<HTMLDivElement>(null);
  const [element, mark] = useState<Element>();
  useLayoutEffect(() => {
    for (const each of [pane, ring, bar]) raise(each.current);
    pane.current?.focus();
  }, []);
  useLayoutEffect(() => (element ? keepRinged(showing.host, element) : undefined), [element]);
  const onKey = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (event.key === "Escape") onDone();
    else if (event.key === "Enter" && event.target === pane.current) onDone(element);
    else if (!step) return;
    else {
      const next = neighbour(element, step);
      if (next) bringIntoView(next);
      mark(next);
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const at = ({ clientX, clientY }: MouseEvent) => under(clientX, clientY);
  return (
    <Fragment>
      <div
        ref={pane}
        class="layer pane"
        popover="manual"
        role="application"
        aria-label={words.pick}
        tabIndex={0}
        onPointerMove={(event) => mark(at(event))}
        onClick={(event) => onDone(at(event))}
        onKeyDown={onKey}
      />
      <div ref={ring} class={`layer ring${element ? "" : " away"}`} popover="manual" />
      <div ref={bar} class="layer card picking" popover="manual" onKeyDown={onKey}>
        <span>{words.pick}</span>
        <button type="button" class="button secondary" onClick={() => onDone()}>{words.cancel}</button>
      </div>
      <p class="unseen" role="status">{element && calledAs(element)}</p>
    </Fragment>
  );
}
