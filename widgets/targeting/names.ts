/** What an element is told by: a name that somebody gave it, or its place. One definition for rules and for signs. */

/** Attributes that are there to be found by tests. */
export const TEST_ID = /^data-(test(-?id)?|cy|qa)$/;

/** Marks of names that nobody wrote, or that may be about a person. */
const MADE_UP = {
  anew: /[:«»]/,
  address: /@/,
  number: /\d{3,}/,
  hash: /(^|[-_])(?=[a-z\d]*\d[a-z])[a-z\d]{6,}($|[-_])/i,
};

export type MadeUp = keyof typeof MADE_UP;

/** As what a name was made up; undefined where it looks like one that a person gave. */
export function madeUpAs(name: string): MadeUp | undefined {
  return (Object.keys(MADE_UP) as MadeUp[]).find((each) => MADE_UP[each].test(name));
}

/** A text as it stands in a selector. */
export function quoted(value: string): string {
  return `'${value.replace(/[\\']/g, "\\$&").replace(/\n/g, "\\a ")}'`;
}

export function byAttribute(attribute: string, value: string): string {
  return `[${attribute}=${quoted(value)}]`;
}

/** Which of its kind it is below its parent. */
export function placeOf(element: Element): string {
  const { localName, parentElement } = element;
  const twins = Array.from(parentElement?.children ?? []).filter((each) => each.localName === localName);
  return twins.length > 1 ? `${localName}:nth-of-type(${twins.indexOf(element) + 1})` : localName;
}
