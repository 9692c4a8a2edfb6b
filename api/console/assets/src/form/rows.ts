// A row of the form with its fields, its faults and what it holds; lists of rows that grow, shrink and change their order.
import { followSubject, group } from "./conditions";
import { adder, button, choice, make } from "./dom";
import { INPUTS } from "./inputs";
import { copied, type Field, type Group, type Json, type Row, type RowKind, type Surroundings } from "./types";

/** Where each row is drawn, so that faults find it. */
export const drawn = new WeakMap<Row, HTMLElement>();

const MOVES = new Set(["content", "step content", "choice"]);
const FOLLOWED = new Set(["subject", "question"]);

function kindOf(row: Row, place: string, around: Surroundings): RowKind | undefined {
  return (around.menu.rows[place] ?? []).find((each) => each.kind === row.kind);
}

/** The fields that mean something for this row: a banner has no element, a question without a scale none. */
function fields(kind: RowKind, row: Row, around: Surroundings): Field[] {
  const widget = around.menu.widgets.find((each) => each.name === row.values["widget"]);
  const question = kind.kind === "ask" ? around.menu.questions.find((each) => each.name === row.values["type"]) : undefined;
  return kind.fields.filter((each) => {
    const value = row.values[each.name];
    if (value !== null && value !== undefined && value !== "" && value !== false) return true;
    if (each.name === "selector" && widget !== undefined) return widget.selector !== "none";
    if (each.name === "side") return widget !== undefined && widget.sides.length > 0;
    if (question !== undefined && each.name === "scale") return question.scale;
    if (question !== undefined && each.name === "at_most") return question.limit !== null;
    if (question !== undefined && each.name === "shuffled") return question.choices;
    return true;
  });
}

export function drawRow(row: Row, place: string, around: Surroundings): HTMLElement {
  const box = make("div", { class: "form-row", "data-kind": row.kind });
  drawn.set(row, box);
  if (row.kind in around.menu.groups && place === "condition") box.append(groupRow(row, around));
  else if (row.kind === "text") box.append(textRow(row, around));
  else box.append(...plainRow(row, place, around));
  box.append(make("div", { class: "form-faults", "data-faults": true }));
  showFaults(row);
  return box;
}

function groupRow(row: Row, around: Surroundings): HTMLElement {
  const options = Object.entries(around.menu.groups).map(([kind, words]): [string, string] => [kind, words]);
  const join = choice("How they are joined", options, row.kind, (chosen) => {
    row.kind = chosen;
    if (chosen === "none") row.values["block"] = true;
    around.changed();
  });
  const inside: Group = { join: "all", rows: row.rows ?? [] };
  const box = group(inside, around, "a group", () => {
    row.rows = inside.rows;
    around.changed();
  });
  // How a group is joined is its own kind.
  box.querySelector(":scope > select")?.remove();
  box.prepend(join);
  return box;
}

function textRow(row: Row, around: Surroundings): HTMLElement {
  const input = make("textarea", { rows: "2", "aria-label": "As text of the rules", class: "form-source", spellcheck: "false" });
  input.value = String(row.values["text"] ?? "");
  input.addEventListener("input", () => {
    row.values["text"] = input.value;
    around.changed();
  });
  return make("div", { "data-field": "text" }, input);
}

function plainRow(row: Row, place: string, around: Surroundings): HTMLElement[] {
  const kind = kindOf(row, place, around);
  if (kind === undefined) return [make("p", {}, row.kind)];
  const parts: HTMLElement[] = [];
  const head = make("div", { class: "form-fields" });
  head.append(make("span", { class: "form-kind" }, kind.label));
  if (kind.negates) head.append(negation(row, around));
  for (const each of fields(kind, row, around)) head.append(fieldOf(each, row, around));
  parts.push(head);
  if (kind.holds !== null && (kind.kind !== "ask" || place !== "clause" || takesChoices(row, around))) {
    row.rows ??= [];
    parts.push(held(row, kind.holds, around));
  }
  return parts;
}

function takesChoices(row: Row, around: Surroundings): boolean {
  const type = around.menu.questions.find((each) => each.name === row.values["type"]);
  return type?.choices === true || (row.rows ?? []).length > 0;
}

function negation(row: Row, around: Surroundings): HTMLElement {
  return choice("So or not", [["so", "it is so"], ["not", "it is not so"]], row.values["not"] === true ? "not" : "so", (chosen) => {
    row.values["not"] = chosen === "not";
    around.changed();
  });
}

