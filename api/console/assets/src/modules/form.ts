// The rule editor's form: the guide at the cursor as fields. It reads what the editor says and hands back text; what the
// guide means, and what may stand in it, is said by the service. Without a guide it offers rules to begin with.
import { ask, tellRefusal, type Answer, type Problem } from "../asking";
import { sections } from "../form/clauses";
import "../form/conditions";
import { placeOf } from "../editor/text";
import { make } from "../form/dom";
import { gallery } from "../form/gallery";
import { renaming } from "../form/naming";
import { drawn, showFaults } from "../form/rows";
import { tell } from "../telling";
import type { Choices, Document, Json, Menu, Row, Surroundings, Written } from "../form/types";

const PAUSE_MS = 350;
const AGAIN_MS = 4000;

/** All rows of a document, each before those that it holds; conditions too. */
function rowsIn(value: unknown, found: Row[] = []): Row[] {
  if (Array.isArray(value)) for (const each of value) rowsIn(each, found);
  else if (typeof value === "object" && value !== null) {
    if ("kind" in value && "values" in value) found.push(value as Row);
    for (const each of Object.values(value)) rowsIn(each, found);
  }
  return found;
}

class Form {
  private readonly body: HTMLElement;
  private readonly state: HTMLElement;
  private menu: Menu | null = null;
  private written: Written | null = null;
  private choices: Choices = {};
  private document: Document | null = null;
  /** The text that the rows' ids belong to. */
  private base = "";
  private changes = 0;
  /** How many of the changes are in the text, or were refused for what they are. */
  private settled = 0;
  private sent: { text: string; rows: Row[]; changes: number } | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;
  private isBeginning = false;
  private hasBegun = false;
  private isCut = false;
  private begunAt: string | null = null;

  constructor(private readonly element: HTMLElement) {
    this.body = element.querySelector<HTMLElement>("[data-form]") ?? element;
    this.state = element.querySelector<HTMLElement>("[data-form-state]") ?? element;
    document.addEventListener("waypost:text", (event) => void this.hear((event as CustomEvent<Written>).detail));
    // Whoever goes on to the review, or away, takes along what was filled in a moment ago.
    document.addEventListener("click", (event) => this.hold(event), true);
    window.addEventListener("beforeunload", (event) => this.isPending() && event.preventDefault());
    element.querySelector("[data-form-new]")?.addEventListener("click", () => this.begin());
    document.addEventListener("click", (event) => {
      const isAsked = event.target instanceof Element && event.target.closest("[data-open=new-story]") !== null;
      if (isAsked) void this.beginInText();
    });
    // The first look at the form of somebody who comes to write a new guide is the list of stories.
    const said = new URLSearchParams(location.search);
    this.isBeginning = said.get("tab") === "form" && !said.has("guide") && !said.has("proposal");
    document.dispatchEvent(new CustomEvent("waypost:ask"));
  }

  private async hear(written: Written): Promise<void> {
    const was = this.written;
    this.written = written;
    if (this.isBeginning && was !== null) {
      // Whoever turns to another guide wants its form; what is typed in this one changes nothing here.
      if (written.guide === null || written.guide === this.begunAt) return;
      this.isBeginning = false;
    }
    if (this.sent !== null && written.text === this.sent.text && written.guide === this.document?.guide) return this.follow();
    const isSame = was !== null && was.text === written.text && was.guide === written.guide && was.file === written.file;
    if (isSame && this.document !== null) return;
    await this.load();
  }

  private async load(): Promise<void> {
    const written = this.written;
    if (written === null) return;
    const number = (this.asked += 1);
    this.menu ??= await this.read<Menu>("GET", this.element.dataset.menu ?? "");
    if (this.menu === null) return;
    if (written.guide === null || this.isBeginning) return this.begin();
    const { files, file, guide } = written;
    const answer = await ask("POST", this.element.dataset.read ?? "", { files, file, guide });
    if (number !== this.asked) return;
    if (!answer.ok) return this.say((answer.body as Problem | null)?.detail ?? "The form cannot be drawn now; the text is as it was.");
    this.take(answer.body as { document: Document | null; choices: Choices; diagnostics: { line: number; message: string }[] }, written);
  }

  private take(told: { document: Document | null; choices: Choices; diagnostics: { line: number; message: string }[] }, written: Written): void {
    this.choices = told.choices;
    this.document = told.document;
    this.base = written.text;
    this.sent = null;
    this.changes = 0;
    this.settled = 0;
    if (told.document === null) {
      const [first] = told.diagnostics;
      const where = first === undefined ? "" : ` Line ${first.line}: ${first.message}.`;
      this.say(`The form is back once the text can be read.${where}`);
      this.body.replaceChildren();
      return;
    }
    this.draw();
    this.say("");
    if (!this.hasBegun) return;
    // A new guide is looked at from its beginning.
    this.hasBegun = false;
    scrollTo({ top: 0 });
    this.body.querySelector<HTMLElement>("input")?.focus({ preventScroll: true });
  }

