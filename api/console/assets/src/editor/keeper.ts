// Keeping what is typed: sent as a draft soon after, kept in the browser until it is, put together with what others
// wrote. Nothing typed is lost by a broken network, a session that ended, or two people who write at once.
import { ask, tellRefusal, type Answer, type Problem } from "../asking";
import { tell } from "../telling";
import { settled } from "./conflict";
import { same, type Conflict, type Draft, type Files, type Start } from "./start";

const PAUSE_MS = 800;
const AGAIN_MS = 5000;

/** What the service has, as far as this page knows. */
interface Known {
  files: Files;
  base: number;
  revision: number;
}

interface Kept extends Known {
  typed: Files;
}

export interface Text {
  /** Every file as it stands in the editor. */
  texts(): Files;
  /** Show other texts, each by its smallest edit. */
  take(files: Files): void;
}

/** What somebody typed before that never reached the service; null where all of it did. */
export function leftBehind(): Kept | null {
  try {
    const kept = JSON.parse(localStorage.getItem(place()) ?? "null") as Kept | null;
    return kept !== null && !same(kept.typed, kept.files) ? kept : null;
  } catch {
    return null;
  }
}

function place(): string {
  return `waypost-rules:${document.body.dataset.project ?? ""}:${document.body.dataset.person ?? ""}`;
}

export class Keeper {
  private known: Known;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private sending: Promise<boolean> | null = null;
  /** True where the draft has to be sent although no letter of it changed: it stands on another version now. */
  private moved = false;
  private isKeptHere = true;

  constructor(
    private readonly start: Start,
    private readonly text: Text,
    private readonly say: (words: string, tone: "" | "good" | "bad") => void,
  ) {
    const left = leftBehind();
    this.known = left ?? { files: start.files, base: start.base, revision: start.revision };
    addEventListener("online", () => void this.flush());
    addEventListener("focus", () => void this.look());
    addEventListener("beforeunload", (event) => {
      if (this.isDirty() && !this.isKeptHere) event.preventDefault();
    });
    if (left !== null) {
      tell("What you typed before and could not be saved is here again.", undefined, "good");
      this.soon();
    }
  }

  isDirty(): boolean {
    return this.moved || !same(this.text.texts(), this.known.files);
  }

  /** Something was typed. */
  touched(): void {
    if (!this.isDirty()) return;
    this.keepHere();
    this.soon();
  }

  /** Send what is not sent yet; true when all of it has arrived. */
  flush(): Promise<boolean> {
    clearTimeout(this.timer);
    this.sending ??= this.send().finally(() => {
      this.sending = null;
    });
    return this.sending;
  }

  /** Take over what was published since the draft was begun. */
  async takeOver(): Promise<void> {
    const [then, now] = await Promise.all([
      this.known.base === 0 ? null : ask("GET", `${this.start.addresses.versions}/${this.known.base}`),
      ask("GET", this.start.addresses.rules),
    ]);
    if (!now.ok || (then !== null && !then.ok)) return;
    const rules = now.body as { version: number; files: Files };
    const before = then === null ? {} : (then.body as { files: Files }).files;
    if (!(await this.together(before, rules.files, `version ${rules.version}`))) return;
    this.known.base = rules.version;
    this.moved = true;
    tell(`Version ${rules.version} was published meanwhile. It is in this text now, with what you wrote.`, undefined, "good");
    await this.flush();
  }

  /** Throw the draft away. */
  async discard(): Promise<Answer> {
    await this.flush();
    const answer = await ask("POST", this.start.addresses.discard, { revision: this.known.revision });
    if (answer.ok || (answer.body as Problem | null)?.code === "no_draft") this.forget();
    return answer;
  }

