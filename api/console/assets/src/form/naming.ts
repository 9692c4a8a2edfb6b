// The name by which rules and figures know a guide, and how it is changed.
import { make } from "./dom";

const WHAT =
  "Rules and figures know the guide by this name. A guide that was published begins anew under another one: whom it was shown to, its limits and its effect are kept under the old name.";

/** The name with a way to change it. rename: does it, and says what is wrong with the new one. */
export function renaming(name: string, rename: (wanted: string) => Promise<string>): HTMLElement {
  const field = make("input", { type: "text", name: "name", required: true, maxlength: "128", autocomplete: "off" });
  field.value = name;
  const fault = make("p", { class: "fault", role: "alert", hidden: true });
  const form = make(
    "form",
    { class: "stack" },
    make("label", {}, "Name in the rules", field),
    make("p", { class: "hint" }, WHAT),
    fault,
    make("div", { class: "actions" }, make("button", { class: "quiet" }, "Rename everywhere")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (field.value.trim() === name) return;
    void rename(field.value).then((wrong) => {
      fault.textContent = wrong;
      fault.hidden = wrong === "";
    });
  });
  return make("details", { class: "form-rename" }, make("summary", {}, "Another name in the rules"), form);
}
