// The impact × effort matrix: items are dragged, or moved with the arrow keys. Values lie at v ÷ (v + limit) of their
// axis, as the page drew them; a move goes from one round value to the next, so that nobody has to say 7.38 days.
import { type Brief, briefOf, type Changed, change, keep, type Range, short, spanned } from "./items";

const STEPS = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8];
const VALUES = [0, ...[0.1, 1, 10, 100, 1000].flatMap((ten) => STEPS.map((step) => Number((step * ten).toPrecision(2))))];
/** Farther than this, in pixels, a press is a drag. */
const SLACK = 4;

interface Place {
  effort: number;
  impact: number;
}

/** The names of the quadrants, by impact and effort. */
interface Corners {
  much_short: string;
  much_long: string;
  little_short: string;
  little_long: string;
}

interface Moving {
  element: SVGGElement;
  brief: Brief;
  from: Place | null;
  to: Place;
}

export function matrix(root: HTMLElement): void {
  if (root.dataset.mayWrite === "yes") new Matrix(root).start();
  else opens(root);
}

/** Who may not change anything opens items with Enter and a click. */
function opens(root: HTMLElement): void {
  const open = (event: Event) => {
    const element = (event.target as Element).closest("[data-item]");
    if (element?.hasAttribute("data-brief") === true) location.assign(briefOf(element).page);
  };
  root.querySelector("svg.plot")?.addEventListener("click", open);
  root.addEventListener("keydown", (event) => {
    if (event.key === "Enter") open(event);
  });
}

class Matrix {
  private readonly plot: SVGSVGElement;
  private readonly said: HTMLElement;
  private readonly limits: Place;
  /** The most that the service takes. */
  private readonly most: Place;
  private readonly corners: Corners;
  private moving: Moving | null = null;
  private saving = false;

  constructor(private readonly root: HTMLElement) {
    this.plot = root.querySelector<SVGSVGElement>("svg.plot") as SVGSVGElement;
    this.said = root.querySelector<HTMLElement>("[role=status]") as HTMLElement;
    this.limits = { effort: Number(root.dataset.effort), impact: Number(root.dataset.impact) };
    this.most = JSON.parse(root.dataset.most ?? "") as Place;
    this.corners = JSON.parse(root.dataset.corners ?? "") as Corners;
  }

  start(): void {
    for (const element of this.plot.querySelectorAll<SVGGElement>("[data-item]")) {
      const handle = handleOf(element);
      handle.addEventListener("pointerdown", (event) => this.press(element, event));
      handle.addEventListener("keydown", (event) => void this.key(element, event));
      handle.addEventListener("blur", () => this.left(element));
    }
    document.addEventListener("click", (event) => {
      const button = (event.target as Element).closest<HTMLElement>("[data-place-item]");
      if (button !== null) this.bringIn(button.dataset.placeItem ?? "");
    });
  }

  // With the pointer.

