// A funnel: bars by step, a colour a group, each with its interval.
import type { EChartsCoreOption } from "echarts/core";
import { type Api, colours, ground, hint, legend, percent, type Step, stepAxis } from "./looks";

export interface FunnelData {
  kind: "funnel";
  steps: Step[];
  groups: Group[];
}

interface Group {
  name: string;
  shares: (number | null)[];
  low: (number | null)[];
  high: (number | null)[];
  counts: number[];
}

interface Point {
  dataIndex: number;
  seriesType: string;
  seriesIndex: number;
}

const BARS = { barMaxWidth: 44, barGap: "12%" };

export function funnel(data: FunnelData, width: number): EChartsCoreOption {
  const looks = colours();
  const { ink, soft, line, series } = looks;
  const many = data.groups.length;
  const names = legend(data.groups.map(({ name }) => name), width, looks);
  const bars = data.groups.map((group, at) => ({
    type: "bar",
    name: group.name,
    color: series[at % series.length],
    ...BARS,
    data: group.shares,
    emphasis: { focus: "series" },
  }));
  const whiskers = data.groups.map((group, at) => ({
    type: "custom",
    name: group.name,
    silent: true,
    z: 5,
    encode: { x: 0, y: [1, 2] },
    data: group.low.map((low, step) => [step, low ?? 0, group.high[step] ?? 0]),
    renderItem: (_: unknown, api: Api) => whisker(api, at, many, ink),
    tooltip: { show: false },
  }));
  return {
    ...ground(looks),
    grid: { left: 8, right: 8, top: many > 1 ? 14 + names.tall : 16, bottom: 8, containLabel: true },
    legend: many > 1 ? names.shown : undefined,
    tooltip: {
      ...hint(looks),
      trigger: "axis",
      axisPointer: { type: "shadow" },
      formatter: (points: Point[]) => said(data, points),
    },
    xAxis: stepAxis(data.steps, width, looks),
    yAxis: {
      type: "value",
      max: 1,
      axisLabel: { color: soft, formatter: (share: number) => `${Math.round(100 * share)} %` },
      splitLine: { lineStyle: { color: line } },
    },
    series: [...bars, ...whiskers],
  };
}

/** The interval of one bar, over its middle. */
function whisker(api: Api, at: number, many: number, colour: string): object {
  const [place] = api.barLayout({ ...BARS, count: many }).slice(at);
  const step = api.value(0);
  const [x, low] = api.coord([step, api.value(1)]);
  const [, high] = api.coord([step, api.value(2)]);
  const middle = x + (place?.offsetCenter ?? 0);
  const style = { stroke: colour, lineWidth: 1.5 };
  const stroke = (x1: number, y1: number, x2: number, y2: number) => ({ type: "line", shape: { x1, y1, x2, y2 }, style });
  return {
    type: "group",
    children: [stroke(middle, low, middle, high), stroke(middle - 4, low, middle + 4, low), stroke(middle - 4, high, middle + 4, high)],
  };
}

function said(data: FunnelData, points: Point[]): string {
  const bars = points.filter(({ seriesType }) => seriesType === "bar");
  const [first] = bars;
  if (first === undefined) return "";
  const lines = bars.map(({ dataIndex, seriesIndex }) => {
    const group = data.groups[seriesIndex];
    const share = group?.shares[dataIndex];
    return `${group?.name}: ${share == null ? "–" : percent(share)} (${(group?.counts[dataIndex] ?? 0).toLocaleString("en")})`;
  });
  return [data.steps[first.dataIndex]?.label, ...lines].join("\n");
}
