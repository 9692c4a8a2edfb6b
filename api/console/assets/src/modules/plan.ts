// The tracking plan's text: checked without being put in force, and begun with what the rules declare.
import { ask, tellRefusal } from "../asking";
import { make } from "../dom";
import { tell } from "../telling";

interface Checked {
  ok: boolean;
  errors: { path: string; message: string }[];
}

export function start(form: HTMLElement): void {
  const text = form.querySelector<HTMLTextAreaElement>("textarea[name=plan]");
  const list = form.querySelector<HTMLElement>("[data-faults]");
  const drafted = form.querySelector<HTMLTemplateElement>("template[data-drafted]");
  if (text === null || list === null) return;

  const show = (faults: string[]): void => {
    list.replaceChildren(...faults.map((each) => make("li", {}, each)));
    list.hidden = faults.length === 0;
  };

  const check = async (): Promise<void> => {
    let plan: unknown;
    try {
      plan = JSON.parse(text.value);
    } catch (fault) {
      show([`not readable as JSON: ${(fault as Error).message}`]);
      return;
    }
    const answer = await ask("POST", form.dataset.check ?? "", { plan });
    if (!answer.ok) {
      tellRefusal(answer);
      return;
    }
    const found = answer.body as Checked;
    show(found.errors.map((each) => `${each.path || "the plan"}: ${each.message}`));
    if (found.ok) tell("The plan holds. Nothing was put in force yet.", undefined, "good");
  };

  form.querySelector("[data-checks]")?.addEventListener("click", () => void check());
  form.querySelector("[data-drafts]")?.addEventListener("click", () => {
    text.value = drafted?.content.textContent ?? "";
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
  });
}