  private async read<Of>(method: string, address: string): Promise<Of | null> {
    const answer = await ask(method, address);
    if (!answer.ok) tellRefusal(answer);
    return answer.ok ? (answer.body as Of) : null;
  }

  private say(words: string): void {
    this.state.textContent = words;
  }

  private draw(focus?: Row): void {
    const { document: guide, menu } = this;
    if (guide === null || menu === null) return;
    const heads = (): HTMLElement[] => [...this.body.querySelectorAll<HTMLElement>("fieldset")];
    const section = heads().findIndex((each) => each.contains(document.activeElement));
    const around: Surroundings = {
      menu,
      choices: this.choices,
      subjects: null,
      changed: () => this.changed(),
      redraw: (row) => this.draw(row),
    };
    const label = make("input", { type: "text", "aria-label": "What people call it" });
    label.value = guide.label ?? "";
    label.addEventListener("input", () => {
      guide.label = label.value === "" ? null : label.value;
      this.changed();
    });
    const head = make("label", { class: "form-label" }, make("span", {}, `What people call it (${guide.kind} `, make("code", {}, guide.guide), ")"), label);
    const isWritten = this.element.dataset.readonly === undefined;
    const name = isWritten ? [renaming(guide.guide, (wanted) => this.rename(wanted))] : [];
    this.body.replaceChildren(head, ...name, ...sections(guide, around));
    if (!isWritten) {
      label.disabled = true;
      for (const each of this.body.querySelectorAll("fieldset")) each.disabled = true;
    }
    // The last row of a section may be gone: the keyboard stays in the section.
    const place = focus === undefined ? heads()[section] : drawn.get(focus);
    place?.querySelector<HTMLElement>("select, input, textarea, button")?.focus();
  }

  private begin(): void {
    const { menu, written } = this;
    if (written === null) return;
    if (menu === null) {
      this.isBeginning = true;
      void this.load();
      return;
    }
    this.isBeginning = true;
    this.begunAt = written.guide;
    this.document = null;
    if (this.element.dataset.readonly !== undefined) {
      this.body.replaceChildren();
      return this.say(written.text.trim() === "" ? "No rule yet." : "Put the cursor into a guide in the text: its form is here.");
    }
    this.say("");
    this.stories(this.body, menu, written, () => {
      this.hasBegun = true;
    });
  }

  /** The same stories for whoever types: in a dialog, and the text stays open. */
  private async beginInText(): Promise<void> {
    const dialog = document.getElementById("new-story");
    const box = dialog?.querySelector<HTMLElement>("[data-stories]");
    this.menu ??= await this.read<Menu>("GET", this.element.dataset.menu ?? "");
    const { menu, written } = this;
    if (!(dialog instanceof HTMLDialogElement) || !box || menu === null || written === null) return;
    this.stories(box, menu, written, () => dialog.close());
  }

  private stories(box: HTMLElement, menu: Menu, written: Written, begun: () => void): void {
    box.dataset.starts = this.element.dataset.starts ?? "";
    box.dataset.begin = this.element.dataset.begin ?? "";
    void gallery(box, menu, written, (name, text) => {
      this.isBeginning = false;
      begun();
      const now = this.written ?? written;
      const before = now.text.trimEnd();
      const whole = before === "" ? text : `${before}\n\n${text}`;
      const at = whole.length - text.length;
      document.dispatchEvent(new CustomEvent("waypost:replace", { detail: { file: now.file, text: whole, select: [at, at] } }));
      if (text.startsWith("journey ")) tell(`The journey ${name} is in the text, and is there once it is published. Now guides can stand at its steps.`, undefined, "good");
    });
  }

  /** Give the guide another name in every file; what is wrong with the name, or blank. */
  private async rename(wanted: string): Promise<string> {
    clearTimeout(this.timer);
    if (this.isPending()) await this.apply();
    const { document: guide, written } = this;
    if (guide === null || written === null) return "";
    if (this.isPending()) return "First fill in what is missing below.";
    const files = { ...written.files, [written.file]: this.sent?.text ?? written.text };
    const answer = await ask("POST", this.element.dataset.rename ?? "", { files, guide: guide.guide, name: wanted });
    if (!answer.ok) return (answer.body as Problem | null)?.errors?.[0]?.message ?? (tellRefusal(answer), "Nothing was changed.");
    const told = answer.body as { guide: string; files: Record<string, string> };
    const others = Object.entries(told.files).filter(([file]) => file !== written.file);
    const own = told.files[written.file];
    for (const [file, text] of others) document.dispatchEvent(new CustomEvent("waypost:replace", { detail: { file, text } }));
    if (own === undefined) return "";
    const at = placeOf(own, told.guide, [guide.kind]) ?? 0;
    document.dispatchEvent(new CustomEvent("waypost:replace", { detail: { file: written.file, text: own, select: [at, at] } }));
    return "";
  }

