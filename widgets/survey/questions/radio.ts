/** Keys in a row of radio buttons: arrows move, and what is moved to is not yet chosen. */
const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export function moveFocus(event: KeyboardEvent): void {
  const row = event.currentTarget as HTMLElement;
  const buttons = Array.from(row.querySelectorAll<HTMLElement>("[role=radio]"));
  const at = buttons.indexOf(event.target as HTMLElement);
  const isMirrored = row.matches(":dir(rtl)") && /Left|Right/.test(event.key);
  const step = (STEPS[event.key] ?? 0) * (isMirrored ? -1 : 1);
  const to = event.key === "Home" ? 0 : event.key === "End" ? -1 : step && at >= 0 ? (at + step) % buttons.length : undefined;
  if (to === undefined || !(step || event.key === "Home" || event.key === "End")) return;
  event.preventDefault();
  buttons.at(to)?.focus();
}
