// What every page of a project does. What only one page does is a module of its own, which that page names:
// <div data-module="{{ asset('board.js') }}">; the module's `start(element)` is called with it.
import { comments } from "./comments";
import { dialogs } from "./dialogs";
import { fillable } from "./filling";
import { forms } from "./forms";
import { keys } from "./keys";
import { menus } from "./menus";
import { presenting } from "./presenting";
import { NO_NETWORK, tell, tellStatus } from "./telling";

interface Detail {
  ctx?: { request?: { headers: Record<string, string> }; response?: { status: number } };
}

interface Module {
  start(element: HTMLElement): void;
}

const body = document.body;

document.addEventListener("htmx:config:request", (event) => {
  const request = (event as CustomEvent<Detail>).detail.ctx?.request;
  if (request !== undefined) request.headers["X-CSRF-Token"] = body.dataset.csrf ?? "";
});
/** A part of the page that did not come says so, instead of being waited for. */
function giveUp(target: EventTarget | null): void {
  if (!(target instanceof HTMLElement) || target.getAttribute("aria-busy") !== "true") return;
  target.removeAttribute("aria-busy");
  const note = document.createElement("p");
  note.className = "hint";
  note.textContent = "This part did not come. Load the page again to ask for it once more.";
  const waits = target.querySelector("progress, .hint");
  if (waits === null) target.append(note);
  else (waits.closest("p") ?? waits).replaceWith(note);
}

document.addEventListener("htmx:response:error", (event) => {
  tellStatus((event as CustomEvent<Detail>).detail.ctx?.response?.status ?? 0);
  giveUp(event.target);
});
document.addEventListener("htmx:error", (event) => {
  tell(NO_NETWORK);
  giveUp(event.target);
});
document.addEventListener("htmx:after:swap", () => begin());

/** Draw every chart of the page; what draws is loaded where there is one. */
function draw(): void {
  const figures = document.querySelectorAll<HTMLElement>("figure[data-chart]");
  const address = body.dataset.charts;
  if (figures.length === 0 || address === undefined) return;
  void import(address).then((charts: { draw(figure: HTMLElement): void }) => {
    for (const figure of figures) charts.draw(figure);
  });
}

/** Parts that are filled in later ask by htmx, which is loaded where there is one. */
function fetchParts(): void {
  const address = body.dataset.htmx;
  if (address === undefined || document.querySelector("[hx-get], [hx-post]") === null) return;
  const script = document.createElement("script");
  script.src = address;
  document.head.append(script);
}

function begin(): void {
  draw();
  for (const element of document.querySelectorAll<HTMLElement>("[data-module]:not([data-started])")) {
    element.dataset.started = "";
    void import(element.dataset.module ?? "").then((module: Module) => module.start(element));
  }
}

document.addEventListener("waypost:theme", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
menus();
dialogs();
fillable();
forms();
comments();
keys();
presenting();
fetchParts();
begin();
