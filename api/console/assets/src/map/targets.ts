// Targets of a step: what a metric is to be, typed in the unit that people think in.
import { fill } from "../filling";
import { reloadAt, type Forms } from "./forms";

/** What a unit of the service is in those of people, the usual one first. */
const UNITS: Record<string, [string, number][]> = {
  share: [["percent", 0.01]],
  seconds: [["minutes", 60], ["seconds", 1], ["hours", 3_600], ["days", 86_400]],
};

export function targets(region: HTMLElement, forms: Forms): void {
  const dialog = document.querySelector<HTMLDialogElement>("#map-aim");
  const form = dialog?.querySelector("form");
  if (!dialog || !form) return;
  const metric = form.elements.namedItem("metric") as HTMLSelectElement;
  const shown = form.querySelector<HTMLInputElement>("[data-shown]");
  const unit = form.querySelector<HTMLSelectElement>("[data-unit]");
  const back = form.querySelector<HTMLButtonElement>("[data-take-back]");
  const range = dialog.querySelector("#map-aim-range");
  if (shown === null || unit === null || back === null) return;
  let step = "";
  let cell = "";

  const field = (name: string) => form.elements.namedItem(name) as HTMLInputElement;
  const factor = () => Number(unit.value);
  const take = () => {
    // What was wrong with the value before says nothing of this one.
    shown.setCustomValidity("");
    field("target").value = shown.value === "" ? "" : String(Number((shown.valueAsNumber * factor()).toPrecision(12)));
  };
  const show = () => {
    const kind = forms.metrics[metric.value];
    const aim = forms.targets[step]?.[metric.value];
    unit.replaceChildren(...(UNITS[kind?.unit ?? ""] ?? [[kind?.unit ?? "", 1]]).map(([name, times]) => new Option(String(name), String(times))));
    shown.value = aim?.target == null ? "" : String(Number((aim.target / factor()).toPrecision(6)));
    field("revision").value = String(aim?.revision ?? 0);
    field("due").value = aim?.due ?? "";
    back.hidden = aim?.target == null;
    tellRange();
    take();
  };
  const tellRange = () => {
    const kind = forms.metrics[metric.value];
    if (kind === undefined || range === null) return;
    const high = kind.high >= 1e9 ? "" : ` to ${Number((kind.high / factor()).toPrecision(6))}`;
    range.textContent = `${kind.doc.charAt(0).toUpperCase()}${kind.doc.slice(1)}. From ${Number((kind.low / factor()).toPrecision(6))}${high}${high === "" ? " on" : ""}, for ${forms.persona_label}.`;
  };

  region.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest<HTMLElement>("[data-aim]");
    const at = button?.closest<HTMLElement>("td[data-cell]");
    if (!button || !at) return;
    cell = at.dataset.cell ?? "";
    [, step = ""] = cell.split("|");
    fill(dialog, { step });
    const where = dialog.querySelector('[data-word="where"]');
    if (where !== null) where.textContent = `At “${forms.steps[step]?.label ?? step}”`;
    const set = Object.entries(forms.targets[step] ?? {}).find(([, aim]) => aim.target !== null);
    if (set !== undefined) metric.value = set[0];
    field("persona").value = forms.persona;
    show();
    dialog.showModal();
  });
  metric.addEventListener("change", show);
  unit.addEventListener("change", () => {
    tellRange();
    take();
  });
  shown.addEventListener("input", take);
  back.addEventListener("click", () => {
    shown.value = "";
    take();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    if (shown.value === "" && event.submitter !== null) {
      event.preventDefault();
      event.stopImmediatePropagation();
      shown.setCustomValidity("Say what it is to be, or take the target back.");
      shown.reportValidity();
    }
  });
  form.addEventListener("waypost:sent", (event) => {
    event.preventDefault();
    dialog.close();
    reloadAt(region, cell);
  });
}
