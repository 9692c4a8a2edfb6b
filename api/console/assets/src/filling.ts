// Dialogs about one thing of many: the button that opens one says what it is filled with.
//
// <button data-open="ID" data-fill='{"title": "…"}'>: members are fields of the dialog by name; a list, the options of a
// choice. `@send` is where its form sends to, any other `@name` the words of what has data-word="@name".
import { forget } from "./forms";

export type Filling = Record<string, unknown>;

/** Fill the dialogs of the page as they are opened; what was typed into one stays only while it is the same thing. */
export function fillable(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest<HTMLElement>("[data-open][data-fill]");
    const dialog = document.getElementById(button?.dataset.open ?? "");
    if (button === null || dialog === null) return;
    const filling = button.dataset.fill ?? "{}";
    if (dialog.dataset.filled === filling) return;
    dialog.dataset.filled = filling;
    fill(dialog, JSON.parse(filling) as Filling);
  });
}

export function fill(dialog: HTMLElement, filling: Filling): void {
  const form = dialog.querySelector("form");
  form?.reset();
  if (form !== null) forget(form);
  for (const [name, value] of Object.entries(filling)) {
    if (name === "@send" && form !== null) form.dataset.send = String(value);
    else if (name.startsWith("@")) say(dialog, name, String(value ?? ""));
    else if (name === "place") place(form, String(value ?? ""));
    else set(form?.elements.namedItem(name) ?? null, value);
  }
  dialog.dispatchEvent(new CustomEvent<Filling>("waypost:filled", { detail: filling }));
}

function place(form: HTMLFormElement | null, value: string): void {
  const choice = form?.querySelector<HTMLSelectElement>("[data-place]");
  if (choice == null) return;
  choice.value = value;
  choice.dispatchEvent(new Event("input", { bubbles: true }));
}

function say(dialog: HTMLElement, name: string, words: string): void {
  for (const place of dialog.querySelectorAll<HTMLElement>(`[data-word="${name}"]`)) place.textContent = words;
}

function set(field: Element | RadioNodeList | null, value: unknown): void {
  if (field instanceof HTMLSelectElement && Array.isArray(value)) {
    field.replaceChildren(...value.map((each: string) => new Option(each === "" ? "none of these" : each, each)));
  } else if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement || field instanceof HTMLTextAreaElement) {
    field.value = String(value ?? "");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
