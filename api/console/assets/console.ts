// What every page of a project does: charts, forms that send themselves, appearance, and telling what went wrong.
interface Detail {
  ctx?: { request?: { headers: Record<string, string> }; response?: { status: number } };
}

const body = document.body;
const told = document.querySelector<HTMLElement>("#told");

/** Say something that stays until it is read. */
function tell(words: string): void {
  if (told === null) return;
  told.textContent = words;
  told.hidden = false;
}

const SIGNED_OUT = "You are signed out. Open this console in another tab, sign in, and send this again: nothing is lost.";
const STALE = "Somebody else changed this meanwhile. Nothing was saved; what you typed is still here.";
const NO_NETWORK = "The server cannot be reached. Nothing was saved; what you typed is still here.";

function tellStatus(status: number): void {
  if (status === 401) tell(SIGNED_OUT);
  else if (status === 409) tell(STALE);
  else tell(`This did not work (${status}). Nothing was saved; what you typed is still here.`);
}

document.addEventListener("htmx:config:request", (event) => {
  const request = (event as CustomEvent<Detail>).detail.ctx?.request;
  if (request !== undefined) request.headers["X-CSRF-Token"] = body.dataset.csrf ?? "";
});
document.addEventListener("htmx:response:error", (event) => {
  tellStatus((event as CustomEvent<Detail>).detail.ctx?.response?.status ?? 0);
});
document.addEventListener("htmx:error", () => tell(NO_NETWORK));
document.addEventListener("htmx:after:swap", () => draw());

// A choice in a form of filters shows its page at once.
document.addEventListener("change", (event) => {
  const field = event.target as HTMLElement;
  const form = field.closest<HTMLFormElement>("form[data-auto]");
  if (form !== null) form.requestSubmit();
  if (field instanceof HTMLSelectElement && "themeChoice" in field.dataset) choose(field.value);
});

/** The appearance: "light", "dark", or "" for the system's. */
function choose(theme: string): void {
  if (theme === "") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("waypost-theme", theme);
  } catch {
    // Storage is closed: it holds for this page.
  }
  draw();
}

const choice = document.querySelector<HTMLSelectElement>("[data-theme-choice]");
if (choice !== null) choice.value = document.documentElement.dataset.theme ?? "";

document.addEventListener("click", (event) => {
  const target = event.target as HTMLElement;
  for (const menu of document.querySelectorAll<HTMLDetailsElement>(".menu[open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
  const button = target.closest<HTMLElement>("button");
  if (button === null) return;
  if (button.dataset.copy !== undefined) void copy(button, button.dataset.copy);
  if (button.dataset.signOut !== undefined) void signOut(button.dataset.signOut, button.dataset.then ?? "/");
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (told !== null) told.hidden = true;
  for (const menu of document.querySelectorAll<HTMLDetailsElement>(".menu[open]")) {
    menu.open = false;
    menu.querySelector<HTMLElement>("summary")?.focus();
  }
});

async function copy(button: HTMLElement, id: string): Promise<void> {
  const text = document.getElementById(id)?.textContent ?? "";
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    tell("The browser does not let pages copy here: select the text and copy it yourself.");
  }
}

async function signOut(address: string, then: string): Promise<void> {
  try {
    const answer = await fetch(address, { method: "DELETE", headers: { "X-CSRF-Token": body.dataset.csrf ?? "" } });
    if (answer.ok || answer.status === 401) location.assign(then);
    else tellStatus(answer.status);
  } catch {
    tell(NO_NETWORK);
  }
}

/** Draw every chart of the page; what draws is loaded where there is one. */
function draw(): void {
  const figures = document.querySelectorAll<HTMLElement>("figure[data-chart]");
  const address = body.dataset.charts;
  if (figures.length === 0 || address === undefined) return;
  void import(address).then((charts: { draw(figure: HTMLElement): void }) => {
    for (const figure of figures) charts.draw(figure);
  });
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
draw();
