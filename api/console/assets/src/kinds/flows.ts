// Flows from step to step, the end on the right.
import type { EChartsCoreOption } from "echarts/core";
import { colours, ground, hint } from "./looks";

export interface FlowData {
  kind: "flows";
  nodes: { id: string; name: string }[];
  links: { from: string; to: string; count: number }[];
}

interface Flow {
  dataType: string;
  name: string;
  value: number;
  data: { source?: string; target?: string };
}

export function flows(data: FlowData): EChartsCoreOption {
  const looks = colours();
  const { ink, series } = looks;
  const names = [...new Set(data.nodes.map(({ name }) => name))];
  const named = new Map(data.nodes.map(({ id, name }) => [id, name]));
  return {
    ...ground(looks),
    tooltip: hint(looks),
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
        tooltip: { formatter: (flow: Flow) => said(flow, named) },
      },
    ],
  };
}

function said({ dataType, name, value, data }: Flow, named: Map<string, string>): string {
  const count = value.toLocaleString("en");
  if (dataType === "edge") return `${named.get(data.source ?? "")} → ${named.get(data.target ?? "")}: ${count}`;
  return `${named.get(name)}: ${count}`;
}
