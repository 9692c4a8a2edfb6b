// Walking through the map by keyboard: one cell has the focus, arrow keys move it, Enter writes, `c` comments.
interface Doing {
  write: ((cell: HTMLElement) => void) | null;
  talk: (cell: HTMLElement) => void;
}

const MOVES: Record<string, [number, number]> = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

export function walking(region: HTMLElement, { write, talk }: Doing): void {
  const rows = () =>
    [...region.querySelectorAll<HTMLElement>("tbody tr")]
      .map((row) => [...row.querySelectorAll<HTMLElement>("td[data-cell]")])
      .filter((cells) => cells.length > 0);
  const first = rows()[0]?.[0];
  if (first === undefined || document.body.classList.contains("presenting")) return;
  first.tabIndex = 0;
  const wanted = region.dataset.at;

  const go = (cell: HTMLElement | undefined) => {
    if (cell === undefined) return;
    for (const each of region.querySelectorAll<HTMLElement>('td[data-cell][tabindex="0"]')) each.tabIndex = -1;
    cell.tabIndex = 0;
    cell.focus();
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  };

  if (wanted !== undefined) go(region.querySelector<HTMLElement>(`td[data-cell="${CSS.escape(wanted)}"]`) ?? undefined);
  region.addEventListener("focusin", (event) => {
    const cell = (event.target as HTMLElement).closest<HTMLElement>("td[data-cell]");
    if (cell === null || cell.tabIndex === 0) return;
    for (const each of region.querySelectorAll<HTMLElement>('td[data-cell][tabindex="0"]')) each.tabIndex = -1;
    cell.tabIndex = 0;
  });
  region.addEventListener("keydown", (event) => {
    const cell = event.target as HTMLElement;
    if (!cell.matches("td[data-cell]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const move = MOVES[event.key];
    if (move !== undefined) {
      event.preventDefault();
      go(beside(rows(), cell, move));
    } else if (event.key === "Enter") {
      event.preventDefault();
      const [row = ""] = (cell.dataset.cell ?? "").split("|");
      const aim = cell.querySelector<HTMLElement>("[data-aim]");
      if (row === "future" && aim !== null && cell.querySelector("[data-write]") === null) aim.click();
      else if (write !== null && cell.querySelector("[data-write]") !== null) write(cell);
    } else if (event.key === "c") {
      event.preventDefault();
      talk(cell);
    }
  });
}

/** The next cell in a direction that is neither folded nor in a folded row. */
function beside(rows: HTMLElement[][], cell: HTMLElement, [down, right]: [number, number]): HTMLElement | undefined {
  let row = rows.findIndex((cells) => cells.includes(cell));
  let column = rows[row]?.indexOf(cell) ?? 0;
  for (;;) {
    [row, column] = [row + down, column + right];
    const found = rows[row]?.[column];
    if (found === undefined || found.offsetParent !== null) {
      if (found === undefined || !found.classList.contains("folded")) return found;
    }
  }
}
