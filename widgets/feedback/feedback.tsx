/** A tab at the edge of the window, and behind it questions: about the page, or about an element that one points at. */
import { Fragment, h, type VNode } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../drawing/icons";
import { focusFirst, raise } from "../drawing/layer";
import { keepRinged } from "../drawing/place";
import type { Showing } from "../drawing/showing";
import { wordsFor, type Words } from "../drawing/words";
import type { FeedbackContent } from "../generated/content";
import { selectorOf } from "../sensors/element";
import { css as surveyCss, Survey } from "../survey/survey";
import { commentQuestion } from "./comment";
import ownCss from "./feedback.css";
import { calledAs, Picker } from "./picker";

export const css = surveyCss + ownCss;

const BETWEEN_PX = 8;

/** Several launchers stand one below the other. */
function standBelowOthers(own: HTMLElement, { host }: Showing): void {
  const others = [...document.querySelectorAll("waypost-guide")].map(({ shadowRoot }) => shadowRoot?.querySelector(".launcher"));
  const ends = others.map((each) => (each && each !== own ? each.getBoundingClientRect().bottom : 0));
  const lowest = Math.max(...ends);
  if (lowest > 0) host.place(".launcher", { "inset-block-start": `${Math.round(lowest + BETWEEN_PX)}px`, translate: "none" });
}

function Launcher({ label, isOpen, showing, onToggle }: { label: string; isOpen: boolean; showing: Showing; onToggle: () => void }): VNode {
  const tab = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    raise(tab.current);
    standBelowOthers(tab.current!, showing);
    showing.seen(tab.current!);
  }, []);
  return (
    <button ref={tab} type="button" class="layer launcher" popover="manual" aria-expanded={isOpen} onClick={onToggle}>
      <Icon name="speak" />
      <span>{label}</span>
    </button>
  );
}

/** Which of the two it is about. */
function About({ words, element, onPage, onPick }: { words: Words; element?: Element; onPage: () => void; onPick: () => void }): VNode {
  return (
    <div class="about" role="group" aria-label={words.about}>
      <button type="button" aria-pressed={!element} onClick={onPage}>{words.wholePage}</button>
      <button type="button" aria-pressed={!!element} onClick={onPick}>{words.oneElement}{element && `: ${calledAs(element)}`}</button>
    </div>
  );
}

function Ring({ element, showing }: { element: Element; showing: Showing }): VNode {
  const ring = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    raise(ring.current);
    return keepRinged(showing.host, element);
  }, [element]);
  return <div ref={ring} class="layer ring" popover="manual" />;
}

export function Feedback({ content, showing }: { content: FeedbackContent; showing: Showing }): VNode {
  const [state, go] = useState<"closed" | "asking" | "picking">("closed");
  const [element, mean] = useState<Element>();
  const words = wordsFor(content.language);
  const { host } = showing;
  const launcher = () => host.root.querySelector<HTMLElement>(".launcher");
  useLayoutEffect(() => {
    showing.onClose = () => {
      // Only those who are in it are led back; the focus of others stays where it is.
      if (document.activeElement === host.element) launcher()?.focus();
      go("closed");
      mean(undefined);
    };
  }, []);
  useLayoutEffect(() => {
    const card = host.root.querySelector(".survey");
    if (state === "asking" && card) focusFirst(card);
  }, [state]);
  const pick = (chosen?: Element) => {
    if (chosen) mean(chosen);
    go("asking");
  };
  const questions = content.questions.length ? content.questions : [commentQuestion(content.language)];
  const head = <About words={words} element={element} onPage={() => mean(undefined)} onPick={() => go("picking")} />;
  const launched = { head, isAway: state === "picking", more: element ? { selector: selectorOf(element) } : {} };
  const toggle = () => (state === "closed" ? go("asking") : showing.dismiss("close"));
  return (
    <Fragment>
      <Launcher label={content.label} isOpen={state !== "closed"} showing={showing} onToggle={toggle} />
      {state !== "closed" && <Survey content={{ ...content, questions }} showing={showing} launched={launched} />}
      {state === "asking" && element && <Ring element={element} showing={showing} />}
      {state === "picking" && <Picker words={words} showing={showing} onDone={pick} />}
    </Fragment>
  );
}
