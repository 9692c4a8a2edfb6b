/** A list of answers to choose from, and a field for what is not among them. */
import { h, type VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { TITLE_ID } from "../../drawing/card";
import { Icon } from "../../drawing/icons";
import type { Words } from "../../drawing/words";
import type { Choice } from "../../generated/content";
import { moveFocus } from "./radio";

interface Props {
  choices: Choice[];
  chosen: string[];
  /** Several may be chosen. */
  isMany: boolean;
  /** No more may be chosen. */
  isFull?: boolean;
  words: Words;
  otherText: string;
  onToggle: (choice: Choice) => void;
  onOtherText: (text: string) => void;
  onEnter: () => void;
}

export function Options(props: Props): VNode {
  const { choices, chosen, isMany, isFull, words, otherText, onToggle, onOtherText, onEnter } = props;
  const hasOther = choices.some(({ id, other }) => other && chosen.includes(id));
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.focus({ preventScroll: true }), [hasOther]);
  const first = chosen[0] ?? choices[0]?.id;
  return (
    <div class="options" role={isMany ? "group" : "radiogroup"} aria-labelledby={TITLE_ID} onKeyDown={isMany ? undefined : moveFocus}>
      {choices.map((choice) => {
        const isOn = chosen.includes(choice.id);
        return (
          <button
            key={choice.id}
            type="button"
            class="option"
            role={isMany ? "checkbox" : "radio"}
            aria-checked={isOn}
            aria-disabled={isFull && !isOn ? true : undefined}
            tabIndex={isMany || choice.id === first ? 0 : -1}
            onClick={() => (isFull && !isOn ? undefined : onToggle(choice))}
          >
            <span class={isMany ? "box" : "dot"}>{isMany && <Icon name="check" />}</span>
            <span>{choice.text ?? words.other}</span>
          </button>
        );
      })}
      {hasOther && (
        <input
          class="field"
          type="text"
          dir="auto"
          maxLength={500}
          placeholder={words.otherHint}
          aria-label={words.otherHint}
          value={otherText}
          ref={field}
          onInput={(event) => onOtherText(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Enter" && onEnter()}
        />
      )}
    </div>
  );
}
