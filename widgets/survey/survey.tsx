/** Questions, one at a time. Each answer goes out as soon as it is given, so that a half-filled survey is not lost. */
import { Fragment, h, type ComponentChildren, type VNode } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { BannerFrame } from "../banner/banner";
import { TITLE_ID } from "../drawing/card";
import { Icon } from "../drawing/icons";
import { focusFirst } from "../drawing/layer";
import type { Showing } from "../drawing/showing";
import { wordsFor } from "../drawing/words";
import type { Question, SurveyContent } from "../generated/content";
import { ModalFrame } from "../modal/modal";
import { SlideoutFrame } from "../slideout/slideout";
import { TooltipFrame } from "../tooltip/tooltip";
import type { Properties } from "../snippet/contract";
import { nextPlace, type Answer } from "./flow";
import questionsCss from "./questions/questions.css";
import type { Submit } from "./questions/question";
import { QuestionView } from "./questions/view";
import surveyCss from "./survey.css";

export const css = surveyCss + questionsCss;

const THANKS_MS = 4000;

/** What a survey needs to know of the content that it is part of. */
type Asking = Pick<SurveyContent, "show" | "questions" | "thanks" | "language">;

/** What a launcher adds to the questions that it opens. */
export interface Launched {
  /** Above the questions. */
  head: ComponentChildren;
  /** Out of the way, with what was answered so far. */
  isAway: boolean;
  /** Goes with every answer. */
  more: Properties;
}

interface FrameProps {
  content: Asking;
  showing: Showing;
  announce: string;
  isAway?: boolean;
  children: ComponentChildren;
}

function SurveyFrame({ content, showing, announce, isAway, children }: FrameProps): VNode {
  const { show } = content;
  const look = isAway ? "survey away" : "survey";
  const props = { showing, announce, children, isAway, look, name: { "aria-labelledby": TITLE_ID } };
  switch (show.widget) {
    case "slideout":
      return <SlideoutFrame {...props} />;
    case "modal":
      return <ModalFrame {...props} />;
    case "banner":
      return <BannerFrame {...props} side={show.side} />;
    case "tooltip":
      return <TooltipFrame {...props} selector={show.target.selector} />;
  }
}

/** Where one is: a line that fills. Surveys of one question need none. */
function Progress({ place, all }: { place: number; all: number }): VNode | null {
  if (all < 2) return null;
  return (
    <div class="progress" aria-hidden="true">
      {[...Array(all).keys()].map((each) => (
        <i key={each} class={each < place ? "past" : each === place ? "now" : ""} />
      ))}
    </div>
  );
}

function Thanks({ text, showing }: { text: string; showing: Showing }): VNode {
  const isHeld = useRef(false);
  useEffect(() => {
    // Whoever is still reading, with the pointer on it or the keyboard in it, is given the time.
    const isFocused = () => !!showing.host.root.querySelector(":focus-visible");
    const timer = setInterval(() => isHeld.current || isFocused() || showing.close(), THANKS_MS);
    return () => clearInterval(timer);
  }, []);
  const hold = (held: boolean) => () => void (isHeld.current = held);
  return (
    <div class="thanks" onPointerEnter={hold(true)} onPointerLeave={hold(false)}>
      <span class="seal"><Icon name="check" /></span>
      <h2 id={TITLE_ID} class="title" tabIndex={-1}>{text}</h2>
    </div>
  );
}

/**
 * The focus follows from question to question, but only where the user had already brought it here. Call the answer
 * just before a question is replaced: its control loses the focus by going away.
 */
function useFocusOn(place: number, { host }: Showing): () => void {
  const follows = useRef(false);
  useLayoutEffect(() => {
    if (follows.current) focusFirst(host.root);
    follows.current = false;
  }, [place]);
  return () => void (follows.current = document.activeElement === host.element);
}

export function Survey({ content, showing, launched }: { content: Asking; showing: Showing; launched?: Launched }): VNode {
  const { questions, language } = content;
  const words = wordsFor(language);
  const { given: before } = showing.decision;
  const answers = useRef(new Map<string, Answer>(before?.answers)).current;
  const submission = useRef(before?.submission ?? showing.desk.newId()).current;
  const [path, go] = useState<number[]>(() => before?.path ?? [nextPlace(questions, -1, answers)]);
  const place = path.at(-1)!;
  const question: Question | undefined = questions[place];
  const holdFocus = useFocusOn(place, showing);
  const move = (to: number[]) => {
    holdFocus();
    showing.keep(to.at(-1)!, undefined, { submission, path: to, answers: [...answers] });
    go(to);
  };

  const advance = () => {
    const next = nextPlace(questions, place, answers);
    if (next >= questions.length) showing.complete();
    move([...path, next]);
  };
  const answer = (given: Answer, order?: string[]) => {
    if (!question) return;
    showing.start();
    answers.set(question.id, given);
    const { value, text } = given;
    const how = { value, text, order, language: language ?? undefined, submission };
    showing.report("$answered", { question: question.id, ...how, ...launched?.more });
    advance();
  };
  const skip = () => {
    if (!question) return;
    showing.start();
    answers.delete(question.id);
    showing.report("$skipped", { question: question.id });
    advance();
  };

  const isLast = place === questions.length - 1;
  const foot = (submit?: Submit): VNode | null => {
    if (!submit && !question?.optional) return null;
    return (
      <div class="buttons foot">
        {submit && (
          <button type="button" class="button primary" disabled={!submit.isReady} onClick={submit.onSubmit}>
            {isLast ? words.send : words.next}
          </button>
        )}
        {question?.optional && <button type="button" class="button quiet" onClick={skip}>{words.skip}</button>}
      </div>
    );
  };

  const thanks = content.thanks ?? words.thanks;
  return (
    <SurveyFrame content={content} showing={showing} announce={question?.text ?? thanks} isAway={launched?.isAway}>
      {question ? (
        <Fragment>
          {launched?.head}
          <Progress place={place} all={questions.length} />
          <div class="asking" key={question.id}>
            <div class="head">
              {path.length > 1 && (
                <button type="button" class="goback" aria-label={words.back} onClick={() => move(path.slice(0, -1))}>
                  <Icon name="back" />
                </button>
              )}
              <h2 id={TITLE_ID} class="title" tabIndex={-1}>{question.text}</h2>
            </div>
            <QuestionView
              question={question}
              before={answers.get(question.id)}
              words={words}
              seed={showing.decision.id + question.id}
              onAnswer={answer}
              foot={foot}
            />
          </div>
        </Fragment>
      ) : (
        <Thanks text={thanks} showing={showing} />
      )}
    </SurveyFrame>
  );
}
