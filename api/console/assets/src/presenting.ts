// The presenter's mode: arrow keys walk from part to part, Escape leaves, `p` enters.
//
// Parts are what has data-part (the columns of a map), the headings of the first two levels, charts and tables that follow
// none of them at once, and what tables have under an id of its own. How far one has come is said in what has data-walk.
import { isTyping } from "./keys";

const HEADINGS = "h1, h2";
const FIGURES = ".chart, .scroll:has(> .figures)";

function partsOf(main: HTMLElement): HTMLElement[] {
  const found = [...main.querySelectorAll<HTMLElement>(`[data-part], ${HEADINGS}, ${FIGURES}, .figures tbody[id]`)];
  return found.filter((each) => {
    if (each.offsetParent === null) return false;
    if (each.dataset.part !== undefined) return true;
    if (each.closest("table.map, dialog, details:not([open])") !== null) return false;
    if (!each.matches(FIGURES)) return true;
    return each.querySelector("tbody[id]") === null && each.previousElementSibling?.matches(HEADINGS) !== true;
  });
}

function walk(main: HTMLElement, by: number | "first" | "last"): void {
  const parts = partsOf(main);
  const now = parts.findIndex((each) => each.dataset.here !== undefined);
  const wanted = by === "first" ? 0 : by === "last" ? parts.length - 1 : now + by;
  const part = parts[Math.max(0, Math.min(parts.length - 1, wanted))];
  if (part === undefined) return;
  for (const each of parts) delete each.dataset.here;
  part.dataset.here = "";
  part.tabIndex = -1;
  part.focus({ preventScroll: true });
  part.scrollIntoView({ block: "start", inline: "center" });
  const told = document.querySelector("[data-walk]");
  if (told !== null) told.textContent = `${parts.indexOf(part) + 1} of ${parts.length}`;
}

const STEPS: Record<string, number | "first" | "last"> = {
  ArrowRight: 1,
  ArrowDown: 1,
  PageDown: 1,
  " ": 1,
  ArrowLeft: -1,
  ArrowUp: -1,
  PageUp: -1,
  Home: "first",
  End: "last",
};

export function presenting(): void {
  const main = document.querySelector<HTMLElement>("#main");
  if (main === null) return;
  const leave = document.querySelector<HTMLAnchorElement>("a[data-leave]");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (leave === null) {
      if (event.key === "p") document.querySelector<HTMLAnchorElement>("a[data-present]")?.click();
      return;
    }
    if (event.key === "Escape" && document.querySelector("dialog[open]") === null) {
      leave.click();
      return;
    }
    const step = STEPS[event.key];
    // Space and Enter press what has the focus.
    if (step === undefined || (event.key === " " && (event.target as HTMLElement).closest("a, button, summary") !== null)) return;
    event.preventDefault();
    walk(main, step);
  });
}
