// Forms that send themselves to the service's interface: what is typed is never lost, and faults stand at their field.
//
// <form data-send="/api/v1/…" data-method="PATCH" data-then="reload">: fields become members of a JSON document, `a.b`
// a member within a member. data-as of a field: number, list (of words), lines, json, maybe (empty is null), omit (left
// out where empty), member (of boxes: the list of the values of those that are ticked). data-then: reload, an address, or stay. data-sure: what is asked before it is sent. data-keep: what
// is typed is kept over a reload of the page.
import { ask, tellRefusal, type Answer, type Problem } from "./asking";
import { sure } from "./dialogs";
import { linesOf, make } from "./dom";
import { tell } from "./telling";

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

function fieldsOf(form: HTMLFormElement): Field[] {
  return [...form.elements].filter(
    (each): each is Field =>
      (each instanceof HTMLInputElement || each instanceof HTMLSelectElement || each instanceof HTMLTextAreaElement) &&
      each.name !== "" &&
      !each.disabled,
  );
}

function valueOf(field: Field): unknown {
  const text = field.value;
  if (field instanceof HTMLInputElement && field.type === "checkbox") return field.checked;
  if (field instanceof HTMLSelectElement && field.multiple) return [...field.selectedOptions].map((one) => one.value);
  const kind = field.dataset.as ?? (field instanceof HTMLInputElement && field.type === "number" ? "number" : "text");
  if (kind === "omit" && text === "") return undefined;
  if (kind === "maybe" && text.trim() === "") return null;
  if (kind === "number") return text.trim() === "" ? null : Number(text);
  if (kind === "list") return text.split(",").map((each) => each.trim()).filter((each) => each !== "");
  if (kind === "lines") return linesOf(text);
  if (kind === "json") return text.trim() === "" ? null : JSON.parse(text);
  return text;
}

/** What a form says, as a document. */
export function said(form: HTMLFormElement): Record<string, unknown> {
  const whole: Record<string, unknown> = {};
  for (const field of fieldsOf(form)) {
    if (field instanceof HTMLInputElement && field.type === "radio" && !field.checked) continue;
    if (field instanceof HTMLInputElement && field.dataset.as === "member") {
      const listed = (whole[field.name] ??= []) as string[];
      if (field.checked) listed.push(field.value);
      continue;
    }
    const value = valueOf(field);
    if (value === undefined) continue;
    const path = field.name.split(".");
    const last = path.pop() ?? field.name;
    let at = whole;
    for (const name of path) at = (at[name] ??= {}) as Record<string, unknown>;
    at[last] = value;
  }
  return whole;
}

/** Take away what was said of the fields before; what else describes a field stays. */
export function forget(form: HTMLFormElement): void {
  const faults = [...form.querySelectorAll(".fault")];
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    const others = describedBy(field).filter((id) => !faults.some((fault) => fault.id === id));
    if (others.length > 0) field.setAttribute("aria-describedby", others.join(" "));
    else field.removeAttribute("aria-describedby");
  }
  for (const fault of faults) fault.remove();
}

function describedBy(field: Element): string[] {
  return (field.getAttribute("aria-describedby") ?? "").split(" ").filter((each) => each !== "");
}

/** Whether a path of a fault (`a`, `a.b`, `a[0]`) lies within a member. */
function isAt(path: string, member: string): boolean {
  return path === member || path.startsWith(`${member}.`) || path.startsWith(`${member}[`);
}

/** Put each fault at its field, and the first of them in sight; true where each has a field. */
function place(form: HTMLFormElement, problem: Problem | null): boolean {
  let first: Field | undefined;
  const faults = problem?.errors ?? [];
  let placed = 0;
  for (const fault of faults) {
    const field = fieldsOf(form).find((each) => isAt(fault.path, each.name));
    if (field === undefined) continue;
    placed += 1;
    const note = make("p", { class: "fault", id: `fault-${field.name}` }, fault.message);
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", [...describedBy(field), note.id].join(" "));
    (field.closest("label") ?? field).append(note);
    first ??= field;
  }
  first?.focus();
  return faults.length > 0 && placed === faults.length;
}

async function submit(form: HTMLFormElement): Promise<void> {
  const address = form.dataset.send ?? "";
  const method = form.dataset.method ?? "POST";
  if (form.dataset.sure !== undefined && !(await sure(form.dataset.sure, form.dataset.sureButton))) return;
  let sent: unknown;
  try {
    sent = method === "DELETE" && form.dataset.body === undefined ? undefined : said(form);
  } catch {
    tell("A field that takes JSON holds something else. Nothing was saved; what you typed is still here.");
    return;
  }
  forget(form);
  const buttons = [...form.querySelectorAll<HTMLButtonElement>("button:not([disabled])")];
  for (const button of buttons) button.disabled = true;
  const answer = await ask(method, address, sent);
  for (const button of buttons) button.disabled = false;
  if (answer.ok) done(form, answer);
  else if (!place(form, answer.body as Problem | null)) tellRefusal(answer);
}

function done(form: HTMLFormElement, answer: Answer): void {
  drop(form);
  const heard = new CustomEvent("waypost:sent", { bubbles: true, cancelable: true, detail: answer });
  if (!form.dispatchEvent(heard)) return;
  const then = form.dataset.then ?? "reload";
  if (then === "reload") location.reload();
  else if (then !== "stay") location.assign(then);
}

// What was typed and not sent yet, over a reload, a crash, a session that ended.
function keptAt(form: HTMLFormElement): string {
  return `waypost-kept:${location.pathname}:${form.dataset.keep ?? ""}:${form.dataset.send ?? ""}`;
}

/** What is worth keeping: never a password, and nothing that was not typed. */
function isTyped(field: Field): boolean {
  return !["hidden", "password", "checkbox", "radio"].includes(field.type);
}

function keep(form: HTMLFormElement): void {
  try {
    sessionStorage.setItem(keptAt(form), JSON.stringify(fieldsOf(form).filter(isTyped).map((each) => [each.name, each.value])));
  } catch {
    // Storage is closed: it is kept as long as the page is.
  }
}

function drop(form: HTMLFormElement): void {
  try {
    sessionStorage.removeItem(keptAt(form));
  } catch {
    // Nothing is kept then.
  }
}

/** Put what was typed and not sent back into a form. */
export function bringBack(form: HTMLFormElement): void {
  let kept: [string, string][];
  try {
    kept = JSON.parse(sessionStorage.getItem(keptAt(form)) ?? "[]") as [string, string][];
  } catch {
    return;
  }
  let changed = false;
  for (const [name, value] of kept) {
    const field = fieldsOf(form).find((each) => each.name === name && isTyped(each));
    if (field === undefined || field.value === value) continue;
    field.value = value;
    changed = true;
  }
  if (changed) tell("What you typed before and did not send is here again.", undefined, "good");
}

/** Forms of the page, now and later. */
export function forms(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (form.dataset.send === undefined) return;
    event.preventDefault();
    void submit(form);
  });
  document.addEventListener("input", (event) => {
    const form = (event.target as Field).form;
    if (form?.dataset.keep !== undefined) keep(form);
  });
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-keep]")) bringBack(form);
  // A choice in a form of filters shows its page at once; a day takes several keys, and the button beside it.
  document.addEventListener("change", (event) => {
    if ((event.target as HTMLInputElement).type === "date") return;
    (event.target as HTMLElement).closest<HTMLFormElement>("form[data-auto]")?.requestSubmit();
  });
}
