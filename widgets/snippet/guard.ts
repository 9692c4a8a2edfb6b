/** Nothing of ours may throw into the page that hosts it: what goes wrong is kept for `debug()`, and that is all. */
export class Guard {
  readonly faults: string[] = [];

  note(fault: unknown): void {
    this.faults.push(String(fault));
    if (this.faults.length > 20) this.faults.shift();
  }

  /** The same function, without its exceptions. */
  readonly wrap = <A extends unknown[], R>(call: (...args: A) => R): ((...args: A) => R | undefined) => {
    return (...args) => {
      try {
        const result = call(...args);
        if (result instanceof Promise) result.catch((fault) => this.note(fault));
        return result;
      } catch (fault) {
        this.note(fault);
        return undefined;
      }
    };
  };
}
