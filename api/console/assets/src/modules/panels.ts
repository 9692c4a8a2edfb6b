// What stands beside the text of the guide at the cursor: in words, how it looks, whom it matches, why not somebody.
import { ask, tellRefusal, type Answer, type Problem } from "../asking";
import { make } from "../dom";
import type { Document, Written } from "../form/types";
import { picking } from "../panels/picking";
import { because, matching, reached, sentences, type Matching, type Rehearsed, type Why } from "../panels/words";

interface Look {
  variant: string | null;
  language: string;
  decision: Record<string, unknown>;
}

interface Preview {
  sentences: string[];
  looks: Look[];
}

const PAUSE_MS = 400;

class Panels {
  private written: Written | null = null;
  private looks: Look[] = [];
  private frame: HTMLIFrameElement | null = null;
  private isReady = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;

  constructor(private readonly element: HTMLElement) {
    document.addEventListener("waypost:text", (event) => this.hear((event as CustomEvent<Written>).detail));
    window.addEventListener("message", (event: MessageEvent<{ waypost?: string }>) => {
      if (this.frame === null || event.source !== this.frame.contentWindow || event.data?.waypost !== "ready") return;
      this.isReady = true;
      this.show();
    });
    for (const each of element.querySelectorAll("[data-theme], [data-width]")) each.addEventListener("change", () => this.open());
    this.part("look")?.addEventListener("change", () => this.show());
    this.part("rehearse")?.addEventListener("click", () => void this.rehearse());
    this.part("why")?.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.why();
    });
    for (const each of element.querySelectorAll("details")) each.addEventListener("toggle", () => each.open && this.soon());
    const form = this.part<HTMLFormElement>("pick");
    const box = this.part("picked");
    if (form !== null && box !== null) picking(form, box, element.dataset.pickers ?? "", (selector) => void this.stand(selector));
    document.dispatchEvent(new CustomEvent("waypost:ask"));
  }

  private part<Kind extends HTMLElement = HTMLElement>(name: string): Kind | null {
    return this.element.querySelector<Kind>(`[data-${name}]`);
  }

  private isOpen(name: string): boolean {
    return this.part(name)?.closest("details")?.open === true;
  }

  private hear(written: Written): void {
    const was = this.written;
    this.written = written;
    const none = this.part("none");
    const panels = this.part("panels");
    if (none !== null) none.hidden = written.guide !== null;
    if (panels !== null) panels.hidden = written.guide === null;
    if (was?.guide !== written.guide) {
      for (const name of ["words", "matches", "reached", "because"]) this.part(name)?.replaceChildren();
      this.looks = [];
    }
    this.soon();
  }

  private soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), PAUSE_MS);
  }

  private async refresh(): Promise<void> {
    const { written } = this;
    if (written === null || written.guide === null) return;
    const number = (this.asked += 1);
    const { files, file, guide } = written;
    const answer = await ask("POST", this.element.dataset.preview ?? "", { files, file, guide });
    if (number !== this.asked) return;
    this.drawPreview(answer);
    const box = this.part("matches");
    if (box === null || !this.isOpen("matches")) return;
    const matches = await ask("POST", this.element.dataset.matching ?? "", { files, guide, ...this.counting() });
    if (number !== this.asked) return;
    if (matches.ok) matching(box, matches.body as Matching, (user) => (this.element.dataset.user ?? "").replace("USER", encodeURIComponent(user)));
    else box.replaceChildren(make("p", { class: "hint" }, waits(matches)));
  }

  private counting(): Record<string, boolean> {
    const who = this.element.dataset.who;
    return { everyone: who === "everyone", simulated: who !== "customers" };
  }

  private drawPreview(answer: Answer): void {
    const words = this.part("words");
    const says = this.part("preview-says");
    if (!answer.ok) {
      words?.replaceChildren(make("p", { class: "hint" }, waits(answer)));
      return;
    }
    const told = answer.body as Preview;
    if (words !== null) sentences(words, told.sentences);
    this.looks = told.looks;
    this.drawLooks();
    if (says !== null) says.textContent = told.looks.length === 0 ? "It shows nothing yet." : "Drawn by the code that draws it for customers. Nothing here is recorded.";
    if (told.looks.length === 0) return;
    if (this.frame === null) this.open();
    else this.show();
  }

  private drawLooks(): void {
    const select = this.part<HTMLSelectElement>("look");
    const box = this.part("look-box");
    if (select === null || box === null) return;
    const before = select.value;
    const options = this.looks.map((each, index) => {
      const name = [each.variant, each.language === "" ? "as written" : each.language].filter((one) => one !== null).join(", ");
      return make("option", { value: String(index) }, name);
    });
    select.replaceChildren(...options);
    if (options.some((each) => each.value === before)) select.value = before;
    box.hidden = this.looks.length < 2;
  }

  /** A new page for the preview: another theme or width begins afresh. */
  private open(): void {
    const box = this.part("preview-box");
    if (box === null) return;
    this.isReady = false;
    const theme = this.part<HTMLSelectElement>("theme")?.value ?? "light";
    const isPhone = this.part<HTMLSelectElement>("width")?.value === "phone";
    const frame = make("iframe", {
      title: "The guide as customers see it",
      sandbox: "allow-scripts",
      src: `${this.element.dataset.frame ?? ""}?theme=${theme}`,
      class: isPhone ? "preview phone" : "preview",
    });
    this.frame = frame;
    box.replaceChildren(frame);
  }

  private show(): void {
    const look = this.looks[Number(this.part<HTMLSelectElement>("look")?.value ?? 0)] ?? this.looks[0];
    if (!this.isReady || look === undefined) return;
    // The page has an origin of its own, which has no name; it is known by its window.
    this.frame?.contentWindow?.postMessage({ waypost: "show", decision: look.decision }, "*");
  }

  private async rehearse(): Promise<void> {
    const { written } = this;
    const box = this.part("reached");
    const press = this.part<HTMLButtonElement>("rehearse");
    if (written?.guide == null || box === null || press === null) return;
    box.replaceChildren(make("p", { class: "hint" }, "Living through the history…"), make("progress", { "aria-label": "Living through the history" }));
    press.disabled = true;
    const address = (this.element.dataset.backtest ?? "").replace("GUIDE", encodeURIComponent(written.guide));
    const { simulated } = this.counting();
    const answer = await ask("POST", address, { files: written.files, simulated, sample: true });
    press.disabled = false;
    if (answer.ok) reached(box, answer.body as Rehearsed);
    else box.replaceChildren(make("p", { class: "hint" }, waits(answer)));
  }

  private async why(): Promise<void> {
    const { written } = this;
    const box = this.part("because");
    const form = this.part<HTMLFormElement>("why");
    if (written?.guide == null || box === null || form === null) return;
    const said = new FormData(form);
    const at = String(said.get("at") ?? "").trim();
    const body = { files: written.files, guide: written.guide, user: String(said.get("user") ?? "").trim(), at: at === "" ? null : at };
    const answer = await ask("POST", this.element.dataset.explain ?? "", body);
    if (answer.ok) because(box, answer.body as Why);
    else box.replaceChildren(make("p", { class: "fault" }, waits(answer)));
  }

  /** Let the guide stand beside an element that was picked: through its form, so that only that changes. */
  private async stand(selector: string): Promise<void> {
    const { written } = this;
    const form = document.querySelector<HTMLElement>("[data-apply]");
    if (written?.guide == null || form === null) return;
    const { files, file, guide, text } = written;
    const read = await ask("POST", form.dataset.read ?? "", { files, file, guide });
    const found = read.ok ? (read.body as { document: Document | null }).document : null;
    const show = found?.rows.find((each) => each.kind === "show" || each.kind === "show as");
    if (found === null || show === undefined) {
      document.dispatchEvent(new CustomEvent("waypost:insert", { detail: { text: JSON.stringify(selector) } }));
      return;
    }
    show.values["selector"] = selector;
    const answer = await ask("POST", form.dataset.apply ?? "", { text, guide, document: found });
    if (!answer.ok) return tellRefusal(answer);
    document.dispatchEvent(new CustomEvent("waypost:replace", { detail: { file, text: (answer.body as { text: string }).text } }));
  }
}

/** Why there is no answer now, for somebody in the middle of a sentence. */
function waits(answer: Answer): string {
  if (answer.status === 0) return "The server cannot be reached; this comes back with it.";
  const problem = answer.body as Problem | null;
  if (problem?.code === "invalid_rules") return "The rules have errors: this comes back once they are put right.";
  return problem?.errors?.[0]?.message ?? problem?.detail ?? "This cannot be said now.";
}

export function start(element: HTMLElement): void {
  new Panels(element);
}
