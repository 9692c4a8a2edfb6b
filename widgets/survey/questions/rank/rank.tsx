import { Fragment, h, type VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import { TITLE_ID } from "../../../drawing/card";
import { Icon } from "../../../drawing/icons";
import type { RankQuestion } from "../../../generated/content";
import { shuffled } from "../../flow";
import type { QuestionProps } from "../question";

/** Several in an order, moved up and down by buttons, so that it works with every way of pointing. */
export function RankView({ question, before, words, seed, onAnswer, foot }: QuestionProps<RankQuestion>): VNode {
  const given = useMemo(() => (question.shuffled ? shuffled(question.choices, seed) : question.choices), [question]);
  const [order, arrange] = useState((before?.value as string[] | undefined) ?? given.map(({ id }) => id));
  const move = (place: number, by: number) => {
    const next = [...order];
    next.splice(place + by, 0, ...next.splice(place, 1));
    arrange(next);
  };
  const submit = () => onAnswer({ value: order }, question.shuffled ? given.map(({ id }) => id) : undefined);
  return (
    <Fragment>
      <ol class="options" aria-labelledby={TITLE_ID}>
        {order.map((id, place) => {
          const text = given.find((choice) => choice.id === id)?.text ?? words.other;
          return (
            <li key={id} class="option ranked">
              <b>{place + 1}</b>
              <span>{text}</span>
              <button type="button" class="mover" aria-label={`${words.up}: ${text}`} disabled={!place} onClick={() => move(place, -1)}>
                <Icon name="up" />
              </button>
              <button
                type="button"
                class="mover"
                aria-label={`${words.down}: ${text}`}
                disabled={place === order.length - 1}
                onClick={() => move(place, 1)}
              >
                <Icon name="down" />
              </button>
            </li>
          );
        })}
      </ol>
      {foot({ isReady: true, onSubmit: submit })}
    </Fragment>
  );
}
