// What a condition asks: how often, in which time, compared with what; events with their properties; groups of rows.
import { button, choice, make } from "./dom";
import { duration, INPUTS, moment, named, numeric, type Set } from "./inputs";
import { rowsOf } from "./rows";
import { copied, type Field, type Group, type Json, type Named, type Occurrence, type Operator, type Row, type Surroundings } from "./types";

interface Count {
  word: string;
  low: number | null;
  high: number | null;
  days: boolean;
}

interface Test {
  operator: string;
  operands: Operand[];
  ignoring_case: boolean;
}

interface Operand {
  as: string;
  value: Json;
  of?: string;
}

type Pairs = [value: string, words: string][];

function count(field: Field, value: Json, set: Set, around: Surroundings, row: Row): HTMLElement {
  const now = value as unknown as Count | null;
  const words: Pairs = around.menu.counts.map((each) => [each, each]);
  const canDays = row.kind === "did" || row.kind === "anyone";
  const word = choice(field.label, [["", "at all"], ...words], now?.word ?? "", (chosen) => {
    const high = chosen === "between" ? (now?.high ?? 5) : null;
    set(chosen === "" ? null : { word: chosen, low: now?.low ?? 2, high, days: now?.days ?? false });
    around.redraw(row);
  });
  if (now === null || now === undefined) return word;
  const say = (change: Partial<Count>): void => {
    Object.assign(now, change);
    set({ ...now });
  };
  const parts: (HTMLElement | string)[] = [word, numeric("How many", now.low, (low) => say({ low }))];
  if (now.word === "between") parts.push("and", numeric("How many at most", now.high, (high) => say({ high })));
  const units: Pairs = [["times", "times"], ["days", "days"]];
  const unit = choice("Times or days", units, now.days ? "days" : "times", (chosen) => say({ days: chosen === "days" }));
  parts.push(canDays ? unit : "times");
  return make("span", { class: "form-pair" }, ...parts);
}

function window_(field: Field, value: Json, set: Set, around: Surroundings, row: Row): HTMLElement {
  const now = value as { since: string; value: Json } | null;
  const said: Record<string, string> = { last: "in the last", event: "since the event", step: "since the step", moment: "since the day" };
  const kinds = field.hint === "last" ? ["last"] : Object.keys(around.menu.windows);
  const options: Pairs = kinds.map((each) => [each, said[each] ?? each]);
  const first: Pairs = field.optional ? [["", "ever"]] : [];
  const since = choice(field.label, [...first, ...options], now?.since ?? "", (chosen) => {
    set(chosen === "" ? null : { since: chosen, value: chosen === "last" ? { amount: 7, unit: "day" } : "" });
    around.redraw(row);
  });
  if (now === null || now === undefined) return since;
  const give = (given: Json): void => set({ since: now.since, value: given });
  const from = now.since === "event" ? "events" : "places";
  const inner: Field = { ...field, label: "since what", optional: false, names: from, hint: null };
  const what =
    now.since === "last"
      ? duration("Length of time", now.value, give, around)
      : now.since === "moment"
        ? moment("Since", now.value, give)
        : named(inner, now.value, give, around);
  return make("span", { class: "form-pair" }, since, what);
}

/** What is known of the subject of a comparison. */
function subjectOf(row: Row, around: Surroundings, field: Field): Named | undefined {
  if (field.hint === "time") return { name: "", label: "", kind: "time" };
  if (field.hint === "number" || row.kind === "friction") return { name: "", label: "", kind: "number" };
  if (row.kind === "answer") return (around.choices["questions"] ?? []).find((each) => each.name === row.values["question"]);
  return (around.subjects ?? around.choices["attributes"] ?? []).find((each) => each.name === row.values["subject"]);
}

function fitting(subject: Named | undefined, menu: Operator[], hint: string | null): Operator[] {
  const kind = subject?.kind;
  if (kind === undefined) return menu;
  const fits = menu.filter((each) => each.accepts.includes(kind));
  return hint === "time" ? fits.filter((each) => each.shape === "duration" || each.shape === "moment") : fits;
}

/** Of what kind the value on the right is. */
function wanted(operator: Operator | undefined, kind: string | undefined): string {
  if (operator?.wants === "duration") return "duration";
  if (operator?.wants === "moment" || kind === "time") return "moment";
  if (operator?.wants === "text" || operator?.wants === "network" || operator?.wants === "pattern") return "text";
  if (kind === "number" || kind === "list of number") return "number";
  if (kind === "yes/no") return "yes/no";
  return kind === "version" ? "version" : "text";
}

function empty(as: string): Operand {
  const first: Record<string, Json> = { "yes/no": true, duration: { amount: 7, unit: "day" }, number: null };
  return { as, value: as in first ? copied(first[as]) : "" };
}

