// The files of the project as tabs, with how many mistakes each has.
import { coded, make } from "../dom";
import type { Found } from "./start";

export interface Tab {
  name: string;
  isOpen: boolean;
  found: Found[];
}

function counted(found: Found[]): HTMLElement[] {
  return (["error", "warning"] as const).flatMap((severity) => {
    const number = found.filter((each) => each.severity === severity).length;
    if (number === 0) return [];
    const tag = make("span", { class: severity === "error" ? "tag bad" : "tag" }, String(number));
    tag.append(make("span", { class: "unseen" }, ` ${severity}${number === 1 ? "" : "s"}`));
    return [tag];
  });
}

export function drawTabs(list: HTMLElement, tabs: Tab[], open: (name: string) => void): void {
  const hadFocus = list.contains(document.activeElement);
  const buttons = tabs.map((each) => {
    const button = make("button", {}, each.name);
    button.type = "button";
    button.setAttribute("role", "tab");
    button.setAttribute("aria-selected", String(each.isOpen));
    button.tabIndex = each.isOpen ? 0 : -1;
    button.append(...counted(each.found));
    button.addEventListener("click", () => open(each.name));
    return button;
  });
  for (const [number, button] of buttons.entries()) {
    button.addEventListener("keydown", (event) => {
      const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      const next = tabs.at((number + step) % tabs.length);
      if (step === 0 || next === undefined) return;
      event.preventDefault();
      open(next.name);
    });
  }
  list.replaceChildren(...buttons);
  if (hadFocus) list.querySelector<HTMLElement>("[aria-selected=true]")?.focus();
}

/** The mistakes of all files as a list, each with what mends it. */
export function drawProblems(
  place: HTMLElement,
  found: Found[],
  go: (one: Found) => void,
  mend: ((one: Found) => void) | null,
  words: (fix: string) => string,
): void {
  place.hidden = found.length === 0;
  const items = found.map((each) => {
    const item = make("li");
    const where = make("button", { class: "link" }, `${each.file}, line ${each.line}`);
    where.type = "button";
    where.addEventListener("click", () => go(each));
    item.append(make("span", { class: each.severity === "error" ? "tag bad" : "tag" }, each.severity), " ", ...coded(each.message));
    const help = make("span", { class: "hint" });
    help.append(...coded(each.help ?? ""));
    item.append(" ", help, " ", where);
    if (each.fix !== null && mend !== null) {
      const button = make("button", { class: "quiet small" }, words(each.fix));
      button.type = "button";
      button.addEventListener("click", () => mend(each));
      item.append(" ", button);
    }
    return item;
  });
  place.querySelector("ul")?.replaceChildren(...items);
  const summary = place.querySelector("h2");
  const errors = found.filter((each) => each.severity === "error").length;
  const warnings = found.length - errors;
  if (summary !== null) summary.textContent = `${counting(errors, "error")}, ${counting(warnings, "warning")}`;
}

function counting(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
