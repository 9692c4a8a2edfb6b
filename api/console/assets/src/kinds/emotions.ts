// The emotion along a journey map: each point stands over the middle of its column, however wide that is.
import type { EChartsCoreOption } from "echarts/core";
import { type Api, colours, ground, hint, signed, type Step } from "./looks";
import { flags, type StepMark, wordsAt } from "./marks";

export interface EmotionsData {
  kind: "emotions";
  steps: Step[];
  mean: (number | null)[];
  low: (number | null)[];
  high: (number | null)[];
  counts: number[];
  /** What the map stands beside. */
  other: (number | null)[] | null;
  /** What was released at a step. */
  marks: StepMark[];
  /** How wide each column is, as the table lies; all alike without. */
  columns?: number[];
}

export function emotions(data: EmotionsData, width: number): EChartsCoreOption {
  const looks = colours();
  const { ink, soft, line, series } = looks;
  const [colour = ink, second = soft] = series;
  const columns = data.columns?.length === data.steps.length ? data.columns : data.steps.map(() => width / data.steps.length);
  let left = 0;
  const middles = columns.map((wide) => (left += wide) - wide / 2);
  const at = (values: (number | null)[]) => middles.map((x, step) => [x, values[step] ?? null]);
  return {
    ...ground(looks),
    grid: { left: 0, right: 0, top: 26, bottom: 10 },
    tooltip: { ...hint(looks), trigger: "item", formatter: ({ dataIndex }: { dataIndex: number }) => said(data, dataIndex) },
    xAxis: { type: "value", min: 0, max: left, show: false },
    yAxis: {
      type: "value",
      min: -1,
      max: 1,
      interval: 1,
      axisLabel: { inside: true, color: soft, fontSize: 11, verticalAlign: "bottom", formatter: (value: number) => (value > 0 ? "+1" : value < 0 ? "−1" : "0") },
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: line } },
      z: 0,
    },
    series: [
      {
        type: "custom",
        silent: true,
        data: data.low.map((low, step) => [middles[step], low ?? 0, data.high[step] ?? 0]),
        encode: { x: 0, y: [1, 2] },
        renderItem: ({ dataIndex }: { dataIndex: number }, api: Api) => (data.low[dataIndex] == null ? undefined : band(api, colour)),
      },
      ...(data.other === null
        ? []
        : [{ type: "line", data: at(data.other), color: second, symbol: "circle", symbolSize: 6, connectNulls: true, lineStyle: { type: "dashed", width: 2 } }]),
      { type: "line", data: at(data.mean), color: colour, symbol: "circle", symbolSize: 10, connectNulls: true, lineStyle: { width: 3 } },
      ...(data.marks.length === 0 ? [] : [flags(data.marks, middles, soft)]),
    ],
  };
}

function said(data: EmotionsData, step: number): string {
  const range = data.low[step] == null ? "" : ` (${signed(data.low[step])} to ${signed(data.high[step])})`;
  const beside = data.other === null ? [] : [`beside: ${signed(data.other[step])}`];
  const { letter = "", label = "" } = data.steps[step] ?? {};
  return [`${letter} ${label}`, `${signed(data.mean[step])}${range}, n = ${data.counts[step] ?? 0}`, ...beside, ...wordsAt(data.marks, step)].join("\n");
}

function band(api: Api, colour: string): object {
  const [x, low] = api.coord([api.value(0), api.value(1)]);
  const [, high] = api.coord([api.value(0), api.value(2)]);
  return { type: "rect", shape: { x: x - 22, y: high, width: 44, height: Math.max(2, low - high), r: 6 }, style: { fill: colour, opacity: 0.18 } };
}
