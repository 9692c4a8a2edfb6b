// The clauses of a guide, under the heads of their sections, with what may still be added to each.
import { adder, make } from "./dom";
import { mover, remover, drawRow } from "./rows";
import { copied, type Document, type Row, type RowKind, type Surroundings } from "./types";

const REORDERED = new Set(["ask", "variant"]);

/** All sections of a guide. */
export function sections(document: Document, around: Surroundings): HTMLElement[] {
  const kinds = around.menu.rows["clause"] ?? [];
  const known = new Map(kinds.map((each) => [each.kind, each]));
  return around.menu.sections.map((name) => {
    const rows = document.rows.filter((row) => (known.get(row.kind)?.section ?? "As text") === name);
    const box = make("fieldset", { class: "form-section card" }, make("legend", {}, name));
    for (const row of rows) box.append(line(row, rows, document, around, known));
    const more = addable(document, kinds.filter((each) => each.section === name));
    if (more.length > 0) {
      box.append(adder(`Add to: ${name}`, more.map((each): [string, string] => [each.kind, each.label]), (kind) => {
        const row = fresh(more, kind);
        document.rows.splice(place(row, document, kinds), 0, row);
        around.changed();
        around.redraw(row);
      }));
    }
    return box;
  });
}

function line(row: Row, rows: Row[], document: Document, around: Surroundings, known: Map<string, RowKind>): HTMLElement {
  const name = known.get(row.kind)?.label ?? row.kind;
  const tools = make("div", { class: "form-tools" });
  const alike = rows.filter((each) => each.kind === row.kind);
  if (REORDERED.has(row.kind) && alike.length > 1) {
    const at = (each: Row | undefined): number => (each === undefined ? -1 : document.rows.indexOf(each));
    const index = alike.indexOf(row);
    tools.append(
      mover("↑", `Move up: ${name}`, document.rows, at(row), at(alike[index - 1]), around),
      mover("↓", `Move down: ${name}`, document.rows, at(row), at(alike[index + 1]), around),
    );
  }
  tools.append(remover(document.rows, row, name, around, () => around.changed()));
  return make("div", { class: "form-line" }, drawRow(row, "clause", around), tools);
}

/** What goes with this kind of guide, and does not stand there already where it may stand once. */
function addable(document: Document, kinds: RowKind[]): RowKind[] {
  const present = new Set(document.rows.map((row) => row.kind));
  const clauses = new Set(kinds.filter((each) => present.has(each.kind)).map((each) => each.clause));
  return kinds.filter((each) => each.guides.includes(document.kind) && (each.repeats || !clauses.has(each.clause)));
}

function fresh(kinds: RowKind[], kind: string): Row {
  const found = kinds.find((each) => each.kind === kind);
  const row: Row = { kind, values: copied(found?.starts ?? {}) };
  if (found?.holds) row.rows = [];
  return row;
}

/** Where a new clause stands: after those that come before it in the order of the sections. */
function place(row: Row, document: Document, kinds: RowKind[]): number {
  const order = new Map(kinds.map((each, index) => [each.kind, index]));
  const own = order.get(row.kind) ?? kinds.length;
  const after = document.rows.findIndex((each) => (order.get(each.kind) ?? kinds.length) > own);
  return after < 0 ? document.rows.length : after;
}
