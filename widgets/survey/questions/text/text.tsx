import { Fragment, h, type VNode } from "preact";
import { useState } from "preact/hooks";
import { TITLE_ID } from "../../../drawing/card";
import type { TextQuestion } from "../../../generated/content";
import type { QuestionProps } from "../question";

const MOST_CHARACTERS = 5000;
/** The rest is only counted out when it becomes short. */
const TELL_BELOW = 60;

/** An answer in one's own words. */
export function TextView({ question, before, words, onAnswer, foot }: QuestionProps<TextQuestion>): VNode {
  const [text, type] = useState((before?.value as string | undefined) ?? "");
  const most = question.limit ?? MOST_CHARACTERS;
  const left = most - text.length;
  const submit = () => {
    if (text.trim()) onAnswer({ value: text.trim() });
  };
  return (
    <Fragment>
      <div class="writing">
        <textarea
          class="field"
          data-first
          rows={3}
          dir="auto"
          maxLength={most}
          placeholder={words.textHint}
          aria-labelledby={TITLE_ID}
          value={text}
          onInput={(event) => type(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Enter" && (event.metaKey || event.ctrlKey) && submit()}
        />
        {left < TELL_BELOW && <span class="left" aria-live="polite">{left} {words.left}</span>}
      </div>
      {foot({ isReady: text.trim().length > 0, onSubmit: submit })}
    </Fragment>
  );
}
