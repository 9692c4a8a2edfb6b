// Home of a new project: the stream of what arrives; with the first event its tick turns green, without a reload.
import { aroundOf, type Page, row, watching } from "../arrivals";

const MOST_ROWS = 5;

export function start(element: HTMLElement): void {
  const list = element.querySelector<HTMLElement>("[data-rows]");
  const status = element.querySelector<HTMLElement>("[data-status]");
  const errand = element.querySelector<HTMLElement>("[data-errand=events]");
  if (list === null || status === null || errand === null) return;
  const around = aroundOf(element);
  const shown = new Set<string>();
  const heard = (page: Page): void => {
    for (const arrival of page.data) {
      if (shown.has(arrival.id)) continue;
      shown.add(arrival.id);
      list.prepend(row(arrival, around));
    }
    while (list.childElementCount > MOST_ROWS) list.lastElementChild?.remove();
    const hasCome = list.querySelector("[data-type=event]") !== null || errand.classList.contains("done");
    if (!hasCome) return;
    const words = "Events come. These are the latest.";
    if (status.textContent !== words) status.textContent = words;
    errand.classList.add("done");
    errand.querySelector<HTMLElement>("[data-done]")?.removeAttribute("hidden");
    errand.querySelector<HTMLElement>("[data-live]")?.removeAttribute("hidden");
  };
  watching({
    address: element.dataset.address ?? "",
    heard,
    failed: ({ status: code }) => {
      status.textContent = code === 401 ? "You are signed out." : "The server does not answer. Trying again.";
      return code === 0 || code >= 500 || code === 429;
    },
  });
}
