// One input for each sort of value, named by the interface.
import { button, choice, fresh, make } from "./dom";
import type { Field, Json, Named, Row, Surroundings } from "./types";

export type Set = (value: Json) => void;
type Draw = (field: Field, value: Json, set: Set, around: Surroundings, row: Row) => HTMLElement;

const FEW = 80;

function typed(field: Field, kind: string, value: string, set: (text: string) => void, list: Named[] = []): HTMLElement {
  const input = make("input", { type: kind, "aria-label": field.label, placeholder: field.hint ?? undefined });
  input.value = value;
  input.addEventListener("input", () => set(input.value));
  if (list.length === 0) return input;
  const options = make("datalist", { id: fresh("list") });
  for (const each of list) options.append(make("option", { value: each.name }, each.label));
  input.setAttribute("list", options.id);
  return make("span", { class: "form-listed" }, input, options);
}

export function numeric(label: string, value: Json, set: (value: number | null) => void, step = "1"): HTMLInputElement {
  const input = make("input", { type: "number", "aria-label": label, min: "0", step, class: "form-number" });
  input.value = value === null || value === undefined ? "" : String(value);
  input.addEventListener("input", () => set(input.value.trim() === "" ? null : Number(input.value)));
  return input;
}

function text(field: Field, value: Json, set: Set, around: Surroundings): HTMLElement {
  const list = field.names === null ? [] : (around.choices[field.names] ?? []);
  return typed(field, "text", String(value ?? ""), (said) => set(field.optional && said === "" ? null : said), list);
}

function area(field: Field, value: Json, set: Set): HTMLElement {
  const input = make("textarea", { rows: "3", "aria-label": field.label });
  input.value = String(value ?? "");
  input.addEventListener("input", () => set(input.value));
  return input;
}

export function duration(label: string, value: Json, set: Set, around: Surroundings, optional = false): HTMLElement {
  const now = (value ?? { amount: null, unit: "day" }) as { amount: number | null; unit: string };
  const say = (): void => set(optional && now.amount === null ? null : { ...now });
  const amount = numeric(label, now.amount, (given) => {
    now.amount = given;
    say();
  });
  const units = around.menu.units.map((unit): [string, string] => [unit, `${unit}s`]);
  const unit = choice(`${label}: unit`, units, now.unit, (chosen) => {
    now.unit = chosen;
    say();
  });
  return make("span", { class: "form-pair" }, amount, unit);
}

export function moment(label: string, value: Json, set: Set): HTMLElement {
  const said = String(value ?? "");
  const isDay = said === "" || /^\d{4}-\d\d-\d\d$/.test(said);
  const input = make("input", { type: isDay ? "date" : "text", "aria-label": label });
  input.value = said;
  input.addEventListener("input", () => set(input.value));
  return input;
}

/** A name among those that are known; with very many of them it is typed. */
export function named(field: Field, value: Json, set: Set, around: Surroundings): HTMLElement {
  const known = field.names === null ? null : names(field.names, around);
  if (known === null) return typed(field, "text", String(value ?? ""), (said) => set(field.optional && said === "" ? null : said));
  if (known.length > FEW) return typed(field, "text", String(value ?? ""), set, known);
  const options = known.map((each): [string, string] => [each.name, worded(each)]);
  const first: [string, string] = ["", field.optional ? "none" : known.length === 0 ? "nothing to choose from yet" : "choose…"];
  return choice(field.label, [first, ...options], String(value ?? ""), (chosen) => set(chosen === "" && field.optional ? null : chosen));
}

export function worded(each: Named): string {
  const label = each.label.replace(/^(persona|segment|guide|survey|journey|feedback): /, "");
  return each.kind !== undefined || label === "" || label === each.name ? each.name : `${label} (${each.name})`;
}

/** The names that a field chooses from. */
export function names(from: string, around: Surroundings): Named[] {
  const plain = (words: string[]): Named[] => words.map((name) => ({ name, label: "" }));
  if (from === "feelings") return plain(around.menu.feelings);
  if (from === "days") return plain(around.menu.days);
  if (from === "properties") return around.subjects ?? properties(around);
  return around.choices[from] ?? [];
}

function properties(around: Surroundings): Named[] {
  const all = (around.choices["events"] ?? []).flatMap((each) => each.properties ?? []);
  return [...new Map(all.map((each) => [each.name, each])).values()];
}

function several(field: Field, value: Json, set: Set, around: Surroundings): HTMLElement {
  const chosen = [...((value ?? []) as string[])];
  const known = names(field.names ?? "", around);
  const box = make("span", { class: "form-chips", role: "group", "aria-label": field.label });
  const draw = (): void => {
    const left = known.filter((each) => !chosen.includes(each.name));
    const chips = chosen.map((name) => {
      const called = known.find((each) => each.name === name);
      const away = button("×", () => change(() => chosen.splice(chosen.indexOf(name), 1)), {
        class: "quiet small form-chip-away",
        "aria-label": `Take ${name} away`,
      });
      return make("span", { class: "tag form-chip" }, called === undefined ? name : worded(called), away);
    });
    const options: [string, string][] = [["", chosen.length === 0 ? "choose…" : "and…"]];
    options.push(...left.map((each): [string, string] => [each.name, worded(each)]));
    const more = choice(field.label, options, "", (name) => name !== "" && change(() => chosen.push(name)));
    box.replaceChildren(...chips, ...(left.length === 0 && chosen.length > 0 ? [] : [more]));
  };
  const change = (how: () => void): void => {
    how();
    set([...chosen]);
    draw();
    box.querySelector<HTMLElement>("select, button")?.focus();
  };
  draw();
  return box;
}

