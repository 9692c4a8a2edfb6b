/** From the decisions of a reply to the stage that draws them; the drawing is loaded when there is something to draw. */
import type { Decision } from "../generated/content";
import type { Click, Desk, DrawingModule, Explained, Recording, Stage } from "./contract";

const SHORTEST_TTL_S = 30;

export interface Reply extends Explained {
  decisions?: Decision[];
  revision?: string | null;
  ttl?: number;
  degraded?: boolean;
  rejected?: unknown[];
  clicks?: Click[] | null;
  /** Whether to record; absent where the project records nobody. */
  record?: Recording;
}

export class Guidance {
  #stage: Promise<Stage> | undefined;
  readonly #seen = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueAt = Infinity;

  readonly #desk: Desk;
  readonly #load: () => Promise<DrawingModule>;
  readonly #ask: () => void;
  readonly #onFault: (fault: unknown) => void;

  constructor(
    desk: Desk,
    load: () => Promise<DrawingModule>,
    ask: () => void,
    onFault: (fault: unknown) => void,
  ) {
    this.#desk = desk;
    this.#load = load;
    this.#ask = ask;
    this.#onFault = onFault;
    document.addEventListener("visibilitychange", desk.guard(() => this.#askIfDue()));
  }

  take(reply: Reply): void {
    this.offer(reply.decisions ?? []);
    // State rules such as `stuck at S for 15 minutes` become true without any event of this page.
    if (reply.ttl) this.askIn(Math.max(SHORTEST_TTL_S, reply.ttl));
  }

  /** Each decision once. */
  offer(decisions: Decision[]): void {
    for (const decision of decisions) {
      if (!this.#seen.has(decision?.id)) void this.draw(decision);
    }
  }

  async draw(decision: Decision): Promise<void> {
    // From a server, or from storage: one that is none keeps no other from being drawn.
    if (!decision?.id) return this.#onFault("not a decision");
    this.#seen.add(decision.id);
    try {
      this.#stage ??= this.#load().then((drawing) => drawing.openStage(this.#desk));
      const stage = await this.#stage;
      this.#desk.guard(() => stage.offer(decision))();
    } catch (fault) {
      // The file may be there the next time.
      this.#stage = undefined;
      this.#seen.delete(decision.id);
      this.#onFault(fault);
    }
  }

  askIn(seconds: number): void {
    clearTimeout(this.#timer);
    this.#dueAt = Date.now() + seconds * 1000;
    this.#timer = setTimeout(this.#desk.guard(() => this.#askIfDue()), Math.min(seconds * 1000, 2 ** 31 - 1));
  }

  dismiss(guide?: string): void {
    this.#desk.guard(() => this.#stage?.then((stage) => stage.dismiss(guide)))();
  }

  async clear(): Promise<void> {
    clearTimeout(this.#timer);
    this.#dueAt = Infinity;
    (await this.#stage)?.clear();
  }

  /** A page that nobody looks at does not ask. */
  #askIfDue(): void {
    if (document.visibilityState !== "visible" || Date.now() < this.#dueAt) return;
    this.#dueAt = Infinity;
    this.#ask();
  }
}
