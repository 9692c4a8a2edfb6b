/** Cards in a row, each beside an element, over one page or several; it goes on where it stood after a page load. */
import { Fragment, h, type VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { announced, MessageBody, naming } from "../drawing/card";
import type { Showing } from "../drawing/showing";
import { awaitTarget } from "../drawing/target";
import { wordsFor } from "../drawing/words";
import type { TourContent, TourStep } from "../generated/content";
import { ModalFrame } from "../modal/modal";
import { TooltipFrame } from "../tooltip/tooltip";
import { isOn } from "./pages";

/** The step's element once it is there; `null` for a step without one, `undefined` while there is nothing to show. */
function useTarget(step: TourStep, showing: Showing, onMissing: () => void): Element | null | undefined {
  const [found, find] = useState<{ step: TourStep; target: Element | null }>();
  const [path, follow] = useState(location.pathname);
  useEffect(() => showing.desk.onRoute(() => follow(location.pathname)), []);
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

interface StepsProps {
  at: number;
  all: number;
  showing: Showing;
  onGo: (to: number) => void;
}

function Steps({ at, all, showing, onGo }: StepsProps): VNode {
  const words = wordsFor(showing.decision.content.language);
  const isLast = at === all - 1;
  return (
    <div class="steps">
      <span class="count">{words.step.replace("{n}", `${at + 1}`).replace("{all}", `${all}`)}</span>
      {at > 0 && <button type="button" class="button quiet" onClick={() => onGo(at - 1)}>{words.back}</button>}
      <button type="button" class="button primary" onClick={() => onGo(at + 1)}>{isLast ? words.done : words.next}</button>
    </div>
  );
}

export function Tour({ content, showing }: { content: TourContent; showing: Showing }): VNode | null {
  const { steps } = content;
  const [at, stand] = useState(Math.min(showing.decision.at ?? 0, steps.length - 1));
  const step = steps[at]!;
  const go = (to: number) => {
    showing.start();
    if (to < steps.length) return stand(to);
    showing.complete();
    showing.end();
  };
  // A step that cannot be shown is passed over, so that the rest of the tour is not lost.
  const target = useTarget(step, showing, () => (at + 1 < steps.length ? stand(at + 1) : showing.end()));
  useEffect(() => showing.keep(at), [at]);
  if (target === undefined) return null;
  const inside = (
    <Fragment>
      <MessageBody message={step} showing={showing} />
      <Steps at={at} all={steps.length} showing={showing} onGo={go} />
    </Fragment>
  );
  const props = { key: at, showing, name: naming(step), announce: announced(step), look: "tour" };
  if (!target) return <ModalFrame {...props}>{inside}</ModalFrame>;
  return <TooltipFrame {...props} target={target} selector={step.target?.selector}>{inside}</TooltipFrame>;
}
