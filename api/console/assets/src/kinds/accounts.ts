// Accounts by how much they do and how much they get, each as a percentile; the busy ones that get little stand out.
import type { EChartsCoreOption } from "echarts/core";
import { type Api, colours, ground, hint, legend, type Looks } from "./looks";

interface Account {
  name: string;
  x: number;
  y: number;
  people: number;
}

export interface AccountsData {
  kind: "accounts";
  /** From where on a percentile is high, and up to which it is low. */
  low: number;
  high: number;
  groups: { name: string; isStuck: boolean; accounts: Account[] }[];
}

interface Place {
  coordSys: { x: number; y: number; width: number; height: number };
}

export function accounts(data: AccountsData, width: number): EChartsCoreOption {
  const looks = colours();
  const { ink, soft, line, bad, series } = looks;
  const names = legend(data.groups.map(({ name }) => name), width, looks);
  const axis = (name: string) => ({
    type: "value",
    name,
    nameLocation: "middle",
    min: 0,
    max: 100,
    nameTextStyle: { color: soft },
    axisLabel: { color: soft },
    splitLine: { show: false },
    axisLine: { lineStyle: { color: line } },
  });
  return {
    ...ground(looks),
    grid: { left: 30, right: 16, top: 10 + names.tall, bottom: 26, containLabel: true },
    legend: names.shown,
    tooltip: {
      ...hint(looks),
      trigger: "item",
      formatter: ({ seriesIndex, dataIndex }: { seriesIndex: number; dataIndex: number }) => said(data, seriesIndex, dataIndex),
    },
    xAxis: { ...axis("Activity, percentile"), nameGap: 26 },
    yAxis: { ...axis("Outcomes, percentile"), nameGap: 34 },
    series: [
      ...data.groups.map(({ name, isStuck, accounts: own }, at) => {
        const colour = isStuck ? bad : (series[at % series.length] ?? ink);
        return {
          type: "custom",
          name,
          color: colour,
          z: 3,
          data: own.map(({ x, y, people }) => [x, y, people]),
          encode: { x: 0, y: 1 },
          renderItem: (_: unknown, api: Api) => spot(api, colour),
        };
      }),
      borders(data, looks),
    ],
  };
}

/** A point whose area grows with the people of the account. */
function spot(api: Api, colour: string): object {
  const [cx, cy] = api.coord([api.value(0), api.value(1)]);
  const r = Math.min(16, 4 + Math.sqrt(api.value(2)));
  return { type: "circle", shape: { cx, cy, r }, style: { fill: colour, opacity: 0.75 } };
}

/** Lines at what is called low and high, and the name of the corner that somebody should call. */
function borders({ low, high }: AccountsData, { soft, bad }: Looks): object {
  return {
    type: "custom",
    silent: true,
    data: [[0, 0]],
    encode: { x: 0, y: 1 },
    tooltip: { show: false },
    renderItem: ({ coordSys }: Place, api: Api) => {
      const stroke = { stroke: soft, lineDash: [3, 4], opacity: 0.7 };
      const [right, bottom] = [coordSys.x + coordSys.width, coordSys.y + coordSys.height];
      const lines = [low, high].flatMap((at) => {
        const [x, y] = api.coord([at, at]);
        return [
          { type: "line", shape: { x1: x, y1: coordSys.y, x2: x, y2: bottom }, style: stroke },
          { type: "line", shape: { x1: coordSys.x, y1: y, x2: right, y2: y }, style: stroke },
        ];
      });
      const [x, y] = api.coord([high, low]);
      const corner = { type: "rect", shape: { x, y, width: right - x, height: bottom - y }, style: { fill: bad, opacity: 0.07 } };
      return { type: "group", children: [corner, ...lines] };
    },
  };
}

function said(data: AccountsData, group: number, at: number): string {
  const found = data.groups[group]?.accounts[at];
  if (found === undefined) return "";
  const people = `${found.people.toLocaleString("en")} ${found.people === 1 ? "person" : "people"}`;
  return `${found.name}, ${people}\nactivity ${found.x.toFixed(0)}, outcomes ${found.y.toFixed(0)}\n${data.groups[group]?.name}`;
}
