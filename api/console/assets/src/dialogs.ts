// Dialogs: opened by <button data-open="ID">, closed by <button data-close>, and the question before what cannot be undone.

/** Ask before something is done; false where somebody would rather not. */
export function sure(question: string, button = "Yes"): Promise<boolean> {
  const dialog = document.createElement("dialog");
  dialog.className = "sure";
  const words = document.createElement("p");
  words.textContent = question;
  const form = document.createElement("form");
  form.method = "dialog";
  const yes = document.createElement("button");
  yes.value = "yes";
  yes.textContent = button;
  const no = document.createElement("button");
  no.value = "no";
  no.className = "quiet";
  no.textContent = "Cancel";
  form.append(no, yes);
  dialog.append(words, form);
  dialog.setAttribute("aria-label", question);
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
