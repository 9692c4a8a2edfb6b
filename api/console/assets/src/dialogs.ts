// Dialogs: opened by <button data-open="ID">, closed by <button data-close>, and the question before what cannot be undone.
import { make } from "./dom";

/** Ask before something is done; false where somebody would rather not. */
export function sure(question: string, button = "Yes"): Promise<boolean> {
  const yes = make("button", { value: "yes" }, button);
  const no = make("button", { value: "no", class: "quiet" }, "Cancel");
  const form = make("form", { method: "dialog" }, no, yes);
  const dialog = make("dialog", { class: "sure", "aria-label": question }, make("p", {}, question), form);
  document.body.append(dialog);
  dialog.showModal();
  no.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    });
  });
}

export function dialogs(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest<HTMLElement>("[data-open], [data-close]");
    if (button === null) return;
    if (button.dataset.close !== undefined) {
      button.closest("dialog")?.close();
      return;
    }
    const dialog = document.getElementById(button.dataset.open ?? "");
    if (dialog instanceof HTMLDialogElement) dialog.showModal();
  });
}