function option(field: Field, value: Json, set: Set, around: Surroundings, row: Row): HTMLElement {
  const options = optionsOf(field, around, row);
  const all: [string, string][] = field.optional ? [["", "as usual"], ...options] : options;
  return choice(field.label, all, String(value ?? ""), (chosen) => {
    set(chosen === "" ? null : chosen);
    if (field.names === "widgets" || field.names === "frames") stand(row, around);
    if (field.names === "widgets" || field.names === "frames" || field.names === "questions types") around.redraw(row);
  });
}

/** Another widget may stand nowhere in particular: what says where goes with the old one. */
function stand(row: Row, around: Surroundings): void {
  const widget = around.menu.widgets.find((each) => each.name === row.values["widget"]);
  if (widget === undefined) return;
  if (widget.selector === "none") row.values["selector"] = null;
  if (!widget.sides.includes(String(row.values["side"] ?? ""))) row.values["side"] = null;
}

function optionsOf(field: Field, around: Surroundings, row: Row): [string, string][] {
  const { widgets, questions } = around.menu;
  if (field.names === "widgets") return widgets.filter((each) => each.in_guides).map((each) => [each.name, each.name]);
  if (field.names === "frames") return widgets.filter((each) => each.frames_surveys).map((each) => [each.name, each.name]);
  if (field.names === "questions types") return questions.map((each) => [each.name, `${each.name}: ${each.doc}`]);
  if (field.names === "sides") {
    const widget = widgets.find((each) => each.name === row.values["widget"]);
    return (widget?.sides ?? []).map((each) => [each, each]);
  }
  return field.options.map((each) => [each, each]);
}

function action(field: Field, value: Json, set: Set, around: Surroundings, row: Row): HTMLElement {
  const now = (value ?? { do: "", value: null }) as { do: string; value: Json };
  const options = Object.keys(around.menu.actions).map((each): [string, string] => [each, each]);
  const all: [string, string][] = field.optional ? [["", "nothing"], ...options] : options;
  const what = choice(field.label, all, now.do, (chosen) => {
    const sort = around.menu.actions[chosen] ?? null;
    const first = sort === "duration" ? { amount: 1, unit: "day" } : sort === null ? null : "";
    set(chosen === "" ? null : { do: chosen, value: first });
    around.redraw(row);
  });
  const sort = around.menu.actions[now.do] ?? null;
  if (sort === null) return what;
  const inner: Field = { ...field, label: `${now.do}: what`, optional: false, names: sort === "name" ? "guides" : null };
  if (now.do === "tracks") inner.names = "events";
  const draw = INPUTS[sort] ?? text;
  return make("span", { class: "form-pair" }, what, draw(inner, now.value, (said) => set({ do: now.do, value: said }), around, row));
}

function jump(field: Field, value: Json, set: Set, around: Surroundings): HTMLElement {
  const asks = (around.choices["own questions"] ?? []).map((each): [string, string] => [`ask ${each.name}`, `ask ${each.name}`]);
  const options: [string, string][] = [["", "go on"], ["end", "end"], ...asks];
  return choice(field.label, options, String(value ?? ""), (chosen) => set(chosen === "" ? null : chosen));
}

function scale(field: Field, value: Json, set: Set, around: Surroundings): HTMLElement {
  const now = (value ?? { low: null, high: null, style: null }) as { low: number | null; high: number | null; style: string | null };
  const say = (): void => set(now.low === null && now.high === null ? null : { ...now });
  const low = numeric("Scale from", now.low, (given) => {
    now.low = given;
    say();
  });
  const high = numeric("Scale to", now.high, (given) => {
    now.high = given;
    say();
  });
  const styles: [string, string][] = [["", "as usual"], ...around.menu.styles.map((each): [string, string] => [each, each])];
  const style = choice("Scale drawn as", styles, now.style ?? "", (chosen) => {
    now.style = chosen === "" ? null : chosen;
    say();
  });
  return make("span", { class: "form-pair" }, low, "to", high, style);
}

function limit(field: Field, value: Json, set: Set, around: Surroundings, row: Row): HTMLElement {
  const type = around.menu.questions.find((each) => each.name === row.values["type"]);
  const of = type?.limit ?? "";
  const now = value as { number: number } | null;
  const number = numeric(`${field.label} ${of}`, now?.number ?? null, (given) =>
    set(given === null ? null : { number: given, characters: of === "characters" }),
  );
  return make("span", { class: "form-pair" }, number, of);
}

/** Sorts that are drawn by themselves; the others are in `conditions`. */
export const INPUTS: Record<string, Draw> = {
  text,
  "long text": area,
  whole: (field, value, set) => numeric(field.label, value, set),
  times: (field, value, set) => numeric(field.label, value, set),
  percent: (field, value, set) => make("span", { class: "form-pair" }, numeric(field.label, value, set, "any"), "%"),
  duration: (field, value, set, around) => duration(field.label, value, set, around, field.optional),
  moment: (field, value, set) => moment(field.label, value, set),
  clock: (field, value, set) => typed(field, "time", String(value ?? ""), set),
  days: several,
  name: named,
  names: several,
  path: named,
  place: named,
  places: several,
  option,
  action,
  jump,
  scale,
  limit,
  flag: (field, value, set) => {
    const box = make("input", { type: "checkbox" });
    box.checked = value === true;
    box.addEventListener("change", () => set(box.checked));
    return make("label", { class: "check" }, box, field.label);
  },
};
