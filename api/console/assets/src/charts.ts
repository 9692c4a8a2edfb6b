// The charts. Each has a table beside it on the page; this only draws what is in the figure's JSON.
import { BarChart, CustomChart, LineChart, SankeyChart } from "echarts/charts";
import { GridComponent, LegendPlainComponent, TooltipComponent } from "echarts/components";
import { type EChartsCoreOption, type EChartsType, getInstanceByDom, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { accounts } from "./kinds/accounts";
import { emotions } from "./kinds/emotions";
import { type Api, colours, percent } from "./kinds/looks";
import { flags, type StepMark, wordsAt } from "./kinds/marks";
import { overtime } from "./kinds/overtime";

use([BarChart, CustomChart, LineChart, SankeyChart, GridComponent, LegendPlainComponent, TooltipComponent, SVGRenderer]);

interface Group {
  name: string;
  shares: (number | null)[];
  low: (number | null)[];
  high: (number | null)[];
  counts: number[];
}
interface FunnelData {
  kind: "funnel";
  steps: { label: string; letter: string }[];
  groups: Group[];
}

interface FlowData {
  kind: "flows";
  nodes: { id: string; name: string }[];
  links: { from: string; to: string; count: number }[];
}

interface CurveData {
  kind: "curve";
  steps: { label: string; letter: string }[];
  mean: (number | null)[];
  low: (number | null)[];
  high: (number | null)[];
  counts: number[];
  /** What was released at a step. */
  marks?: StepMark[];
}

const watched = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const figure = target.closest<HTMLElement>("figure");
    getInstanceByDom(target as HTMLElement)?.resize();
    if (figure !== null) draw(figure);
  }
});

/** Draw a figure, or draw it anew in the colours of now. */
export function draw(figure: HTMLElement): void {
  const canvas = figure.querySelector<HTMLElement>(".canvas");
  const text = figure.querySelector('script[type="application/json"]')?.textContent;
  if (canvas === null || text == null) return;
  const chart: EChartsType = getInstanceByDom(canvas) ?? init(canvas, null, { renderer: "svg" });
  watched.observe(canvas);
  const data = JSON.parse(text) as { kind: string };
  const kind = KINDS[data.kind];
  if (kind !== undefined) chart.setOption(kind(data as never, canvas.clientWidth), true);
}

type Kind = (data: never, width: number) => EChartsCoreOption;

/** What draws each kind; a new one is a function of a file of its own in kinds/, and a name here. */
const KINDS: Record<string, Kind> = { accounts, curve, emotions, flows, funnel, overtime };

