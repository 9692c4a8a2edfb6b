/** Cards in a row, each beside an element, over one page or several; it goes on where it stood after a page load. */
import { Fragment, h, type VNode } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { announced, MessageBody, naming } from "../drawing/card";
import { focusFirst } from "../drawing/layer";
import type { Showing } from "../drawing/showing";
import { awaitTarget } from "../drawing/target";
import { safeUrl } from "../drawing/url";
import { wordsFor, type Words } from "../drawing/words";
import type { TourContent, TourStep } from "../generated/content";
import { ModalFrame } from "../modal/modal";
import { TooltipFrame } from "../tooltip/tooltip";
import { isOn } from "./pages";
import css from "./tour.css";

export { css };

/** The step's element once it is there; `null` for a step without one, `undefined` while there is nothing to show. */
function useTarget(step: TourStep, path: string, showing: Showing, onMissing: () => void): Element | null | undefined {
  const [found, find] = useState<{ step: TourStep; target: Element | null }>();
  useEffect(() => {
    if (!isOn(step.page, path)) return find(undefined);
    if (!step.target) return find({ step, target: null });
    const abort = new AbortController();
    void awaitTarget(step.target.selector, abort.signal).then((target) => {
      if (target instanceof Element) return find({ step, target });
      showing.report("$target_missing", { reason: target });
      onMissing();
    });
    return () => abort.abort();
  }, [step, path]);
  return found?.step === step ? found.target : undefined;
}

interface Way {
  go: () => void;
  /** The page to go to for it. */
  page?: string;
}

interface StepsProps {
  at: number;
  all: number;
  words: Words;
  back?: Way;
  next: Way;
  onSkip: () => void;
}

/** The address of a step's page, where it is another than this and can be known from its pattern. */
function elsewhere(step: TourStep | undefined, path: string): string | undefined {
  const page = step?.page ?? null;
  return page === null || page.includes("*") || isOn(page, path) ? undefined : page;
}

function Move({ to, look, children }: { to: Way; look: string; children: string }): VNode {
  const href = to.page === undefined ? undefined : safeUrl(to.page);
  if (href === undefined) return <button type="button" class={`button ${look}`} onClick={to.go}>{children}</button>;
  return <a class={`button ${look}`} href={href} onClick={to.go}>{children}</a>;
}

function Steps({ at, all, words, back, next, onSkip }: StepsProps): VNode {
  return (
    <div class="steps">
      <span class="count">{words.step.replace("{n}", `${at + 1}`).replace("{all}", `${all}`)}</span>
      {!at && all > 1 && <button type="button" class="button quiet" onClick={onSkip}>{words.skip}</button>}
      {back && <Move to={back} look="quiet">{words.back}</Move>}
      <Move to={next} look="primary">{at === all - 1 ? words.done : words.next}</Move>
    </div>
  );
}

export function Tour({ content, showing }: { content: TourContent; showing: Showing }): VNode | null {
  const { steps } = content;
  const [at, stand] = useState(Math.min(showing.decision.at ?? 0, steps.length - 1));
  const step = steps[at]!;
  const next = steps[at + 1];
  const [path, follow] = useState(location.pathname);
  useEffect(() => showing.desk.onRoute(() => follow(location.pathname)), []);
  /** The focus goes from card to card, if it was in the last one: its button goes away with it. */
  const follows = useRef(false);
  const stoodOn = useRef(showing.decision.path);
  useEffect(() => {
    // Who has followed a link to where the next step is has taken it.
    const hasLeft = stoodOn.current !== undefined && stoodOn.current !== path;
    if (hasLeft && next?.page && isOn(next.page, path) && !(step.page && isOn(step.page, path))) stand(at + 1);
  }, [path]);
  // A step that cannot be shown is passed over, so that the rest of the tour is not lost.
  const target = useTarget(step, path, showing, () => (next ? stand(at + 1) : showing.end()));
  useEffect(() => {
    if (target !== undefined) stoodOn.current = location.pathname;
    showing.keep(at, stoodOn.current);
  }, [at, target]);
  useLayoutEffect(() => {
    if (target === undefined || !follows.current) return;
    follows.current = false;
    focusFirst(showing.host.root);
  }, [at, target]);
  if (target === undefined) return null;
  const way = (to: number): Way => {
    const page = elsewhere(steps[to], path);
    const go = () => {
      showing.start();
      if (to === steps.length) showing.complete();
      if (to === steps.length) return showing.end();
      // The link is followed by the browser; the step waits for its page.
      if (page !== undefined) return showing.keep(to);
      follows.current = document.activeElement === showing.host.element;
      stand(to);
    };
    return { go, page };
  };
  const before = steps[at - 1];
  // A page that only a pattern names cannot be gone back to.
  const canGoBack = before && (isOn(before.page, path) || elsewhere(before, path) !== undefined);
  const inside = (
    <Fragment>
      <MessageBody message={step} showing={showing} />
      <Steps
        at={at}
        all={steps.length}
        words={wordsFor(content.language)}
        back={canGoBack ? way(at - 1) : undefined}
        next={way(at + 1)}
        onSkip={() => showing.dismiss("button")}
      />
    </Fragment>
  );
  const props = { key: at, showing, name: naming(step), announce: announced(step), look: "tour" };
  if (!target) return <ModalFrame {...props}>{inside}</ModalFrame>;
  return <TooltipFrame {...props} target={target} selector={step.target?.selector}>{inside}</TooltipFrame>;
}
