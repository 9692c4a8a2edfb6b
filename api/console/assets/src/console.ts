// What every page of a project does. What only one page does is a module of its own, which that page names:
// <div data-module="{{ asset('board.js') }}">; the module's `start(element)` is called with it.
import { comments } from "./comments";
import { dialogs } from "./dialogs";
import { make } from "./dom";
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
  const note = make("p", { class: "hint" }, "This part did not come. Load the page again to ask for it once more.");
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

/** Draw charts of the page; what draws is loaded where there is one. */
function draw(figures: NodeListOf<HTMLElement>): void {
  const address = body.dataset.charts;
  if (figures.length === 0 || address === undefined) return;
  for (const figure of figures) figure.dataset.drawn = "";
  void import(address).then((charts: { draw(figure: HTMLElement): void }) => {
    for (const figure of figures) charts.draw(figure);
  });
}

/** Every chart, in the colours of now. */
function drawAgain(): void {
  draw(document.querySelectorAll<HTMLElement>("figure[data-chart]"));
}

/** Parts that are filled in later ask by htmx, which is loaded where there is one. */
function fetchParts(): void {
  const address = body.dataset.htmx;
  if (address === undefined || document.querySelector("[hx-get], [hx-post]") === null) return;
  const script = document.createElement("script");
  script.src = address;
  document.head.append(script);
}

/** Begin what has come since: charts that nobody has drawn, modules that nobody has started. */
function begin(): void {
  draw(document.querySelectorAll<HTMLElement>("figure[data-chart]:not([data-drawn])"));
  for (const element of document.querySelectorAll<HTMLElement>("[data-module]:not([data-started])")) {
    element.dataset.started = "";
    void import(element.dataset.module ?? "").then((module: Module) => {
      module.start(element);
      element.dataset.started = "yes";
    });
  }
}

document.addEventListener("waypost:theme", drawAgain);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAgain);
menus();
dialogs();
fillable();
forms();
comments();
keys();
presenting();
fetchParts();
begin();
