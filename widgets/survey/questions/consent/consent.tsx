import { Fragment, h, type VNode } from "preact";
import { useState } from "preact/hooks";
import { Icon } from "../../../drawing/icons";
import type { ConsentQuestion } from "../../../generated/content";
import type { QuestionProps } from "../question";

/** A box to tick. Left empty, the answer is no. */
export function ConsentView({ before, words, onAnswer, foot }: QuestionProps<ConsentQuestion>): VNode {
  const [isOn, set] = useState(before?.value === true);
  return (
    <Fragment>
      <button type="button" class="option" role="checkbox" aria-checked={isOn} onClick={() => set(!isOn)}>
        <span class="box"><Icon name="check" /></span>
        <span>{words.agree}</span>
      </button>
      {foot({ isReady: true, onSubmit: () => onAnswer({ value: isOn }) })}
    </Fragment>
  );
}
