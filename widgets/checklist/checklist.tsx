/** Things to do in the corner: ticked off by the server's conditions, folded away to a pill when they are in the way. */
import { Fragment, h, type VNode } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Announcement, announced, Buttons, CloseButton, TITLE_ID } from "../drawing/card";
import { Icon } from "../drawing/icons";
import { focusFirst, raise, returnFocus, useLayer } from "../drawing/layer";
import { RichText } from "../drawing/richtext";
import type { Showing } from "../drawing/showing";
import { linkTarget, safeUrl } from "../drawing/url";
import { wordsFor, type Words } from "../drawing/words";
import type { ChecklistContent, ChecklistItem } from "../generated/content";
import css from "./checklist.css";

export { css };

/** The circle of the progress ring, in units of its own view box. */
const AROUND = 2 * Math.PI * 9;

function Ring({ share }: { share: number }): VNode {
  return (
    <svg class="icon progress-ring" viewBox="0 0 24 24" aria-hidden="true">
      <circle class="track" cx="12" cy="12" r="9" />
      <circle cx="12" cy="12" r="9" stroke-dasharray={`${AROUND * share} ${AROUND}`} transform="rotate(-90 12 12)" />
    </svg>
  );
}

function Item({ item, showing }: { item: ChecklistItem; showing: Showing }): VNode {
  const { text, done, action } = item;
  const inside = (
    <Fragment>
      <span class="tick">{done && <Icon name="check" />}</span>
      <span>{text}</span>
      {action?.type === "open" && !done && <Icon name="away" />}
    </Fragment>
  );
  const look = `task${done ? " done" : ""}`;
  if (!action || done) return <div class={look}>{inside}</div>;
  const press = () => {
    showing.start();
    showing.press(text, action);
  };
  const href = action.type === "open" ? safeUrl(action.url) : undefined;
  if (href !== undefined) return <a class={look} href={href} {...linkTarget(href)} onClick={press}>{inside}</a>;
  return <button type="button" class={look} onClick={press}>{inside}</button>;
}

function counted(words: Words, done: number, all: number): string {
  return words.step.replace("{n}", `${done}`).replace("{all}", `${all}`);
}

export function Checklist({ content: first, showing }: { content: ChecklistContent; showing: Showing }): VNode {
  const [content, update] = useState(first);
  const { decision, desk } = showing;
  const [isOpen, open] = useState(!decision.at);
  const card = useRef<HTMLDivElement>(null);
  const pill = useRef<HTMLButtonElement>(null);
  /** The focus goes along with what is folded and unfolded, if it was here. */
  const follows = useRef(false);
  const { items, title, body, buttons, language } = content;
  const words = wordsFor(language);
  const done = items.filter((item) => item.done).length;
  const isDone = done === items.length;
  const fold = () => {
    follows.current = document.activeElement === showing.host.element;
    open(false);
  };
  const unfold = () => {
    follows.current = true;
    open(true);
  };
  useLayer(showing, card, fold);
  useLayoutEffect(() => {
    returnFocus(showing);
    showing.onUpdate = (next) => next.widget === "checklist" && update(next);
    // What is to be done often leads to another guide: the list makes room for it and stays at hand.
    showing.onElsewhere = fold;
  }, []);
  useEffect(() => {
    if (isDone || decision.preview) return;
    // Whatever happened may have ticked something off; the server says so to whoever asks for the list by its name.
    if (decision.at !== undefined) desk.start(decision.guide);
    return desk.onTaken(() => desk.start(decision.guide));
  }, [isDone]);
  useLayoutEffect(() => {
    const shown = isOpen ? card.current : pill.current;
    raise(shown);
    if (shown) showing.seen(shown);
    if (follows.current) isOpen ? focusFirst(shown!) : shown?.focus();
    follows.current = false;
    if (!isOpen) showing.stepAside();
    showing.keep(isOpen ? 0 : 1);
  }, [isOpen]);
  useEffect(() => {
    if (isDone) showing.complete();
  }, [isDone]);
  const count = counted(words, done, items.length);
  if (!isOpen) {
    return (
      <button ref={pill} type="button" class="layer pill" popover="manual" aria-expanded={false} onClick={unfold}>
        <Ring share={done / items.length} />
        <span class="name">{title}</span> <span class="count">{count}</span>
      </button>
    );
  }
  return (
    <Fragment>
      <div ref={card} class={`layer card slideout checklist${isDone ? " all-done" : ""}`} popover="manual" role="dialog" aria-labelledby={TITLE_ID}>
        <div class="inner">
          <div class="words">
            <h2 id={TITLE_ID} class="title" tabIndex={-1}>{title ?? count}</h2>
            {body.length > 0 && <RichText body={body} />}
            <div class="meter">
              <progress max={items.length} value={done} aria-label={count} />
              <span class="count">{count}</span>
            </div>
          </div>
          <ul class="tasks">{items.map((item, place) => <li key={place}><Item item={item} showing={showing} /></li>)}</ul>
          <Buttons buttons={buttons} showing={showing} />
        </div>
        <button type="button" class="close fold" aria-label={words.fold} onClick={fold}><Icon name="down" /></button>
        <CloseButton label={words.close} onClose={() => showing.dismiss("close")} />
      </div>
      <Announcement text={announced({ title, body })} />
    </Fragment>
  );
}
