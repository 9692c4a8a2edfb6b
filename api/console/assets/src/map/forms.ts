// What the forms of the map begin with, as the page says it.
export interface Typed {
  text: string;
  evidence: string[];
  revision: number;
  inherited: boolean;
}

export interface Aim {
  target: number | null;
  due: string | null;
  revision: number;
}

export interface Forms {
  journey: string;
  persona: string;
  persona_label: string;
  /** By row, stage, step and touchpoint. */
  typed: Record<string, Typed>;
  quotes: Record<string, { ref: string; text: string }[]>;
  targets: Record<string, Record<string, Aim>>;
  metrics: Record<string, { label: string; doc: string; unit: string; low: number; high: number }>;
  steps: Record<string, { label: string; stage: string; touchpoints: string[] }>;
  stages: Record<string, string>;
  by_touchpoint: string[];
}

const KEPT = "waypost-map-place";

/** Load the page again and come back to the same cell, with everything where it was. */
export function reloadAt(region: HTMLElement, cell: string): void {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify([cell, region.scrollLeft, region.scrollTop, window.scrollY]));
  } catch {
    // Storage is closed: the page begins at its top.
  }
  location.reload();
}

/** Come back to the cell that was left by `reloadAt`; its element, if the page has it. */
export function comeBack(region: HTMLElement): HTMLElement | null {
  let kept: [string, number, number, number];
  try {
    const text = sessionStorage.getItem(KEPT);
    if (text === null) return null;
    sessionStorage.removeItem(KEPT);
    kept = JSON.parse(text) as [string, number, number, number];
  } catch {
    return null;
  }
  const cell = region.querySelector<HTMLElement>(`td[data-cell="${CSS.escape(kept[0])}"]`);
  cell?.focus({ preventScroll: true });
  [region.scrollLeft, region.scrollTop] = [kept[1], kept[2]];
  window.scrollTo(0, kept[3]);
  return cell;
}
