// The journey map: columns and rows that fold, walking from cell to cell, writing in a cell, its comments, targets.
import { editing } from "../map/editing";
import { folding } from "../map/folding";
import { targets } from "../map/targets";
import { walking } from "../map/walking";
import type { Forms } from "../map/forms";

export function start(region: HTMLElement): void {
  const told = region.querySelector("#map-forms")?.textContent;
  const forms = told == null ? null : (JSON.parse(told) as Forms);
  folding(region);
  const write = forms === null ? null : editing(region, forms);
  if (forms !== null) targets(region, forms);
  const talk = (cell: HTMLElement) => comment(region, cell);
  walking(region, { write, talk });
  region.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest<HTMLElement>("[data-talk], .talk");
    const cell = button?.closest<HTMLElement>("td[data-cell]");
    if (cell) talk(cell);
  });
}

/** The thread of a cell, in a dialog. */
function comment(region: HTMLElement, cell: HTMLElement): void {
  const dialog = document.querySelector<HTMLDialogElement>("#map-talk");
  const thread = dialog?.querySelector<HTMLElement>("[data-comments]");
  const base = region.dataset.commentsAt ?? "";
  if (!dialog || !thread || base === "") return;
  const [row = "", step = ""] = (cell.dataset.cell ?? "").split("|");
  const place = `map:${region.dataset.journey ?? ""}:${region.dataset.persona ?? ""}:${row}:${step}`;
  thread.dataset.place = place;
  thread.dataset.comments = `${base}&place=${encodeURIComponent(place)}`;
  thread.replaceChildren();
  const title = dialog.querySelector("h2");
  if (title !== null) title.textContent = cell.querySelector("[data-talk]")?.getAttribute("aria-label") ?? "Comments";
  dialog.showModal();
  dialog.addEventListener("close", () => cell.focus(), { once: true });
  thread.dispatchEvent(new CustomEvent("waypost:comments", { bubbles: true }));
}
