/** Finding the one element that a widget stands beside: exactly one match that can be seen. */

export type Missing = "not_found" | "hidden" | "several" | "invalid" | "removed";

const LOOK_EVERY_MS = 100;
export const GIVE_UP_MS = 10_000;

export function isVisible(element: Element): boolean {
  const { width, height } = element.getBoundingClientRect();
  return element.isConnected && width > 0 && height > 0 && getComputedStyle(element).visibility === "visible";
}

/** Matches in the document, or else in its open shadow roots. */
function matches(selector: string, root: Document | ShadowRoot = document): Element[] {
  const found = Array.from(root.querySelectorAll(selector));
  if (found.length) return found;
  return Array.from(root.querySelectorAll("*")).flatMap(({ shadowRoot }) =>
    shadowRoot && shadowRoot.host.localName !== "waypost-guide" ? matches(selector, shadowRoot) : [],
  );
}

export function findTarget(selector: string): Element | Missing {
  let found: Element[];
  try {
    found = matches(selector);
  } catch {
    return "invalid";
  }
  if (!found.length) return "not_found";
  const seen = found.filter(isVisible);
  if (!seen.length) return "hidden";
  return seen.length > 1 ? "several" : seen[0]!;
}

/** The target as soon as it is there, or why there is none after `giveUpMs`. Never resolves once aborted. */
export function awaitTarget(selector: string, signal: AbortSignal, giveUpMs = GIVE_UP_MS): Promise<Element | Missing> {
  let last = findTarget(selector);
  if (last instanceof Element || last === "invalid") return Promise.resolve(last);
  return new Promise((resolve) => {
    const look = () => {
      last = findTarget(selector);
      if (last instanceof Element) finish(last);
    };
    // The page tells of changes; a slow look besides catches what only a style sheet changed.
    let pending: ReturnType<typeof setTimeout> | undefined;
    const observer = new MutationObserver(() => {
      pending ??= setTimeout(() => {
        pending = undefined;
        look();
      }, LOOK_EVERY_MS);
    });
    observer.observe(document, { subtree: true, childList: true, attributes: true });
    const slow = setInterval(look, 10 * LOOK_EVERY_MS);
    const giveUp = Number.isFinite(giveUpMs) ? setTimeout(() => finish(last), giveUpMs) : undefined;
    const stop = () => {
      observer.disconnect();
      clearInterval(slow);
      clearTimeout(giveUp);
      clearTimeout(pending);
      signal.removeEventListener("abort", stop);
    };
    const finish = (answer: Element | Missing) => {
      stop();
      resolve(answer);
    };
    signal.addEventListener("abort", stop);
  });
}
