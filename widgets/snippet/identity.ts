import { newId } from "./ids";
import type { Memory } from "./memory";

interface Ids {
  anonymousId: string;
  userId?: string;
  groupId?: string;
  /** What the customer's server signed for the user. */
  token?: string;
}

/** Who the visitor is: an id of ours until the page tells a better one. Kept for the next page and shared by tabs. */
export class Identity {
  #ids: Ids;
  /** What the visitor went by on this page, before it was known that they have an id. */
  #before: string | undefined;
  /** By the users of this page: what one of them did last is sent when the next one is there already. */
  readonly #tokens = new Map<string, string>();

  readonly #memory: Memory;

  constructor(memory: Memory) {
    this.#memory = memory;
    this.#ids = this.#stored() ?? { anonymousId: newId() };
    this.#keep();
    memory.onChange("id", () => {
      const ids = this.#stored() ?? this.#ids;
      if (ids.anonymousId !== this.#ids.anonymousId) this.#before = undefined;
      this.#ids = ids;
      this.#remember();
    });
  }

  /** As it was kept, where that is one. */
  #stored(): Ids | undefined {
    const ids = this.#memory.read<Ids>("id");
    return typeof ids?.anonymousId === "string" ? ids : undefined;
  }

  get anonymousId(): string {
    return this.#ids.anonymousId;
  }

  get userId(): string | undefined {
    return this.#ids.userId;
  }

  get groupId(): string | undefined {
    return this.#ids.groupId;
  }

  /** Whether it is the one who had this id. */
  isStill(anonymousId: string): boolean {
    return [this.#ids.anonymousId, this.#before].includes(anonymousId);
  }

  /** The proof that a page gave for a user, if it did. */
  tokenOf(userId: string | undefined): string | undefined {
    return userId === undefined ? undefined : this.#tokens.get(userId);
  }

  /**
   * A second known user on the same browser begins with a new anonymous id, so that the two are never merged. A token
   * stays until there is another one.
   */
  becomes(userId: string, token?: string): void {
    if (this.#ids.userId !== undefined && this.#ids.userId !== userId) this.#begin();
    this.#ids.userId = userId;
    if (token) this.#ids.token = token;
    this.#keep();
  }

  joins(groupId: string): void {
    this.#ids.groupId = groupId;
    this.#keep();
  }

  forget(): void {
    this.#begin();
    this.#keep();
  }

  /** Ids may be stored from now on. Those of another tab are the visitor's too, unless this page knows better. */
  settle(): void {
    this.#before = this.#ids.anonymousId;
    if (this.#ids.userId === undefined) this.#ids = this.#stored() ?? this.#ids;
    this.#keep();
  }

  /** Somebody of whom nothing is known. */
  #begin(): void {
    this.#ids = { anonymousId: newId() };
    this.#before = undefined;
  }

  #keep(): void {
    this.#remember();
    this.#memory.write("id", this.#ids);
  }

  #remember(): void {
    const { userId, token } = this.#ids;
    if (userId !== undefined && token) this.#tokens.set(userId, token);
  }
}
