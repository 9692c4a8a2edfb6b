// What arrives, asked for again and again by a cursor: Live shows it, and Home until the first guide is there.
import { type Answer, ask } from "./asking";
import { make } from "./dom";
import { Polling } from "./polling";

export interface Arrival {
  id: string;
  type: "event" | "refused" | "decision";
  received: string;
  time: string | null;
  kind: string | null;
  name: string | null;
  user: string | null;
  session: string | null;
  path: string | null;
  properties: Record<string, unknown>;
  counts: boolean;
  verdict: string | null;
  faults: { path: string; rule: string; message: string }[];
  trigger: string | null;
  guide: string | null;
  variant: string | null;
  held_out: string | null;
  reasons: { reason: string; meaning: string; count: number }[];
  confirmed: boolean;
}

export interface Page {
  data: Arrival[];
  next: string;
  passed_over: boolean;
  left_out: Record<string, number>;
}

interface Watch {
  /** Of the interface, with what is asked for in its query. */
  address: string;
  heard(page: Page): void;
  /** It did not work; true to try again later. */
  failed(answer: Answer): boolean;
}

const EVERY_MS = 1500;

/** Ask for what has come since the last answer, every second or two. */
export function watching(watch: Watch): Polling {
  let after: string | null = null;
  return new Polling(
    async () => {
      const address = new URL(watch.address, location.href);
      if (after !== null) address.searchParams.set("after", after);
      const answer = await ask("GET", address.pathname + address.search);
      if (!answer.ok) return watch.failed(answer) ? "failed" : "over";
      const page = answer.body as Page;
      after = page.next;
      watch.heard(page);
      return "went";
    },
    { every: EVERY_MS },
  );
}

const TONES: Record<string, string> = { fits: "good", warned: "bad", unplanned: "bad", refused: "bad" };

/** What the page says of rows. */
export interface Around {
  /** The address of the page of one user, without the id. */
  users: string;
  /** The reasons with which a guide goes out: they are no reasons against another one. */
  shows: string[];
}

/** What the element that holds the rows says of them. */
export function aroundOf(element: HTMLElement): Around {
  return { users: element.dataset.users ?? "", shows: (element.dataset.shows ?? "").split(" ") };
}

/** One arrival as a row. */
export function row(arrival: Arrival, around: Around): HTMLLIElement {
  const { users } = around;
  const item = make("li");
  const time = make("time", {}, clock(arrival.received));
  time.dateTime = arrival.received;
  time.title = arrival.received;
  const what = make("div", { class: "what" });
  if (arrival.type === "decision") decided(arrival, what, around);
  else happened(arrival, what);
  item.append(time, what, whose(arrival, users));
  item.dataset.type = arrival.type;
  return item;
}

function clock(instant: string): string {
  return new Date(instant).toLocaleTimeString("en-GB", { timeZone: "UTC" });
}

function whose({ user, counts }: Arrival, users: string): HTMLElement {
  const told = make("div", { class: "whose" });
  if (user !== null) {
    const link = make("a", {}, user);
    link.href = users + encodeURIComponent(user);
    told.append(link);
  }
  if (!counts) told.append(" ", make("span", { class: "tag" }, "not a customer"));
  return told;
}

function happened(arrival: Arrival, what: HTMLElement): void {
  what.append(make("strong", {}, arrival.name ?? ""));
  if (arrival.path !== null) what.append(" ", make("span", { class: "hint" }, arrival.path));
  if (arrival.verdict !== null && arrival.verdict !== "no plan") {
    what.append(" ", make("span", { class: `tag ${TONES[arrival.verdict] ?? ""}` }, arrival.verdict));
  }
  for (const fault of arrival.faults) what.append(make("p", { class: "fault" }, `${fault.path}: ${fault.message}`));
  if (Object.keys(arrival.properties).length > 0) what.append(more("What it holds", arrival.properties));
}

function more(title: string, values: object): HTMLElement {
  const details = make("details");
  details.append(make("summary", { class: "hint" }, title));
  details.append(make("pre", { class: "code" }, JSON.stringify(values, null, 2)));
  return details;
}

function decided(arrival: Arrival, what: HTMLElement, { users, shows }: Around): void {
  const { guide, held_out: heldOut } = arrival;
  what.append(make("span", { class: "tag" }, "decision"), " ");
  if (guide !== null) what.append(make("strong", {}, guide), arrival.confirmed ? " goes out, confirmed" : " goes out");
  else if (heldOut !== null) what.append(make("strong", {}, heldOut), " is held out");
  else what.append("nothing is shown");
  if (arrival.variant !== null) what.append(` as ${arrival.variant}`);
  what.append(" ", make("span", { class: "hint" }, arrival.trigger === null ? "on request" : `on ${arrival.trigger}`));
  const why = guide ?? heldOut;
  if (why !== null && arrival.user !== null) {
    const link = make("a", {}, "why");
    const asked = new URLSearchParams({ tab: "explain", guide: why, at: arrival.received });
    link.href = `${users}${encodeURIComponent(arrival.user)}&${asked}`;
    what.append(" ", link);
  }
  const others = arrival.reasons.filter(({ reason }) => !shows.includes(reason));
  if (others.length === 0) return;
  const list = make("ul", { class: "plain reasons" });
  for (const { reason, meaning, count } of others) {
    const entry = make("li", { class: "hint" }, `${count} × ${reason.toLowerCase().replaceAll("_", " ")}`);
    entry.title = meaning;
    list.append(entry);
  }
  what.append(list);
}
