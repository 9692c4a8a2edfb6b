// A name that came and is not declared: its line is put into the draft of the rules, which nobody has in force yet.
import { ask, tellRefusal, type Answer } from "../asking";
import { tell } from "../telling";

interface Draft {
  revision: number;
  files: Record<string, string> | null;
  base: number | null;
  in_force: number;
}

const FILE = "catalog.way";

/** The draft with a line more; what came meanwhile is read again once. */
async function add(address: string, rules: string, trial: string, line: string, again = true): Promise<Answer> {
  const seen = await ask("GET", address);
  if (!seen.ok) return seen;
  const draft = seen.body as Draft;
  let files = draft.files;
  if (files === null || Object.keys(files).length === 0) {
    const live = await ask("GET", rules);
    if (!live.ok) return live;
    files = { ...(live.body as { files: Record<string, string> }).files };
    // What testers see is made of the draft, and no part of it.
    delete files[trial];
  }
  const before = files[FILE] ?? "";
  const text = before === "" || before.endsWith("\n") ? before : `${before}\n`;
  const sent = { files: { ...files, [FILE]: `${text}${line}\n` }, base: draft.base ?? draft.in_force, revision: draft.revision };
  const answer = await ask("PUT", address, sent);
  return answer.status === 409 && again ? add(address, rules, trial, line, false) : answer;
}

export function start(element: HTMLElement): void {
  element.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest<HTMLButtonElement>("button[data-declares]");
    if (button === null) return;
    const line = document.getElementById(button.dataset.declares ?? "")?.textContent ?? "";
    button.disabled = true;
    void add(element.dataset.draft ?? "", element.dataset.rules ?? "", element.dataset.trial ?? "", line).then((answer) => {
      button.disabled = answer.ok;
      if (!answer.ok) {
        tellRefusal(answer);
        return;
      }
      button.textContent = "In the draft";
      tell("It is in the draft of the rules. Review and publish it there.", { href: element.dataset.editor ?? "", text: "To the rules" }, "good");
    });
  });
}
