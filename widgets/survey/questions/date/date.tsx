import { Fragment, h, type VNode } from "preact";
import { useState } from "preact/hooks";
import { TITLE_ID } from "../../../drawing/card";
import type { DateQuestion } from "../../../generated/content";
import type { QuestionProps } from "../question";

/** A day, by the browser's own calendar. */
export function DateView({ before, onAnswer, foot }: QuestionProps<DateQuestion>): VNode {
  const [day, pick] = useState(String(before?.value ?? "").slice(0, 10));
  const submit = () => {
    if (day) onAnswer({ value: `${day}T00:00:00Z` });
  };
  return (
    <Fragment>
      <input
        class="field"
        data-first
        type="date"
        aria-labelledby={TITLE_ID}
        value={day}
        onInput={(event) => pick(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Enter" && submit()}
      />
      {foot({ isReady: day !== "", onSubmit: submit })}
    </Fragment>
  );
}
