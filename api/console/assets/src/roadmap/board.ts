// The board: cards are dragged from column to column, or moved by their handle with the arrow keys.
import { type Problem } from "../asking";
import { fill } from "../filling";
import { type Brief, briefOf, type Changed, change, keep } from "./items";

/** Farther than this, in pixels, a press is a drag. */
const SLACK = 5;
/** So near to an edge, in pixels, the board moves along. */
const EDGE = 48;

interface Moving {
  card: HTMLElement;
  from: HTMLElement;
  before: Element | null;
}

export function board(root: HTMLElement): void {
  if (root.dataset.mayWrite === "yes") new Board(root).start();
}

class Board {
  private readonly field: string;
  private readonly said: HTMLElement | null;
  private readonly columns: HTMLElement[];
  private moving: Moving | null = null;
  /** While a card changes its place in the page its handle loses the focus for a moment. */
  private steady = false;
  private saving = false;

  constructor(private readonly root: HTMLElement) {
    this.field = root.dataset.field ?? "timebox";
    this.said = root.parentElement?.querySelector<HTMLElement>("[role=status]") ?? null;
    this.columns = [...root.querySelectorAll<HTMLElement>("[data-column]")];
  }

  start(): void {
    for (const card of this.root.querySelectorAll<HTMLElement>("[data-item]")) {
      const grip = card.querySelector<HTMLElement>(".grip");
      grip?.addEventListener("keydown", (event) => void this.key(card, event));
      grip?.addEventListener("blur", () => this.left(card));
      grip?.addEventListener("click", () => this.tell(`${briefOf(card).title}: left and right move it, Enter saves, Escape puts it back.`));
      card.addEventListener("pointerdown", (event) => this.press(card, event));
    }
  }

  // With the keyboard.

