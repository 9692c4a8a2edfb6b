// A figure over time within its band, with marks where something was published or released.
import type { EChartsCoreOption } from "echarts/core";
import { type Api, colours, ground, hint, type Looks } from "./looks";

interface Band {
  name: string;
  low: (number | null)[];
  high: (number | null)[];
}

export interface OvertimeData {
  kind: "overtime";
  /** `share` 0 to 1, `points` a difference of shares, or another unit, which is told as it is. */
  unit: string;
  name: string;
  days: string[];
  value: (number | null)[];
  counts: string[];
  /** The widest first. */
  bands: Band[];
  /** How far the axis goes to both sides of nothing; without it, as far as the figures. */
  reach?: number;
  marks: { day: string; label: string; words: string }[];
}

interface Place {
  coordSys: { x: number; y: number; width: number; height: number };
}

export function overtime(data: OvertimeData, width: number): EChartsCoreOption {
  const looks = colours();
  const { ink, soft, line, series } = looks;
  const [colour = ink] = series;
  const marks = data.marks.filter(({ day }) => data.days.includes(day));
  return {
    ...ground(looks),
    grid: { left: 8, right: 16, top: marks.length > 0 ? 34 : 16, bottom: 8, containLabel: true },
    tooltip: {
      ...hint(looks),
      trigger: "axis",
      formatter: (points: { dataIndex: number }[]) => said(data, points[0]?.dataIndex ?? 0),
    },
    xAxis: {
      type: "category",
      boundaryGap: data.days.length === 1,
      data: data.days,
      axisLabel: { color: soft, hideOverlap: true, fontSize: width < 480 ? 10 : 12 },
      axisLine: { onZero: false, lineStyle: { color: line } },
      axisTick: { show: false },
    },
    yAxis: {
      type: "value",
      scale: data.unit !== "points",
      ...(data.reach === undefined ? {} : { min: -data.reach, max: data.reach }),
      axisLabel: { color: soft, formatter: (value: number) => spelled(data.unit, value, 0) },
      splitLine: { lineStyle: { color: line } },
    },
    series: [
      ...data.bands.map((band, at) => stretch(band, colour, at)),
      ...(data.unit === "points" ? [zero(data.days.length, looks)] : []),
      { type: "line", data: data.value, color: colour, symbolSize: 6, lineStyle: { width: 2 }, connectNulls: false },
      ...(marks.length > 0 ? [flags(data, marks, looks)] : []),
    ],
  };
}

export function spelled(unit: string, value: number, digits = 1): string {
  if (unit === "share") return `${(100 * value).toFixed(digits)} %`;
  if (unit === "points") return `${value > 0 ? "+" : ""}${(100 * value).toFixed(digits)}`;
  return value.toLocaleString("en", { maximumFractionDigits: 2 });
}

function said(data: OvertimeData, at: number): string {
  const value = data.value[at];
  const told = value == null ? "not enough" : spelled(data.unit, value) + (data.unit === "points" ? " points" : "");
  const bands = data.bands.flatMap(({ name, low, high }) => {
    const [from, to] = [low[at], high[at]];
    return from == null || to == null ? [] : [`${name}: ${spelled(data.unit, from)} to ${spelled(data.unit, to)}`];
  });
  const marks = data.marks.filter(({ day }) => day === data.days[at]).map(({ words }) => words);
  return [data.days[at], `${data.name}: ${told}`, ...bands, data.counts[at] ?? "", ...marks].filter((each) => each !== "").join("\n");
}

/** A band, piece by piece between two neighbours, so that a gap stays a gap. */
function stretch(band: Band, colour: string, at: number): object {
  const data = band.low.map((low, day) => [day, low, band.high[day], band.low[day + 1] ?? null, band.high[day + 1] ?? null]);
  return {
    type: "custom",
    silent: true,
    clip: true,
    z: at,
    data,
    encode: { x: 0, y: [1, 2] },
    renderItem: ({ dataIndex }: { dataIndex: number }, api: Api) => {
      const [day, low, high, nextLow, nextHigh] = data[dataIndex] ?? [];
      if (day == null || low == null || high == null) return undefined;
      const alone = nextLow == null || nextHigh == null;
      const [x, bottom] = api.coord([day, low]);
      const [, top] = api.coord([day, high]);
      const style = { fill: colour, opacity: at === 0 ? 0.14 : 0.2 };
      if (alone) return { type: "rect", shape: { x: x - 1, y: top, width: 2, height: bottom - top }, style };
      const [next, nextBottom] = api.coord([day + 1, nextLow]);
      const [, nextTop] = api.coord([day + 1, nextHigh]);
      return { type: "polygon", shape: { points: [[x, bottom], [x, top], [next, nextTop], [next, nextBottom]] }, style };
    },
  };
}

function zero(days: number, { soft }: Looks): object {
  return { type: "line", silent: true, data: Array(days).fill(0), symbol: "none", lineStyle: { color: soft, width: 1, type: "dashed" } };
}

function flags(data: OvertimeData, marks: OvertimeData["marks"], { soft }: Looks): object {
  return {
    type: "custom",
    silent: true,
    z: 6,
    data: marks.map(({ day }) => [data.days.indexOf(day)]),
    encode: { x: 0 },
    renderItem: ({ coordSys, dataIndex }: Place & { dataIndex: number }, api: Api) => {
      const [x] = api.coord([api.value(0), 0]);
      const isRight = x > coordSys.x + coordSys.width - 60;
      // Neighbours stand on two heights, so that their names do not cover each other.
      const y = coordSys.y - 20 + 12 * (dataIndex % 2);
      return {
        type: "group",
        children: [
          { type: "line", shape: { x1: x, y1: y, x2: x, y2: coordSys.y + coordSys.height }, style: { stroke: soft, lineDash: [4, 3] } },
          { type: "text", style: { text: marks[dataIndex]?.label ?? "", x: x + (isRight ? -4 : 4), y: y - 8, fill: soft, fontSize: 11, align: isRight ? "right" : "left" } },
        ],
      };
    },
  };
}
