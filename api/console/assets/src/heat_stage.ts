// The stage of heat maps: becomes the masked picture of a page, and draws on it what it is told by the page that frames
// it. It has no origin, may load nothing, and nothing on it leads anywhere.
//
// Told: {waypost: "heat", events, marks, bands?, fold?, scale?}. Tells: {waypost: "ready"} · {waypost: "drawn", height, places}
// · {waypost: "chosen", mark} · {waypost: "failed", words}.
import { buildNodeWithSN, createCache, createMirror } from "rrweb-snapshot";

type Serialized = Parameters<typeof buildNodeWithSN>[0];

interface Mark {
  selector: string;
  label: string;
  /** Of the hottest, 0 to 1. */
  weight: number;
  /** Column and row of ten by ten, and the share of the hottest spot. */
  spots: [column: number, row: number, weight: number][];
}

interface Band {
  /** Percent of the page. */
  depth: number;
  share: number;
  label: string;
}

interface Said {
  waypost?: string;
  events?: { type: number; data: { node?: Serialized } }[];
  marks?: Mark[];
  bands?: Band[];
  fold?: number | null;
  /** How much smaller all of it is shown: words are to be read all the same. */
  scale?: number;
}

const FULL = 2;
const ELEMENT = 2;
const BINS = 10;
/** A mark on something small can still be seen and met. */
const SMALLEST = 12;
/** A spot is as wide as a part of its element, within these. */
const SPOT_PART = 4;
const SPOT = [18, 46] as const;
const MOST_PLACES = 50;
const LARGEST = 2.5;
const LINE = 18;

const LOOK = `
:host { all: initial; position: absolute; inset: 0 auto auto 0; z-index: 2147483647; pointer-events: none; }
.mark { position: absolute; box-sizing: border-box; border: 2px solid; border-radius: 4px; }
.spot { position: absolute; translate: -50% -50%; border-radius: 50%; }
.label { position: absolute; max-width: 260px; padding: 1px 7px; border-radius: 9px; background: #14181f; color: #fff;
  font: 600 12px/18px system-ui, sans-serif; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; cursor: pointer; pointer-events: auto; transform: scale(var(--larger)); transform-origin: 0 100%; }
.band { position: absolute; left: 0; border-bottom: 1px dashed rgb(20 24 31 / 60%); }
.fold { position: absolute; left: 0; height: 0; border-top: 3px dashed #14181f; }
`;

let said: Said = {};
let canvas: ShadowRoot | undefined;

function tell(kind: string, more: Record<string, unknown> = {}): void {
  window.parent.postMessage({ waypost: kind, ...more }, "*");
}

/** How much larger words are drawn, so that they can be read where the page is shown smaller. */
function larger(): number {
  return Math.min(LARGEST, 1 / Math.max(said.scale ?? 1, 0.1));
}

/** From blue over green and yellow to red. */
function heat(weight: number, alpha: number): string {
  const share = Math.min(1, Math.max(0, weight));
  return `hsl(${Math.round(240 * (1 - share))} 90% 45% / ${alpha})`;
}

/** The page takes the place of this one: its own styles meet its own elements as they did. */
function become(events: NonNullable<Said["events"]>): void {
  const whole = events.find(({ type }) => type === FULL)?.data.node as { childNodes?: Serialized[] } | undefined;
  const html = whole?.childNodes?.find((each) => (each as { type: number }).type === ELEMENT);
  if (!html) throw new Error("it has no page in it");
  const built = buildNodeWithSN(html, { doc: document, mirror: createMirror(), cache: createCache(), hackCss: false });
  if (!(built instanceof HTMLElement)) throw new Error("it has no page in it");
  document.replaceChild(built, document.documentElement);
  // Nothing moves while it is measured, and nothing afterwards.
  const still = new CSSStyleSheet();
  still.replaceSync("*, ::before, ::after { animation: none !important; transition: none !important; scroll-behavior: auto !important; }");
  document.adoptedStyleSheets = [still];
  const host = document.createElement("waypost-heat");
  canvas = host.attachShadow({ mode: "open" });
  const look = new CSSStyleSheet();
  look.replaceSync(LOOK);
  canvas.adoptedStyleSheets = [look];
  document.documentElement.append(host);
}

/** The document and all open shadow roots in it. */
function roots(): (Document | ShadowRoot)[] {
  const found: (Document | ShadowRoot)[] = [document];
  for (const root of found) {
    for (const each of root.querySelectorAll("*")) {
      if (each.shadowRoot && each.localName !== "waypost-heat") found.push(each.shadowRoot);
    }
  }
  return found;
}

function matches(within: (Document | ShadowRoot)[], selector: string): Element[] {
  try {
    return within.flatMap((root) => [...root.querySelectorAll(selector)]).slice(0, MOST_PLACES);
  } catch {
    // Anybody may send what is no selector.
    return [];
  }
}

