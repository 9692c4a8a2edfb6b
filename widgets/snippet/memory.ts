import { toJson } from "./json";

/**
 * Storage that never throws: where the browser has none, or refuses it, things are kept for the life of the page. So
 * they are while nothing may be stored.
 */
export class Memory {
  readonly #spare = new Map<string, string>();
  #isLasting = false;

  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Whether anything may be stored. What was kept for the page is stored then, unless another tab was first. */
  set lasts(isLasting: boolean) {
    if (isLasting === this.#isLasting) return;
    this.#isLasting = isLasting;
    if (isLasting) this.#spare.forEach((text, name) => this.#stored(name) ?? this.#store(name, text));
  }

  read<T>(name: string): T | undefined {
    return parsed((this.#isLasting ? this.#stored(name) : undefined) ?? this.#spare.get(name)) as T | undefined;
  }

  /** Keep a value; `undefined` forgets it. */
  write(name: string, value: unknown): void {
    const text = value === undefined ? undefined : toJson(value);
    if (text === undefined) this.#spare.delete(name);
    else this.#spare.set(name, text);
    if (this.#isLasting) this.#store(name, text);
  }

  /** What stands in storage whether or not anything else may. */
  noted(name: string): unknown {
    return parsed(this.#stored(name));
  }

  note(name: string, value: unknown): void {
    this.#store(name, toJson(value));
  }

  /** Take everything out of storage, of this page and of others. */
  clear(names: string[]): void {
    names.forEach((name) => this.#store(name, undefined));
  }

  /** Call back when another tab changed the value. */
  onChange(name: string, call: () => void): void {
    addEventListener("storage", (event) => {
      if (event.key === this.#prefix + name) call();
    });
  }

  #stored(name: string): string | undefined {
    try {
      return localStorage.getItem(this.#prefix + name) ?? undefined;
    } catch {
      return undefined;
    }
  }

  #store(name: string, text: string | undefined): void {
    try {
      if (text === undefined) localStorage.removeItem(this.#prefix + name);
      else localStorage.setItem(this.#prefix + name, text);
    } catch {
      // Blocked or full: the copy in `spare` serves this page.
    }
  }
}

function parsed(text: string | undefined): unknown {
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
