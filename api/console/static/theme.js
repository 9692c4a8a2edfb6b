// Before anything is drawn: the appearance that this browser chose, so that nothing flashes.
try {
  const chosen = localStorage.getItem("waypost-theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage is closed: as the system has it.
}