function fieldOf(field: Field, row: Row, around: Surroundings): HTMLElement {
  const draw = INPUTS[field.sort];
  const set = (value: Json): void => {
    row.values[field.name] = value;
    if (FOLLOWED.has(field.name) && "test" in row.values) {
      followSubject(row, around);
      around.redraw(row);
    }
    around.changed();
  };
  const input = draw === undefined ? make("span", {}, String(row.values[field.name] ?? "")) : draw(field, row.values[field.name], set, around, row);
  const wide = ["event", "events", "condition", "long text"].includes(field.sort);
  const box = make("div", { class: wide ? "form-field wide" : "form-field", "data-field": field.name });
  if (field.sort !== "flag") box.append(make("span", { class: "hint", "aria-hidden": "true" }, field.label));
  box.append(input);
  return box;
}

function held(row: Row, place: string, around: Surroundings): HTMLElement {
  const rows = row.rows ?? [];
  const box = make("div", { class: "form-held" });
  box.append(rowsOf(rows, place, around, () => around.changed()));
  const kinds = offered(row, place, around);
  if (kinds.length > 0) {
    box.append(
      adder("Add to it", kinds.map((each): [string, string] => [each.kind, each.label]), (kind) => {
        const found = kinds.find((each) => each.kind === kind);
        const fresh: Row = { kind, values: copied(found?.starts ?? {}), ...(found?.holds ? { rows: [] } : {}) };
        rows.push(fresh);
        around.changed();
        around.redraw(fresh);
      }),
    );
  }
  return box;
}

/** What the row may still hold: a widget takes some things and not others. */
function offered(row: Row, place: string, around: Surroundings): RowKind[] {
  const kinds = around.menu.rows[place] ?? [];
  const widget = around.menu.widgets.find((each) => each.name === row.values["widget"]);
  if (place === "variant") return (row.rows ?? []).length === 0 ? kinds : [];
  if (place === "content" && widget !== undefined) return kinds.filter((each) => each.kind === "words" || widget.items.includes(each.kind));
  if (place === "step content") {
    const items = new Set(around.menu.widgets.flatMap((each) => each.step_items));
    return kinds.filter((each) => each.kind === "words" || items.has(each.kind));
  }
  return kinds;
}

/** A list of rows: each can be taken away, and moved where the order says something. */
export function rowsOf(rows: Row[], place: string, around: Surroundings, changed: () => void): HTMLElement {
  const list = make("div", { class: "form-rows" });
  rows.forEach((row, index) => {
    const name = kindOf(row, place, around)?.label ?? row.kind;
    const tools = make("div", { class: "form-tools" });
    if (MOVES.has(place) && rows.length > 1) {
      tools.append(mover("↑", `Move up: ${name}`, rows, index, index - 1, around), mover("↓", `Move down: ${name}`, rows, index, index + 1, around));
    }
    tools.append(remover(rows, row, name, around, changed));
    const line = make("div", { class: "form-line" }, drawRow(row, place, around), tools);
    list.append(line);
  });
  return list;
}

export function mover(sign: string, label: string, rows: Row[], from: number, to: number, around: Surroundings): HTMLButtonElement {
  const made = button(sign, () => {
    const [row] = rows.splice(from, 1);
    if (row === undefined) return;
    rows.splice(to, 0, row);
    around.changed();
    around.redraw(row);
  }, { "aria-label": label });
  made.disabled = to < 0 || to >= rows.length;
  return made;
}

export function remover(rows: Row[], row: Row, name: string, around: Surroundings, changed: () => void): HTMLButtonElement {
  return button("×", () => {
    const at = rows.indexOf(row);
    rows.splice(at, 1);
    changed();
    around.redraw(rows[Math.min(at, rows.length - 1)]);
  }, { "aria-label": `Take away: ${name}` });
}

/** Put what the checker says below the row. */
export function showFaults(row: Row): void {
  const box = drawn.get(row)?.querySelector<HTMLElement>(":scope > [data-faults]");
  if (box === null || box === undefined) return;
  const lines = (row.faults ?? []).map((each) => {
    const words = each.help === null ? each.message : `${each.message}: ${each.help}`;
    return make("p", { class: each.severity === "error" ? "fault" : "hint" }, words);
  });
  box.replaceChildren(...lines);
}
