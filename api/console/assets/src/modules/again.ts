// A part of the page that is looked at again every few seconds until it has what is waited for; while the server does not
// answer, or nobody is signed in, after a longer and longer pause.
// data-every: seconds. data-until: the value of a data-here within it; without one it goes on as long as data-goes-on is.
import { type Outcome, Polling } from "../polling";

const LONGEST_MS = 60_000;

export function start(element: HTMLElement): void {
  const isOver = (): boolean => {
    const until = element.dataset.until;
    return until === undefined
      ? element.querySelector("[data-goes-on]") === null
      : element.querySelector(`[data-here="${CSS.escape(until)}"]`) !== null;
  };

  const look = async (): Promise<Outcome> => {
    if (isOver()) return "over";
    // Nothing is filled anew below the hand that is about to press it.
    if (element.contains(document.activeElement)) return "went";
    try {
      const answer = await fetch(location.href);
      if (!answer.ok || answer.redirected) return "failed";
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(element.id);
      if (fresh === null) return "over";
      fill(element, fresh);
    } catch {
      // No network just now.
      return "failed";
    }
    return isOver() ? "over" : "went";
  };

  const every = Number(element.dataset.every ?? "5") * 1000;
  new Polling(look, { every, first: every, longest: LONGEST_MS });
}

/** What is alike stays as it is, with what somebody has opened in it. */
function fill(element: HTMLElement, fresh: HTMLElement): void {
  // How far the module is with it is no part of what the server said.
  if (element.dataset.started !== undefined) fresh.dataset.started = element.dataset.started;
  if (!fresh.isEqualNode(element)) element.replaceChildren(...fresh.childNodes);
}
