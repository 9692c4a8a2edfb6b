// Replays: plays one recording. What was recorded is shown in a frame without an origin, which is told what to do; beside
// it what happened, the moments at which something went wrong, and notes.
import { ask, tellRefusal } from "../asking";
import { isTyping } from "../keys";
import { tell } from "../telling";

interface Told {
  seconds: number;
  /** Milliseconds since 1970. */
  started: number;
  marks: { second: number; words: string }[];
  recording: string;
}

interface Heard {
  waypost?: string;
  second?: number;
  seconds?: number;
  plays?: boolean;
  words?: string;
}

interface Receipt {
  data: { fate: string; problem: string | null }[];
}

/** Moments are shown from a little before. */
const LEAD = 1;
const STRIDE = 5;
/** Whoever goes back just after a moment means the one before it. */
const JUST_AFTER = 0.75;

function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function isDark(): boolean {
  return getComputedStyle(document.documentElement).colorScheme.includes("dark");
}

export function start(element: HTMLElement): void {
  const part = <Kind extends HTMLElement>(name: string) => element.querySelector<Kind>(`[data-${name}]`);
  const [frame, position, clockText] = [part<HTMLIFrameElement>("frame"), part<HTMLInputElement>("position"), part("clock")];
  const [play, previous, next] = [part<HTMLButtonElement>("play"), part<HTMLButtonElement>("previous"), part<HTMLButtonElement>("next")];
  const [speed, skip, status] = [part<HTMLSelectElement>("speed"), part<HTMLInputElement>("skip"), part("status")];
  const form = part<HTMLFormElement>("note");
  if (!frame || !position || !clockText || !play || !previous || !next || !speed || !skip || !status) return;
  const told = JSON.parse(part("told")?.textContent ?? "{}") as Told;
  const lines = [...element.querySelectorAll<HTMLButtonElement>("button[data-to]")];
  let now = 0;
  let seconds = told.seconds;
  let plays = false;
  /** How far the recording's own clock is behind what the page said of it. */
  let offset = 0;
  let recorded: { timestamp: number }[] | null = null;
  let isReady = false;

  const send = (kind: string, more: Record<string, unknown> = {}): void => {
    frame.contentWindow?.postMessage({ waypost: kind, ...more }, location.origin);
  };
  const say = (words: string): void => {
    if (status.textContent !== words) status.textContent = words;
  };
  const show = (): void => {
    position.value = String(now);
    position.setAttribute("aria-valuetext", `${clock(now)} of ${clock(seconds)}`);
    clockText.textContent = `${clock(now)} of ${clock(seconds)}`;
    for (const list of element.querySelectorAll("ol.events, ol.moments")) {
      const own = [...list.querySelectorAll<HTMLElement>("button[data-to]")];
      const current = own.filter((line) => Number(line.dataset.to) <= now + 0.05).pop();
      for (const line of own) {
        if (line === current) line.setAttribute("aria-current", "true");
        else line.removeAttribute("aria-current");
      }
      if (plays && current && list instanceof HTMLElement && list.scrollHeight > list.clientHeight) {
        list.scrollTop = current.offsetTop - list.offsetTop - list.clientHeight / 2;
      }
    }
  };
  const seek = (second: number): void => {
    now = Math.min(Math.max(0, second), seconds);
    send("seek", { second: Math.max(0, now + offset) });
    show();
  };
  const toMark = (mark: { second: number; words: string } | undefined, none: string): void => {
    if (!mark) return say(none);
    seek(Math.max(0, mark.second - LEAD));
    say(`${mark.words} at ${clock(mark.second)}.`);
  };
  const onward = (): void => toMark(told.marks.find((each) => each.second - LEAD > now + 0.25), "There is no moment after this one.");
  const backward = (): void =>
    toMark(told.marks.filter((each) => Math.max(0, each.second - LEAD) < now - JUST_AFTER).pop(), "There is no moment before this one.");
  const toggle = (): void => {
    if (!plays && now >= seconds - 0.05) seek(0);
    send(plays ? "pause" : "play");
  };

  const load = (): void => {
    if (!isReady || recorded === null) return;
    if (recorded.length < 2) return say("Nothing can be played: the page sent too little before it was left.");
    offset = (told.started - (recorded[0]?.timestamp ?? told.started)) / 1000;
    send("load", { events: recorded, speed: Number(speed.value), skips: skip.checked });
    recorded = null;
  };
  const loaded = (length: number): void => {
    // Something may have gone wrong after the last change of the page.
    seconds = Math.max(length - offset, told.seconds, 0.1);
    position.max = String(Math.ceil(seconds * 10) / 10);
    for (const control of [position, play]) control.disabled = false;
    for (const control of [previous, next]) control.disabled = told.marks.length === 0;
    seek(Number(element.dataset.second ?? 0) - (Number(element.dataset.second ?? 0) > 0 ? LEAD : 0));
    say(told.marks.length === 0 ? "Ready. Nothing was noticed to go wrong." : `Ready. ${told.marks.length} moment${told.marks.length === 1 ? "" : "s"} to go to.`);
  };

  window.addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || event.origin !== location.origin) return;
    const heard = event.data as Heard;
    if (heard.waypost === "ready") {
      isReady = true;
      load();
    } else if (heard.waypost === "loaded") loaded(heard.seconds ?? told.seconds);
    else if (heard.waypost === "time" && plays) {
      now = Math.max(0, (heard.second ?? 0) - offset);
      show();
    } else if (heard.waypost === "state") {
      plays = heard.plays === true;
      play.textContent = plays ? "Pause" : "Play";
    } else if (heard.waypost === "over") {
      now = seconds;
      show();
      say("The end.");
    } else if (heard.waypost === "failed") say(`It cannot be played: ${heard.words ?? "the recording is broken"}.`);
  });
  play.addEventListener("click", toggle);
  previous.addEventListener("click", backward);
  next.addEventListener("click", onward);
  position.addEventListener("input", () => seek(Number(position.value)));
  speed.addEventListener("change", () => send("speed", { speed: Number(speed.value) }));
  skip.addEventListener("change", () => send("skip", { skips: skip.checked }));
  for (const line of lines) {
    line.addEventListener("click", () => {
      const second = Number(line.dataset.to);
      seek("moment" in line.dataset ? Math.max(0, second - LEAD) : second);
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || play.disabled) return;
    // In a box to tick and in the bar of positions nobody writes.
    if (isTyping(event.target) && event.target !== position && event.target !== skip) return;
    const acts: Record<string, () => void> = {
      k: toggle,
      n: onward,
      b: backward,
      j: () => seek(now - STRIDE),
      l: () => seek(now + STRIDE),
    };
    acts[event.key]?.();
  });
  if (form) noting(form, element, told, () => now);

  frame.src = `${element.dataset.player ?? ""}?theme=${isDark() ? "dark" : "light"}`;
  void ask("GET", element.dataset.events ?? "").then((answer) => {
    if (!answer.ok) {
      say("What was recorded could not be loaded.");
      return tellRefusal(answer);
    }
    recorded = (answer.body as { events: { timestamp: number }[] }).events;
    load();
  });
}

