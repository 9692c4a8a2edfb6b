// What the language says while one writes: completions, explanations, mistakes with what mends them. All of it comes
// from the service, which has it from the language itself, with the names and values that this project has really seen.
import {
  acceptCompletion,
  autocompletion,
  closeCompletion,
  selectedCompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from "@codemirror/autocomplete";
import { lintGutter, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { Prec, type Extension } from "@codemirror/state";
import { hoverTooltip, keymap, type EditorView, type Tooltip } from "@codemirror/view";
import { ask } from "../asking";
import { coded, make } from "../dom";
import type { Addresses, Files, Found } from "./start";
import { charactersOf, unitsOf } from "./text";

interface Offered {
  label: string;
  kind: string;
  insert: string;
  detail: string;
  start: number;
  end: number;
}

interface Explained {
  title: string | null;
  lines: string[];
  start: number | null;
  end: number | null;
}

/** What is open, as the service is asked about it. */
export interface Open {
  files(): Files;
  file(): string;
}

/** Whatever goes on from a letter, a quote, a dot; after a blank or a new line only when asked for. */
const GOES_ON = /[\p{L}\p{N}_$"`.]$/u;

type Own = Completion & { insert: string; from: number; to: number };

function completion(offered: Offered, text: string): Own {
  const from = unitsOf(text, offered.start);
  const to = unitsOf(text, offered.end);
  return {
    label: offered.label,
    detail: offered.detail === "" ? offered.kind : offered.detail,
    insert: offered.insert,
    from,
    to,
    apply: (view) => {
      view.dispatch({
        changes: { from, to, insert: offered.insert },
        selection: { anchor: from + offered.insert.length },
        userEvent: "input.complete",
      });
    },
  };
}

function completing(open: Open, addresses: Addresses): Extension {
  const source = async (context: CompletionContext): Promise<CompletionResult | null> => {
    const text = context.state.doc.toString();
    if (!context.explicit && !GOES_ON.test(text.slice(Math.max(0, context.pos - 2), context.pos))) return null;
    const files = { ...open.files(), [open.file()]: text };
    const position = charactersOf(text, context.pos);
    const answer = await ask("POST", addresses.complete, { files, file: open.file(), position });
    if (!answer.ok || context.aborted) return null;
    const options = (answer.body as { data: Offered[] }).data.map((each) => completion(each, text));
    const from = Math.min(context.pos, ...options.map((each) => each.from));
    return options.length === 0 ? null : { from, options, filter: false };
  };
  // What is written already is not completed: Enter goes on to the next line then.
  const isWritten = (view: EditorView): boolean => {
    const chosen = selectedCompletion(view.state) as Own | null;
    return chosen !== null && view.state.sliceDoc(chosen.from, chosen.to) === chosen.insert;
  };
  return [
    autocompletion({ override: [source], icons: false, activateOnTypingDelay: 80 }),
    Prec.highest(
      keymap.of([
        { key: "Enter", run: (view) => isWritten(view) && closeCompletion(view) && false },
        { key: "Tab", run: acceptCompletion },
      ]),
    ),
  ];
}

function explaining(open: Open, addresses: Addresses): Extension {
  return hoverTooltip(async (view, place): Promise<Tooltip | null> => {
    const text = view.state.doc.toString();
    const files = { ...open.files(), [open.file()]: text };
    const answer = await ask("POST", addresses.hover, { files, file: open.file(), position: charactersOf(text, place) });
    if (!answer.ok) return null;
    const found = answer.body as Explained;
    if (found.title === null || found.start === null) return null;
    return {
      pos: unitsOf(text, found.start),
      end: unitsOf(text, found.end ?? found.start),
      above: true,
      create: () => ({ dom: explained(found) }),
    };
  });
}

function explained(found: Explained): HTMLElement {
  const box = make("div", { class: "way-hover" });
  const title = make("strong");
  title.append(...coded(found.title ?? ""));
  box.append(title, ...found.lines.map(paragraph));
  return box;
}

function paragraph(text: string): HTMLElement {
  const line = make("p");
  line.append(...coded(text));
  return line;
}

/** What a mistake's fix writes, in words. */
export function fixWords(fix: string): string {
  return fix.trim() === "" ? "Leave this out" : `Write ${fix.trim()}`;
}

/** The mistakes of one text, as its view shows them. */
export function diagnosticsOf(text: string, found: Found[]): Diagnostic[] {
  return found.map((each) => {
    const from = Math.min(unitsOf(text, each.start), text.length);
    const to = Math.max(from, Math.min(unitsOf(text, each.end), text.length));
    const fix = each.fix;
    return {
      from,
      to,
      severity: each.severity,
      message: each.message,
      renderMessage: () => {
        const box = make("div");
        box.append(...coded(each.message));
        if (each.help !== null) box.append(paragraph(each.help));
        return box;
      },
      actions:
        fix === null
          ? []
          : [{ name: fixWords(fix), apply: (view, at, end) => view.dispatch({ changes: { from: at, to: end, insert: fix } }) }],
    };
  });
}

export function showDiagnostics(view: EditorView, found: Found[]): void {
  view.dispatch(setDiagnostics(view.state, diagnosticsOf(view.state.doc.toString(), found)));
}

export function assistance(open: Open, addresses: Addresses): Extension {
  return [completing(open, addresses), explaining(open, addresses), lintGutter()];
}
