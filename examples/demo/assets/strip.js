// The strip: every event as it arrives, and under it what was decided, for each guide with its reason.

import { h } from "./dom.js";

const LONGEST = 160;
const SHORT = { guide: 1, question: 1, value: 1, text: 1, how: 1, reason: 1, attempt: 1, domain: 1, plan: 1, recipients: 1, path: 1, selector: 1, seats: 1, first_name: 1, provider: 1 };

const shown = (value) => (typeof value === "string" ? value : JSON.stringify(value));
const clock = (time) => new Date(time).toLocaleTimeString("en-GB");

function drawEvent(item) {
  const parts = Object.entries(item.properties).filter(([name]) => SHORT[name]);
  const text = parts.map(([name, value]) => `${name} ${shown(value)}`).join(" · ").slice(0, LONGEST);
  return h("li.event", null, h("time", null, clock(item.time)), h("div.what", null, h("span.name", null, item.name), h("span.props", null, text)));
}

function drawDecision(item) {
  const quiet = item.guide === null;
  const said = quiet ? "nothing to show" : item.guide;
  const reasons = item.considered.map(({ guide, reason, meaning, shows }) =>
    h(`span.reason${shows ? ".shows" : ""}`, { title: meaning }, h("b", null, guide), ` ${reason}`),
  );
  return h(
    `li.decision${quiet ? ".quiet" : ""}`,
    null,
    h("time", null, clock(item.time)),
    h("div.what", null, h("span.name", null, `→ ${said}`), ...reasons),
  );
}

/** True when nothing was waiting for what happened: such decisions would only hide the others. */
function isIdle(item) {
  return item.type === "decision" && item.guide === null && item.considered.every(({ reason }) => reason === "NOT_TRIGGERED");
}

/** Put new items on top of the list, newest first. */
export function addToStrip(list, items) {
  const worthIt = items.filter((item) => !isIdle(item));
  if (worthIt.length === 0) return;
  list.querySelector(".empty")?.remove();
  for (const item of worthIt) {
    const row = item.type === "event" ? drawEvent(item) : drawDecision(item);
    row.classList.add("new");
    list.prepend(row);
  }
  while (list.childElementCount > 300) list.lastElementChild.remove();
}
