// The page in which a guide is drawn: takes a decision from the page that frames it, and shows it as the snippet would.
// Every element that the guide names stands for the one that is here.
interface Said {
  waypost?: string;
  decision?: { content?: unknown };
}

type Snippet = { push(call: unknown[]): void };

const here = document.querySelector<HTMLElement>("[data-here]");
const named = document.querySelector<HTMLElement>("[data-name]");
const calls = ((window as { waypost?: Snippet }).waypost ??= [] as unknown as Snippet);

/** The same, with the element that is here in the place of each that is named; and the first name of them. */
function moved(value: unknown, names: string[]): unknown {
  if (Array.isArray(value)) return value.map((each) => moved(each, names));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      if (key === "selector" && typeof each === "string") {
        names.push(each);
        return [key, "#target"];
      }
      // A tour goes on to other pages; here it stays.
      return key === "page" ? [key, null] : [key, moved(each, names)];
    }),
  );
}

// Whoever is typing beside this page keeps the keyboard and the place where they are: a guide that takes the focus, or
// scrolls to its element, would take both away from the page around. It may once somebody turned to it.
let isTouched = false;
for (const each of ["pointerdown", "keydown"]) window.addEventListener(each, () => (isTouched = true), true);
window.addEventListener("blur", () => (isTouched = false));
const focusing = HTMLElement.prototype.focus;
HTMLElement.prototype.focus = function (this: HTMLElement, options?: FocusOptions): void {
  if (isTouched) focusing.call(this, options);
};
const opening = HTMLDialogElement.prototype.showModal;
HTMLDialogElement.prototype.showModal = function (this: HTMLDialogElement): void {
  // What is inert takes no focus as it opens.
  this.inert = !isTouched;
  opening.call(this);
  this.inert = false;
};
Element.prototype.scrollIntoView = () => undefined;

let number = 0;

function show(decision: Record<string, unknown>): void {
  const names: string[] = [];
  const drawn = moved(decision, names) as Record<string, unknown>;
  if (here !== null) here.hidden = names.length === 0;
  if (named !== null) named.textContent = names[0] ?? "";
  number += 1;
  // Each is another guide, and the one before is taken away at once: nothing stands in line here.
  calls.push(["reset"]);
  calls.push(["show", { ...drawn, id: `preview_${number}`, guide: `preview_${number}` }]);
}

window.addEventListener("message", (event: MessageEvent<Said>) => {
  if (event.source !== window.parent || event.data?.waypost !== "show" || event.data.decision === undefined) return;
  show(event.data.decision as Record<string, unknown>);
});
window.parent.postMessage({ waypost: "ready" }, "*");
