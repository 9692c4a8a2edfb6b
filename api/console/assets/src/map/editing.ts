// Writing in a cell of the map: the form opens in the cell itself, keeps what is typed, and says from which revision.
import { linesOf, make } from "../dom";
import { bringBack } from "../forms";
import { comeBack, reloadAt, type Forms, type Typed } from "./forms";

interface Place {
  name: string;
  step: string;
  stage: string;
  touchpoint: string;
}

const NOTHING: Typed = { text: "", evidence: [], revision: 0, inherited: false };

export function editing(region: HTMLElement, forms: Forms): (cell: HTMLElement) => void {
  const template = document.querySelector<HTMLTemplateElement>("#map-editor");
  const write = (cell: HTMLElement) => {
    const open = region.querySelector<HTMLFormElement>("form.cell-editor");
    if (open !== null && cell.contains(open)) return;
    open?.remove();
    const form = template?.content.firstElementChild?.cloneNode(true) as HTMLFormElement | undefined;
    if (form === undefined) return;
    new Editor(region, forms, cell, form).open();
  };
  region.addEventListener("click", (event) => {
    const target = event.target as HTMLElement;
    const cell = target.closest<HTMLElement>("td[data-cell]");
    if (cell !== null && target.closest("[data-write]") !== null) write(cell);
  });
  region.addEventListener("dblclick", (event) => {
    const cell = (event.target as HTMLElement).closest<HTMLElement>("td[data-cell]");
    if (cell?.querySelector("[data-write]")) write(cell);
  });
  comeBack(region);
  return write;
}

class Editor {
  private readonly row: string;
  private readonly step: string;
  private readonly places: Place[];

  constructor(
    private readonly region: HTMLElement,
    private readonly forms: Forms,
    private readonly cell: HTMLElement,
    private readonly form: HTMLFormElement,
  ) {
    [this.row = "", this.step = ""] = (cell.dataset.cell ?? "").split("|");
    this.places = this.placesOf();
  }

  open(): void {
    const { form, cell } = this;
    this.set("row", this.row);
    this.chooseAmongPlaces();
    cell.append(form);
    cell.classList.add("writing");
    this.show(this.places[0]);
    const text = form.querySelector<HTMLTextAreaElement>('textarea[name="text"]');
    text?.focus();
    form.querySelector('textarea[name="evidence"]')?.addEventListener("input", () => this.countLinks());
    form.querySelector("[data-cancel]")?.addEventListener("click", () => this.close());
    form.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") this.close();
      else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    form.addEventListener("waypost:sent", (event) => {
      event.preventDefault();
      reloadAt(this.region, cell.dataset.cell ?? "");
    });
  }

  /** The step as a whole, its touchpoints where the row tells of them, its stage, the whole journey. */
  private placesOf(): Place[] {
    const { label = this.step, stage = "", touchpoints = [] } = this.forms.steps[this.step] ?? {};
    const own = this.forms.by_touchpoint.includes(this.row) ? touchpoints : [];
    return [
      { name: label, step: this.step, stage: "", touchpoint: "" },
      ...own.map((touchpoint) => ({ name: `${label}: ${touchpoint}`, step: this.step, stage: "", touchpoint })),
      { name: `the stage ${this.forms.stages[stage] ?? stage}`, step: "", stage, touchpoint: "" },
      { name: "the whole journey", step: "", stage: "", touchpoint: "" },
    ];
  }

  private chooseAmongPlaces(): void {
    const choice = this.form.querySelector<HTMLSelectElement>("[data-place-choice]");
    const around = this.form.querySelector<HTMLElement>("[data-places]");
    if (choice === null || around === null) return;
    around.hidden = false;
    choice.replaceChildren(...this.places.map(({ name }, at) => new Option(name, String(at))));
    choice.addEventListener("change", () => this.show(this.places[Number(choice.value)]));
  }

  private typed(place: Place): Typed {
    return this.forms.typed[[this.row, place.stage, place.step, place.touchpoint].join("|")] ?? NOTHING;
  }

  private show(place: Place | undefined): void {
    if (place === undefined) return;
    const { form } = this;
    const { text, evidence, revision, inherited } = this.typed(place);
    for (const name of ["step", "stage", "touchpoint"] as const) this.set(name, place[name]);
    this.set("text", text);
    this.set("evidence", evidence.join("\n"));
    this.set("revision", String(revision));
    form.dataset.keep = [this.forms.persona, this.row, place.stage, place.step, place.touchpoint].join("|");
    const word = form.querySelector('[data-word="what"]');
    if (word !== null) word.textContent = this.cell.closest("tr")?.querySelector(".rowname")?.textContent ?? "Text";
    const note = form.querySelector<HTMLElement>("[data-inherited]");
    if (note !== null) note.hidden = !inherited;
    bringBack(form);
    this.offerQuotes(place);
    this.countLinks();
  }

  /** What users said at the step, each to be linked by a tick. */
  private offerQuotes(place: Place): void {
    const around = this.form.querySelector<HTMLElement>("[data-quotes]");
    const field = this.form.querySelector<HTMLTextAreaElement>('textarea[name="evidence"]');
    if (around === null || field === null) return;
    const quotes = this.forms.quotes[place.step] ?? [];
    around.hidden = quotes.length === 0;
    for (const each of around.querySelectorAll("label")) each.remove();
    for (const { ref, text } of quotes) {
      const box = make("input", { type: "checkbox" });
      box.checked = linesOf(field.value).includes(ref);
      box.addEventListener("change", () => {
        const others = linesOf(field.value).filter((each) => each !== ref);
        field.value = (box.checked ? [...others, ref] : others).join("\n");
        field.dispatchEvent(new Event("input", { bubbles: true }));
      });
      around.append(make("label", { class: "check" }, box, text));
    }
  }

  private countLinks(): void {
    const field = this.form.querySelector<HTMLTextAreaElement>('textarea[name="evidence"]');
    const count = this.form.querySelector("[data-count]");
    if (field !== null && count !== null) count.textContent = String(linesOf(field.value).length);
  }

  private set(name: string, value: string): void {
    const field = this.form.elements.namedItem(name);
    if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) field.value = value;
  }

  private close(): void {
    this.form.remove();
    this.cell.classList.remove("writing");
    this.cell.focus();
  }
}
