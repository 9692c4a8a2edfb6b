// Making elements. What comes from people is text, whatever it holds.
export type Attributes = Record<string, string | boolean | undefined>;

export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (typeof value === "string") element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Words of a message, with what stands in backticks as code. */
export function coded(text: string): (string | HTMLElement)[] {
  return text.split("`").map((piece, number) => (number % 2 === 1 ? make("code", {}, piece) : piece));
}

/** The lines of a text that say something. */
export function linesOf(text: string): string[] {
  return text.split("\n").map((each) => each.trim()).filter((each) => each !== "");
}