/** Notes are made at the second that is shown when somebody begins to write. */
function noting(form: HTMLFormElement, element: HTMLElement, told: Told, at: () => number): void {
  const field = <Kind extends Element>(name: string) => form.elements.namedItem(name) as Kind | null;
  const [text, second] = [field<HTMLTextAreaElement>("text"), field<HTMLInputElement>("at_second")];
  const [feeling, step] = [field<HTMLSelectElement>("feeling"), field<HTMLSelectElement>("step")];
  if (!text || !second || !feeling || !step) return;
  text.addEventListener("focus", () => {
    if (text.value === "") second.value = at().toFixed(1);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = form.querySelector<HTMLButtonElement>("button:not([type=button])");
    const note = {
      source: "replay",
      recording: told.recording,
      at_second: Number(second.value),
      text: text.value,
      feelings: feeling.value === "" ? [] : [feeling.value],
      ...(step.value === "" ? {} : { step: step.value }),
    };
    if (button) button.disabled = true;
    void ask("POST", element.dataset.bring ?? "", { evidence: [note] }).then((answer) => {
      if (button) button.disabled = false;
      if (!answer.ok) return tellRefusal(answer);
      const receipt = (answer.body as Receipt).data[0];
      if (receipt?.fate === "refused") return tell(receipt.problem ?? "The note was not taken.");
      const here = new URL(location.href);
      here.searchParams.set("t", second.value);
      here.hash = "notes";
      // To the same page, but for what stands behind the `#`, browsers only scroll.
      history.replaceState(null, "", here);
      location.reload();
    });
  });
}
