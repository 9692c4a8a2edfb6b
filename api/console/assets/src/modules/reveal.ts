// What is seen only once: a form's answer holds a secret, which is shown with a button to copy it; the page is loaded
// again when the dialog is closed. <div data-module data-reveal="key"> around the forms, with the dialog in it.
import type { Answer } from "../asking";

export function start(element: HTMLElement): void {
  const dialog = element.querySelector<HTMLDialogElement>("dialog.revealed");
  const shown = dialog?.querySelector<HTMLElement>("[data-secret]");
  const member = element.dataset.reveal ?? "";
  if (!dialog || !shown) return;
  element.addEventListener("waypost:sent", (event) => {
    const answer = (event as CustomEvent<Answer>).detail;
    const secret = (answer.body as Record<string, unknown> | null)?.[member];
    if (typeof secret !== "string") return;
    event.preventDefault();
    shown.textContent = secret;
    for (const open of document.querySelectorAll<HTMLDialogElement>("dialog[open]")) open.close();
    dialog.showModal();
    dialog.addEventListener("close", () => location.reload(), { once: true });
  });
}
