// What arrives, asked for again and again by a cursor: Live shows it, and Home until the first guide is there.
import { type Answer, ask } from "./asking";
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

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  text = "",
  className = "",
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  // What comes from users is text, whatever it holds.
  if (text !== "") made.textContent = text;
  if (className !== "") made.className = className;
  return made;
}

const TONES: Record<string, string> = { fits: "good", warned: "bad", unplanned: "bad", refused: "bad" };
const SHOWS = new Set(["TARGETING_MATCH", "SPLIT", "WAITING_FOR_BROWSER"]);

/** One arrival as a row. users: the address of the page of one user, without the id. */
export function row(arrival: Arrival, users: string): HTMLLIElement {
  const item = element("li");
  const time = element("time", clock(arrival.received));
  time.dateTime = arrival.received;
  time.title = arrival.received;
  const what = element("div", "", "what");
  if (arrival.type === "decision") decided(arrival, what, users);
  else happened(arrival, what);
  item.append(time, what, whose(arrival, users));
  item.dataset.type = arrival.type;
  return item;
}

function clock(instant: string): string {
  return new Date(instant).toLocaleTimeString("en-GB", { timeZone: "UTC" });
}

function whose({ user, counts }: Arrival, users: string): HTMLElement {
  const told = element("div", "", "whose");
  if (user !== null) {
    const link = element("a", user);
    link.href = users + encodeURIComponent(user);
    told.append(link);
  }
  if (!counts) told.append(" ", element("span", "not a customer", "tag"));
  return told;
}

function happened(arrival: Arrival, what: HTMLElement): void {
  what.append(element("strong", arrival.name ?? ""));
  if (arrival.path !== null) what.append(" ", element("span", arrival.path, "hint"));
  if (arrival.verdict !== null && arrival.verdict !== "no plan") {
    what.append(" ", element("span", arrival.verdict, `tag ${TONES[arrival.verdict] ?? ""}`));
  }
  for (const fault of arrival.faults) what.append(element("p", `${fault.path}: ${fault.message}`, "fault"));
  if (Object.keys(arrival.properties).length > 0) what.append(more("What it holds", arrival.properties));
}

function more(title: string, values: object): HTMLElement {
  const details = element("details");
  details.append(element("summary", title, "hint"));
  details.append(element("pre", JSON.stringify(values, null, 2), "code"));
  return details;
}

function decided(arrival: Arrival, what: HTMLElement, users: string): void {
  const { guide, held_out: heldOut } = arrival;
  what.append(element("span", "decision", "tag"), " ");
  if (guide !== null) what.append(element("strong", guide), arrival.confirmed ? " goes out, confirmed" : " goes out");
  else if (heldOut !== null) what.append(element("strong", heldOut), " is held out");
  else what.append("nothing is shown");
  if (arrival.variant !== null) what.append(` as ${arrival.variant}`);
  what.append(" ", element("span", arrival.trigger === null ? "on request" : `on ${arrival.trigger}`, "hint"));
  const why = guide ?? heldOut;
  if (why !== null && arrival.user !== null) {
    const link = element("a", "why");
    const asked = new URLSearchParams({ tab: "explain", guide: why, at: arrival.received });
    link.href = `${users}${encodeURIComponent(arrival.user)}&${asked}`;
    what.append(" ", link);
  }
  const others = arrival.reasons.filter(({ reason }) => !SHOWS.has(reason));
  if (others.length === 0) return;
  const list = element("ul", "", "plain reasons");
  for (const { reason, meaning, count } of others) {
    const entry = element("li", `${count} × ${reason.toLowerCase().replaceAll("_", " ")}`, "hint");
    entry.title = meaning;
    list.append(entry);
  }
  what.append(list);
}
