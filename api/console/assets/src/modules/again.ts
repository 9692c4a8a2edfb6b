// A part of the page that is looked at again every few seconds until it has what is waited for, or the tab is hidden.
// data-every: seconds. data-until: the value of a data-here within it; without one it goes on as long as data-goes-on is.
export function start(element: HTMLElement): void {
  const every = Number(element.dataset.every ?? "5") * 1000;

  const isOver = (part: Element): boolean => {
    const until = element.dataset.until;
    return until === undefined
      ? part.querySelector("[data-goes-on]") === null
      : part.querySelector(`[data-here="${CSS.escape(until)}"]`) !== null;
  };

  const look = async (): Promise<void> => {
    if (isOver(element)) return;
    if (!document.hidden && !element.contains(document.activeElement)) {
      try {
        const answer = await fetch(location.href);
        if (!answer.ok) return;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById(element.id);
        if (fresh === null) return;
        delete element.dataset.started;
        const isNew = !fresh.isEqualNode(element);
        element.dataset.started = "";
        if (isNew) element.replaceChildren(...fresh.childNodes);
      } catch {
        // No network just now: the next time.
      }
    }
    setTimeout(() => void look(), every);
  };
  setTimeout(() => void look(), every);
}