  private changed(): void {
    this.changes += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.apply(), PAUSE_MS);
  }

  private async apply(): Promise<void> {
    const { document: guide, written } = this;
    if (guide === null || written === null) return;
    const changes = this.changes;
    const rows = rowsIn(guide);
    const answer = await ask("POST", this.element.dataset.apply ?? "", { text: this.base, guide: guide.guide, document: guide });
    if (this.document !== guide) return;
    // What was changed meanwhile is sent by itself.
    if (this.changes !== changes) return;
    this.clear();
    const isHeard = answer.ok || (answer.status >= 400 && answer.status < 500 && answer.status !== 401 && answer.status !== 429);
    if (isHeard) this.settled = changes;
    else this.timer = setTimeout(() => void this.apply(), AGAIN_MS);
    if (isHeard && this.isCut) tell("");
    this.isCut = !isHeard;
    if (!answer.ok) return this.refuse(answer);
    const { text } = answer.body as { text: string };
    this.say("");
    this.sent = { text, rows, changes };
    if (text === this.base) return void this.follow();
    document.dispatchEvent(new CustomEvent("waypost:replace", { detail: { file: written.file, text } }));
  }

  /** The text is now what the form said: its rows get the ids and the messages that they have in it. */
  private async follow(): Promise<void> {
    const { sent, written, document: guide } = this;
    if (sent === null || written === null || guide === null) return;
    const { files, file } = written;
    const answer = await ask("POST", this.element.dataset.read ?? "", { files, file, guide: guide.guide });
    if (this.sent !== sent || !answer.ok) return;
    const told = answer.body as { document: Document | null; choices: Choices; diagnostics: { line: number; message: string }[] };
    if (told.document === null) return this.take(told, written);
    const fresh = rowsIn(told.document);
    const isSame = fresh.length === sent.rows.length && fresh.every((each, index) => each.kind === sent.rows[index]?.kind);
    if (!isSame && this.changes === sent.changes) return this.take(told, written);
    if (!isSame) return;
    this.choices = told.choices;
    this.base = sent.text;
    this.sent = null;
    sent.rows.forEach((row, index) => {
      const now = fresh[index];
      if (now?.id !== undefined) row.id = now.id;
      row.faults = now?.faults;
      showFaults(row);
    });
    if (this.changes !== sent.changes) this.changed();
  }

  private isPending(): boolean {
    return this.document !== null && this.changes !== this.settled;
  }

  private hold(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[data-saves]") : null;
    if (link === null || !this.isPending()) return;
    event.preventDefault();
    event.stopPropagation();
    clearTimeout(this.timer);
    void this.apply().then(() => !this.isPending() && link.click());
  }

  private refuse(answer: Answer): void {
    const problem = answer.body as Problem | null;
    const faults = problem?.errors ?? [];
    if (answer.status !== 422 || faults.length === 0) {
      this.say("Not in the text yet; it is tried again by itself.");
      return tellRefusal(answer);
    }
    let placed = 0;
    for (const fault of faults) placed += Number(this.place(fault.path.split(".").slice(1), fault.message));
    const number = faults.length === 1 ? "one field is" : `${faults.length} fields are`;
    const rest = placed < faults.length ? ` ${faults[0]?.message ?? ""}` : "";
    this.say(`Not in the text yet: ${number} to be filled in.${rest}`);
  }

  /** Put a fault at the field that a path leads to; true where there is one. */
  private place(path: string[], message: string): boolean {
    let at: Json | Document | Row | undefined = this.document as unknown as Json;
    let row: Row | undefined;
    let field = "";
    for (const member of path) {
      if (typeof at !== "object" || at === null) break;
      if (row !== undefined && at === (row.values as Json)) field = member;
      at = (at as Record<string, Json>)[member];
      if (typeof at === "object" && at !== null && "kind" in at && "values" in at) {
        row = at as unknown as Row;
        field = "";
      }
    }
    const box = row === undefined ? undefined : drawn.get(row);
    if (box === undefined) return false;
    const place = field === "" ? box : (box.querySelector<HTMLElement>(`[data-field="${CSS.escape(field)}"]`) ?? box);
    place.append(make("p", { class: "fault", "data-placed": true }, message));
    for (const each of place.querySelectorAll<HTMLElement>("input, select, textarea")) each.setAttribute("aria-invalid", "true");
    return true;
  }

  private clear(): void {
    for (const each of this.body.querySelectorAll("[data-placed]")) each.remove();
    for (const each of this.body.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
  }
}

export function start(element: HTMLElement): void {
  new Form(element);
}
