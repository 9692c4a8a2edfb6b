// Whom a draft reaches that the rules in force do not, and the other way round, guide by guide.
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

function told(found: Audience, changed: Guide[]): string {
  const of = `${count(found.people)} known people, ${count(found.moments)} requests for guidance`;
  if (found.people === 0) return "Nobody is recorded yet, so nobody can be counted.";
  if (changed.length === 0) return `Of ${of}: nobody would see more or less than now.`;
  return `Of ${of}: ${changed.length} ${changed.length === 1 ? "guide reaches" : "guides reach"} other people than now, or as many more or less often.`;
}

export function start(element: HTMLElement): void {
  const words = element.querySelector<HTMLElement>("[data-told]");
  const place = element.querySelector<HTMLElement>("[data-table]");
  if (words === null || place === null) return;
  void ask("GET", element.dataset.address ?? "").then((answer) => {
    if (!answer.ok) {
      const why = (answer.body as Problem | null)?.detail ?? "The server cannot be reached: load the page again.";
      words.textContent = `It cannot be told: ${why}`;
      return;
    }
    const found = answer.body as Audience;
    const changed = found.guides.filter(
      (each) => each.gains.people + each.losses.people > 0 || each.shows[0] !== each.shows[1],
    );
    words.textContent = told(found, changed);
    if (changed.length === 0) return;
    const reasons = document.createElement("ul");
    reasons.className = "noted hint";
    for (const each of changed.flatMap(whys)) {
      const item = document.createElement("li");
      item.textContent = each;
      reasons.append(item);
    }
    place.replaceChildren(table(changed), reasons);
  });
}
