// Two people wrote on the same lines: both texts are shown, and one chooses; the other one's lines stay as comments.
import { make } from "../dom";
import type { Conflict, Files } from "./start";

interface Sides {
  ours: Files;
  theirs: Files;
  who: string;
}

function shown(title: string, text: string | undefined): HTMLElement {
  const side = make("section");
  const words = make("pre", { class: "code" }, text ?? "This file was deleted.");
  words.tabIndex = 0;
  words.setAttribute("role", "region");
  words.setAttribute("aria-label", title);
  side.append(make("h3", {}, title), words);
  return side;
}

function choice(name: string, value: string, label: string, isChosen: boolean): HTMLElement {
  const around = make("label", { class: "check" });
  const button = make("input");
  button.type = "radio";
  button.name = name;
  button.value = value;
  button.checked = isChosen;
  around.append(button, ` ${label}`);
  return around;
}

function about(conflict: Conflict, number: number, sides: Sides): HTMLElement {
  const group = make("fieldset", { class: "conflict" });
  const both = make("div", { class: "split" });
  both.append(
    shown("What you wrote", sides.ours[conflict.file]),
    shown(`What is there: ${sides.who}`, sides.theirs[conflict.file]),
  );
  group.append(
    make("legend", {}, conflict.file),
    both,
    choice(`side-${number}`, "ours", "Mine applies; theirs stays below as comments", true),
    choice(`side-${number}`, "theirs", "Theirs applies; mine stays below as comments", false),
  );
  return group;
}

/** Ask what applies in each file that both changed. Closing the question keeps one's own text, with theirs below. */
export function settled(merged: { files: Files; conflicts: Conflict[] }, sides: Sides): Promise<Files> {
  const dialog = make("dialog", { class: "wide" });
  const form = make("form", { class: "stack" });
  form.method = "dialog";
  const title = make("h2", {}, "Two people wrote on the same lines");
  title.id = "conflict-title";
  dialog.setAttribute("aria-labelledby", title.id);
  const go = make("button", {}, "Put both together");
  form.append(
    title,
    make("p", {}, "Nothing is lost: what you do not choose stays in the text as comments, and you can undo it."),
    ...merged.conflicts.map((each, number) => about(each, number, sides)),
    go,
  );
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const said = new FormData(form);
      const files = { ...merged.files };
      for (const [number, each] of merged.conflicts.entries()) {
        const text = said.get(`side-${number}`) === "theirs" ? each.their_lines : each.our_lines;
        if (text === null) delete files[each.file];
        else files[each.file] = text;
      }
      dialog.remove();
      resolve(files);
    });
  });
}
