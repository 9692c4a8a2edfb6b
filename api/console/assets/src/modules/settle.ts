// A project was made: go to its snippet. data-goes: the address, with PROJECT for its name.
import type { Answer } from "../asking";

export function start(form: HTMLElement): void {
  form.addEventListener("waypost:sent", (event) => {
    const made = (event as CustomEvent<Answer>).detail.body as { project: string };
    event.preventDefault();
    location.assign((form.dataset.goes ?? "").replace("PROJECT", encodeURIComponent(made.project)));
  });
}
