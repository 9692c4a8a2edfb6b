// What the columns of a table are: shown with its first rows before anything is taken in, to be changed by hand.
//
// The one truth is the text of the mapping (`COLUMN=TARGET` a line), which the service reads too: the choices here write
// it, and after every change the service is asked again what it makes of the rows.
import { ask, tellRefusal } from "./asking";
import { coded, linesOf, make } from "./dom";

interface Column {
  name: string;
  target: string;
  type: string;
  called: string;
  mapping: string;
  is_guess: boolean;
  examples: string[];
}

interface Preview {
  columns: Column[];
  rows: { line: number; cells: string[]; problem: string | null }[];
  problems: { line: number; problem: string }[];
  problem: string | null;
  read: number;
  wrong: number;
  is_whole: boolean;
}

const HEAD = 512 * 1024;
const NAMED = ["property", "trait"];
const TYPES = ["text", "number", "boolean", "time"];

function counted(number: number, one: string, many: string): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

/** How a column is written for the service. */
function written(name: string, target: string, type: string, called: string): string {
  if (!NAMED.includes(target)) return `${name}=${target}`;
  const kind = type === "text" ? "" : `.${type}`;
  return `${name}=${target}${kind}${called === "" || called === name ? "" : `:${called}`}`;
}

function select(label: string, options: [string, string][], chosen: string): HTMLSelectElement {
  const made = make("select", { "aria-label": label });
  for (const [value, words] of options) made.append(make("option", { value, selected: value === chosen }, words));
  return made;
}

export class Columns {
  private file: File | undefined;
  private asked = 0;
  /** What the columns are as they are shown, guesses too; undefined where nothing is shown. */
  current: string[] | undefined;

  constructor(
    private readonly place: HTMLElement,
    private readonly mapping: HTMLTextAreaElement,
    private readonly zone: HTMLInputElement,
  ) {
    for (const each of [mapping, zone]) each.addEventListener("change", () => void this.look());
  }

  /** Another file; undefined for one that is no table. What was said of the columns of the one before is dropped. */
  async show(file: File | undefined): Promise<void> {
    this.file = file;
    this.current = undefined;
    // What is still on its way is of the file before.
    this.asked += 1;
    if (file === undefined) {
      this.place.hidden = true;
      this.place.replaceChildren();
      return;
    }
    await this.look();
  }

  /** Ask what the service makes of the file, and show it. */
  async look(): Promise<void> {
    const file = this.file;
    if (file === undefined) return;
    this.asked += 1;
    const turn = this.asked;
    const query = new URLSearchParams({ zone: this.zone.value, whole: String(file.size <= HEAD) });
    for (const line of linesOf(this.mapping.value)) query.append("mapping", line);
    const answer = await ask("POST", `${this.place.dataset.columns ?? ""}?${query}`, file.slice(0, HEAD));
    // Meanwhile something else was chosen.
    if (turn !== this.asked) return;
    this.place.hidden = false;
    if (!answer.ok) {
      tellRefusal(answer);
      return;
    }
    this.draw(answer.body as Preview);
  }

  private draw(seen: Preview): void {
    this.current = seen.columns.length > 0 ? seen.columns.map((each) => each.mapping) : undefined;
    const focused = document.activeElement?.getAttribute("aria-label") ?? "";
    const parts: HTMLElement[] = [make("h3", {}, "What the columns are")];
    if (seen.problem !== null) parts.push(make("p", { class: "fault", role: "status" }, ...coded(seen.problem)));
    if (seen.columns.length > 0) {
      parts.push(this.table(seen), make("h3", {}, "The first rows"), this.summary(seen), this.rows(seen));
      if (seen.problems.length > 0) parts.push(this.problems(seen));
    }
    this.place.replaceChildren(...parts);
    if (focused !== "") this.place.querySelector<HTMLElement>(`[aria-label="${CSS.escape(focused)}"]`)?.focus();
  }

  private table(seen: Preview): HTMLElement {
    const targets = Object.entries(JSON.parse(this.place.dataset.targets ?? "{}") as Record<string, string>);
    const body = make("tbody");
    const fields: (() => string)[] = [];
    for (const column of seen.columns) {
      const named = NAMED.includes(column.target);
      const target = select(`${column.name} is`, targets, column.target);
      const type = select(`${column.name}: cells are`, TYPES.map((each) => [each, each]), column.type);
      const called = make("input", { "aria-label": `${column.name} is called`, value: column.called, maxlength: "200" });
      type.disabled = called.disabled = !named;
      fields.push(() => written(column.name, target.value, type.value, NAMED.includes(target.value) ? called.value.trim() : ""));
      for (const each of [target, type, called]) {
        each.addEventListener("change", (event) => {
          event.stopPropagation();
          this.mapping.value = fields.map((field) => field()).join("\n");
          void this.look();
        });
      }
      const first = make("th", { scope: "row", class: "words" }, column.name);
      if (column.is_guess) first.append(" ", make("span", { class: "hint" }, "guessed"));
      const examples = make("td", { class: "words hint" }, column.examples.join(" · "));
      body.append(make("tr", {}, first, make("td", {}, target), make("td", {}, type), make("td", {}, called), examples));
    }
    const head = ["Column", "It is", "Cells are", "Called", "For example"].map((each) => make("th", { scope: "col" }, each));
    const table = make("table", { class: "figures" }, make("thead", {}, make("tr", {}, ...head)), body);
    return make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Columns" }, table);
  }

  private summary(seen: Preview): HTMLElement {
    const of = seen.is_whole ? "All" : "The first";
    const rows = `${of} ${counted(seen.read, "row was", "rows were")} looked at`;
    const wrong = seen.wrong === 0 ? "all of them can be taken" : `${counted(seen.wrong, "cannot", "cannot")} be taken`;
    return make("p", { role: "status" }, `${rows}: ${seen.problem === null ? wrong : "none can be taken yet"}.`);
  }

  private rows(seen: Preview): HTMLElement {
    const head = ["Line", ...seen.columns.map((each) => each.name)].map((each) => make("th", { scope: "col" }, each));
    const body = make("tbody");
    for (const row of seen.rows) {
      const line = make("th", { scope: "row" }, String(row.line));
      const cells = row.cells.map((cell) => make("td", { class: "words" }, cell));
      const made = make("tr", row.problem === null ? {} : { class: "unsure" }, line, ...cells);
      if (row.problem !== null) line.append(" ", make("span", { class: "tag bad", title: row.problem }, "not taken"));
      body.append(made);
    }
    const table = make("table", { class: "figures" }, make("thead", {}, make("tr", {}, ...head)), body);
    return make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "The first rows" }, table);
  }

  private problems(seen: Preview): HTMLElement {
    const items = seen.problems.map((each) => make("li", {}, `line ${each.line}: `, ...coded(each.problem)));
    const more = seen.wrong - seen.problems.length;
    if (more > 0) items.push(make("li", {}, `and ${more.toLocaleString("en")} more`));
    return make("details", { open: true }, make("summary", {}, "Why some rows cannot be taken"), make("ul", {}, ...items));
  }
}
