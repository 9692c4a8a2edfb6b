// Whom a draft reaches that the rules in force do not, and the other way round, guide by guide. A long history comes in
// portions of people, and what is known so far is shown meanwhile.
import { ask, type Problem } from "../asking";

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

function cell(tag: "th" | "td", words: string, scope = ""): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = words;
  if (scope !== "") made.setAttribute("scope", scope);
  return made;
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
  const made = document.createElement("table");
  made.className = "figures";
  const head = made.createTHead().insertRow();
  head.append(...COLUMNS.map((each) => cell("th", each, "col")));
  const body = made.createTBody();
  for (const each of guides) {
    const row = body.insertRow();
    const name = cell("th", "", "row");
    const code = document.createElement("code");
    code.textContent = each.guide;
    name.append(code);
    const gains = cell("td", each.gains.people > 0 ? `+${count(each.gains.people)}` : "0");
    const losses = cell("td", each.losses.people > 0 ? `−${count(each.losses.people)}` : "0");
    gains.title = because(each.gains);
    losses.title = because(each.losses);
    const [before, after] = each.people;
    const [shown, then] = each.shows;
    row.append(name, cell("td", count(before)), cell("td", count(after)), gains, losses);
    row.append(cell("td", count(shown)), cell("td", count(then)));
  }
  const region = document.createElement("div");
  region.className = "scroll";
  region.tabIndex = 0;
  region.setAttribute("role", "region");
  region.setAttribute("aria-label", "Whom each guide reaches");
  region.append(made);
  return region;
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
    const bar = document.createElement("progress");
    bar.max = found.portions;
    bar.value = found.portion + 1;
    bar.setAttribute("aria-label", "Living through the history");
    parts.push(bar);
  }
  if (changed.length > 0) {
    const reasons = document.createElement("ul");
    reasons.className = "plain noted hint";
    for (const each of changed.flatMap(whys)) {
      const item = document.createElement("li");
      item.textContent = each;
      reasons.append(item);
    }
    parts.push(table(changed), reasons);
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
