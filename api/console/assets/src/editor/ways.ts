// The ways to write, as tabs: `data-tab` shows the section that its `aria-controls` names.

export function ways(element: HTMLElement, first: string): void {
  const tabs = [...element.querySelectorAll<HTMLElement>("[data-tab]")];
  const choose = (chosen: HTMLElement): void => {
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      const shown = document.getElementById(tab.getAttribute("aria-controls") ?? "");
      if (shown !== null) shown.hidden = tab !== chosen;
    }
  };
  for (const [number, tab] of tabs.entries()) {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      const next = tabs.at((number + step) % tabs.length);
      if (step === 0 || next === undefined) return;
      choose(next);
      next.focus();
    });
  }
  const wanted = tabs.find((tab) => tab.dataset.tab === first);
  if (wanted !== undefined) choose(wanted);
}
