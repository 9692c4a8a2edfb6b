// Elements from data: text is only ever set as text.

/**
 * An element with a class, attributes and children.
 * @param {string} tag a tag, with an optional class: `p.note`
 * @param {Record<string, unknown> | null} attributes `onClick`-like names are listeners
 * @param {...(Node | string | null | false | undefined)} children
 */
export function h(tag, attributes = null, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2).toLowerCase(), /** @type {EventListener} */ (value));
    else element.setAttribute(key, String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== false && child !== undefined));
  return element;
}

/** Set a style that depends on data; through the object model, which a strict policy allows. */
export function styled(element, styles) {
  for (const [property, value] of Object.entries(styles)) element.style.setProperty(property, value);
  return element;
}

export const count = (number) => number.toLocaleString("en");
export const percent = (share) => (share === null ? "–" : `${Math.round(share * 100)} %`);
export const signed = (number, digits = 2) => `${number < 0 ? "−" : "+"}${Math.abs(number).toFixed(digits)}`;
export const words = (name) => name.replace(/^\$/, "").replaceAll("_", " ");

/** Read JSON from the demo's own addresses; null when the server is away. */
export async function fetched(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" }, cache: "no-store" });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
