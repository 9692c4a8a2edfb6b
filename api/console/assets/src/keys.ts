// The keyboard: `g` and a letter goes to a page, `/` to the search of the page, `?` shows what there is.
const AFTER_G_MS = 1500;
let goingSince = -Infinity;

/** Letters are no shortcuts where somebody writes, chooses or is asked. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, select, textarea, [contenteditable], dialog") !== null;
}

/** The link of the navigation whose letter was pressed after `g`. */
function go(letter: string): void {
  document.querySelector<HTMLAnchorElement>(`a[data-key="${CSS.escape(letter)}"]`)?.click();
}

export function keys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const isGoing = performance.now() - goingSince < AFTER_G_MS;
    goingSince = -Infinity;
    if (isGoing) go(event.key);
    else if (event.key === "g") goingSince = performance.now();
    else if (event.key === "/") {
      const search = document.querySelector<HTMLElement>("#main input[type=search]");
      if (search === null) return;
      event.preventDefault();
      search.focus();
    } else if (event.key === "?") {
      const shortcuts = document.querySelector<HTMLDialogElement>("dialog#shortcuts");
      shortcuts?.showModal();
    }
  });
}
