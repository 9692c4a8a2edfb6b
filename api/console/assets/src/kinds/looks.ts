// What all kinds of charts share: the colours of the page, the words of figures, how a hint looks.
export interface Looks {
  ink: string;
  soft: string;
  line: string;
  card: string;
  bad: string;
  series: string[];
}

/** A step of a journey, as charts name it. */
export interface Step {
  label: string;
  letter: string;
}

/** What ECharts hands to what draws a mark of one's own. */
export interface Api {
  value(at: number): number;
  coord(point: [number, number]): [number, number];
  barLayout(options: object): { offsetCenter: number; width: number }[];
}

export function colours(): Looks {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  const isDark = style.colorScheme === "dark";
  const series = isDark
    ? ["#8ec5ea", "#f0b172", "#83d3a4", "#d9a5d6", "#e2cf7a", "#7fd0dd"]
    : ["#1f5f8b", "#b5651d", "#2e7d50", "#8a3a86", "#8a7100", "#0d7080"];
  return { ink: read("--ink"), soft: read("--soft"), line: read("--line"), card: read("--card"), bad: read("--bad"), series };
}

export const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** What every chart has: no motion, the page's letters, no description of ECharts' own (the page has one). */
export function ground({ ink }: Looks): object {
  return { animation: false, aria: { enabled: false }, textStyle: { color: ink, fontFamily: "system-ui, sans-serif" } };
}

/** How a hint looks: as text, because the pages' policy lets no markup carry a style. */
export function hint({ ink, line, card }: Looks): object {
  return { renderMode: "richText", backgroundColor: card, borderColor: line, textStyle: { color: ink } };
}

/** An axis of steps: their letters and names, as wide as there is room for each. width: of the whole chart. */
export function stepAxis(steps: Step[], width: number, { soft, line }: Looks): object {
  const room = Math.floor((width - 56) / steps.length) - 6;
  return {
    type: "category",
    data: steps.map(({ label, letter }) => `${letter} ${label}`),
    axisLabel: { color: soft, interval: 0, width: room, overflow: "break", fontSize: room < 70 ? 10 : 12 },
    axisLine: { onZero: false, lineStyle: { color: line } },
    axisTick: { show: false },
  };
}

/** A legend of names on top, and how many pixels its rows take: some 7 a letter, and 40 for its mark and the gap. */
export function legend(names: string[], width: number, { ink }: Looks): { tall: number; shown: object } {
  const rows = Math.ceil(names.reduce((sum, name) => sum + 40 + 7 * name.length, 0) / Math.max(width, 1));
  return { tall: 26 * rows, shown: { top: 0, left: 0, textStyle: { color: ink }, data: names } };
}

/** A score between −1 and +1, with its sign. */
export const signed = (value: number | null | undefined) => (value == null ? "–" : (value > 0 ? "+" : "") + value.toFixed(2));
