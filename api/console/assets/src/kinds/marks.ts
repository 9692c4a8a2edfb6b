// Marks on curves along a journey: what was released at which step. Charts over time have theirs in overtime.ts.
import type { Api } from "./looks";

export interface StepMark {
  /** The place of the step on the axis, from 0. */
  step: number;
  label: string;
  words: string;
}

/** What marks say of a step, for the hint. */
export function wordsAt(marks: StepMark[] | undefined, step: number): string[] {
  return (marks ?? []).filter((each) => each.step === step).map(({ words }) => words);
}

/** A flag over each marked step. xs: where the steps lie on the axis. */
export function flags(marks: StepMark[], xs: number[], colour: string): object {
  return {
    type: "custom",
    silent: true,
    z: 6,
    data: marks.map(({ step }) => [xs[step] ?? 0]),
    encode: { x: 0 },
    renderItem: ({ dataIndex, coordSys }: { dataIndex: number; coordSys: { x: number; y: number; width: number; height: number } }, api: Api) => {
      const [x] = api.coord([api.value(0), 0]);
      const isRight = x > coordSys.x + coordSys.width - 70;
      return {
        type: "group",
        children: [
          { type: "line", shape: { x1: x, y1: coordSys.y - 12, x2: x, y2: coordSys.y + coordSys.height }, style: { stroke: colour, lineDash: [4, 3] } },
          {
            type: "text",
            style: { text: `⚑ ${marks[dataIndex]?.label ?? ""}`, x: x + (isRight ? -4 : 4), y: coordSys.y - 22, fill: colour, fontSize: 11, align: isRight ? "right" : "left" },
          },
        ],
      };
    },
  };
}
