// The text itself: CodeMirror in a shadow root, where its sheets are let in by the page's policy.
import { closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { colours, way } from "./way";

const appearance = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--card)", fontSize: "0.875rem" },
  "&.cm-focused": { outline: "3px solid color-mix(in srgb, var(--accent) 60%, transparent)", outlineOffset: "-3px" },
  ".cm-scroller": { fontFamily: "ui-monospace, monospace", lineHeight: "1.6", maxHeight: "70vh", minHeight: "22rem" },
  ".cm-content": { caretColor: "var(--ink)", padding: "0.75rem 0" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "color-mix(in srgb, var(--accent) 25%, transparent)",
  },
  ".cm-gutters": { color: "var(--soft)", backgroundColor: "var(--card)", border: "0" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--sunk) 60%, transparent)" },
  ".cm-matchingBracket": { backgroundColor: "var(--accent-soft) !important" },
  ".cm-tooltip": {
    color: "var(--ink)",
    backgroundColor: "var(--card)",
    border: "1px solid var(--line)",
    borderRadius: "0.5rem",
    maxWidth: "36rem",
    font: "0.875rem/1.45 system-ui, sans-serif",
  },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "ui-monospace, monospace" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { background: "var(--accent)", color: "var(--on-accent)" },
  ".cm-completionDetail": { color: "inherit", opacity: "0.8", fontStyle: "normal" },
  ".way-hover": { padding: "0.5rem 0.75rem" },
  ".way-hover p, .cm-diagnostic p": { margin: "0.25rem 0 0" },
  ".cm-diagnosticAction": { color: "var(--on-accent)", backgroundColor: "var(--accent)", borderRadius: "0.375rem" },
  ".cm-panels": { color: "var(--ink)", backgroundColor: "var(--sunk)" },
  ".cm-textfield": { backgroundColor: "var(--card)", border: "1px solid var(--line)" },
  ".cm-button": { color: "var(--ink)", background: "var(--card)", border: "1px solid var(--line)" },
});

/** What every text has. more: what listens, checks, completes and explains. */
export function stateOf(text: string, more: Extension): EditorState {
  return EditorState.create({
    doc: text,
    extensions: [
      lineNumbers(),
      highlightSpecialChars(),
      history(),
      drawSelection(),
      indentUnit.of("  "),
      indentOnInput(),
      bracketMatching(),
      closeBrackets(),
      highlightActiveLine(),
      highlightSelectionMatches(),
      way,
      syntaxHighlighting(colours),
      appearance,
      EditorView.lineWrapping,
      keymap.of([
        ...closeBracketsKeymap,
        ...completionKeymap,
        ...searchKeymap,
        ...historyKeymap,
        ...defaultKeymap,
        indentWithTab,
      ]),
      more,
    ],
  });
}

/** A view in a shadow root of an element. */
export function viewIn(element: HTMLElement, state: EditorState): EditorView {
  const root = element.attachShadow({ mode: "open" });
  // Keys of a text are no shortcuts of the page: from outside, a shadow root does not look like a field.
  element.addEventListener("keydown", (event) => event.stopPropagation());
  const view = new EditorView({ parent: root, root, state });
  keepFocus(element, view);
  return view;
}

const TYPING_MS = 2000;

/** A guide that is drawn beside the text, in a frame, may take the focus as it does in a product: whoever types goes on.
 * Whoever points at the frame, or goes there by keyboard, means it. */
function keepFocus(element: HTMLElement, view: EditorView): void {
  let typed = 0;
  let isHere = false;
  document.addEventListener("focusin", (event) => (isHere = event.target === element));
  element.addEventListener("keydown", (event) => {
    typed = performance.now();
    if (event.key === "Tab") isHere = false;
  });
  element.addEventListener("keyup", () => (isHere = document.activeElement === element));
  window.addEventListener("blur", () => {
    setTimeout(() => {
      const frame = document.activeElement;
      if (!isHere || !(frame instanceof HTMLIFrameElement)) return;
      if (performance.now() - typed < TYPING_MS || !frame.matches(":hover")) view.focus();
    });
  });
}
