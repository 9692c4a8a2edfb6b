// Heat maps: hands the masked picture of a page and what is drawn on it to a stage without an origin, and says what of
// it was not found there. The table beside it says the same in figures.
import { ask, tellRefusal } from "../asking";
import { make } from "../dom";

interface Mark {
  selector: string;
}

interface Drawn {
  marks: Mark[];
}

interface Picture {
  source: "author" | "recording";
  page: string;
  width: number;
  height: number;
  taken: string;
  events: unknown[];
}

interface Heard {
  waypost?: string;
  height?: number;
  /** Of each mark, how many elements it was drawn on. */
  places?: number[];
  mark?: number;
  words?: string;
}

const TALLEST = 30_000;
const NOT_FOUND = 404;

function inWords(places: number): string {
  if (places === 0) return "not in the picture";
  return places === 1 ? "yes" : `in ${places} places`;
}

export function start(element: HTMLElement): void {
  const stage = element.querySelector<HTMLElement>("[data-stage]");
  const frame = stage?.querySelector("iframe");
  const status = element.querySelector<HTMLElement>("[data-status]");
  const none = element.querySelector<HTMLElement>("[data-none]");
  if (!stage || !frame || !status || !none) return;
  const drawn = JSON.parse(element.querySelector("[data-drawn]")?.textContent ?? "{}") as Drawn;
  let picture: Picture | undefined;
  let height = 0;

  const say = (words: string): void => void (status.textContent = words);

  const scaleOf = ({ width }: Picture): number => Math.min(1, stage.clientWidth / width);
  const fit = (): void => {
    if (!picture) return;
    const scale = scaleOf(picture);
    frame.style.width = `${picture.width}px`;
    frame.style.height = `${height}px`;
    frame.style.transform = `scale(${scale})`;
    // What is scaled takes as much room as before.
    frame.style.marginBottom = `${Math.ceil(height * (scale - 1))}px`;
    frame.style.marginRight = `${Math.ceil(picture.width * (scale - 1))}px`;
  };

  const settle = (places: number[]): void => {
    places.forEach((count, index) => {
      const cell = element.querySelector<HTMLElement>(`[data-place="${index}"]`);
      if (cell) cell.textContent = inWords(count);
    });
    if (!picture) return;
    const taken = picture.taken.slice(0, 10);
    const from = picture.source === "author" ? `taken on ${taken}` : `of a recording of ${taken}`;
    const lost = places.filter((count) => count === 0).length;
    const found = places.length - lost;
    const marks = places.length === 0 ? "" : ` ${found} of ${places.length} elements were found in it${lost ? "; the others are in the table" : ""}.`;
    say(`Drawn on the masked picture of ${picture.page}, ${from}.${marks}`);
  };

  const choose = (index: number): void => {
    const row = element.querySelector<HTMLElement>(`#mark-${index}`);
    element.querySelectorAll(".chosen").forEach((each) => each.classList.remove("chosen"));
    row?.classList.add("chosen");
    row?.scrollIntoView({ block: "center" });
    row?.querySelector<HTMLElement>("a")?.focus({ preventScroll: true });
  };

  window.addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || event.origin !== location.origin) return;
    const heard = event.data as Heard;
    if (heard.waypost === "ready" && picture) {
      frame.contentWindow?.postMessage({ ...drawn, waypost: "heat", events: picture.events, scale: scaleOf(picture) }, location.origin);
    } else if (heard.waypost === "drawn") {
      height = Math.min(Math.max(heard.height ?? 0, picture?.height ?? 0), TALLEST);
      fit();
      settle(heard.places ?? []);
    } else if (heard.waypost === "chosen") {
      choose(heard.mark ?? 0);
    } else if (heard.waypost === "failed") {
      stage.hidden = true;
      say(`The picture cannot be drawn: ${heard.words ?? "nobody knows why"}.`);
    }
  });

  const fetchPicture = async (): Promise<void> => {
    const answer = await ask("GET", element.dataset.picture ?? "");
    if (answer.status === NOT_FOUND) {
      none.hidden = false;
      say("");
      const taking = element.querySelector<HTMLDetailsElement>("[data-taking]");
      if (taking) taking.open = true;
      return;
    }
    if (!answer.ok) {
      say("The picture of the page could not be fetched.");
      return tellRefusal(answer);
    }
    picture = answer.body as Picture;
    height = picture.height;
    stage.hidden = false;
    fit();
    frame.src = element.dataset.frame ?? "";
  };

  const form = element.querySelector<HTMLFormElement>("[data-take]");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const url = new FormData(form).get("url");
    const box = element.querySelector<HTMLElement>("[data-link]");
    void ask("POST", element.dataset.pickers ?? "", { url }).then((answer) => {
      if (!answer.ok) return tellRefusal(answer);
      const { link } = answer.body as { link: string };
      box?.replaceChildren(
        make("a", { href: link, target: "_blank", rel: "noopener", class: "button" }, "Open the page"),
        " Choose “Picture for heat maps” there, and reload this page.",
      );
    });
  });

  new ResizeObserver(fit).observe(stage);
  void fetchPicture();
}
