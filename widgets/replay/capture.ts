/**
 * rrweb at work: what it sees of the page, masked, and what it costs. One capture at a time, since rrweb keeps one list
 * of nodes.
 */
import { record } from "@rrweb/record";
import { blockedBy } from "./elements";
import { Masking, revealing } from "./masking";
import type { ReplayEvent } from "./wire";

const FULL = 2;
const META = 4;
const MOUSE_EVERY_MS = 100;
const SCROLL_EVERY_MS = 150;

export interface CaptureOptions {
  reveal?: readonly string[];
  /** Every event, masked. */
  emit(event: ReplayEvent): void;
  /** How long the main thread was held up for recording, ms. isWhole: by a picture of the whole page. */
  spent(ms: number, isWhole: boolean): void;
  onFault(fault: unknown): void;
}

export interface Capture {
  /** Take a picture of the whole page, at which a recording can begin. */
  picture(): void;
  /** How many elements the last picture had. */
  readonly elements: number;
  stop(): void;
}

let current: { picture(): void; tap: ((event: ReplayEvent) => void) | undefined } | undefined;

/** Begin to capture the page. Throws where rrweb cannot. */
export function capture({ reveal, emit, spent, onFault }: CaptureOptions): Capture {
  const masking = new Masking({ mirror: record.mirror as { getNode(id: number): Node | null }, document, reveal });
  /** When the work began that the next event comes of. */
  let since: number | undefined;
  let isOver = false;
  let isPicturing = false;

  const take = (event: ReplayEvent) => {
    if (isOver) return;
    // Called within what the page does: nothing may be thrown into that.
    try {
      const begun = since ?? performance.now();
      since = undefined;
      const masked = masking.mask(event);
      if (masked && own.tap && (event.type === META || event.type === FULL)) own.tap(masked);
      else if (masked) emit(masked);
      if (!isPicturing) spent(performance.now() - begun, false);
    } catch (fault) {
      onFault(fault);
    }
  };
  const timed = (work: () => void) => {
    const begun = performance.now();
    isPicturing = true;
    try {
      work();
    } finally {
      isPicturing = false;
      since = undefined;
      spent(performance.now() - begun, true);
    }
  };
  const picture = () => timed(() => record.takeFullSnapshot(true));
  const own: NonNullable<typeof current> = { picture, tap: undefined };

  // Told of changes just before rrweb is, since it was there before: from here on the time is rrweb's.
  const { __zone_symbol__MutationObserver: untold } = window as { __zone_symbol__MutationObserver?: typeof MutationObserver };
  // Angular looks at the whole page again after each call of an observer that it knows of.
  const early = new (untold ?? MutationObserver)(() => {
    try {
      since = performance.now();
      queueMicrotask(() => (since = undefined));
    } catch (fault) {
      onFault(fault);
    }
  });
  early.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });

  // rrweb puts all back that it stands in front of, but for these two.
  const { addRule, removeRule } = CSSStyleSheet.prototype;
  let end: (() => void) | undefined;
  timed(() => {
    end = record({
      emit: take as never,
      blockSelector: blockedBy(revealing(reveal)),
      // Masked by us, all of it; what rrweb masks would be masked twice.
      maskTextClass: "waypost-mask-nothing-here",
      maskInputOptions: {},
      slimDOMOptions: "all",
      sampling: { mousemove: MOUSE_EVERY_MS, scroll: SCROLL_EVERY_MS, media: 1000, canvas: 0, input: "all" },
      inlineStylesheet: true,
      inlineImages: false,
      recordCanvas: false,
      collectFonts: false,
      recordCrossOriginIframes: false,
      // What the page itself does wrong stays the page's to hear: rrweb stands in between.
      errorHandler: (fault: unknown) => {
        if (fault instanceof DOMException) return false;
        onFault(fault);
        return true;
      },
    } as Parameters<typeof record>[0]);
  });
  if (!end) {
    early.disconnect();
    throw new Error("rrweb could not begin to record");
  }
  current = own;
  return {
    picture,
    get elements() {
      return masking.elements;
    },
    stop: () => {
      if (isOver) return;
      isOver = true;
      early.disconnect();
      if (current === own) current = undefined;
      end?.();
      Object.assign(CSSStyleSheet.prototype, { addRule, removeRule });
    },
  };
}

/** A masked picture of the page as it stands: rrweb's events meta and full snapshot, whether or not it is recorded. */
export function takeSnapshot(_document: Document = document, reveal?: readonly string[]): ReplayEvent[] {
  const taken: ReplayEvent[] = [];
  if (current) {
    current.tap = (event) => void taken.push(event);
    try {
      current.picture();
    } finally {
      current.tap = undefined;
    }
    return taken;
  }
  const ignore = () => {};
  const once = capture({ reveal, emit: (event) => void taken.push(event), spent: ignore, onFault: ignore });
  once.stop();
  return taken.filter(({ type }) => type === META || type === FULL);
}
