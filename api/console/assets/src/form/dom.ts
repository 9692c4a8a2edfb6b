// What forms of rules are made of: buttons, choices, and ids for labels.
import { type Attributes, make } from "../dom";

export { make };

let number = 0;

/** An id that nothing else on the page has. */
export function fresh(word: string): string {
  number += 1;
  return `form-${word}-${number}`;
}

export function button(words: string, press: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = make("button", { type: "button", class: "quiet small", ...attributes }, words);
  made.addEventListener("click", press);
  return made;
}

/** A choice of words; a value that is not among them stands there too, so that nothing is lost. */
export function choice(
  label: string,
  options: [value: string, words: string][],
  chosen: string,
  choose: (value: string) => void,
): HTMLSelectElement {
  const select = make("select", { "aria-label": label });
  const all: [string, string][] = options.some(([value]) => value === chosen) ? options : [[chosen, chosen], ...options];
  for (const [value, words] of all) select.append(make("option", { value }, words));
  select.value = chosen;
  select.addEventListener("change", () => choose(select.value));
  return select;
}

/** A select and a button that adds what was chosen. */
export function adder(label: string, options: [value: string, words: string][], add: (value: string) => void): HTMLElement {
  const select = make("select", { "aria-label": label });
  for (const [value, words] of options) select.append(make("option", { value }, words));
  const press = button("Add", () => add(select.value), { "aria-label": `${label}: add it` });
  return make("div", { class: "form-adder" }, select, press);
}
