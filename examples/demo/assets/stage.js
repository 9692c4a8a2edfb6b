// The stage: the product in its window, the record beside it, the strip below; asks once a second what is new.

import { fetched, h } from "./dom.js";
import { drawRail, drawRecord } from "./record.js";
import { addToStrip } from "./strip.js";

const SESSION = "waypost-stage";
const EVERY = 1_000;
const STORY = [
  ["Sign up", (item) => item.name === "Signed Up"],
  ["Add a domain", (item) => item.name === "Domain Added"],
  ["Press “Check DNS” twice", (item) => item.name === "DNS Check Failed" && item.properties.attempt >= 2],
  ["Follow the tooltip", (item) => item.name === "$shown" && item.properties.guide === "verify_help"],
  ["Check again", (item) => item.name === "Domain Verified"],
  ["Say how it went", (item) => item.name === "$answered"],
];

const AFTER = "Restart, sign up for a large company, and see why the tooltip stays away.";

const one = (selector) => document.querySelector(selector);
const product = one("[data-product]");
const done = new Set();
let steps = [];
let chosen = "verify_domain";
let drawn = "";
/** Where this visitor began: the place in the log, and the records as they were. */
let beginning = JSON.parse(sessionStorage.getItem(SESSION) ?? "null");
let cursor = beginning?.cursor ?? null;

function drawHints() {
  const next = STORY.findIndex((_, index) => !done.has(index));
  if (next < 0) return one("[data-hints]").replaceChildren(h("li.done", null, "That was the story."), h("li.after", null, AFTER));
  one("[data-hints]").replaceChildren(
    ...STORY.map(([text], index) => h(done.has(index) ? "li.done" : index === next ? "li.next" : "li", index === next ? { "aria-current": "step" } : null, text)),
  );
}

function draw() {
  const step = steps.find((each) => each.name === chosen);
  if (!step) return;
  const before = beginning?.steps?.find((each) => each.name === chosen);
  const picture = JSON.stringify([step, before, chosen]);
  if (picture === drawn) return;
  drawn = picture;
  const focused = document.activeElement?.closest("[data-rail]") ? chosen : null;
  one("[data-rail]").replaceChildren(...drawRail(steps, chosen, choose));
  if (focused) one('[data-rail] [aria-current="true"]').focus();
  one("[data-record]").replaceChildren(...drawRecord(step, before && { ...before, began: beginning.began }));
}

function choose(name) {
  chosen = name;
  draw();
}

async function look() {
  const [journey, feed] = await Promise.all([fetched("/demo/steps"), fetched(`/demo/feed${cursor ? `?after=${cursor}` : ""}`)]);
  // Another demo has started since: its log knows nothing of this visitor.
  if (journey && beginning?.boot && journey.boot !== beginning.boot) return restart();
  if (journey && feed) {
    steps = journey.steps;
    cursor = feed.next;
    if (!beginning?.boot) remember({ cursor: feed.next, began: journey.now, boot: journey.boot, steps });
    addToStrip(one("[data-strip]"), feed.items);
    for (const item of feed.items) STORY.forEach(([, fits], index) => item.type === "event" && fits(item) && done.add(index));
    if (feed.items.length) drawHints();
    draw();
  }
  one("[data-pulse]").textContent = journey && feed ? "" : "The server does not answer; trying again …";
  setTimeout(look, EVERY);
}

function remember(change) {
  beginning = { ...beginning, ...change };
  sessionStorage.setItem(SESSION, JSON.stringify(beginning));
}

function restart() {
  sessionStorage.removeItem(SESSION);
  // A page of its own, so that nothing of the last visitor is left in memory.
  location.replace("/stage?new");
}

function where() {
  const { pathname } = product.contentWindow.location;
  if (product.contentWindow.location.origin !== location.origin) return;
  one("[data-path]").textContent = decodeURIComponent(pathname);
  one("[data-alone]").href = pathname;
  remember({ path: pathname });
}

const asNew = new URLSearchParams(location.search).has("new");
if (asNew) {
  history.replaceState(null, "", "/stage");
  sessionStorage.removeItem(SESSION);
  beginning = cursor = null;
}
one("[data-restart]").addEventListener("click", restart);
one("[data-backwards]").addEventListener("click", () => history.back());
product.addEventListener("load", where);
drawHints();
await look();
// The product starts after the first look, so that its very first event is already counted as new.
product.src = asNew ? "/signup?new" : (beginning?.path ?? "/signup");
