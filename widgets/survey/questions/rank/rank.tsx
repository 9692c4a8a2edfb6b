import { Fragment, h, type VNode } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { TITLE_ID } from "../../../drawing/card";
import { Icon } from "../../../drawing/icons";
import type { RankQuestion } from "../../../generated/content";
import { shuffled } from "../../flow";
import type { QuestionProps } from "../question";

/** Several in an order, moved up and down by buttons, so that it works with every way of pointing. */
export function RankView({ question, before, words, seed, onAnswer, foot }: QuestionProps<RankQuestion>): VNode {
  const given = useMemo(() => (question.shuffled ? shuffled(question.choices, seed) : question.choices), [question]);
  const [order, arrange] = useState((before?.value as string[] | undefined) ?? given.map(({ id }) => id));
  const [said, say] = useState("");
  const pressed = useRef<HTMLElement | undefined>(undefined);
  // An element that is moved in the page loses the focus.
  useLayoutEffect(() => pressed.current?.focus({ preventScroll: true }), [order]);
  const textOf = (id: string) => given.find((choice) => choice.id === id)?.text ?? words.other;
  const mover = (place: number, by: -1 | 1) => {
    const name = `${by < 0 ? words.up : words.down}: ${textOf(order[place]!)}`;
    const isOut = order[place + by] === undefined;
    const press = (event: MouseEvent) => {
      if (isOut) return;
      pressed.current = event.currentTarget as HTMLElement;
      const next = [...order];
      next.splice(place + by, 0, ...next.splice(place, 1));
      arrange(next);
      say(`${textOf(order[place]!)}: ${place + by + 1} / ${order.length}`);
    };
    // Not `disabled`: whoever has come to the end by pressing it keeps the focus.
    return (
      <button type="button" class="mover" aria-label={name} aria-disabled={isOut} onClick={press}>
        <Icon name={by < 0 ? "up" : "down"} />
      </button>
    );
  };
  const submit = () => onAnswer({ value: order }, question.shuffled ? given.map(({ id }) => id) : undefined);
  return (
    <Fragment>
      <ol class="options" aria-labelledby={TITLE_ID}>
        {order.map((id, place) => (
          <li key={id} class="option ranked">
            <b>{place + 1}</b>
            <span>{textOf(id)}</span>
            {mover(place, -1)}
            {mover(place, 1)}
          </li>
        ))}
      </ol>
      <p class="unseen" role="status">{said}</p>
      {foot({ isReady: true, onSubmit: submit })}
    </Fragment>
  );
}