  private soon(pause = PAUSE_MS): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), pause);
  }

  private async send(): Promise<boolean> {
    while (this.isDirty()) {
      const files = this.text.texts();
      this.say("Saving", "");
      const { base, revision } = this.known;
      const answer = await ask("PUT", this.start.addresses.draft, { files, base, revision });
      if (answer.ok) {
        this.known = { files, base, revision: (answer.body as Draft).revision };
        this.moved = false;
        this.arrived();
      } else if ((answer.body as Problem | null)?.code === "stale_draft") {
        if (!(await this.reconcile())) return this.failed({ ok: false, status: 0, body: null });
      } else {
        return this.failed(answer);
      }
    }
    return true;
  }

  private arrived(): void {
    if (!this.isDirty()) this.forget();
    document.querySelector<HTMLElement>("#told")?.dataset.of === "draft" && this.untell();
    this.say("Saved as a draft", "good");
  }

  private failed(answer: Answer): boolean {
    this.keepHere();
    const where = this.isKeptHere ? "It is kept in this browser and sent as soon as that works." : "Do not close this page.";
    this.say(`Not saved. ${where}`, "bad");
    tellRefusal(answer);
    const told = document.querySelector<HTMLElement>("#told");
    if (told !== null) told.dataset.of = "draft";
    if (answer.status === 0 || answer.status === 401 || answer.status >= 500) this.soon(AGAIN_MS);
    return false;
  }

  private untell(): void {
    const told = document.querySelector<HTMLElement>("#told");
    if (told !== null) delete told.dataset.of;
    tell("");
  }

  /** Somebody else changed the draft: put both together. False where they could not be asked for. */
  private async reconcile(): Promise<boolean> {
    const answer = await ask("GET", this.start.addresses.draft);
    if (!answer.ok) return false;
    const draft = answer.body as Draft;
    let theirs = draft.files;
    let who = draft.changed_by ?? "Somebody else";
    if (theirs === null) {
      const rules = await ask("GET", this.start.addresses.rules);
      if (!rules.ok) return false;
      theirs = (rules.body as { files: Files }).files;
      who = "The version in force";
    }
    if (!(await this.together(this.known.files, theirs, who))) return false;
    this.known = { files: theirs, base: draft.base ?? draft.in_force, revision: draft.revision };
    tell(`${who} changed these rules while you did. Both are in this text now.`, undefined, "good");
    return true;
  }

  /** Put what stands here together with another text that was made of the same one. */
  private async together(before: Files, theirs: Files, who: string): Promise<boolean> {
    for (;;) {
      const ours = this.text.texts();
      const answer = await ask("POST", this.start.addresses.merge, { base: before, ours, theirs });
      if (!answer.ok) return false;
      // Somebody who typed on while this was asked is asked for again.
      if (!same(ours, this.text.texts())) continue;
      const merged = answer.body as { files: Files; conflicts: Conflict[] };
      const files = merged.conflicts.length === 0 ? merged.files : await settled(merged, { ours, theirs, who });
      this.text.take(files);
      return true;
    }
  }

  /** Others may have written while nobody looked at this page. */
  private async look(): Promise<void> {
    if (this.isDirty()) {
      await this.flush();
      return;
    }
    const answer = await ask("GET", this.start.addresses.draft);
    if (!answer.ok || this.isDirty() || this.sending !== null) return;
    const draft = answer.body as Draft;
    if (draft.revision === this.known.revision || draft.files === null) return;
    this.known = { files: draft.files, base: draft.base ?? 0, revision: draft.revision };
    if (same(draft.files, this.text.texts())) return;
    this.text.take(draft.files);
    tell(`${draft.changed_by ?? "Somebody"} changed the draft; this is how it is now.`, undefined, "good");
  }

  private keepHere(): void {
    try {
      localStorage.setItem(place(), JSON.stringify({ ...this.known, typed: this.text.texts() } satisfies Kept));
      this.isKeptHere = true;
    } catch {
      this.isKeptHere = false;
    }
  }

  private forget(): void {
    try {
      localStorage.removeItem(place());
    } catch {
      // Nothing is kept then.
    }
  }
}