function test(field: Field, value: Json, set: Set, around: Surroundings, row: Row): HTMLElement {
  const now = (value ?? { operator: "", operands: [], ignoring_case: false }) as unknown as Test;
  const subject = subjectOf(row, around, field);
  const operators = fitting(subject, around.menu.operators, field.hint);
  const entry = around.menu.operators.find((each) => each.name === now.operator);
  const first: Pairs = field.optional ? [["", "anything"]] : [];
  const words: Pairs = operators.map((each) => [each.name, each.suffix === null ? each.name : `${each.name} … ${each.suffix}`]);
  const choose = choice(field.label, [...first, ...words], now.operator, (chosen) => {
    set(chosen === "" ? null : (fitted(chosen, now, subject, around) as unknown as Json));
    around.redraw(row);
  });
  if (entry === undefined) return choose;
  const say = (): void => set({ ...now } as unknown as Json);
  const parts: (HTMLElement | string)[] = [choose];
  now.operands.forEach((each, index) => {
    if (index > 0) parts.push(entry.shape === "range" ? "and" : "or");
    parts.push(operandInput(each, subject, around, row, (given) => {
      now.operands[index] = given;
      say();
    }));
  });
  if (entry.shape === "values") parts.push(...lengths(now, say, wanted(entry, subject?.kind), around, row));
  if (entry.suffix !== null) parts.push(entry.suffix);
  if (entry.ignores_case && now.operands.every((each) => each.as === "text") && (subject?.allowed ?? []).length === 0) {
    const box = make("input", { type: "checkbox" });
    box.checked = now.ignoring_case;
    box.addEventListener("change", () => {
      now.ignoring_case = box.checked;
      say();
    });
    parts.push(make("label", { class: "check" }, box, "in capitals or not"));
  }
  return make("span", { class: "form-pair" }, ...parts);
}

/** The same operands under another operator, as many as it takes. */
export function fitted(name: string, now: Test, subject: Named | undefined, around: Surroundings): Test {
  const entry = around.menu.operators.find((each) => each.name === name);
  const as = wanted(entry, subject?.kind);
  const most = entry?.shape === "nothing" ? 0 : entry?.shape === "range" ? 2 : entry?.shape === "values" ? 99 : 1;
  const least = entry?.shape === "nothing" ? 0 : entry?.shape === "range" ? 2 : 1;
  const kept = now.operands.filter((each) => each.as === as || (as === "number" && each.as === "share")).slice(0, most);
  while (kept.length < least) kept.push(empty(as));
  return { operator: name, operands: kept, ignoring_case: entry?.ignores_case === true && now.ignoring_case };
}

function lengths(now: Test, say: () => void, as: string, around: Surroundings, row: Row): HTMLElement[] {
  const more = button("+", () => {
    now.operands.push(empty(as));
    say();
    around.redraw(row);
  }, { "aria-label": "One more value" });
  const fewer = button("−", () => {
    now.operands.pop();
    say();
    around.redraw(row);
  }, { "aria-label": "One value less" });
  return now.operands.length > 1 ? [more, fewer] : [more];
}

function operandInput(now: Operand, subject: Named | undefined, around: Surroundings, row: Row, set: (given: Operand) => void): HTMLElement {
  const give = (value: Json): void => set({ ...now, value });
  const label = "Value";
  const allowed = subject?.allowed ?? [];
  switch (now.as) {
    case "number":
      return numeric(label, now.value, give, "any");
    case "yes/no":
      return choice(label, [["yes", "yes"], ["no", "no"]], now.value === false ? "no" : "yes", (chosen) => give(chosen === "yes"));
    case "moment":
      return moment(label, now.value, give);
    case "duration":
      return duration(label, now.value, give, around);
    case "share": {
      const share = numeric("Share in per cent", now.value, give, "any");
      const field: Field = { name: "of", sort: "path", label: "of", options: [], names: "attributes", optional: false, hint: null };
      return make("span", { class: "form-pair" }, share, "% of", named(field, now.of, (of) => set({ ...now, of: String(of ?? "") }), around));
    }
    default: {
      if (allowed.length > 0) return choice(label, [["", "choose…"], ...allowed.map((each): [string, string] => [each, each])], String(now.value ?? ""), give);
      const field: Field = { name: "value", sort: "text", label, options: [], names: null, optional: false, hint: null };
      return (INPUTS["text"] as NonNullable<(typeof INPUTS)[string]>)(field, now.value, (said) => give(said ?? ""), around, row);
    }
  }
}

function event(field: Field, value: Json, set: Set, around: Surroundings, row: Row): HTMLElement {
  const now = (value ?? { name: "", where: null }) as unknown as Occurrence;
  const say = (): void => set({ ...now } as unknown as Json);
  const which = named({ ...field, optional: false }, now.name, (name) => {
    now.name = String(name ?? "");
    say();
    if (now.where !== null) around.redraw(row);
  }, around);
  const known = (around.choices["events"] ?? []).find((each) => each.name === now.name);
  if (now.where === null) {
    const more = button("only where…", () => {
      now.where = { join: "all", rows: [fresh("compare", around, known?.properties ?? [])] };
      say();
      around.redraw(row);
    });
    return make("span", { class: "form-pair" }, which, more);
  }
  const inner: Surroundings = { ...around, subjects: known?.properties ?? [] };
  const where = group(now.where, inner, "where", (rows) => {
    if (rows.length === 0) now.where = null;
    say();
  });
  return make("div", { class: "form-event" }, which, where);
}

