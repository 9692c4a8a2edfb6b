import { newId } from "./ids";
import type { Memory } from "./memory";

interface Ids {
  anonymousId: string;
  userId?: string;
  groupId?: string;
}

/** Who the visitor is: an id of ours until the page tells a better one. Kept for the next page and shared by tabs. */
export class Identity {
  private ids: Ids;

  constructor(private readonly memory: Memory) {
    this.ids = memory.read<Ids>("id") ?? { anonymousId: newId() };
    this.keep();
    memory.onChange("id", () => {
      this.ids = memory.read<Ids>("id") ?? this.ids;
    });
  }

  get anonymousId(): string {
    return this.ids.anonymousId;
  }

  get userId(): string | undefined {
    return this.ids.userId;
  }

  get groupId(): string | undefined {
    return this.ids.groupId;
  }

  /** A second known user on the same browser begins with a new anonymous id, so that the two are never merged. */
  becomes(userId: string): void {
    if (this.ids.userId !== undefined && this.ids.userId !== userId) this.ids = { anonymousId: newId() };
    this.ids.userId = userId;
    this.keep();
  }

  joins(groupId: string): void {
    this.ids.groupId = groupId;
    this.keep();
  }

  forget(): void {
    this.ids = { anonymousId: newId() };
    this.keep();
  }

  get isOut(): boolean {
    return this.memory.read<boolean>("out") === true;
  }

  set isOut(out: boolean) {
    this.memory.write("out", out || undefined);
  }

  private keep(): void {
    this.memory.write("id", this.ids);
  }
}
