// A mean along the steps within the band in which it lies; −1 to +1.
import type { EChartsCoreOption } from "echarts/core";
import { type Api, colours, ground, hint, signed, type Step, stepAxis } from "./looks";
import { flags, type StepMark, wordsAt } from "./marks";

export interface CurveData {
  kind: "curve";
  steps: Step[];
  mean: (number | null)[];
  low: (number | null)[];
  high: (number | null)[];
  counts: number[];
  /** What was released at a step. */
  marks?: StepMark[];
}

export function curve(data: CurveData, width: number): EChartsCoreOption {
  const looks = colours();
  const { ink, soft, line, series } = looks;
  const [colour = ink] = series;
  return {
    ...ground(looks),
    grid: { left: 8, right: 16, top: data.marks?.length ? 30 : 16, bottom: 8, containLabel: true },
    tooltip: {
      ...hint(looks),
      trigger: "axis",
      formatter: (points: { dataIndex: number }[]) => said(data, points[0]?.dataIndex ?? 0),
    },
    xAxis: { ...stepAxis(data.steps, width, looks), boundaryGap: true },
    yAxis: { type: "value", min: -1, max: 1, axisLabel: { color: soft, formatter: signed }, splitLine: { lineStyle: { color: line } } },
    series: [
      {
        type: "custom",
        silent: true,
        data: data.low.map((low, step) => [step, low ?? 0, data.high[step] ?? 0]),
        renderItem: (_: unknown, api: Api) => (data.low[api.value(0)] == null ? undefined : range(api, colour)),
        encode: { x: 0, y: [1, 2] },
      },
      { type: "line", data: data.mean, color: colour, symbolSize: 8, lineStyle: { width: 2 }, connectNulls: true },
      ...(data.marks?.length ? [flags(data.marks, data.steps.map((_, step) => step), soft)] : []),
    ],
  };
}

function said(data: CurveData, at: number): string {
  const band = data.low[at] == null ? "" : ` (${signed(data.low[at])} to ${signed(data.high[at])})`;
  return [data.steps[at]?.label, `${signed(data.mean[at])}${band}, n = ${data.counts[at]}`, ...wordsAt(data.marks, at)].join("\n");
}

/** The range of one step, behind its mean. */
function range(api: Api, colour: string): object {
  const [x, low] = api.coord([api.value(0), api.value(1)]);
  const [, high] = api.coord([api.value(0), api.value(2)]);
  return { type: "rect", shape: { x: x - 14, y: high, width: 28, height: low - high, r: 4 }, style: { fill: colour, opacity: 0.18 } };
}