/** How tall the page is, with what scrolls in the one large part of applications that fill the window. */
function fullHeight(): number {
  const { documentElement, body } = document;
  let tallest = Math.max(documentElement.scrollHeight, body?.scrollHeight ?? 0);
  const enough = (innerWidth * innerHeight) / 2;
  for (const each of document.querySelectorAll<HTMLElement>("body *")) {
    if (each.scrollHeight <= each.clientHeight || each.clientWidth * each.clientHeight < enough) continue;
    if (/auto|scroll/.test(getComputedStyle(each).overflowY)) tallest = Math.max(tallest, innerHeight - each.clientHeight + each.scrollHeight);
  }
  return tallest;
}

function add(look: string, place: Record<string, number>, style: Record<string, string> = {}, text = ""): HTMLElement {
  const box = document.createElement("div");
  box.className = look;
  for (const [name, px] of Object.entries(place)) box.style.setProperty(name, `${px}px`);
  for (const [name, value] of Object.entries(style)) box.style.setProperty(name, value);
  box.textContent = text;
  canvas?.append(box);
  return box;
}

function drawMark(mark: Mark, index: number, elements: Element[]): number {
  let drawn = 0;
  for (const element of elements) {
    const box = element.getBoundingClientRect();
    const [left, top] = [box.left + scrollX, box.top + scrollY];
    if (box.width === 0 && box.height === 0) continue;
    drawn++;
    const size = { left, top, width: Math.max(box.width, SMALLEST), height: Math.max(box.height, SMALLEST) };
    add("mark", size, { "border-color": heat(mark.weight, 0.9), background: heat(mark.weight, mark.spots.length ? 0.12 : 0.3) });
    for (const [column, row, weight] of mark.spots) {
      const wide = Math.min(SPOT[1], Math.max(SPOT[0], size.width / SPOT_PART));
      const at = { left: left + (size.width * (column + 0.5)) / BINS, top: top + (size.height * (row + 0.5)) / BINS };
      // What few did must not hide the page where many few lie side by side.
      const shade = `radial-gradient(closest-side, ${heat(weight, 0.12 + 0.5 * weight)}, ${heat(weight, 0)})`;
      add("spot", { ...at, width: wide, height: wide }, { background: shade });
    }
    // It grows upwards from its lower edge, and stays on the page.
    const chip = add("label", { left: Math.max(0, left), top: Math.max(LINE * (larger() - 1), top - LINE - 2) }, {}, mark.label);
    chip.addEventListener("click", () => tell("chosen", { mark: index }));
  }
  return drawn;
}

function drawBands(bands: Band[], fold: number | null | undefined, height: number): void {
  const width = document.documentElement.scrollWidth;
  bands.forEach((band, index) => {
    const [from, to] = [bands[index - 1]?.depth ?? 0, band.depth];
    const top = (height * from) / 100;
    add("band", { top, width, height: (height * (to - from)) / 100 }, { background: heat(band.share, 0.28) });
    add("label", { left: 8, top: (height * to) / 100 - 22 }, {}, band.label);
  });
  if (fold === null || fold === undefined) return;
  const top = (height * fold) / 100;
  add("fold", { top, width });
  const atTheRight = { translate: "-100% 0", "transform-origin": "100% 0" };
  add("label", { left: width - 8, top: top + 5 }, atTheRight, `Fold: ${fold} % is seen without scrolling`);
}

function draw(height: number): number[] {
  canvas?.replaceChildren();
  const { marks = [], bands = [], fold } = said;
  (canvas?.host as HTMLElement).style.setProperty("--larger", String(larger()));
  const within = roots();
  const places = marks.map((mark) => matches(within, mark.selector));
  // The hottest on top.
  const counts = marks.map(() => 0);
  for (let index = marks.length - 1; index >= 0; index--) counts[index] = drawMark(marks[index]!, index, places[index]!);
  if (bands.length) drawBands(bands, fold, height);
  return counts;
}

function show(told: Said): void {
  try {
    said = told;
    become(told.events ?? []);
    const height = fullHeight();
    tell("drawn", { height, places: draw(height) });
    // The frame becomes as tall as the page: what hangs on the height of the window moves.
    window.addEventListener("resize", () => draw(Math.max(height, innerHeight)));
  } catch (fault) {
    tell("failed", { words: fault instanceof Error ? fault.message : String(fault) });
  }
}

window.addEventListener("message", (event) => {
  if (event.source === window.parent && (event.data as Said)?.waypost === "heat" && !canvas) show(event.data as Said);
});
// Nothing on a picture leads anywhere.
for (const name of ["click", "auxclick", "submit", "dragstart"]) {
  window.addEventListener(name, (event) => event.preventDefault(), true);
}
tell("ready");
