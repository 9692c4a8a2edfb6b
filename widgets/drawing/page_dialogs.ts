/** A page's own modal dialog makes everything outside it inert: we go inside with our target, or wait for its end. */

const LOOK_EVERY_MS = 300;

function openDialog(): Element | undefined {
  try {
    return Array.from(document.querySelectorAll(":modal")).at(-1);
  } catch {
    return undefined;
  }
}

/** The modal dialog of the page that holds the target. */
export function hostDialog(target: Element): Element | undefined {
  const dialog = openDialog();
  return dialog?.contains(target) ? dialog : undefined;
}

/** Resolves when no dialog of the page stands between the user and what we show; never, once aborted. */
export function pageIsFree(target: Element | undefined, signal: AbortSignal): Promise<void> {
  const isFree = () => {
    const dialog = openDialog();
    return !dialog || (target !== undefined && dialog.contains(target));
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
