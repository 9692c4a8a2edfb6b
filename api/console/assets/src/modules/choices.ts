// A part of a form that belongs to one choice: hidden, and not sent, while another is chosen.
export function start(form: HTMLElement): void {
  const show = (): void => {
    for (const part of form.querySelectorAll<HTMLFieldSetElement>("fieldset[data-shown-by]")) {
      const choice = form.querySelector<HTMLSelectElement>(`select[name="${CSS.escape(part.dataset.shownBy ?? "")}"]`);
      part.hidden = !(part.dataset.shownFor ?? "").split(" ").includes(choice?.value ?? "");
      part.disabled = part.hidden;
      // A fieldset that is off does not take its fields out of `form.elements`.
      for (const field of part.querySelectorAll<HTMLInputElement>("input, select, textarea")) field.disabled = part.hidden;
    }
  };
  form.addEventListener("change", show);
  show();
}
