// Places in texts: the server counts characters, the browser UTF-16 units; and the smallest edit between two texts.

export interface Edit {
  from: number;
  to: number;
  insert: string;
}

const BEYOND_ONE_UNIT = /[\u{10000}-\u{10ffff}]/u;

/** The place in units of a place in characters. */
export function unitsOf(text: string, characters: number): number {
  if (!BEYOND_ONE_UNIT.test(text)) return characters;
  let units = 0;
  let counted = 0;
  for (const sign of text) {
    if (counted >= characters) break;
    counted += 1;
    units += sign.length;
  }
  return units;
}

/** The place in characters of a place in units. */
export function charactersOf(text: string, units: number): number {
  const before = text.slice(0, units);
  return BEYOND_ONE_UNIT.test(before) ? [...before].length : units;
}

/** What makes one text of another: the stretch between their common beginning and their common end. */
export function smallestEdit(old: string, text: string): Edit | null {
  if (old === text) return null;
  const most = Math.min(old.length, text.length);
  let from = 0;
  while (from < most && old[from] === text[from]) from += 1;
  let end = 0;
  while (end < most - from && old[old.length - 1 - end] === text[text.length - 1 - end]) end += 1;
  return { from, to: old.length - end, insert: text.slice(from, text.length - end) };
}

/** The guide or survey in which a place lies, null where none. kinds: the words with which one begins. */
export function guideAt(text: string, place: number, kinds: readonly string[]): string | null {
  const begins = new RegExp(`^[ \\t]*(?:${kinds.join("|")})[ \\t]+(?:\`([^\`\\n]+)\`|([\\p{L}_$][\\p{L}\\p{N}_$]*))`, "u");
  let name: string | null = null;
  let closed = false;
  let start = 0;
  for (const line of text.split("\n")) {
    if (start > place) break;
    const found = begins.exec(line);
    if (found !== null) name = found[1] ?? found[2] ?? null;
    // A brace at the beginning of a line closes it; the place on that very line still belongs to it.
    else if (closed && line.trim() !== "") name = null;
    closed = line.startsWith("}");
    start += line.length + 1;
  }
  return name;
}

/** Where the declaration of a guide begins; null where there is none of this name. */
export function placeOf(text: string, guide: string, kinds: readonly string[]): number | null {
  const name = guide.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const found = new RegExp(`^[ \\t]*(?:${kinds.join("|")})[ \\t]+\`?${name}(?![\\p{L}\\p{N}_$])`, "mu").exec(text);
  return found === null ? null : found.index;
}
