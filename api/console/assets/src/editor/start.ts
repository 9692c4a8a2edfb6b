// What the page hands to the editor, and what the service's documents look like.

export type Files = Record<string, string>;

export interface Start {
  files: Files;
  base: number;
  revision: number;
  inForce: number;
  /** The name that no file of a draft has. */
  reserved: string;
  mayWrite: boolean;
  guide: string | null;
  file: string | null;
  line: number | null;
  tab: string;
  kinds: string[];
  /** A rule that was written on another page and goes on here. */
  proposal: { guide: string; text: string } | null;
  addresses: Addresses;
}

export interface Addresses {
  draft: string;
  discard: string;
  check: string;
  complete: string;
  hover: string;
  format: string;
  merge: string;
  rules: string;
  versions: string;
}

export interface Draft {
  revision: number;
  files: Files | null;
  base: number | null;
  changed_by: string | null;
  in_force: number;
}

export interface Conflict {
  file: string;
  our_lines: string | null;
  their_lines: string | null;
}

export interface Found {
  code: string;
  severity: "error" | "warning";
  message: string;
  file: string;
  line: number;
  start: number;
  end: number;
  help: string | null;
  fix: string | null;
}

export function same(one: Files, other: Files): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

/** A part of the editor, by what it is marked with. */
export function part<Kind extends HTMLElement>(element: HTMLElement, name: string): Kind {
  const found = element.querySelector<Kind>(`[data-${name}]`);
  if (found === null) throw new Error(`the editor has no part ${name}`);
  return found;
}
