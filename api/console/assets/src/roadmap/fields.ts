// Fields of the forms of items that are made of several: a place of a journey, a range of days or of users.
import type { Filling } from "../filling";
import type { Estimate } from "./items";

export function fields(root: HTMLElement): void {
  root.addEventListener("input", (event) => {
    const target = event.target as HTMLElement;
    if (target instanceof HTMLSelectElement && target.dataset.place !== undefined) place(target);
    if (target instanceof HTMLSelectElement && target.dataset.givesPlace !== undefined) givesPlace(target);
    const range = target.closest<HTMLElement>("[data-range]");
    if (range !== null) ranged(range);
  });
  for (const choice of root.querySelectorAll<HTMLSelectElement>("[data-gives-place]")) givesPlace(choice);
  for (const dialog of root.querySelectorAll("dialog")) {
    dialog.addEventListener("waypost:filled", (event) => filled(dialog, (event as CustomEvent<Filling>).detail));
    // Opened before this was here.
    if (dialog.dataset.filled !== undefined) filled(dialog, JSON.parse(dialog.dataset.filled) as Filling);
  }
}

/** `journey/stage/step` of the choice, into the fields that are sent. */
function place(choice: HTMLSelectElement): void {
  const [journey = "", stage = "", step = ""] = choice.value.split("/");
  const values: Record<string, string> = { journey, stage, step };
  for (const field of choice.closest("label")?.querySelectorAll<HTMLInputElement>("input[type=hidden]") ?? []) {
    field.value = values[field.name] ?? "";
  }
}

/** An opportunity says its step itself: then none is sent beside it. */
function givesPlace(opportunity: HTMLSelectElement): void {
  const choice = opportunity.form?.querySelector<HTMLSelectElement>("[data-place]");
  for (const field of choice?.closest("label")?.querySelectorAll<HTMLInputElement | HTMLSelectElement>("input, select") ?? []) {
    field.disabled = opportunity.value !== "";
  }
}

/** Both ends as one member; it is sent only where somebody changed it. */
function ranged(range: HTMLElement): void {
  const sent = range.querySelector<HTMLInputElement>("input[type=hidden]");
  const [low, high] = ["low", "high"].map((end) => range.querySelector<HTMLInputElement>(`[data-${end}]`)?.value.trim() ?? "");
  if (sent === null || low === undefined || high === undefined) return;
  sent.disabled = false;
  const isNone = low === "" && high === "";
  const own = { low: Number(low === "" ? high : low), high: Number(high === "" ? low : high) };
  if (range.dataset.range === "impact") sent.value = isNone ? "null" : JSON.stringify(own);
  else sent.value = JSON.stringify([...others(sent), ...(isNone ? [] : [{ by: "", ...own }])]);
}

function others(sent: HTMLInputElement): Estimate[] {
  return JSON.parse(sent.dataset.others ?? "[]") as Estimate[];
}

function filled(dialog: HTMLElement, filling: Filling): void {
  const range = dialog.querySelector<HTMLElement>('[data-range="efforts"]');
  const sent = range?.querySelector<HTMLInputElement>("input[type=hidden]");
  if (range == null || sent == null || !("others" in filling)) return;
  sent.dataset.others = JSON.stringify(filling.others);
  sent.disabled = true;
  for (const end of ["low", "high"]) {
    const field = range.querySelector<HTMLInputElement>(`[data-${end}]`);
    if (field !== null) field.value = String(filling[end] ?? "");
  }
}