  private async key(card: HTMLElement, event: KeyboardEvent): Promise<void> {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step !== undefined) {
      // A page that is presented walks on with the same keys.
      event.preventDefault();
      event.stopPropagation();
      if (this.saving) return;
      this.begin(card);
      const column = this.columns[this.columns.indexOf(columnOf(card)) + step];
      if (column === undefined) return;
      this.put(card, column);
      this.tell(`${briefOf(card).title}: ${column.dataset.title}. Not saved yet: Enter saves, Escape puts it back.`);
    } else if ((event.key === "Enter" || event.key === " ") && this.moving?.card === card) {
      event.preventDefault();
      await this.save();
    } else if (event.key === "Escape" && this.moving !== null) {
      event.stopPropagation();
      this.back("Put back where it was.");
    }
  }

  private left(card: HTMLElement): void {
    if (this.moving?.card === card && !this.steady && !this.saving) this.back("Put back: it was moved and not saved. Enter saves.");
  }

  // With the pointer.

  private press(card: HTMLElement, event: PointerEvent): void {
    const target = event.target as Element;
    const isGrip = target.closest(".grip") !== null;
    // By touch only the handle drags: everywhere else a finger moves the page.
    if (event.button !== 0 || this.saving || (!isGrip && (event.pointerType === "touch" || target.closest("a, button, summary, input, select") !== null))) return;
    const start = { x: event.clientX, y: event.clientY };
    let dragged = false;
    const move = (next: PointerEvent) => {
      const [x, y] = [next.clientX - start.x, next.clientY - start.y];
      if (!dragged && Math.hypot(x, y) < SLACK) return;
      if (!dragged) {
        dragged = true;
        this.begin(card);
        card.setPointerCapture(next.pointerId);
        card.classList.add("dragging");
      }
      card.style.transform = `translate(${x}px, ${y}px)`;
      this.mark(this.under(next));
      this.follow(next);
    };
    const end = (last: PointerEvent) => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
      if (!dragged) return;
      card.classList.remove("dragging");
      card.style.transform = "";
      this.mark(null);
      const column = last.type === "pointercancel" ? null : this.under(last);
      if (column === null) this.back("Put back where it was.");
      else {
        this.put(card, column);
        void this.save();
      }
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
    card.addEventListener("dragstart", (other) => other.preventDefault(), { once: true });
  }

  private under({ clientX, clientY }: PointerEvent): HTMLElement | null {
    return (
      this.columns.find((column) => {
        const { left, right, top, bottom } = column.getBoundingClientRect();
        return clientX >= left && clientX <= right && clientY >= top - EDGE && clientY <= bottom + EDGE;
      }) ?? null
    );
  }

  private mark(wanted: HTMLElement | null): void {
    for (const column of this.columns) column.classList.toggle("under", column === wanted);
  }

  private follow({ clientX }: PointerEvent): void {
    const { left, right } = this.root.getBoundingClientRect();
    if (clientX < left + EDGE) this.root.scrollLeft -= 12;
    else if (clientX > right - EDGE) this.root.scrollLeft += 12;
  }

  // The move itself.

  private begin(card: HTMLElement): void {
    if (this.moving?.card === card) return;
    this.moving = { card, from: columnOf(card), before: card.nextElementSibling };
    card.classList.add("moving");
  }

  private put(card: HTMLElement, column: HTMLElement, before: Element | null = null): void {
    const isFocused = card.contains(document.activeElement);
    this.steady = true;
    column.querySelector("ul")?.insertBefore(card, before);
    if (isFocused) card.querySelector<HTMLElement>(".grip")?.focus();
    this.steady = false;
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.count();
  }

  private back(words: string): void {
    if (this.moving === null) return;
    const { card, from, before } = this.moving;
    this.moving = null;
    card.classList.remove("moving");
    this.put(card, from, before);
    this.tell(words);
  }

  private async save(): Promise<void> {
    if (this.moving === null || this.saving) return;
    const { card, from } = this.moving;
    const [brief, column] = [briefOf(card), columnOf(card)];
    if (column === from) {
      this.back("It is where it was.");
      return;
    }
    const value = column.dataset.column === "" ? null : (column.dataset.column ?? null);
    this.saving = true;
    const changed = await change(brief, { [this.field]: value }, (problem) => this.asks(brief, value, problem));
    this.saving = false;
    if (changed === null) {
      this.back("Not saved: it is put back where it was.");
      return;
    }
    this.moving = null;
    card.classList.remove("moving");
    keep(card, brief, changed);
    this.show(card, changed);
    this.tell(`Saved: ${brief.title}, ${column.dataset.title}.`);
  }

  /** What may not be scheduled: an admin is asked for the reason to do it all the same. */
  private asks(brief: Brief, value: string | null, problem: Problem | null): boolean {
    const dialog = document.getElementById("override");
    if (problem?.code !== "not_schedulable" || this.root.dataset.mayOverride !== "yes" || !(dialog instanceof HTMLDialogElement)) return false;
    const isTimebox = this.field === "timebox";
    fill(dialog, {
      "@send": brief.override,
      "@of": brief.title,
      "@lacks": "what it needs to be scheduled: a step, or evidence",
      revision: brief.revision,
      timebox: isTimebox ? value : brief.timebox,
    });
    // Heard as long as the dialog is open: whoever cancels may be asked of another item next.
    const heard = new AbortController();
    dialog.addEventListener("close", () => heard.abort(), { once: true });
    dialog.querySelector("form")?.addEventListener(
      "waypost:sent",
      (event) => void this.overridden(event as CustomEvent<{ body: Changed }>, brief, value),
      { once: true, signal: heard.signal },
    );
    dialog.showModal();
    return true;
  }

  /** After an override the status that was wanted is set; a timebox was sent with it. */
  private async overridden(event: CustomEvent<{ body: Changed }>, brief: Brief, value: string | null): Promise<void> {
    if (this.field === "timebox") return;
    event.preventDefault();
    await change({ ...brief, revision: event.detail.body.revision }, { [this.field]: value });
    location.reload();
  }

  private show(card: HTMLElement, { status, timebox, revision }: Changed): void {
    for (const [name, words] of [["status", status], ["timebox", timebox ?? ""]] as const) {
      const cell = card.querySelector(`[data-cell="${name}"]`);
      if (cell !== null) cell.textContent = words;
    }
    const edit = card.querySelector<HTMLElement>('[data-open="edit"]');
    const filling = JSON.parse(edit?.dataset.fill ?? "{}") as Record<string, unknown>;
    if (edit !== null) edit.dataset.fill = JSON.stringify({ ...filling, revision, status, timebox: timebox ?? "" });
  }

  private count(): void {
    for (const column of this.columns) {
      const count = column.querySelector("[data-count]");
      if (count !== null) count.textContent = String(column.querySelectorAll("[data-item]").length);
    }
  }

  private tell(words: string): void {
    if (this.said !== null) this.said.textContent = words;
  }
}

const columnOf = (card: HTMLElement): HTMLElement => card.closest<HTMLElement>("[data-column]") as HTMLElement;
