// What cannot be undone: its button works once the name of what is meant was written.
export function start(form: HTMLElement): void {
  const field = form.querySelector<HTMLInputElement>("[data-expects]");
  const button = form.querySelector<HTMLButtonElement>("button:not([type=button])");
  if (field === null || button === null) return;
  const judge = (): void => {
    button.disabled = field.value !== field.dataset.expects;
  };
  field.addEventListener("input", judge);
  judge();
}
