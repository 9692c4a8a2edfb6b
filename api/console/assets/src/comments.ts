// Threads of comments: what is sent from one stays on the page, and only the thread is drawn anew.
//
// <section data-comments="ADDRESS">: the address gives the thread. A section whose place the browser chooses is filled
// on the event `waypost:comments`. How many are open is told to everything with data-open-comments="PLACE".
import { bringBack } from "./forms";
import { NO_NETWORK, tell, tellStatus } from "./telling";

async function draw(thread: HTMLElement): Promise<void> {
  const address = thread.dataset.comments ?? "";
  if (address === "") return;
  let answer: Response;
  try {
    answer = await fetch(address);
  } catch {
    tell(NO_NETWORK);
    return;
  }
  // Asked again meanwhile, for another place: this answer is of no use.
  if (thread.dataset.comments !== address) return;
  if (!answer.ok || answer.redirected) {
    tellStatus(answer.redirected ? 401 : answer.status);
    return;
  }
  const drawn = new DOMParser().parseFromString(await answer.text(), "text/html");
  thread.replaceChildren(...drawn.body.childNodes);
  thread.hidden = false;
  for (const form of thread.querySelectorAll<HTMLFormElement>("form[data-keep]")) bringBack(form);
  count(thread);
}

/** Tell the rest of the page how many are open. */
function count(thread: HTMLElement): void {
  const open = thread.querySelector<HTMLElement>("[data-count]")?.dataset.count ?? "0";
  for (const told of document.querySelectorAll<HTMLElement>("[data-open-comments]")) {
    if (told.dataset.openComments !== thread.dataset.place) continue;
    told.hidden = open === "0";
    const number = told.querySelector(".number");
    if (number !== null) number.textContent = open;
  }
}

export function comments(): void {
  document.addEventListener("waypost:sent", (event) => {
    const thread = (event.target as HTMLElement).closest<HTMLElement>("[data-comments]");
    if (thread === null) return;
    event.preventDefault();
    void draw(thread);
  });
  document.addEventListener("waypost:comments", (event) => void draw(event.target as HTMLElement));
}
