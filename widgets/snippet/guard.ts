/** Nothing of ours may throw into the page that hosts it: what goes wrong is kept for `debug()`, and that is all. */
export class Guard {
  readonly faults: string[] = [];

  note(fault: unknown): void {
    try {
      this.faults.push(String(fault));
      if (this.faults.length > 20) this.faults.shift();
    } catch {
      // Not even that is possible here.
    }
  }

  /** The same function, without its exceptions. */
  readonly wrap = <A extends unknown[], R>(call: (...args: A) => R): ((...args: A) => R | undefined) => {
    return (...args) => {
      try {
        const result = call(...args);
        // A page may have put another Promise in the place of the one that our functions answer with.
        (result as PromiseLike<unknown> | undefined)?.then?.(undefined, (fault) => this.note(fault));
        return result;
      } catch (fault) {
        this.note(fault);
        return undefined;
      }
    };
  };
}
