// Taking in a roadmap that was kept elsewhere: first what would come of it, then for good.
import { ask, tellRefusal } from "../asking";
import { make } from "../dom";
import { tell } from "../telling";

interface Audit {
  rows: number;
  kept: number;
  known: number;
  problems: { line: number; problem: string }[];
  no_step: string[];
  no_evidence: string[];
  waiting: string[];
}

/** Characters that are taken in at once. */
const MOST = 400_000;

export function taking(form: HTMLFormElement): void {
  const text = form.querySelector<HTMLTextAreaElement>("[data-csv]") as HTMLTextAreaElement;
  form.querySelector<HTMLInputElement>("[data-file]")?.addEventListener("change", (event) => {
    const [file] = (event.target as HTMLInputElement).files ?? [];
    if (file !== undefined) void read(file, text);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.querySelector("[data-try]")?.addEventListener("click", () => void send(form, text, false));
  form.querySelector("[data-keep-it]")?.addEventListener("click", () => void send(form, text, true));
}

async function read(file: File, text: HTMLTextAreaElement): Promise<void> {
  if (file.size > MOST) tell(`“${file.name}” is too long: ${MOST.toLocaleString("en")} characters are taken in at once. Split it into several files.`);
  else text.value = await file.text();
}

async function send(form: HTMLFormElement, text: HTMLTextAreaElement, keep: boolean): Promise<void> {
  if (!form.reportValidity()) return;
  const { import: address = "", everyone, simulated } = form.dataset;
  const sent = { csv: text.value, keep, everyone: everyone === "true", simulated: simulated === "true" };
  const answer = await ask("POST", address, sent);
  if (answer.ok) show(answer.body as Audit, keep);
  else tellRefusal(answer);
}

function show(audit: Audit, kept: boolean): void {
  const place = document.querySelector<HTMLElement>("[data-audit]");
  if (place === null) return;
  const head = make("h2", {}, kept ? "What was taken in" : "What would come of it");
  const verb = kept ? "taken in" : "would be taken in";
  const told = make("p", {}, `${audit.rows} rows: ${audit.kept} ${verb}, ${audit.known} are here already, ${audit.problems.length} cannot be used.`);
  const parts = [
    list("Rows that cannot be used", audit.problems.map(({ line, problem }) => `line ${line}: ${problem}`)),
    list("Without a step", audit.no_step),
    list("Without evidence", audit.no_evidence),
    list("Wait in the intake with what they asked for", audit.waiting),
  ];
  place.replaceChildren(head, told, ...parts.flat());
  if (kept) place.append(make("a", { href: location.href }, "See the roadmap as it is now"));
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
}

function list(title: string, lines: string[]): HTMLElement[] {
  if (lines.length === 0) return [];
  return [make("h3", {}, `${title} (${lines.length})`), make("ul", {}, ...lines.map((line) => make("li", {}, line)))];
}
