import { Fragment, h, type VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Choice, ChoicesQuestion } from "../../../generated/content";
import { shuffled } from "../../flow";
import { Options } from "../options";
import type { QuestionProps } from "../question";

/** Any of several, at most as many as the question allows. */
export function ChoicesView({ question, before, words, seed, onAnswer, foot }: QuestionProps<ChoicesQuestion>): VNode {
  const [chosen, choose] = useState((before?.value as string[] | undefined) ?? []);
  const [otherText, type] = useState(before?.text ?? "");
  const choices = useMemo(() => (question.shuffled ? shuffled(question.choices, seed) : question.choices), [question]);
  const isFull = question.limit !== null && chosen.length >= question.limit;
  const toggle = ({ id }: Choice) => choose(chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id]);
  const submit = () => {
    if (!chosen.length) return;
    const hasOther = choices.some(({ id, other }) => other && chosen.includes(id));
    const value = choices.map(({ id }) => id).filter((id) => chosen.includes(id));
    const text = hasOther ? otherText.trim() : "";
    onAnswer({ value, ...(text && { text }) }, question.shuffled ? choices.map(({ id }) => id) : undefined);
  };
  return (
    <Fragment>
      <Options
        choices={choices}
        chosen={chosen}
        isMany
        isFull={isFull}
        words={words}
        otherText={otherText}
        onToggle={toggle}
        onOtherText={type}
        onEnter={submit}
      />
      {foot({ isReady: chosen.length > 0, onSubmit: submit })}
    </Fragment>
  );
}
