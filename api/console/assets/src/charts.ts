// The charts. Each has a table beside it on the page; this only draws what is in the figure's JSON.
import { BarChart, CustomChart, LineChart, SankeyChart } from "echarts/charts";
import { GridComponent, LegendPlainComponent, TooltipComponent } from "echarts/components";
import { type EChartsCoreOption, getInstanceByDom, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { accounts } from "./kinds/accounts";
import { curve } from "./kinds/curve";
import { emotions } from "./kinds/emotions";
import { flows } from "./kinds/flows";
import { funnel } from "./kinds/funnel";
import { overtime } from "./kinds/overtime";

use([BarChart, CustomChart, LineChart, SankeyChart, GridComponent, LegendPlainComponent, TooltipComponent, SVGRenderer]);

type Kind = (data: never, width: number) => EChartsCoreOption;

/** What draws each kind; a new one is a function of a file of its own in kinds/, and a name here. */
const KINDS: Record<string, Kind> = { accounts, curve, emotions, flows, funnel, overtime };

/** How wide and tall each place was when it was drawn: it is drawn again only where that has changed. */
const drawn = new WeakMap<Element, string>();
const sizeOf = (canvas: Element) => `${canvas.clientWidth} × ${canvas.clientHeight}`;

const watched = new ResizeObserver((entries) => {
  for (const { target: canvas } of entries) {
    if (!canvas.isConnected) {
      // A part of the page was filled anew, and this is no part of it any more.
      watched.unobserve(canvas);
      getInstanceByDom(canvas as HTMLElement)?.dispose();
    } else if (drawn.get(canvas) !== sizeOf(canvas)) {
      const figure = canvas.closest<HTMLElement>("figure");
      if (figure !== null) draw(figure);
    }
  }
});

// Paper is white, whatever the appearance: what was drawn is drawn again for it, at once, and once more behind it.
matchMedia("print").addEventListener("change", () => {
  for (const figure of document.querySelectorAll<HTMLElement>("figure[data-chart]")) {
    const canvas = figure.querySelector<HTMLElement>(".canvas");
    if (canvas === null || !drawn.has(canvas)) continue;
    draw(figure);
    getInstanceByDom(canvas)?.getZr().flush();
  }
});

/** Draw a figure, or draw it anew in the colours of now. */
export function draw(figure: HTMLElement): void {
  const canvas = figure.querySelector<HTMLElement>(".canvas");
  const text = figure.querySelector('script[type="application/json"]')?.textContent;
  if (canvas === null || text == null) return;
  const data = JSON.parse(text) as { kind: string };
  const kind = KINDS[data.kind];
  if (kind === undefined) return;
  const chart = getInstanceByDom(canvas) ?? init(canvas, null, { renderer: "svg" });
  const size = sizeOf(canvas);
  if (drawn.has(canvas) && drawn.get(canvas) !== size) chart.resize();
  drawn.set(canvas, size);
  watched.observe(canvas);
  chart.setOption(kind(data as never, canvas.clientWidth), true);
}
