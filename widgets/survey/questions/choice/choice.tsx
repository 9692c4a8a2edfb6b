import { Fragment, h, type VNode } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import type { Choice, ChoiceQuestion } from "../../../generated/content";
import { shuffled } from "../../flow";
import { Options } from "../options";
import type { QuestionProps } from "../question";

const SHOW_CHOICE_MS = 260;

/** One of several: a click is the answer, except of `other`, which waits for its words. */
export function ChoiceView({ question, before, words, seed, onAnswer, foot }: QuestionProps<ChoiceQuestion>): VNode {
  const [chosen, choose] = useState(before?.value as string | undefined);
  const [otherText, type] = useState(before?.text ?? "");
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const choices = useMemo(() => (question.shuffled ? shuffled(question.choices, seed) : question.choices), [question]);
  const order = question.shuffled ? choices.map(({ id }) => id) : undefined;
  const isOther = choices.some(({ id, other }) => other && id === chosen);
  const pick = ({ id, other }: Choice) => {
    choose(id);
    clearTimeout(timer.current);
    if (!other) timer.current = setTimeout(() => onAnswer({ value: id }, order), SHOW_CHOICE_MS);
  };
  const submit = () => onAnswer({ value: chosen!, ...(otherText.trim() && { text: otherText.trim() }) }, order);
  return (
    <Fragment>
      <Options
        choices={choices}
        chosen={chosen === undefined ? [] : [chosen]}
        isMany={false}
        words={words}
        otherText={otherText}
        onToggle={pick}
        onOtherText={type}
        onEnter={submit}
      />
      {foot(isOther ? { isReady: true, onSubmit: submit } : undefined)}
    </Fragment>
  );
}