function events(field: Field, value: Json, set: Set, around: Surroundings, row: Row): HTMLElement {
  const now = value as unknown as Occurrence[];
  const say = (): void => set([...now] as unknown as Json);
  const list = make("ol", { class: "form-events" });
  now.forEach((each, index) => {
    const one = event({ ...field, label: `Event ${index + 1}` }, each as unknown as Json, (given) => {
      now[index] = given as unknown as Occurrence;
      say();
    }, around, row);
    const away = button("×", () => {
      now.splice(index, 1);
      say();
      around.redraw(row);
    }, { "aria-label": `Take event ${index + 1} away` });
    list.append(make("li", {}, one, ...(now.length > 2 ? [away] : [])));
  });
  const more = button("then…", () => {
    now.push({ name: "", where: null });
    say();
    around.redraw(row);
  }, { "aria-label": "One more event" });
  return make("div", {}, list, more);
}

/** A new row of a kind, with the first subject where there is one. */
export function fresh(kind: string, around: Surroundings, subjects: Named[] | null = around.subjects): Row {
  if (kind in around.menu.groups) return { kind, values: { block: true }, rows: [fresh("compare", around, subjects)] };
  if (kind === "text") return { kind, values: { text: "" } };
  const found = (around.menu.rows["condition"] ?? []).find((each) => each.kind === kind);
  const values = copied(found?.starts ?? {});
  if (found?.negates === true) values["not"] = false;
  if (kind === "compare") {
    const subject = subjects?.[0];
    values["subject"] = subject?.name ?? "";
    const operator = fitting(subject, around.menu.operators, null)[0]?.name ?? "is";
    values["test"] = fitted(operator, { operator, operands: [], ignoring_case: false }, subject, around) as unknown as Json;
  }
  return { kind, values };
}

/** Rows of conditions and how they are joined. */
export function group(now: Group, around: Surroundings, label: string, changed: (rows: Row[]) => void): HTMLElement {
  const box = make("div", { class: "form-group", role: "group", "aria-label": label });
  if (now.rows.length > 1) {
    const options: Pairs = [["all", around.menu.groups["all"] ?? "all"], ["any", around.menu.groups["any"] ?? "any"]];
    box.append(choice("How they are joined", options, now.join, (chosen) => {
      now.join = chosen === "any" ? "any" : "all";
      changed(now.rows);
    }));
  }
  box.append(rowsOf(now.rows, "condition", around, () => changed(now.rows)));
  const kinds: Pairs = (around.menu.rows["condition"] ?? [])
    .filter((each) => around.subjects === null || each.kind === "compare")
    .map((each) => [each.kind, each.label]);
  const groups: Pairs = Object.entries(around.menu.groups).map(([kind, words]) => [kind, `A group: ${words}`]);
  const select = make("select", { "aria-label": "Add a condition" });
  for (const [value, words] of [...kinds, ...groups, ["text", "As text"] as [string, string]]) select.append(make("option", { value }, words));
  const add = button("Add a condition", () => {
    const row = fresh(select.value, around);
    now.rows.push(row);
    changed(now.rows);
    around.redraw(row);
  });
  box.append(make("div", { class: "form-adder" }, select, add));
  return box;
}

function condition(field: Field, value: Json, set: Set, around: Surroundings, row: Row): HTMLElement {
  const now = value as unknown as Group | null;
  if (now === null || now === undefined) {
    return button(`${field.label}…`, () => {
      const asks = around.choices["own questions"] ?? [];
      set({ join: "all", rows: [fresh("compare", around, field.hint === "answers" ? asks : null)] } as unknown as Json);
      around.redraw(row);
    });
  }
  const inner = field.hint === "answers" ? { ...around, subjects: around.choices["own questions"] ?? [] } : around;
  return group(now, inner, field.label, (rows) => set((rows.length === 0 && field.optional ? null : now) as unknown as Json));
}

Object.assign(INPUTS, { count, window: window_, test, event, events, condition });

/** When the subject of a comparison changes, its operator and values follow. */
export function followSubject(row: Row, around: Surroundings): void {
  const field: Field = { name: "test", sort: "test", label: "", options: [], names: null, optional: false, hint: null };
  const subject = subjectOf(row, around, field);
  const now = row.values["test"] as unknown as Test | null;
  if (now === null || now === undefined) return;
  const fits = fitting(subject, around.menu.operators, null);
  const operator = fits.some((each) => each.name === now.operator) ? now.operator : (fits[0]?.name ?? "is");
  row.values["test"] = fitted(operator, now, subject, around) as unknown as Json;
}
