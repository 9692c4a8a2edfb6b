/** At what a recording is kept: friction, an error, a low score. What it means to drop off is `leaving.ts`'s. */
import type { Decision } from "../generated/content";
import low from "../survey/low_scores.json";
import { ERROR, LOW_SCORE, MOMENTS } from "./wire";

/** What a page calls an error itself. */
const SAYS_ERROR = /(?:^|[^a-z])(?:errors?|exceptions?|fail(?:ed|ure|ures|s)?)(?:[^a-z]|$)/i;

interface Scored {
  type: string;
  scale: { low: number; high: number };
}

/** A message of the core's, as it is sent. */
export interface Heard {
  type: string;
  event?: unknown;
  properties?: Record<string, unknown>;
}

/** Of NPS the detractors, by its definition; of other scales the lowest third. */
export function isLow({ type, scale }: Scored, value: number): boolean {
  if (type === "nps") return value <= low.nps_at_most;
  return value <= scale.low + (scale.high - scale.low) / low.lowest_part_of_other_scales;
}

export class Moments {
  readonly #questions = new Map<string, Scored>();

  /** Surveys that may be answered here. */
  expect(decisions: readonly Decision[] = []): void {
    for (const { guide, content } of decisions) {
      const { questions } = (content ?? {}) as { questions?: { id: string; type: string; scale?: Scored["scale"] | null }[] };
      for (const { id, type, scale } of questions ?? []) {
        if (scale) this.#questions.set(`${guide}.${id}`, { type, scale });
      }
    }
  }

  /** The moment that an event is, or undefined. */
  of({ type, event, properties = {} }: Heard): string | undefined {
    if (type !== "track" || typeof event !== "string") return undefined;
    if (MOMENTS.includes(event)) return event;
    if (event === "$answered") {
      const { guide, question, value } = properties;
      const asked = this.#questions.get(`${String(guide)}.${String(question)}`);
      return asked && typeof value === "number" && isLow(asked, value) ? LOW_SCORE : undefined;
    }
    return !event.startsWith("$") && SAYS_ERROR.test(event.replace(/([a-z])([A-Z])/g, "$1 $2")) ? ERROR : undefined;
  }
}
