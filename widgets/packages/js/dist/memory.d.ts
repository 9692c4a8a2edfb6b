/**
 * Storage that never throws: where the browser has none, or refuses it, things are kept for the life of the page. So
 * they are while nothing may be stored.
 */
export declare class Memory {
    #private;
    constructor(prefix: string);
    /** Whether anything may be stored. What was kept for the page is stored then, unless another tab was first. */
    set lasts(isLasting: boolean);
    read<T>(name: string): T | undefined;
    /** Keep a value; `undefined` forgets it. */
    write(name: string, value: unknown): void;
    /** What stands in storage whether or not anything else may. */
    noted(name: string): unknown;
    note(name: string, value: unknown): void;
    /** Take everything out of storage, of this page and of others. */
    clear(names: string[]): void;
    /** Call back when another tab changed the value. */
    onChange(name: string, call: () => void): void;
}
