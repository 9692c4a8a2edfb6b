// Rules to begin with: a story is chosen, a few names are filled in, and its text goes into the editor.
import { ask, tellRefusal, type Problem } from "../asking";
import { button, make } from "./dom";
import { INPUTS } from "./inputs";
import type { Choices, Field, Json, Menu, Surroundings, Values, Written } from "./types";

interface Ask {
  name: string;
  sort: string;
  label: string;
  optional: boolean;
  declares: boolean;
  start: Json;
  takes: "reached" | "attempted" | null;
}

interface Start {
  name: string;
  label: string;
  story: string;
  asks: Ask[];
  needs: string[];
}

const FROM: Record<string, [sort: string, names: string | null]> = {
  step: ["name", "steps"],
  event: ["name", "events"],
  segment: ["name", "segments"],
  journey: ["name", "journeys"],
  element: ["text", "elements"],
};

/** The list of stories. begun: told the new guide and its text. */
export async function gallery(box: HTMLElement, menu: Menu, written: Written, begun: (guide: string, text: string) => void): Promise<void> {
  const answer = await ask("POST", box.dataset.starts ?? "", { files: written.files });
  if (!answer.ok) return tellRefusal(answer);
  const { data, choices } = answer.body as { data: Start[]; choices: Choices };
  const list = make("ul", { class: "plain form-starts" });
  for (const each of data) {
    const press = button(each.label, () => names(box, each, { menu, choices }, written, begun, () => void gallery(box, menu, written, begun)));
    press.className = "form-start";
    const lacks = each.needs.length > 0 ? [make("span", { class: "tag" }, `needs ${each.needs.join(" and ")}`)] : [];
    press.append(make("span", { class: "hint" }, each.story), ...lacks);
    list.append(make("li", {}, press));
  }
  const head = box.closest("dialog") === null ? [make("h2", {}, "What shall it do?")] : [];
  box.replaceChildren(...head, list);
}

/** The few names that a story leaves open. */
function names(
  box: HTMLElement,
  start: Start,
  { menu, choices }: { menu: Menu; choices: Choices },
  written: Written,
  begun: (guide: string, text: string) => void,
  back: () => void,
): void {
  const said: Values = Object.fromEntries(start.asks.map((each) => [each.name, each.start ?? null]));
  const form = make("form", { class: "stack form-names" });
  const places = new Map<string, HTMLElement>();
  const around: Surroundings = { menu, choices, subjects: null, changed: () => undefined, redraw: () => undefined };
  const draw = (each: Ask): void => {
    // An event that need not be known yet is typed, with those that are.
    const [sort, from] = each.declares ? ["text", "events"] : (FROM[each.sort] ?? [each.sort, null]);
    const field: Field = { name: each.name, sort, label: each.label, options: [], names: from, optional: each.optional, hint: null };
    const input = (INPUTS[sort] ?? INPUTS["text"])?.(field, said[each.name], (value) => take(each, value), around, { kind: "", values: said });
    const label = make("span", {}, each.label, ...(each.optional ? [make("span", { class: "hint" }, " may stay empty")] : []));
    places.get(each.name)?.replaceChildren(label, ...(input === undefined ? [] : [input]));
  };
  const take = (each: Ask, value: Json): void => {
    said[each.name] = value;
    if (each.sort !== "step") return;
    // What the step says of itself is taken over where nothing was chosen yet.
    const step = (choices["steps"] ?? []).find((one) => one.name === value);
    for (const other of start.asks) {
      const first = other.takes === null ? undefined : (step?.[other.takes]?.[0] ?? step?.reached?.[0]);
      if (first === undefined) continue;
      said[other.name] = first;
      draw(other);
    }
  };
  for (const each of start.asks) {
    const place = make("div", { class: "form-ask", "data-ask": each.name });
    places.set(each.name, place);
    form.append(place);
    draw(each);
  }
  const use = make("button", {}, "Put it into the editor");
  form.append(make("div", { class: "actions" }, use, button("Another one", back, { class: "quiet" })));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send(box, start, said, places, written, begun);
  });
  const lacks = start.needs.length > 0 ? [make("p", { class: "fault" }, `This needs ${start.needs.join(" and ")}. Declare it in the text first.`)] : [];
  box.replaceChildren(make("h2", {}, start.label), make("p", { class: "hint" }, start.story), ...lacks, form);
  form.querySelector<HTMLElement>("select, input, textarea")?.focus();
}

async function send(
  box: HTMLElement,
  start: Start,
  said: Values,
  places: Map<string, HTMLElement>,
  written: Written,
  begun: (guide: string, text: string) => void,
): Promise<void> {
  for (const each of places.values()) each.querySelector(".fault")?.remove();
  const answer = await ask("POST", box.dataset.begin ?? "", { files: written.files, start: start.name, values: said });
  if (answer.ok) {
    const { guide, text } = answer.body as { guide: string; text: string };
    return begun(guide, text);
  }
  const faults = (answer.body as Problem | null)?.errors ?? [];
  let first: HTMLElement | undefined;
  for (const fault of faults) {
    const place = places.get(fault.path.split(".")[1] ?? "");
    place?.append(make("p", { class: "fault" }, fault.message));
    first ??= place;
  }
  if (first === undefined) tellRefusal(answer);
  else first.querySelector<HTMLElement>("select, input, textarea")?.focus();
}
