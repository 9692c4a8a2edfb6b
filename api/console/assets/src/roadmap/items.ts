// Items of the roadmap as the page gives them to what moves them, and sending what was moved.
import { ask, type Answer, type Problem, tellRefusal } from "../asking";

export interface Range {
  low: number;
  high: number;
  middle: number;
}

export interface Estimate {
  by: string;
  low: number;
  high: number;
}

export interface Brief {
  id: number;
  revision: number;
  title: string;
  send: string;
  override: string;
  page: string;
  status: string;
  timebox: string | null;
  effort: Range | null;
  impact: Range | null;
  efforts: Estimate[];
  mine: string;
}

/** What the service answers of an item that was changed, as far as the page shows it. */
export interface Changed {
  revision: number;
  status: string;
  timebox: string | null;
  effort: Range | null;
  impact: Range | null;
  efforts: Estimate[];
  place: { quadrant: string; is_close: boolean; timebox: string | null } | null;
  missing: string[];
}

export function briefOf(element: Element): Brief {
  return JSON.parse(element.getAttribute("data-brief") ?? "{}") as Brief;
}

/** Keep what the service said, so that the next change is made from it. */
export function keep(element: Element, brief: Brief, changed: Changed): void {
  const { revision, status, timebox, effort, impact, efforts } = changed;
  element.setAttribute("data-brief", JSON.stringify({ ...brief, revision, status, timebox, effort, impact, efforts }));
}

/** Send a change; null where it was refused, which is told unless `refused` takes care of it. */
export async function change(
  brief: Brief,
  members: Record<string, unknown>,
  refused: (problem: Problem | null) => boolean = () => false,
): Promise<Changed | null> {
  const answer: Answer = await ask("PATCH", brief.send, { revision: brief.revision, ...members });
  if (answer.ok) return answer.body as Changed;
  if (!refused(answer.body as Problem | null)) tellRefusal(answer);
  return null;
}

/** A figure as short as people say it. */
export const short = (value: number): string => Number(value.toPrecision(3)).toString();

export function spanned(range: Range | null): string {
  if (range === null) return "–";
  const [low, high] = [short(range.low), short(range.high)];
  return low === high ? low : `${low}–${high}`;
}