/** Bars by step, a colour a group, each with its interval. */
function funnel(data: FunnelData, width: number): EChartsCoreOption {
  const { ink, soft, line, card, series } = colours();
  const names = data.groups.map(({ name }) => name);
  // A legend's name takes some 7 pixels a letter, and 40 for its mark and the gap.
  const rows = Math.ceil(names.reduce((sum, name) => sum + 40 + 7 * name.length, 0) / Math.max(width, 1));
  const room = Math.floor((width - 56) / data.steps.length) - 6;
  const many = data.groups.length;
  const bars = data.groups.map((group, at) => ({
    type: "bar",
    name: group.name,
    color: series[at % series.length],
    barMaxWidth: 44,
    barGap: "12%",
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
    animation: false,
    aria: { enabled: false },
    textStyle: { color: ink, fontFamily: "system-ui, sans-serif" },
    grid: { left: 8, right: 8, top: many > 1 ? 14 + 26 * rows : 16, bottom: 8, containLabel: true },
    legend: many > 1 ? { top: 0, left: 0, textStyle: { color: ink }, data: names } : undefined,
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      axisPointer: { type: "shadow" },
      backgroundColor: card,
      borderColor: line,
      textStyle: { color: ink },
      formatter: (points: { dataIndex: number; seriesType: string; seriesIndex: number }[]) => said(data, points),
    },
    xAxis: {
      type: "category",
      data: data.steps.map(({ label, letter }) => `${letter} ${label}`),
      axisLabel: { color: soft, interval: 0, width: room, overflow: "break", fontSize: room < 70 ? 10 : 12 },
      axisLine: { lineStyle: { color: line } },
      axisTick: { show: false },
    },
    yAxis: {
      type: "value",
      max: 1,
      axisLabel: { color: soft, formatter: (share: number) => `${Math.round(100 * share)} %` },
      splitLine: { lineStyle: { color: line } },
    },
    series: [...bars, ...whiskers],
  };
}

/** Flows from step to step, the end on the right. */
function flows(data: FlowData): EChartsCoreOption {
  const { ink, line, card, series } = colours();
  const names = [...new Set(data.nodes.map(({ name }) => name))];
  const named = new Map(data.nodes.map(({ id, name }) => [id, name]));
  return {
    animation: false,
    aria: { enabled: false },
    textStyle: { color: ink, fontFamily: "system-ui, sans-serif" },
    tooltip: { renderMode: "richText", backgroundColor: card, borderColor: line, textStyle: { color: ink } },
    series: [
      {
        type: "sankey",
        left: 4,
        right: 150,
        top: 8,
        bottom: 8,
        nodeWidth: 12,
        nodeGap: 10,
        draggable: false,
        layoutIterations: 48,
        data: data.nodes.map(({ id, name }) => ({
          name: id,
          itemStyle: { color: series[names.indexOf(name) % series.length], borderWidth: 0 },
        })),
        links: data.links.map(({ from, to, count }) => ({ source: from, target: to, value: count })),
        lineStyle: { color: "source", opacity: 0.28, curveness: 0.5 },
        label: { color: ink, formatter: ({ name }: { name: string }) => named.get(name) ?? name, width: 140, overflow: "truncate" },
        tooltip: { formatter: (flow: Flow) => flowSaid(flow, named) },
      },
    ],
  };
}

/** A mean along the steps within the band in which it lies; −1 to +1. */
function curve(data: CurveData, width: number): EChartsCoreOption {
  const { ink, soft, line, card, series } = colours();
  const [colour] = series;
  const room = Math.floor((width - 56) / data.steps.length) - 6;
  const signed = (value: number | null | undefined) => (value == null ? "–" : (value > 0 ? "+" : "") + value.toFixed(2));
  return {
    animation: false,
    aria: { enabled: false },
    textStyle: { color: ink, fontFamily: "system-ui, sans-serif" },
    grid: { left: 8, right: 16, top: data.marks?.length ? 30 : 16, bottom: 8, containLabel: true },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      backgroundColor: card,
      borderColor: line,
      textStyle: { color: ink },
      formatter: (points: { dataIndex: number }[]) => {
        const at = points[0]?.dataIndex ?? 0;
        const band = data.low[at] == null ? "" : ` (${signed(data.low[at])} to ${signed(data.high[at])})`;
        return [data.steps[at]?.label, `${signed(data.mean[at])}${band}, n = ${data.counts[at]}`, ...wordsAt(data.marks, at)].join("\n");
      },
    },
    xAxis: {
      type: "category",
      boundaryGap: true,
      data: data.steps.map(({ label, letter }) => `${letter} ${label}`),
      axisLabel: { color: soft, interval: 0, width: room, overflow: "break", fontSize: room < 70 ? 10 : 12 },
      axisLine: { onZero: false, lineStyle: { color: line } },
      axisTick: { show: false },
    },
    yAxis: { type: "value", min: -1, max: 1, axisLabel: { color: soft, formatter: signed }, splitLine: { lineStyle: { color: line } } },
    series: [
      {
        type: "custom",
        silent: true,
        data: data.low.map((low, step) => [step, low ?? 0, data.high[step] ?? 0]),
        renderItem: (_: unknown, api: Api) => (data.low[api.value(0)] == null ? undefined : range(api, colour ?? ink)),
        encode: { x: 0, y: [1, 2] },
      },
      { type: "line", data: data.mean, color: colour, symbolSize: 8, lineWidth: 2, connectNulls: true },
      ...(data.marks?.length ? [flags(data.marks, data.steps.map((_, step) => step), soft)] : []),
    ],
  };
}

/** The range of one step, behind its mean. */
function range(api: Api, colour: string): object {
  const [x, low] = api.coord([api.value(0), api.value(1)]);
  const [, high] = api.coord([api.value(0), api.value(2)]);
  return { type: "rect", shape: { x: x - 14, y: high, width: 28, height: low - high, r: 4 }, style: { fill: colour, opacity: 0.18 } };
}

interface Flow {
  dataType: string;
  name: string;
  value: number;
  data: { source?: string; target?: string };
}

function flowSaid({ dataType, name, value, data }: Flow, named: Map<string, string>): string {
  const count = value.toLocaleString();
  if (dataType === "edge") return `${named.get(data.source ?? "")} → ${named.get(data.target ?? "")}: ${count}`;
  return `${named.get(name)}: ${count}`;
}

/** The interval of one bar, over its middle. */
function whisker(api: Api, at: number, many: number, colour: string): object {
  const [place] = api.barLayout({ barMaxWidth: 44, barGap: "12%", count: many }).slice(at);
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

function said(data: FunnelData, points: { dataIndex: number; seriesType: string; seriesIndex: number }[]): string {
  const bars = points.filter(({ seriesType }) => seriesType === "bar");
  const [first] = bars;
  if (first === undefined) return "";
  const lines = bars.map(({ dataIndex, seriesIndex }) => {
    const group = data.groups[seriesIndex];
    const share = group?.shares[dataIndex];
    return `${group?.name}: ${share == null ? "–" : percent(share)} (${(group?.counts[dataIndex] ?? 0).toLocaleString()})`;
  });
  return [data.steps[first.dataIndex]?.label, ...lines].join("\n");
}
