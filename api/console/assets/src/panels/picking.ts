// Picking an element on a page of the product: a link to it, and what was picked there.
import { ask, tellRefusal } from "../asking";
import { make } from "../dom";
import { button } from "../form/dom";
import { type Outcome, Polling } from "../polling";

interface Pick {
  id: number;
  selector: string;
  kind: string;
  way: string;
  page: string | null;
}

interface Picker {
  id: number;
  link?: string;
  opened: string | null;
  expires: string;
  picks: Pick[];
}

const AGAIN_MS = 2000;

/** The form that makes a link, and the list of what was picked with it. use: takes a selector into the guide. */
export function picking(form: HTMLFormElement, box: HTMLElement, address: string, use: (selector: string) => void): void {
  let polling: Polling | undefined;
  let asked = 0;

  const draw = (picker: Picker, link: string): void => {
    const open = make("a", { href: link, target: "_blank", rel: "noopener", class: "button small" }, "Open the page with the picker");
    const state = picker.picks.length > 0 ? "Picked:" : picker.opened === null ? "Waiting for the page to be opened." : "The page is open: pick an element there.";
    const list = make("ul", { class: "plain panel-people" });
    for (const each of [...picker.picks].reverse()) {
      const actions = [button("As the place", () => use(each.selector), { "aria-label": `Let the guide stand beside ${each.selector}` })];
      actions.push(button("Insert", () => insert(each.way === "" ? each.selector : each.way), { "aria-label": `Insert ${each.selector} at the cursor` }));
      list.append(make("li", {}, make("code", {}, each.selector), " ", ...actions));
    }
    box.replaceChildren(open, make("p", { class: "hint" }, state), list);
  };

  /** Look what was picked with a link, until its time is over or another one is made. */
  const follow = (id: number, link: string, until: number): Polling => {
    let known = 0;
    const look = async (): Promise<Outcome> => {
      const answer = await ask("GET", `${address}/${id}`);
      if (own.isOver) return "over";
      if (answer.ok) {
        const picker = answer.body as Picker;
        const isFirst = picker.picks.length > known;
        known = picker.picks.length;
        // Nothing is drawn anew below the hand that is about to press it.
        if (isFirst || (picker.opened !== null && !box.contains(document.activeElement))) draw(picker, link);
      }
      if (Date.now() < until) return answer.ok ? "went" : "failed";
      box.append(make("p", { class: "hint" }, "The link is over; make another one."));
      return "over";
    };
    const own = new Polling(look, { every: AGAIN_MS, first: AGAIN_MS });
    return own;
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    polling?.stop();
    const mine = ++asked;
    const url = form.querySelector<HTMLInputElement>("[name=url]")?.value ?? "";
    void ask("POST", address, { url }).then((answer) => {
      // Pressed again meanwhile: the later link counts.
      if (mine !== asked) return;
      if (!answer.ok) return tellRefusal(answer);
      const picker = answer.body as Picker;
      const link = picker.link ?? url;
      draw(picker, link);
      polling = follow(picker.id, link, Date.parse(picker.expires));
    });
  });
}

function insert(text: string): void {
  document.dispatchEvent(new CustomEvent("waypost:insert", { detail: { text } }));
}
