/** What a tab remembers of its last pages, for signs that one page alone does not show: paths, selectors and times. */
import { toJson } from "./json";
import { fragment } from "./page";

/** Where it is kept in `sessionStorage`. */
export const TRAIL_KEPT_AS = "waypost:trail";

const MOST_VIEWS = 20;
/** As many pages ago at the most, a page that is come back to may be part of a sign. */
const BACK_WITHIN = 5;

export interface View {
  path: string;
  /** By the clock on the wall, ms, since it goes over several pages. */
  at: number;
  /** Something was done there besides looking. */
  isUsed?: boolean;
  /** The sensors have thought about it. */
  isWeighed?: boolean;
  /** The view was part of a loop that was told. */
  isTold?: boolean;
  /** When a form was sent there. */
  sentAt?: number;
}

/** The latest use of a control or a form. Times are by the clock on the wall, ms. */
export interface Attempt {
  selector: string;
  at: number;
  attempts: number;
  /** When and why it came to nothing, if it did. */
  failedAt?: number;
  because?: string;
  status?: number;
}

export class Trail {
  views: View[] = [];
  attempts: Attempt[] = [];
  /** Hear of each page that the visitor comes to. */
  onView: (() => void) | undefined;

  constructor() {
    this.read();
  }

  /** Of pages that this tab showed in the meantime. */
  read(): void {
    try {
      const { views, attempts } = JSON.parse(sessionStorage.getItem(TRAIL_KEPT_AS) ?? "") as Trail;
      this.views = [...views];
      this.attempts = [...attempts];
    } catch {
      // Nothing, blocked, or not ours: this page begins anew.
    }
  }

  /** Write down what changed. */
  keep(): void {
    try {
      sessionStorage.setItem(TRAIL_KEPT_AS, toJson(this));
    } catch {
      // Blocked or full: the copy here serves this page.
    }
  }

  /** The visitor is on the page of the address; whether they were there a few pages ago. */
  arrive(at: number): boolean {
    const path = location.pathname + fragment();
    if (this.views.at(-1)?.path === path) return false;
    this.views = [...this.views, { path, at }].slice(-MOST_VIEWS);
    this.keep();
    this.onView?.();
    return this.views.slice(-BACK_WITHIN, -1).some((each) => each.path === path);
  }
}
