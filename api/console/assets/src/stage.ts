// The stage: builds the recorded page and plays it, as it is told by the page that frames it, and by nobody else.
//
// Told: {waypost: "load", events, speed?, skips?} · {waypost: "play"} · {waypost: "pause"} · {waypost: "seek", second}
// · {waypost: "speed", speed} · {waypost: "skip", skips} · {waypost: "snapshot", events}: a page that stands still.
// Tells: {waypost: "ready"} · {waypost: "loaded", seconds, width, height} · {waypost: "time", second}
// · {waypost: "state", plays} · {waypost: "over"} · {waypost: "failed", words}.
import Player from "rrweb-player";

type Events = ConstructorParameters<typeof Player>[0]["props"]["events"];

/** What of the player is used here. */
interface Shown {
  $set(props: { width: number; height: number }): void;
  $destroy(): void;
  triggerResize(): void;
  addEventListener(name: string, heard: (said: { payload: unknown }) => void): void;
  getMetaData(): { totalTime: number };
  play(): void;
  pause(): void;
  goto(milliseconds: number, plays?: boolean): void;
  setSpeed(speed: number): void;
  toggleSkipInactive(): void;
}

interface Said {
  waypost?: string;
  events?: Events;
  second?: number;
  speed?: number;
  skips?: boolean;
}

const META = 4;
const SPEEDS = [1, 2, 4, 8];
const stage = document.querySelector<HTMLElement>("#stage");
let shown: Shown | null = null;
let plays = false;
let skips = true;

function tell(kind: string, more: Record<string, unknown> = {}): void {
  window.parent.postMessage({ waypost: kind, ...more }, "*");
}

function size(): { width: number; height: number } {
  return { width: window.innerWidth, height: window.innerHeight };
}

function load(target: HTMLElement, said: Said): Shown {
  const events = said.events ?? [];
  if (events.length < 2) throw new Error("nothing was recorded");
  shown?.$destroy();
  target.replaceChildren();
  plays = false;
  skips = said.skips ?? true;
  const made = new Player({
    target,
    props: {
      events,
      ...size(),
      autoPlay: false,
      showController: false,
      skipInactive: skips,
      speed: SPEEDS.includes(said.speed ?? 1) ? said.speed : 1,
      speedOption: SPEEDS,
      // Sizes of a recorded page that is smaller than the stage stay as they are.
      maxScale: 1,
      mouseTail: false,
      showWarning: false,
    },
  }) as unknown as Shown;
  made.addEventListener("ui-update-current-time", ({ payload }) => tell("time", { second: Number(payload) / 1000 }));
  made.addEventListener("ui-update-player-state", ({ payload }) => {
    plays = payload === "playing";
    tell("state", { plays });
  });
  made.addEventListener("finish", () => tell("over"));
  const page = events.find((each) => each.type === (META as number))?.data as { width?: number; height?: number } | undefined;
  tell("loaded", { seconds: made.getMetaData().totalTime / 1000, width: page?.width ?? 0, height: page?.height ?? 0 });
  return made;
}

function heed(target: HTMLElement, said: Said): void {
  if (said.waypost === "hello") tell("ready");
  else if (said.waypost === "load") shown = load(target, said);
  else if (said.waypost === "snapshot") {
    shown = load(target, said);
    shown.goto(0, false);
  } else if (shown === null) return;
  else if (said.waypost === "play") shown.play();
  else if (said.waypost === "pause") shown.pause();
  else if (said.waypost === "seek") shown.goto(Math.max(0, (said.second ?? 0) * 1000), plays);
  else if (said.waypost === "speed" && SPEEDS.includes(said.speed ?? 0)) shown.setSpeed(said.speed ?? 1);
  else if (said.waypost === "skip" && said.skips !== skips) {
    skips = said.skips ?? true;
    shown.toggleSkipInactive();
  }
}

window.addEventListener("message", (event) => {
  if (event.source !== window.parent || stage === null || typeof event.data !== "object" || event.data === null) return;
  try {
    heed(stage, event.data as Said);
  } catch (fault) {
    tell("failed", { words: fault instanceof Error ? fault.message : String(fault) });
  }
});
window.addEventListener("resize", () => {
  shown?.$set(size());
  shown?.triggerResize();
});
tell("ready");