  private press(element: SVGGElement, event: PointerEvent): void {
    if (event.button !== 0 || this.saving) return;
    event.preventDefault();
    const handle = handleOf(element);
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    const start = { x: event.clientX, y: event.clientY };
    let dragged = false;
    const move = (next: PointerEvent) => {
      if (!dragged && Math.hypot(next.clientX - start.x, next.clientY - start.y) < SLACK) return;
      dragged = true;
      this.begin(element);
      this.to(this.under(next));
    };
    const end = (last: PointerEvent) => {
      handle.removeEventListener("pointermove", move);
      handle.removeEventListener("pointerup", end);
      handle.removeEventListener("pointercancel", end);
      if (last.type === "pointercancel") this.back("Put back.");
      else if (dragged) void this.save();
      else if (this.moving === null) location.assign(briefOf(element).page);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", end);
    handle.addEventListener("pointercancel", end);
  }

  private under(event: PointerEvent): Place {
    const box = this.plot.getBoundingClientRect();
    const across = within((event.clientX - box.left) / box.width);
    const up = within(1 - (event.clientY - box.top) / box.height);
    return { effort: nearest(across, this.limits.effort), impact: nearest(up, this.limits.impact) };
  }

  // With the keyboard.

  private async key(element: SVGGElement, event: KeyboardEvent): Promise<void> {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (step !== undefined) {
      // A page that is presented walks on with the same keys.
      event.preventDefault();
      event.stopPropagation();
      if (this.saving) return;
      this.begin(element);
      const { effort, impact } = (this.moving as unknown as Moving).to;
      const [across = 0, up = 0] = step;
      this.to({ effort: Math.min(next(effort, across), this.most.effort), impact: next(impact, up) });
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (this.moving?.element === element) await this.save();
      else location.assign(briefOf(element).page);
    } else if (event.key === "Escape" && this.moving !== null) {
      event.stopPropagation();
      this.back("Put back where it was.");
    }
  }

  private left(element: SVGGElement): void {
    if (this.moving?.element === element && !this.saving) this.back("Put back: it was moved and not saved. Enter saves.");
  }

  /** Something without a place gets one in the middle, not saved yet. */
  private bringIn(id: string): void {
    const element = this.plot.querySelector<SVGGElement>(`[data-item="${CSS.escape(id)}"]`);
    if (element === null || this.saving) return;
    element.classList.remove("unplaced");
    handleOf(element).focus();
    this.begin(element);
    this.to((this.moving as unknown as Moving).to);
  }

  // The move itself.

  private begin(element: SVGGElement): void {
    if (this.moving?.element === element) return;
    const brief = briefOf(element);
    const from = brief.effort === null || brief.impact === null ? null : { effort: brief.effort.middle, impact: brief.impact.middle };
    const to = { effort: brief.effort?.middle ?? this.limits.effort, impact: brief.impact?.middle ?? this.limits.impact };
    element.classList.remove("unplaced");
    element.classList.add("moving");
    this.moving = { element, brief, from, to };
  }

  private to(place: Place): void {
    if (this.moving === null) return;
    this.moving.to = place;
    this.stand(this.moving.element, place);
    this.tell(`${this.moving.brief.title}: ${this.words(place)}. Not saved yet.`);
  }

  private back(words: string): void {
    if (this.moving === null) return;
    const { element, from } = this.moving;
    this.moving = null;
    element.classList.remove("moving");
    if (from === null) element.classList.add("unplaced");
    else this.stand(element, from);
    this.tell(words);
  }

  private async save(): Promise<void> {
    if (this.moving === null || this.saving) return;
    const { element, brief, to } = this.moving;
    const members = changes(brief, to, this.most);
    if (Object.keys(members).length === 0) {
      this.back("It is where it was.");
      return;
    }
    this.saving = true;
    const changed = await change(brief, members);
    this.saving = false;
    if (changed === null) {
      this.back("Not saved: it is put back where it was.");
      return;
    }
    this.moving = null;
    element.classList.remove("moving");
    keep(element, brief, changed);
    this.show(element, brief, changed, to);
  }

  /** Show what the service made of it: with the estimates of others the effort may be another one. */
  private show(element: SVGGElement, brief: Brief, changed: Changed, to: Place): void {
    const { effort, impact, place } = changed;
    if (effort === null || impact === null) return;
    const now = { effort: effort.middle, impact: impact.middle };
    this.stand(element, now);
    this.spread(element, effort, impact);
    handleOf(element).classList.toggle("close", place?.is_close === true);
    element.querySelector(".aside")?.setAttribute("transform", "translate(0 0)");
    handleOf(element).setAttribute("aria-label", `${brief.title}: ${this.words(now)}`);
    this.row(brief.id, changed);
    document.querySelector(`[data-unplaced="${brief.id}"]`)?.remove();
    const others = Math.abs(now.effort - to.effort) > 0.01 * to.effort ? ` You say ${short(to.effort)} days; with the estimates of others it is ${spanned(effort)}.` : "";
    this.tell(`Saved: ${brief.title}, ${this.words(now)}.${others}`);
  }

  private row(id: number, { effort, impact, place }: Changed): void {
    const row = document.querySelector(`[data-row="${id}"]`);
    const cells: Record<string, string> = {
      quadrant: place === null ? "–" : place.quadrant + (place.is_close ? ", close" : ""),
      effort: spanned(effort),
      impact: spanned(impact),
      timebox: place?.timebox ?? "–",
    };
    for (const [name, words] of Object.entries(cells)) {
      const cell = row?.querySelector(`[data-cell="${name}"]`);
      if (cell != null) cell.textContent = words;
    }
  }

  private stand(element: SVGGElement, { effort, impact }: Place): void {
    const spot = element.querySelector(".spot");
    const x = 100 * at(effort, this.limits.effort);
    spot?.setAttribute("x", `${x.toFixed(2)}%`);
    spot?.setAttribute("y", `${(100 - 100 * at(impact, this.limits.impact)).toFixed(2)}%`);
    const name = element.querySelector(".name");
    name?.setAttribute("x", x > 62 ? "-19" : "19");
    name?.setAttribute("text-anchor", x > 62 ? "end" : "start");
  }

  private spread(element: SVGGElement, effort: Range, impact: Range): void {
    const x = (value: number) => `${(100 * at(value, this.limits.effort)).toFixed(2)}%`;
    const y = (value: number) => `${(100 - 100 * at(value, this.limits.impact)).toFixed(2)}%`;
    const line = (ends: Record<string, string>) => {
      const made = document.createElementNS("http://www.w3.org/2000/svg", "line");
      for (const [name, value] of Object.entries(ends)) made.setAttribute(name, value);
      return made;
    };
    const [across, along] = [y(impact.middle), x(effort.middle)];
    element.querySelector(".spread")?.replaceChildren(
      line({ x1: x(effort.low), x2: x(effort.high), y1: across, y2: across }),
      line({ x1: along, x2: along, y1: y(impact.low), y2: y(impact.high) }),
    );
  }

  private words({ effort, impact }: Place): string {
    const [isLong, isMuch] = [effort >= this.limits.effort, impact >= this.limits.impact];
    const corner = `${isMuch ? "much" : "little"}_${isLong ? "long" : "short"}` as const;
    return `${short(effort)} days, ${short(impact)} users a week, ${this.corners[corner]}`;
  }

  private tell(words: string): void {
    this.said.textContent = words;
  }
}

/** What changes: effort as one's own estimate, impact as that of the item; each keeps how sure it was. */
export function changes(brief: Brief, to: Place, most: Place): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  if (brief.effort === null || brief.effort.middle !== to.effort) {
    const others = brief.efforts.filter(({ by }) => by !== brief.mine);
    const own = brief.efforts.find(({ by }) => by === brief.mine) ?? null;
    const was = own ?? (others.length > 0 ? null : brief.effort);
    found.efforts = [...others, { by: "", ...around(to.effort, was, most.effort) }];
  }
  if (brief.impact === null || brief.impact.middle !== to.impact) found.impact = around(to.impact, brief.impact, most.impact);
  return found;
}

/** A range around a value, in proportion as wide as it was. */
function around(value: number, was: { low: number; high: number } | null, most: number): { low: number; high: number } {
  const middle = was === null ? 0 : (was.low + was.high) / 2;
  const width = was === null || middle === 0 ? 0 : Math.min(1, (was.high - was.low) / 2 / middle);
  const round = (end: number) => Number(Math.min(end, most).toFixed(2));
  return { low: round(value * (1 - width)), high: round(value * (1 + width)) };
}

const handleOf = (element: SVGGElement): SVGGElement => element.querySelector<SVGGElement>(".handle") as SVGGElement;
const at = (value: number, limit: number): number => value / (value + limit);
const within = (share: number): number => Math.min(0.985, Math.max(0, share));

/** The round value whose place is nearest. */
function nearest(share: number, limit: number): number {
  return VALUES.reduce((best, each) => (Math.abs(at(each, limit) - share) < Math.abs(at(best, limit) - share) ? each : best), 0);
}

/** The next round value up or down. */
function next(value: number, step: number): number {
  if (step === 0) return value;
  const found = step > 0 ? VALUES.find((each) => each > value * 1.001) : VALUES.filter((each) => each < value * 0.999).pop();
  return found ?? value;
}
