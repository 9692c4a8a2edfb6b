/** A row of points from low to high: numbers, stars or faces. One click is the answer. */
import { Fragment, h, type VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import { TITLE_ID } from "../../drawing/card";
import { Icon } from "../../drawing/icons";
import type { Scale } from "../../generated/content";
import { Face } from "./face";
import type { QuestionProps } from "./question";
import { moveFocus } from "./radio";

/** Long enough to see what one has chosen. */
const SHOW_CHOICE_MS = 260;

type ScaleQuestion = { scale: Scale };

function Mark({ as, mood, value }: { as: Scale["style"]; mood: number; value: number }): VNode {
  if (as === "stars") return <Icon name="star" />;
  return as === "faces" ? <Face mood={mood} /> : <Fragment>{value}</Fragment>;
}

export function ScaleView(props: QuestionProps<ScaleQuestion> & { ends: readonly [string, string] }): VNode {
  const { question, before, ends, onAnswer, foot } = props;
  const { low, high, style } = question.scale;
  const [chosen, choose] = useState(before?.value as number | undefined);
  const [pointed, point] = useState<number | undefined>();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const values = [...Array(high - low + 1).keys()].map((step) => low + step);
  const lit = pointed ?? chosen;
  const pick = (value: number) => {
    choose(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onAnswer({ value }), SHOW_CHOICE_MS);
  };
  const name = (value: number) => (value === low ? `${value}, ${ends[0]}` : value === high ? `${value}, ${ends[1]}` : `${value}`);
  return (
    <Fragment>
      <div class={`scale ${style} n${values.length}`}>
        <div class="points" role="radiogroup" aria-labelledby={TITLE_ID} onKeyDown={moveFocus} onPointerLeave={() => point(undefined)}>
          {values.map((value) => (
            <button
              key={value}
              type="button"
              role="radio"
              class={`point-of-scale${style === "stars" && lit !== undefined && value <= lit ? " lit" : ""}`}
              aria-checked={chosen === value}
              aria-label={name(value)}
              tabIndex={value === (chosen ?? low) ? 0 : -1}
              onPointerEnter={() => point(value)}
              onClick={() => pick(value)}
            >
              <Mark as={style} value={value} mood={(value - low) / (high - low)} />
            </button>
          ))}
        </div>
        <div class="ends" aria-hidden="true"><span>{ends[0]}</span><span>{ends[1]}</span></div>
      </div>
      {foot()}
    </Fragment>
  );
}
