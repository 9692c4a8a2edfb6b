// A file that is given over in parts: looked at first where it is a table, begun, sent part by part with its progress,
// gone on with after a broken network.
import { ask, tellRefusal } from "../asking";
import { Columns } from "../columns";
import { linesOf, make } from "../dom";
import { tell } from "../telling";

interface Run {
  id: number;
  came: number;
}

interface Kept {
  id: number;
  name: string;
  mapping: string[];
  zone: string;
}

function fieldOf<T extends HTMLElement>(form: HTMLFormElement, name: string): T {
  return form.elements.namedItem(name) as unknown as T;
}

export function start(element: HTMLElement): void {
  const form = element as HTMLFormElement;
  const part = Number(form.dataset.part ?? "1048576");
  const largest = Number(form.dataset.largest ?? "0");
  const shown = form.querySelector<HTMLElement>("[data-progress]");
  const bar = form.querySelector("progress");
  const button = form.querySelector<HTMLButtonElement>("button:not([type=button])");
  const format = fieldOf<HTMLSelectElement>(form, "format");
  const chosen = fieldOf<HTMLInputElement>(form, "file");
  const mapping = fieldOf<HTMLTextAreaElement>(form, "mapping");
  const zone = fieldOf<HTMLInputElement>(form, "zone");
  const place = form.querySelector<HTMLElement>("[data-columns]");
  const columns = place === null ? undefined : new Columns(place, mapping, zone);
  // What is shown is what is meant, guesses too: a person looked at them.
  const meant = (): string[] => columns?.current ?? linesOf(mapping.value);
  let begun: { run: Run; file: File } | undefined;

  /** The file that was chosen; undefined for none, and for one that is too large to be taken here. */
  const given = (): File | undefined => {
    const file = chosen.files?.[0];
    if (file === undefined || largest === 0 || file.size <= largest) return file;
    tell(
      `The file has ${Math.ceil(file.size / 1048576).toLocaleString("en")} MB; up to ${largest / 1048576} MB are taken ` +
        "here. Run `waypost import` beside the database, which has no limit, or split the file.",
    );
    return undefined;
  };

  const begin = async (file: File): Promise<Run | undefined> => {
    if (begun !== undefined && begun.file === file) return begun.run;
    const answer = await ask("POST", form.dataset.upload ?? "", {
      format: format.value,
      name: file.name,
      size: file.size,
      zone: zone.value,
      mapping: format.value === "csv" ? meant() : [],
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
        // The same again would be refused again: the next press begins anew.
        begun = undefined;
        tellRefusal(answer);
        return false;
      }
      run.came = (answer.body as Run).came;
    }
    return true;
  };

  form.addEventListener("change", (event) => {
    begun = undefined;
    if (event.target === chosen || event.target === format) {
      // What columns are belongs to the file that they were said of.
      if (event.target === chosen) mapping.value = "";
      void columns?.show(format.value === "csv" ? given() : undefined);
    }
  });
  saved(form, mapping, zone, { look: () => void columns?.look(), meant });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void (async () => {
      const file = given();
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

/** Columns that were kept under a name: used again, and kept. */
function saved(
  form: HTMLFormElement,
  mapping: HTMLTextAreaElement,
  zone: HTMLInputElement,
  { look, meant }: { look: () => void; meant: () => string[] },
): void {
  const list = form.querySelector<HTMLSelectElement>("[data-saved]");
  const keep = form.querySelector<HTMLButtonElement>("[data-keep-columns]");
  const name = form.querySelector<HTMLInputElement>("[data-keep-as]");
  list?.addEventListener("change", (event) => {
    event.stopPropagation();
    const option = list.selectedOptions[0];
    if (option?.dataset.mapping === undefined) return;
    mapping.value = (JSON.parse(option.dataset.mapping) as string[]).join("\n");
    zone.value = option.dataset.zone ?? zone.value;
    look();
  });
  keep?.addEventListener("click", () => {
    void (async () => {
      const wanted = { name: name?.value ?? "", mapping: meant(), zone: zone.value };
      if (wanted.name.trim() === "" || wanted.mapping.length === 0) {
        tell("Say what the columns are, and a name to keep them under.");
        return;
      }
      const answer = await ask("POST", keep.dataset.keepColumns ?? "", wanted);
      if (!answer.ok) {
        tellRefusal(answer);
        return;
      }
      const kept = answer.body as Kept;
      const option = make("option", { value: String(kept.id), "data-zone": kept.zone }, kept.name);
      option.dataset.mapping = JSON.stringify(kept.mapping);
      [...(list?.options ?? [])].find((each) => each.textContent === kept.name)?.remove();
      list?.append(option);
      if (list !== null) list.value = option.value;
      tell(`Kept as “${kept.name}”: choose it for the next file with these columns.`, undefined, "good");
    })();
  });
}
