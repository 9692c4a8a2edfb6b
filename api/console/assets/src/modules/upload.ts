// A file that is given over in parts: begun, sent part by part with its progress, gone on with after a broken network.
import { ask, tellRefusal } from "../asking";
import { linesOf } from "../dom";
import { tell } from "../telling";

interface Run {
  id: number;
  came: number;
}

function fieldOf<T extends HTMLElement>(form: HTMLFormElement, name: string): T {
  return form.elements.namedItem(name) as unknown as T;
}

export function start(element: HTMLElement): void {
  const form = element as HTMLFormElement;
  const part = Number(form.dataset.part ?? "1048576");
  const shown = form.querySelector<HTMLElement>("[data-progress]");
  const bar = form.querySelector("progress");
  const button = form.querySelector<HTMLButtonElement>("button:not([type=button])");
  let begun: { run: Run; file: File } | undefined;

  const begin = async (file: File): Promise<Run | undefined> => {
    if (begun !== undefined && begun.file === file) return begun.run;
    const answer = await ask("POST", form.dataset.upload ?? "", {
      format: fieldOf<HTMLSelectElement>(form, "format").value,
      name: file.name,
      size: file.size,
      zone: fieldOf<HTMLInputElement>(form, "zone").value,
      mapping: linesOf(fieldOf<HTMLTextAreaElement>(form, "mapping").value),
      rehearsal: fieldOf<HTMLInputElement>(form, "rehearsal").checked,
    });
    if (!answer.ok) {
      tellRefusal(answer);
      return undefined;
    }
    begun = { run: answer.body as Run, file };
    return begun.run;
  };

  const send = async (run: Run, file: File): Promise<boolean> => {
    while (run.came < file.size) {
      if (bar !== null) bar.value = (100 * run.came) / file.size;
      const number = Math.floor(run.came / part);
      const address = `${(form.dataset.parts ?? "").replace("/0/", `/${run.id}/`)}?number=${number}`;
      const answer = await ask("PUT", address, file.slice(run.came, run.came + part));
      if (answer.status === 0) {
        tell("The server cannot be reached. What came until now is kept: press the button again to go on.");
        return false;
      }
      if (!answer.ok) {
        tellRefusal(answer);
        return false;
      }
      run.came = (answer.body as Run).came;
    }
    return true;
  };

  form.addEventListener("change", () => {
    begun = undefined;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void (async () => {
      const file = fieldOf<HTMLInputElement>(form, "file").files?.[0];
      if (file === undefined) return;
      if (button !== null) button.disabled = true;
      if (shown !== null) shown.hidden = false;
      const run = await begin(file);
      const isWhole = run !== undefined && (await send(run, file));
      if (button !== null) button.disabled = false;
      if (isWhole) location.assign(`${location.pathname}#runs`);
      if (isWhole) location.reload();
    })();
  });
}
