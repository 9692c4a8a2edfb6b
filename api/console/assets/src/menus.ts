// Menus that close, the appearance, copying, signing out.
import { ask, tellRefusal } from "./asking";
import { tell } from "./telling";

/** The appearance: "light", "dark", or "" for the system's. */
function choose(theme: string): void {
  if (theme === "") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("waypost-theme", theme);
  } catch {
    // Storage is closed: it holds for this page.
  }
  document.dispatchEvent(new CustomEvent("waypost:theme"));
}

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
  const answer = await ask("DELETE", address);
  if (answer.ok || answer.status === 401) location.assign(then);
  else tellRefusal(answer);
}

export function menus(): void {
  const choice = document.querySelector<HTMLSelectElement>("[data-theme-choice]");
  if (choice !== null) {
    choice.value = document.documentElement.dataset.theme ?? "";
    choice.addEventListener("change", () => choose(choice.value));
  }
  document.addEventListener("click", (event) => {
    const target = event.target as HTMLElement;
    for (const menu of document.querySelectorAll<HTMLDetailsElement>(".menu[open]")) {
      if (!menu.contains(target)) menu.open = false;
    }
    const button = target.closest<HTMLElement>("button");
    if (button === null) return;
    if (button.dataset.copy !== undefined) void copy(button, button.dataset.copy);
    if (button.dataset.print !== undefined) window.print();
    if (button.dataset.signOut !== undefined) void signOut(button.dataset.signOut, button.dataset.then ?? "/");
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    tell("");
    for (const menu of document.querySelectorAll<HTMLDetailsElement>(".menu[open]")) {
      menu.open = false;
      menu.querySelector<HTMLElement>("summary")?.focus();
    }
  });
}
