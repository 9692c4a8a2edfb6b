/** A list stays a list: libraries from before JSON taught lists to write themselves, as text. */
function asItStands(this: unknown, name: string, value: unknown): unknown {
  const found = (this as Record<string, unknown>)[name];
  return Array.isArray(found) ? found : value;
}

/** JSON of a value, whatever the page has done to lists. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, asItStands);
}
