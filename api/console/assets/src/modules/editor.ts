// The rule editor: the files of a project in tabs, and what the panels beside it hear and say.
//
// It says `waypost:text` on the document when a text or the guide at the cursor changed, with {file, text, files, guide};
// it hears `waypost:replace` {file, text, select?: [from, to]} and `waypost:insert` {text}. `?guide=NAME`, `?file=NAME`
// and `?line=NUMBER` say where it opens.
import { isolateHistory } from "@codemirror/commands";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { ask, tellRefusal, type Problem } from "../asking";
import { sure } from "../dialogs";
import { assistance, fixWords, showDiagnostics } from "../editor/assist";
import { Keeper, leftBehind } from "../editor/keeper";
import { part, type Files, type Found, type Start } from "../editor/start";
import { drawProblems, drawTabs } from "../editor/tabs";
import { guideAt, placeOf, smallestEdit, unitsOf } from "../editor/text";
import { stateOf, viewIn } from "../editor/view";
import { ways } from "../editor/ways";
import { tell } from "../telling";

const PAUSE_MS = 300;
/** What is not typed is undone by itself, apart from what was typed just before. */
const alone = isolateHistory.of("full");
const NO_RIGHT = "Your role reads rules and does not write them: nothing was changed. An admin can give you another one.";

class Editor {
  private readonly states = new Map<string, EditorState>();
  private readonly view: EditorView;
  private readonly keeper: Keeper;
  private file: string;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private guide: string | null = null;
  private found: Found[] = [];
  private checks = 0;
  private checked: Files = {};

  constructor(
    private readonly element: HTMLElement,
    private readonly start: Start,
  ) {
    const files = leftBehind()?.typed ?? start.files;
    for (const [name, text] of Object.entries(files)) this.states.set(name, this.fresh(name, text));
    const at = [...this.states].find(([, state]) => start.guide !== null && this.place(state, start.guide) !== null);
    const named = start.file !== null && this.states.has(start.file) ? start.file : undefined;
    this.file = at?.[0] ?? named ?? [...this.states.keys()][0] ?? "";
    this.view = viewIn(part(element, "view"), this.states.get(this.file) ?? this.fresh(this.file, ""));
    this.keeper = new Keeper(
      start,
      { texts: () => this.texts(), take: (taken) => this.take(taken) },
      (words, tone) => this.status(words, tone),
    );
    this.goToStart();
    this.takeProposal();
    this.listen();
    this.say();
    void this.check();
    if (start.base < start.inForce && start.mayWrite) void this.keeper.takeOver();
  }

