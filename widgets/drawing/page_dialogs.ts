/**
 * A page's own modal dialog makes everything outside it inert: we go inside with our target, or wait for its end. One
 * that only says that it is modal keeps the focus by a script of its own, against which nobody wins: we wait too.
 */
import { openRoots } from "../targeting/selector";
import { isVisible } from "./target";

const LOOK_EVERY_MS = 300;

/** The last that can be seen; in the open shadow roots of the page too. */
function last(selector: string, root: Document | ShadowRoot = document): Element | undefined {
  try {
    const own = [...root.querySelectorAll(selector)].filter(isVisible).at(-1);
    return own ?? openRoots(root).map((each) => last(selector, each)).find(Boolean);
  } catch {
    return undefined;
  }
}

/** Whether it is inside, through the borders of shadow roots. */
function holds(dialog: Element, target: Element): boolean {
  for (let node: Node | null = target; node; node = node instanceof ShadowRoot ? node.host : node.parentNode) {
    if (node === dialog) return true;
  }
  return false;
}

/** The modal dialog that the page has open. */
export function openDialog(): Element | undefined {
  return last(":modal");
}

/** The modal dialog of the page that holds the target. */
export function hostDialog(target: Element): Element | undefined {
  const dialog = openDialog();
  return dialog && holds(dialog, target) ? dialog : undefined;
}

/** Resolves when no dialog of the page stands between the user and what we show; never, once aborted. */
export function pageIsFree(target: Element | undefined, signal: AbortSignal): Promise<void> {
  const isFree = () => {
    const dialog = openDialog() ?? last("[aria-modal=true]");
    return !dialog || (target !== undefined && holds(dialog, target));
  };
  if (isFree()) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!isFree() && !signal.aborted) return;
      clearInterval(timer);
      resolve();
    }, LOOK_EVERY_MS);
  });
}
