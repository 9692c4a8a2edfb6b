/**
 * What `waypost.debug()` opens: who the visitor is, at which step, and which guides were considered and why not. For
 * people who build; loaded when they ask, plain elements, nothing of it is recorded.
 */
import type { Explained, Properties } from "../snippet/contract";
import css from "./panel.css";

type Row = [name: string, value: string];
type Child = Node | string;

const NAME = "waypost-debug";
const ASK_ELSEWHERE =
  "Reasons are told in an environment for development, and to the testers of a guide. Elsewhere, ask " +
  "GET /api/v1/users/ID/explain with a secret key.";

/** Browsers do not tell a page whether nobody answered or whether it may not see the answer. */
function whyNot(fault: unknown): string {
  const said = `The server did not answer: ${String(fault)}`;
  if (!(fault instanceof TypeError)) return said;
  return `${said}. Is it there, and may pages of ${location.origin} ask it? If not: waypost keys allow ${location.origin}`;
}

function make(tag: string, attributes: Record<string, string> = {}, ...children: Child[]): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function list(rows: Row[]): HTMLElement {
  return make("dl", {}, ...rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
}

function section(title: string, ...children: Child[]): HTMLElement {
  return make("section", {}, make("h3", {}, title), ...children);
}

function who({ anonymousId, userId, groupId, isSigned, consent }: Properties): HTMLElement {
  const user = userId === undefined ? "not known" : `${String(userId)}${isSigned ? " (with a token)" : ""}`;
  const account: Row[] = groupId === undefined ? [] : [["account", String(groupId)]];
  const anonymous: Row = ["anonymous", String(anonymousId)];
  return section("Who", list([["user", user], anonymous, ...account, ["consent", String(consent)]]));
}

function where({ standing }: Explained): HTMLElement {
  const steps = Object.entries(standing ?? {}).map(([journey, step]): Row => [journey, step ?? "after the last step"]);
  return section("Where", list([["page", location.pathname], ...steps]));
}

function why({ considered }: Explained): HTMLElement {
  if (!considered?.length) return section("Guides", make("p", {}, considered ? ASK_ELSEWHERE : "Not asked."));
  const rows = considered.map(({ guide, reason, meaning }) =>
    make("li", {}, make("b", {}, guide), " ", make("code", {}, reason), make("p", {}, meaning)),
  );
  return section("Guides", make("ul", {}, ...rows));
}

function delivery({ version, host, queued, faults }: Properties): HTMLElement {
  const told = Array.isArray(faults) ? faults.map(String) : [];
  const rows: Row[] = [["version", String(version)], ["server", String(host)], ["to be sent", String(queued)]];
  return section("Delivery", list(rows), make("ol", {}, ...told.map((fault) => make("li", {}, fault))));
}

function draw(body: HTMLElement, told: Properties, explained: Explained | string): void {
  const answered = typeof explained === "string" ? [section("Guides", make("p", {}, explained))] : [where(explained), why(explained)];
  body.replaceChildren(who(told), ...answered, delivery(told));
}

/** The panel of the page, once. */
function opened(): { element: HTMLElement; body: HTMLElement; again: HTMLElement } {
  const element = document.createElement(NAME);
  const shadow = element.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  shadow.adoptedStyleSheets = [sheet];
  const body = make("div", { class: "body", "aria-live": "polite" });
  const again = make("button", { type: "button" }, "Look again");
  const close = make("button", { type: "button", "aria-label": "Close" }, "✕");
  const head = make("header", {}, make("h2", { id: "title" }, "Waypost"), again, close);
  shadow.append(make("div", { class: "panel", role: "region", "aria-labelledby": "title" }, head, body));
  close.addEventListener("click", () => element.remove());
  // Keys pressed in here are no shortcuts of the page.
  shadow.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if ((event as KeyboardEvent).key === "Escape") element.remove();
  });
  document.documentElement.append(element);
  if ("popover" in element) {
    element.setAttribute("popover", "manual");
    element.showPopover();
  }
  return { element, body, again };
}

export async function openPanel(report: () => Properties, explain: () => Promise<Explained>): Promise<void> {
  document.querySelectorAll(NAME).forEach((each) => each.remove());
  const { element, body, again } = opened();
  const look = async () => {
    draw(body, report(), "Asking…");
    try {
      draw(body, report(), await explain());
    } catch (fault) {
      draw(body, report(), whyNot(fault));
    }
  };
  // Whoever called hears of what goes wrong; nobody but the button itself calls the second time.
  again.addEventListener("click", () => void look().catch(() => element.remove()));
  await look();
}