  private fresh(name: string, text: string): EditorState {
    return stateOf(text, [
      EditorView.contentAttributes.of({ "aria-label": `Text of ${name}` }),
      EditorState.readOnly.of(!this.start.mayWrite),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) this.soon();
        else if (update.selectionSet && this.here() !== this.guide) this.soon();
      }),
      keymap.of([{ key: "Mod-s", preventDefault: true, run: () => (void this.save(), true) }]),
      assistance({ files: () => this.texts(), file: () => this.file }, this.start.addresses),
    ]);
  }

  private goToStart(): void {
    const { guide, line } = this.start;
    const place = guide === null ? null : this.place(this.view.state, guide);
    if (guide !== null && place === null) tell(`There is no ${guide} in these rules.`);
    if (place !== null) this.show(place, place);
    else if (line !== null && line > 0 && line <= this.view.state.doc.lines) {
      const { from } = this.view.state.doc.line(line);
      this.show(from, from);
    }
  }

  /** Put a rule from another page at the end, unless it is here already. */
  private takeProposal(): void {
    const proposal = this.start.proposal;
    if (proposal === null || !this.start.mayWrite) return;
    const known = [...this.states].find(([, state]) => this.place(state, proposal.guide) !== null);
    if (known === undefined) {
      const text = this.view.state.doc.toString().trimEnd();
      this.edit(text === "" ? proposal.text : `${text}\n\n${proposal.text}`);
    } else {
      this.open(known[0]);
    }
    const place = this.place(this.view.state, proposal.guide);
    if (place !== null) this.show(place, place);
  }

  private listen(): void {
    document.addEventListener("waypost:replace", (event) => {
      const said = (event as CustomEvent<{ file: string; text: string; select?: [number, number] }>).detail;
      if (this.start.mayWrite) this.replace(said.file, said.text, said.select);
      else tell(NO_RIGHT);
    });
    document.addEventListener("waypost:insert", (event) => {
      const { text } = (event as CustomEvent<{ text: string }>).detail;
      if (this.start.mayWrite) this.view.dispatch(this.view.state.replaceSelection(text));
      else tell(NO_RIGHT);
    });
    // What stands beside may begin later than the editor: it asks what is in it.
    document.addEventListener("waypost:ask", () => this.tellText());
    this.element.addEventListener("click", (event) => {
      const button = (event.target as HTMLElement).closest<HTMLElement>("[data-do]");
      if (button?.dataset.do === "format") void this.save();
      if (button?.dataset.do === "discard") void this.discard();
      if (button?.dataset.do === "delete") void this.remove();
      const link = (event.target as HTMLElement).closest<HTMLAnchorElement>("a[data-saves]");
      if (link !== null && this.keeper.isDirty()) {
        event.preventDefault();
        void this.keeper.flush().then((isSaved) => isSaved && location.assign(link.href));
      }
    });
    for (const form of this.element.querySelectorAll<HTMLFormElement>("form[data-name]")) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        void this.name(form);
      });
    }
  }

  private place(state: EditorState, guide: string): number | null {
    return placeOf(state.doc.toString(), guide, this.start.kinds);
  }

  private here(): string | null {
    return guideAt(this.view.state.doc.toString(), this.view.state.selection.main.head, this.start.kinds);
  }

  /** Every file's text, as it stands. */
  private texts(): Files {
    this.states.set(this.file, this.view.state);
    return Object.fromEntries([...this.states].map(([name, state]) => [name, state.doc.toString()]));
  }

  private open(file: string): void {
    const state = this.states.get(file);
    if (state === undefined || file === this.file) return;
    this.states.set(this.file, this.view.state);
    this.file = file;
    this.view.setState(state);
    this.draw();
    this.say();
  }

  /** Make a file's text another one by the smallest edit, so that it can be undone. */
  private replace(file: string, text: string, select?: [number, number]): void {
    if (!this.states.has(file)) this.states.set(file, this.fresh(file, ""));
    this.open(file);
    this.edit(text);
    if (select !== undefined) this.show(select[0], select[1]);
  }

  private edit(text: string): void {
    const edit = smallestEdit(this.view.state.doc.toString(), text);
    if (edit !== null) this.view.dispatch({ changes: edit, annotations: alone });
  }

  /** Show other texts: those of somebody who wrote meanwhile. */
  private take(files: Files): void {
    this.texts();
    for (const [name, text] of Object.entries(files)) {
      const state = this.states.get(name);
      if (name === this.file) this.edit(text);
      else if (state === undefined) this.states.set(name, this.fresh(name, text));
      else {
        const edit = smallestEdit(state.doc.toString(), text);
        if (edit !== null) this.states.set(name, state.update({ changes: edit, annotations: alone }).state);
      }
    }
    const gone = [...this.states.keys()].filter((name) => !(name in files));
    const [first] = Object.keys(files);
    if (gone.includes(this.file) && first !== undefined) this.open(first);
    for (const name of gone) this.states.delete(name);
    this.draw();
    this.soon();
  }

  private show(from: number, to: number): void {
    const most = this.view.state.doc.length;
    const [anchor, head] = [Math.min(from, most), Math.min(to, most)];
    this.view.dispatch({ selection: { anchor, head }, effects: EditorView.scrollIntoView(anchor, { y: "start" }) });
  }

  private soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.say(), PAUSE_MS);
  }

  private tellText(): void {
    this.guide = this.here();
    const files = this.texts();
    const detail = { file: this.file, text: files[this.file] ?? "", files, guide: this.guide };
    document.dispatchEvent(new CustomEvent("waypost:text", { detail }));
  }

  private say(): void {
    clearTimeout(this.timer);
    this.tellText();
    this.keeper.touched();
    void this.check();
  }

  private async check(): Promise<void> {
    const number = (this.checks += 1);
    const files = this.texts();
    const answer = await ask("POST", this.start.addresses.check, { files });
    // What was typed meanwhile is checked by itself.
    if (number !== this.checks || !answer.ok) return;
    this.checked = files;
    this.found = (answer.body as { diagnostics: Found[] }).diagnostics;
    this.draw();
  }

  private draw(): void {
    const of = (name: string): Found[] => this.found.filter((each) => each.file === name);
    const tabs = [...this.states.keys()].map((name) => ({ name, isOpen: name === this.file, found: of(name) }));
    drawTabs(part(this.element, "files"), tabs, (name) => this.open(name));
    showDiagnostics(this.view, of(this.file));
    drawProblems(
      part(this.element, "problems"),
      this.found,
      (one) => this.reveal(one),
      this.start.mayWrite ? (one) => this.mend(one) : null,
      fixWords,
    );
  }

  private reveal(one: Found): void {
    this.open(one.file);
    const text = this.view.state.doc.toString();
    this.show(unitsOf(text, one.start), unitsOf(text, one.end));
    this.view.focus();
  }

  private mend(one: Found): void {
    // The place of a mistake is of the text that was checked.
    if (this.checked[one.file] !== this.texts()[one.file]) {
      void this.check();
      return;
    }
    this.reveal(one);
    const text = this.view.state.doc.toString();
    const changes = { from: unitsOf(text, one.start), to: unitsOf(text, one.end), insert: one.fix ?? "" };
    this.view.dispatch({ changes });
  }

  /** Save, and bring the text into the language's one form where it can be read. */
  private async save(): Promise<void> {
    const text = this.view.state.doc.toString();
    const answer = await ask("POST", this.start.addresses.format, { text });
    const formatted = answer.ok ? (answer.body as { text: string | null }).text : null;
    if (formatted !== null && text === this.view.state.doc.toString()) this.edit(formatted);
    if (!(await this.keeper.flush())) return;
    if (formatted === null && answer.ok) this.status("Saved as a draft. Not formatted: it has mistakes that come first.", "good");
    else this.status("Saved as a draft", "good");
  }

  private async discard(): Promise<void> {
    const question = "Throw the draft away? What you and others wrote in it since the last publication is gone then.";
    if (!(await sure(question, "Throw it away"))) return;
    const answer = await this.keeper.discard();
    if (answer.ok || (answer.body as Problem | null)?.code === "no_draft") location.reload();
    else tellRefusal(answer);
  }

  /** A new file, or another name for the one that is open. */
  private async name(form: HTMLFormElement): Promise<void> {
    const field = form.querySelector<HTMLInputElement>("input");
    const fault = form.querySelector<HTMLElement>("[data-fault]");
    if (field === null || fault === null) return;
    const name = field.value.trim().replace(/(\.way)?$/, ".way");
    const files = this.texts();
    fault.textContent = name in files && name !== this.file ? `There is a file ${name} already.` : await this.refused(name);
    fault.hidden = fault.textContent === "";
    if (fault.textContent !== "") return;
    form.closest("dialog")?.close();
    field.value = "";
    const before = this.file;
    const text = form.dataset.name === "rename" ? (files[before] ?? "") : "";
    this.replace(name, text);
    if (form.dataset.name === "rename" && name !== before) this.states.delete(before);
    this.draw();
    this.soon();
    this.view.focus();
  }

  /** Why the service takes no file of a name; blank where it does. */
  private async refused(name: string): Promise<string> {
    if (name === this.start.reserved) return `${name} holds what testers see: take another name.`;
    const answer = await ask("POST", this.start.addresses.check, { files: { [name]: "" } });
    if (answer.ok) return "";
    return (answer.body as Problem | null)?.detail ?? "The server cannot be reached: try again.";
  }

  private async remove(): Promise<void> {
    if (this.states.size < 2) {
      tell("This is the only file: empty it instead.");
      return;
    }
    if (!(await sure(`Delete ${this.file} from the draft? The rules in force stay until you publish.`, "Delete"))) return;
    const files = this.texts();
    delete files[this.file];
    this.take(files);
  }

  private status(words: string, tone: "" | "good" | "bad"): void {
    const place = part(this.element, "status");
    if (place.textContent !== words) place.textContent = words;
    place.dataset.tone = tone;
  }
}

export function start(element: HTMLElement): void {
  const said = JSON.parse(part(element, "start").textContent ?? "{}") as Start;
  ways(element, said.tab);
  new Editor(element, said);
}
