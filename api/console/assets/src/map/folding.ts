// Columns and rows that fold: what is unfolded is in the address, and the curve follows the columns.
interface Charts {
  draw(figure: HTMLElement): void;
}

export function folding(region: HTMLElement): void {
  const all = document.querySelector<HTMLElement>("[data-unfold-all]");
  region.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest<HTMLElement>("[data-fold], [data-fold-row]");
    if (button === null) return;
    const isOpen = button.getAttribute("aria-expanded") !== "true";
    if (button.dataset.fold !== undefined) column(region, button.dataset.fold, isOpen);
    else row(region, button.dataset.foldRow ?? "", isOpen);
    remember(region);
    follow(region);
  });
  all?.addEventListener("click", () => {
    for (const button of region.querySelectorAll<HTMLElement>("[data-fold]")) column(region, button.dataset.fold ?? "", true);
    all.hidden = true;
    remember(region);
    follow(region);
  });
  const table = region.querySelector("table");
  if (table !== null) new ResizeObserver(() => follow(region)).observe(table);
  window.addEventListener("beforeprint", () => onPaper(region));
  window.addEventListener("afterprint", () => follow(region));
}

function column(region: HTMLElement, name: string, isOpen: boolean): void {
  for (const cell of region.querySelectorAll<HTMLElement>(`[data-col="${CSS.escape(name)}"]`)) cell.classList.toggle("folded", !isOpen);
  region.querySelector(`[data-fold="${CSS.escape(name)}"]`)?.setAttribute("aria-expanded", String(isOpen));
}

function row(region: HTMLElement, name: string, isOpen: boolean): void {
  for (const each of region.querySelectorAll<HTMLElement>(`tr[data-row="${CSS.escape(name)}"]:not(.curve)`)) each.classList.toggle("thin", !isOpen);
  region.querySelector(`[data-fold-row="${CSS.escape(name)}"]`)?.setAttribute("aria-expanded", String(isOpen));
}

/** What is unfolded stands in the address, so that it can be shared; not where a link shows the page. */
function remember(region: HTMLElement): void {
  if (document.body.classList.contains("shown")) return;
  const open = (of: string, name: "fold" | "foldRow") =>
    [...region.querySelectorAll<HTMLElement>(`${of}[aria-expanded="true"]`)].map((each) => each.dataset[name] ?? "").join(",");
  const address = new URL(location.href);
  address.searchParams.set("columns", open("[data-fold]", "fold"));
  address.searchParams.set("rows", open("[data-fold-row]", "foldRow"));
  history.replaceState(null, "", address);
}

/** Tell the curve how wide the columns are. */
function follow(region: HTMLElement): void {
  lay(region, [...region.querySelectorAll<HTMLElement>("thead th[data-col]")].map((each) => each.offsetWidth));
}

/** On paper all columns are alike, and the curve is stretched to their width. */
function onPaper(region: HTMLElement): void {
  const heads = [...region.querySelectorAll<HTMLElement>("thead th[data-col]")];
  lay(region, heads.map((each) => (each.classList.contains("folded") ? 12 : 100)));
  const drawn = region.querySelector<SVGElement>("tr.curve svg");
  if (drawn === null) return;
  drawn.setAttribute("viewBox", `0 0 ${drawn.clientWidth} ${drawn.clientHeight}`);
  drawn.setAttribute("preserveAspectRatio", "none");
}

let charts: Charts | null = null;

function lay(region: HTMLElement, columns: number[]): void {
  const figure = region.querySelector<HTMLElement>("tr.curve figure[data-chart]");
  const data = figure?.querySelector('script[type="application/json"]');
  if (!figure || !data) return;
  const told = JSON.parse(data.textContent ?? "{}") as { columns?: number[] };
  if (JSON.stringify(told.columns) === JSON.stringify(columns)) return;
  data.textContent = JSON.stringify({ ...told, columns });
  const address = document.body.dataset.charts;
  // At once where it is here already: paper does not wait.
  if (charts !== null) charts.draw(figure);
  else if (address !== undefined) {
    void import(address).then((loaded: Charts) => {
      charts = loaded;
      loaded.draw(figure);
    });
  }
}
