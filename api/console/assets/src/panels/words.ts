// What the guide says in words, and what the interface answers about whom it matches.
import { make } from "../dom";

/** Sentences; a line that belongs below another is indented. */
export function sentences(box: HTMLElement, lines: string[]): void {
  const list = make("ul", { class: "plain panel-words" });
  for (const line of lines) {
    const depth = Math.min(4, Math.floor((line.length - line.trimStart().length) / 2));
    list.append(make("li", { class: `depth-${depth}` }, line.trim()));
  }
  box.replaceChildren(list);
}

export interface Matching {
  count: number;
  people: string[];
  looked_at: number;
  all: number;
  left_out: string[];
}

/** How many people match, the first of them, and what could not be asked. */
export function matching(box: HTMLElement, found: Matching, address: (user: string) => string): void {
  const of = found.looked_at < found.all ? `the latest ${count(found.looked_at)} of ${count(found.all)}` : count(found.all);
  const head = make("p", {}, make("strong", {}, count(found.count)), ` of ${of} people meet the conditions now.`);
  const list = make("ul", { class: "plain panel-people" });
  for (const each of found.people) list.append(make("li", {}, make("a", { href: address(each) }, each)));
  const more = found.count > found.people.length ? [make("p", { class: "hint" }, `and ${count(found.count - found.people.length)} more`)] : [];
  const left = found.left_out.map((each) => make("li", {}, make("code", {}, each)));
  const unasked =
    left.length === 0 ? [] : [make("p", { class: "hint" }, "Left out, because only a request can tell:"), make("ul", { class: "hint" }, ...left)];
  box.replaceChildren(head, list, ...more, ...unasked);
}

interface Removed {
  reason: string;
  people: number;
  moments: number;
}

export interface Rehearsed {
  begin: string;
  end: string;
  people: number;
  portions: number;
  caveat: string;
  guides: { people: number; shows: number; held_out: number; by_day: { day: string; shows: number }[]; removed: Removed[] }[];
}

/** What living through the history found. */
export function reached(box: HTMLElement, found: Rehearsed): void {
  const [guide] = found.guides;
  if (guide === undefined) return;
  const held = guide.held_out > 0 ? `, and ${count(guide.held_out)} held out` : "";
  const told = make("p", {}, make("strong", {}, count(guide.people)), ` of ${count(found.people)} people would have seen it, ${count(guide.shows)} times in all${held}.`);
  const weeks = new Map<string, number>();
  for (const each of guide.by_day) weeks.set(monday(each.day), (weeks.get(monday(each.day)) ?? 0) + each.shows);
  const shown = [...weeks].map(([week, shows]): [string, string] => [week, count(shows)]);
  const removed = guide.removed.filter((each) => each.moments > 0).map((each): [string, string] => [each.reason.toLowerCase().replaceAll("_", " "), count(each.people)]);
  box.replaceChildren(
    told,
    ...(found.portions > 1 ? [make("p", {}, `The history is long: these are the people of one portion of ${count(found.portions)}, drawn by chance. Of all there would be about ${count(guide.people * found.portions)}.`)] : []),
    ...(shown.length > 0 ? [table("Shows by week", ["Week of", "Shows"], shown)] : []),
    ...(removed.length > 0 ? [table("What kept it away", ["Kept away by", "People"], removed)] : []),
    make("p", { class: "hint" }, found.caveat),
  );
}

function table(caption: string, heads: string[], rows: [string, string][]): HTMLElement {
  const head = make("tr", {}, ...heads.map((each) => make("th", { scope: "col" }, each)));
  const body = rows.map(([name, value]) => make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, value)));
  return make("table", { class: "figures" }, make("caption", {}, caption), make("thead", {}, head), make("tbody", {}, ...body));
}

interface Gate {
  gate: string;
  open: boolean;
  text: string;
  found: string | null;
}

export interface Why {
  user: string;
  at: string;
  shown: boolean;
  meaning: string;
  gates: Gate[];
  changes: { text: string }[];
  blocked: string | null;
}

/** Why it would be shown to somebody, or why not. */
export function because(box: HTMLElement, why: Why): void {
  const verdict = make("p", {}, make("strong", {}, why.shown ? "Would be shown. " : "Would not be shown. "), why.meaning);
  const gates = make("ol", { class: "plain panel-gates" });
  for (const each of why.gates) {
    const tag = make("span", { class: each.open ? "tag good" : "tag bad" }, each.open ? "open" : "closed");
    const found = each.found === null ? [] : [" ", make("span", { class: "hint" }, each.found)];
    gates.append(make("li", {}, tag, ` ${each.text}`, ...found));
  }
  const changes = make("ul", {}, ...why.changes.map((each) => make("li", {}, each.text)));
  const nearest = why.changes.length === 0 ? [] : [make("p", {}, "What would change it:"), changes];
  const blocked = why.blocked === null ? [] : [make("p", { class: "hint" }, why.blocked)];
  box.replaceChildren(verdict, gates, ...nearest, ...blocked);
}

export function count(number: number): string {
  return number.toLocaleString("en");
}

function monday(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return date.toISOString().slice(0, 10);
}
