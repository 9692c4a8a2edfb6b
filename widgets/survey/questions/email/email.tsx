import { Fragment, h, type VNode } from "preact";
import { useState } from "preact/hooks";
import { TITLE_ID } from "../../../drawing/card";
import type { EmailQuestion } from "../../../generated/content";
import type { QuestionProps } from "../question";

const LOOKS_LIKE_ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** An e-mail address; told that it is none only after the attempt to send it. */
export function EmailView({ before, words, onAnswer, foot }: QuestionProps<EmailQuestion>): VNode {
  const [address, type] = useState((before?.value as string | undefined) ?? "");
  const [isWrong, complain] = useState(false);
  const submit = () => {
    const value = address.trim();
    if (LOOKS_LIKE_ADDRESS.test(value)) onAnswer({ value });
    else complain(true);
  };
  return (
    <Fragment>
      <div class="writing">
        <input
          class="field"
          data-first
          type="email"
          dir="ltr"
          autocomplete="email"
          maxLength={254}
          placeholder={words.email}
          aria-labelledby={TITLE_ID}
          aria-invalid={isWrong}
          aria-describedby={isWrong ? "wrong" : undefined}
          value={address}
          onInput={(event) => {
            type(event.currentTarget.value);
            complain(false);
          }}
          onKeyDown={(event) => event.key === "Enter" && submit()}
        />
        {isWrong && <span id="wrong" class="wrong" role="alert">{words.emailWrong}</span>}
      </div>
      {foot({ isReady: address.trim().length > 0, onSubmit: submit })}
    </Fragment>
  );
}
