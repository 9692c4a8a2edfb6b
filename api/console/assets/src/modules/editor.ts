// The rule editor: the files of a project in tabs, and what the panels beside it hear and say.
//
// It says `waypost:text` on the document when a text or the guide at the cursor changed, with {file, text, files, guide};
// it hears `waypost:replace` {file, text, select?: [from, to]}, `waypost:insert` {text} and `waypost:ask`: say it again.
import { EditorView } from "@codemirror/view";
import type { EditorState } from "@codemirror/state";
import { guideAt, placeOf, smallestEdit } from "../editor/text";
import { stateOf, viewIn } from "../editor/view";

interface Start {
  files: Record<string, string>;
  guide: string | null;
  file: string | null;
  tab: string;
  kinds: string[];
}

const PAUSE_MS = 300;

function part<Kind extends HTMLElement>(element: HTMLElement, name: string): Kind {
  const found = element.querySelector<Kind>(`[data-${name}]`);
  if (found === null) throw new Error(`the editor has no part ${name}`);
  return found;
}

class Editor {
  private readonly states = new Map<string, EditorState>();
  private readonly view: EditorView;
  private file: string;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private guide: string | null = null;

  constructor(
    private readonly element: HTMLElement,
    private readonly start: Start,
  ) {
    for (const [name, text] of Object.entries(start.files)) this.states.set(name, this.fresh(name, text));
    const at = [...this.states].find(([, state]) => start.guide !== null && this.place(state, start.guide) !== null);
    const named = start.file !== null && this.states.has(start.file) ? start.file : undefined;
    this.file = at?.[0] ?? named ?? [...this.states.keys()][0] ?? "";
    this.view = viewIn(part(element, "view"), this.states.get(this.file) ?? this.fresh(this.file, ""));
    const place = start.guide === null ? null : this.place(this.view.state, start.guide);
    if (place !== null) this.show(place, place);
    this.drawTabs();
    document.addEventListener("waypost:replace", (event) => {
      const said = (event as CustomEvent<{ file: string; text: string; select?: [number, number] }>).detail;
      this.replace(said.file, said.text, said.select);
    });
    document.addEventListener("waypost:insert", (event) => {
      this.view.dispatch(this.view.state.replaceSelection((event as CustomEvent<{ text: string }>).detail.text));
    });
    document.addEventListener("waypost:ask", () => this.say());
    this.say();
  }

  private fresh(name: string, text: string): EditorState {
    return stateOf(text, [
      EditorView.contentAttributes.of({ "aria-label": `Text of ${name}` }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) this.soon();
        else if (update.selectionSet && this.here() !== this.guide) this.soon();
      }),
    ]);
  }

  private place(state: EditorState, guide: string): number | null {
    return placeOf(state.doc.toString(), guide, this.start.kinds);
  }

  private here(): string | null {
    return guideAt(this.view.state.doc.toString(), this.view.state.selection.main.head, this.start.kinds);
  }

  /** Every file's text, as it stands. */
  texts(): Record<string, string> {
    this.states.set(this.file, this.view.state);
    return Object.fromEntries([...this.states].map(([name, state]) => [name, state.doc.toString()]));
  }

  open(file: string): void {
    const state = this.states.get(file);
    if (state === undefined || file === this.file) return;
    this.states.set(this.file, this.view.state);
    this.file = file;
    this.view.setState(state);
    this.drawTabs();
    this.say();
  }

  /** Make a file's text another one by the smallest edit, so that it can be undone. */
  replace(file: string, text: string, select?: [number, number]): void {
    if (!this.states.has(file)) this.states.set(file, this.fresh(file, ""));
    this.open(file);
    const edit = smallestEdit(this.view.state.doc.toString(), text);
    if (edit !== null) this.view.dispatch({ changes: edit });
    if (select !== undefined) this.show(select[0], select[1]);
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

  private say(): void {
    clearTimeout(this.timer);
    this.guide = this.here();
    const files = this.texts();
    const detail = { file: this.file, text: files[this.file] ?? "", files, guide: this.guide };
    document.dispatchEvent(new CustomEvent("waypost:text", { detail }));
  }

  private drawTabs(): void {
    const list = part(this.element, "files");
    list.replaceChildren(
      ...[...this.states.keys()].map((name) => {
        const tab = document.createElement("button");
        tab.type = "button";
        tab.setAttribute("role", "tab");
        tab.setAttribute("aria-selected", String(name === this.file));
        tab.tabIndex = name === this.file ? 0 : -1;
        tab.textContent = name;
        tab.addEventListener("click", () => this.open(name));
        return tab;
      }),
    );
  }
}

/** Tabs of the ways to write: `data-tab` shows the section `editor-…`. */
function ways(element: HTMLElement, first: string): void {
  const tabs = [...element.querySelectorAll<HTMLElement>("[data-tab]")];
  const choose = (chosen: HTMLElement): void => {
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      const shown = document.getElementById(tab.getAttribute("aria-controls") ?? "");
      if (shown !== null) shown.hidden = tab !== chosen;
    }
  };
  for (const [number, tab] of tabs.entries()) {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      const next = tabs.at((number + step) % tabs.length);
      if (step === 0 || next === undefined) return;
      choose(next);
      next.focus();
    });
  }
  const wanted = tabs.find((tab) => tab.dataset.tab === first);
  if (wanted !== undefined) choose(wanted);
}

export function start(element: HTMLElement): void {
  const said = JSON.parse(part(element, "start").textContent ?? "{}") as Start;
  ways(element, said.tab);
  new Editor(element, said);
}
