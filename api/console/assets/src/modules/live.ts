// Live: what arrives, the latest on top, at most so many rows.
import { aroundOf, type Page, row, watching } from "../arrivals";
import { type Answer, tellRefusal } from "../asking";

const MOST_ROWS = 200;

export function start(element: HTMLElement): void {
  const list = element.querySelector<HTMLElement>("[data-rows]");
  const status = element.querySelector<HTMLElement>("[data-status]");
  const leftOut = element.querySelector<HTMLElement>("[data-left-out]");
  const button = element.querySelector<HTMLButtonElement>("[data-pause]");
  const clear = element.querySelector<HTMLButtonElement>("[data-clear]");
  const empty = document.getElementById(element.dataset.empty ?? "");
  if (list === null || status === null || leftOut === null || button === null) return;
  const around = aroundOf(element);
  const shown = new Set<string>();
  const without = new Map<string, number>();
  let count = 0;

  const say = (words: string) => {
    if (status.textContent !== words) status.textContent = words;
  };
  const heard = (page: Page): void => {
    const fresh = page.data.filter(({ id }) => !shown.has(id));
    for (const arrival of fresh) {
      shown.add(arrival.id);
      list.prepend(row(arrival, around));
    }
    while (list.childElementCount > MOST_ROWS) list.lastElementChild?.remove();
    if (shown.size > 10 * MOST_ROWS) for (const id of [...shown].slice(0, shown.size - MOST_ROWS)) shown.delete(id);
    count += fresh.length;
    if (empty !== null) empty.hidden = count > 0;
    for (const [kind, number] of Object.entries(page.left_out)) without.set(kind, (without.get(kind) ?? 0) + number);
    const told = [...without].map(([kind, number]) => `${number.toLocaleString("en")} ${kind}`).join(", ");
    leftOut.hidden = told === "";
    const words = leftOut.querySelector("span");
    if (words !== null) words.textContent = told;
    // A look that was under way when somebody paused is still shown.
    if (!polling.isPaused) say(page.passed_over ? "More comes than is shown here: these are the latest." : "Listening.");
  };
  const failed = (answer: Answer): boolean => {
    if (answer.status === 0 || answer.status >= 500 || answer.status === 429) {
      say("The server does not answer. Trying again.");
      return true;
    }
    say("Stopped.");
    tellRefusal(answer);
    return false;
  };

  const polling = watching({ address: element.dataset.address ?? "", heard, failed });
  button.addEventListener("click", () => {
    polling.pause(!polling.isPaused);
    button.textContent = polling.isPaused ? "Go on" : "Pause";
    say(polling.isPaused ? "Paused. What comes meanwhile is shown when you go on." : "Listening.");
  });
  clear?.addEventListener("click", () => list.replaceChildren());
}
