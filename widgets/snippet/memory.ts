/** Storage that never throws: where the browser has none, or refuses it, things are kept for the life of the page. */
export class Memory {
  private readonly spare = new Map<string, string>();

  constructor(private readonly prefix: string) {}

  read<T>(name: string): T | undefined {
    try {
      const text = this.text(name);
      return text ? (JSON.parse(text) as T) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keep a value; `undefined` forgets it. */
  write(name: string, value: unknown): void {
    const key = this.prefix + name;
    const text = value === undefined ? undefined : JSON.stringify(value);
    if (text === undefined) this.spare.delete(key);
    else this.spare.set(key, text);
    try {
      if (text === undefined) localStorage.removeItem(key);
      else localStorage.setItem(key, text);
    } catch {
      // Blocked or full: the copy in `spare` serves this page.
    }
  }

  /** Call back when another tab changed the value. */
  onChange(name: string, call: () => void): void {
    addEventListener("storage", (event) => {
      if (event.key === this.prefix + name) call();
    });
  }

  private text(name: string): string | null | undefined {
    try {
      return localStorage.getItem(this.prefix + name);
    } catch {
      return this.spare.get(this.prefix + name);
    }
  }
}
