// Whom a draft reaches that the rules in force do not, and the other way round, guide by guide. A long history comes in
// portions of people, and what is known so far is shown meanwhile.
import { ask, type Problem } from "../asking";
import { make } from "../dom";

interface Switches {
  people: number;
  reasons: Record<string, number>;
}

interface Guide {
  guide: string;
  people: [number, number];
  shows: [number, number];
  gains: Switches;
  losses: Switches;
}

interface Audience {
  portion: number;
  portions: number;
  people: number;
  moments: number;
  guides: Guide[];
}

const COLUMNS = ["Guide", "People before", "People after", "See it now", "No longer", "Shown before", "Shown after"];

function cell(words: string, title?: string): HTMLElement {
  return make("td", { title }, words);
}

function count(number: number): string {
  return number.toLocaleString("en");
}

/** The reasons of the other rules, the most frequent first. */
function because(switches: Switches): string {
  const reasons = Object.entries(switches.reasons).sort((one, other) => other[1] - one[1]);
  return reasons.map(([reason, number]) => `${reason} ${count(number)}`).join(", ");
}

function table(guides: Guide[]): HTMLElement {
  const head = make("tr", {}, ...COLUMNS.map((each) => make("th", { scope: "col" }, each)));
  const rows = guides.map(({ guide, people: [before, after], shows: [shown, then], gains, losses }) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, make("code", {}, guide)),
      cell(count(before)),
      cell(count(after)),
      cell(gains.people > 0 ? `+${count(gains.people)}` : "0", because(gains)),
      cell(losses.people > 0 ? `−${count(losses.people)}` : "0", because(losses)),
      cell(count(shown)),
      cell(count(then)),
    ),
  );
  const figures = make("table", { class: "figures" }, make("thead", {}, head), make("tbody", {}, ...rows));
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Whom each guide reaches" }, figures);
}

function whys(guide: Guide): string[] {
  const found: string[] = [];
  if (guide.gains.people > 0) found.push(`${guide.guide}: those who see it now did not because of ${because(guide.gains)}.`);
  if (guide.losses.people > 0) found.push(`${guide.guide}: those who no longer see it are kept away by ${because(guide.losses)}.`);
  return found;
}

function added(one: Switches, other: Switches): Switches {
  const reasons = { ...one.reasons };
  for (const [reason, number] of Object.entries(other.reasons)) reasons[reason] = (reasons[reason] ?? 0) + number;
  return { people: one.people + other.people, reasons };
}

/** What two portions of the people say together; every portion tells of every guide. */
function together(one: Audience, other: Audience): Audience {
  const guides = one.guides.map((each, index): Guide => {
    const more = other.guides[index];
    if (more === undefined) return each;
    return {
      guide: each.guide,
      people: [each.people[0] + more.people[0], each.people[1] + more.people[1]],
      shows: [each.shows[0] + more.shows[0], each.shows[1] + more.shows[1]],
      gains: added(each.gains, more.gains),
      losses: added(each.losses, more.losses),
    };
  });
  const { portion, portions } = other;
  return { portion, portions, people: one.people + other.people, moments: one.moments + other.moments, guides };
}

function told(found: Audience, changed: Guide[]): string {
  const of = `${count(found.people)} known people, ${count(found.moments)} requests for guidance`;
  const done = found.portion + 1;
  const far = done < found.portions ? ` So far ${count(done)} of ${count(found.portions)} portions of the people, drawn by chance.` : "";
  if (found.people === 0) return `Nobody is recorded yet, so nobody can be counted.${far}`;
  if (changed.length === 0) return `Of ${of}: nobody would see more or less than now.${far}`;
  return `Of ${of}: ${changed.length} ${changed.length === 1 ? "guide reaches" : "guides reach"} other people than now, or as many more or less often.${far}`;
}

function show(found: Audience, words: HTMLElement, place: HTMLElement): void {
  const changed = found.guides.filter((each) => each.gains.people + each.losses.people > 0 || each.shows[0] !== each.shows[1]);
  words.textContent = told(found, changed);
  const parts: HTMLElement[] = [];
  if (found.portion + 1 < found.portions) {
    const [max, value] = [String(found.portions), String(found.portion + 1)];
    parts.push(make("progress", { max, value, "aria-label": "Living through the history" }));
  }
  if (changed.length > 0) {
    const reasons = changed.flatMap(whys).map((each) => make("li", {}, each));
    parts.push(table(changed), make("ul", { class: "plain noted hint" }, ...reasons));
  }
  place.replaceChildren(...parts);
}

async function live(element: HTMLElement, words: HTMLElement, place: HTMLElement): Promise<void> {
  const address = new URL(element.dataset.address ?? "", location.href);
  let found: Audience | null = null;
  do {
    address.searchParams.set("portion", String(found === null ? 0 : found.portion + 1));
    if (found !== null) address.searchParams.set("portions", String(found.portions));
    const answer = await ask("GET", address.pathname + address.search);
    if (!answer.ok) {
      const why = (answer.body as Problem | null)?.detail ?? "The server cannot be reached: load the page again.";
      words.textContent = found === null ? `It cannot be told: ${why}` : `${words.textContent ?? ""} The rest cannot be told: ${why}`;
      place.querySelector("progress")?.remove();
      return;
    }
    const portion = answer.body as Audience;
    found = found === null ? portion : together(found, portion);
    show(found, words, place);
  } while (found.portion + 1 < found.portions);
}

export function start(element: HTMLElement): void {
  const words = element.querySelector<HTMLElement>("[data-told]");
  const place = element.querySelector<HTMLElement>("[data-table]");
  if (words !== null && place !== null) void live(element, words, place);
}
