/**
 * When something is recorded, and what is sent of it: the last half minute is held in memory, and goes out with what
 * follows once there is a moment worth keeping; or everything does, where the project says so.
 */
import { NOT_THE_PAGE_S } from "../sensors/error_click";
import type { Replay, ReplayDesk } from "../snippet/contract";
import type { Reply } from "../snippet/guidance";
import { Budget } from "./budget";
import { capture, type Capture } from "./capture";
import { watchLeaving } from "./leaving";
import { Moments, type Heard } from "./moments";
import { Outbox, type Refused } from "./outbox";
import { canDeflate, MOST_STRETCH_BYTES, Ring, type Recording, type Scene, type Stretch } from "./ring";
import { scrubbedUrl } from "./secrets";
import { keepTab, takeTab, type Tab } from "./tab";
import { DROPPED, ERROR, type Head, type Reason, type ReplayEvent } from "./wire";

/** A page with more elements is not recorded. */
export const MOST_ELEMENTS = 15_000;

const BEFORE_MS = 30_000;
const AFTER_MS = 30_000;
const LONGEST_MS = 600_000;
/** Of a whole session, before another recording begins. */
const LONGEST_SESSION_MS = 3_600_000;
const CUT_EVERY_MS = 5000;
/** As long away, and it is another session. */
const SESSION_ENDS_AFTER_MS = 1_800_000;
/** What a page does by itself while nobody is there is not a session. */
const IDLE_MS = 300_000;
/** A server takes 20 MB; the last chunk is still to come. */
const MOST_BYTES = 19_000_000;
const MOST_CHUNK_BYTES = 1_000_000;
const MOST_MOMENTS = 100;
const PICTURE_WHILE_SENT_MS = 60_000;
const FULL = 2;
const CHANGE = 3;
/** Changes that a person makes: pointer, press, scroll, input, touch, drag. */
const BY_PERSON = [1, 2, 3, 5, 6, 12];

type Mode = "moments" | "sessions" | "off";

/** When the page has nothing better to do. */
function whenIdle(call: () => void): void {
  // Safari has none.
  if ("requestIdleCallback" in window) requestIdleCallback(call, { timeout: 1000 });
  else setTimeout(call, 100);
}

/** An error of the page's scripts, not of what it loads, nor of the browser's own and its extensions. */
function isOfThePage(event: Event): boolean {
  const { filename = "", message = "" } = event as Partial<ErrorEvent>;
  return (event.target === window || event.type !== "error") && !NOT_THE_PAGE_S.test(filename) && !NOT_THE_PAGE_S.test(message);
}

export class Recorder implements Replay {
  #mode: Mode = "off";
  #open: Recording | undefined;
  #capture: Capture | undefined;
  #stretches: Stretch[] = [];
  #tab: Tab;
  #who: { anonymousId: string; userId?: string };
  #pictureAt = 0;
  #isBeginning = false;
  #isPictureDue = false;
  /** Changes say nothing until the whole page was written down. */
  #awaitsPicture = false;
  #lastByPerson = Date.now();
  /** Nothing more on this page, whatever replies say; or on this path of it. */
  #isOver = false;
  #refusedPath: string | undefined;
  #isTold = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  #budget = new Budget();
  readonly #ended = new AbortController();
  readonly #moments = new Moments();
  readonly #ring: Ring;
  readonly #outbox: Outbox;
  readonly #goesOn: () => boolean;
  readonly #desk: ReplayDesk;

  constructor(desk: ReplayDesk) {
    this.#desk = desk;
    const { guard } = desk;
    const { anonymousId, userId } = desk.who();
    this.#who = { anonymousId, userId };
    this.#ring = new Ring({
      guard,
      now: Date.now,
      scene: () => this.#scene(),
      recording: () => this.#open,
      onStretch: (stretch) => this.#take(stretch),
    });
    this.#outbox = new Outbox({
      url: `${desk.host}/v1/replays`,
      guard,
      onRefused: guard((how: Refused, recording: string) => this.#refused(how, recording)),
      onFault: desk.note,
    });
    this.#tab = takeTab(this.#who.anonymousId, desk.newId, Date.now());
    this.#unpack();
    this.#goesOn = watchLeaving(guard as Parameters<typeof watchLeaving>[0], this.#ended.signal);
    this.#watchPage();
  }

  /** A reply came: whether to record here, and what may be asked of the visitor. */
  heed({ record, decisions }: Pick<Reply, "record" | "decisions">): void {
    this.#moments.expect(decisions);
    if (record === undefined || this.#ended.signal.aborted) return;
    this.#mode = record;
    if (record === "off") this.#end();
    else this.#beginSoon();
  }

  /** A message of the page's, before it is sent. */
  hear(heard: Heard): void {
    this.#compareWho();
    const moment = this.#moments.of(heard);
    if (moment) this.#moment(moment);
  }

  /** The visitor said no, and what was not sent is nobody's any more. */
  drop(): void {
    this.#mode = "off";
    this.#isOver = true;
    this.#stop();
    this.#open = undefined;
    this.#ring.clear();
    this.#outbox.drop();
    this.#ended.abort();
    keepTab(undefined);
  }

  /** What a page before could not send. */
  #unpack(): void {
    this.#outbox.unpack(this.#tab.unsent);
    this.#tab.unsent = undefined;
  }

  #scene(): Scene {
    const { anonymousId, userId } = this.#who;
    const { innerWidth: width, innerHeight: height } = window;
    const userToken = this.#desk.tokenOf(userId);
    return {
      writeKey: this.#desk.key,
      ...(userToken !== undefined && { userToken }),
      v: 1,
      anonymousId,
      ...(userId !== undefined && { userId }),
      sessionId: this.#tab.session,
      page: scrubbedUrl(location.href),
      // A window that is not shown has none.
      size: { width: Math.max(1, width), height: Math.max(1, height) },
    };
  }

  #beginSoon(): void {
    if (this.#capture && this.#mode === "sessions") this.#openNow();
    if (this.#capture || this.#isBeginning) return;
    this.#isBeginning = true;
    whenIdle(
      this.#desk.guard(() => {
        this.#isBeginning = false;
        if (this.#mode !== "off") this.#begin();
      }),
    );
  }

  #begin(): void {
    if (this.#capture || this.#isOver || this.#refusedPath === location.pathname) return;
    if (!canDeflate()) {
      this.#isOver = true;
      return this.#skip("unsupported");
    }
    if (document.readyState === "loading") {
      document.addEventListener("DOMContentLoaded", this.#desk.guard(() => this.#mode !== "off" && this.#begin()), { once: true });
      return;
    }
    const elements = document.getElementsByTagName("*").length;
    if (elements > MOST_ELEMENTS) {
      this.#refusedPath = location.pathname;
      return this.#skip("too_many_elements", elements);
    }
    const { reveal, guard, note } = this.#desk;
    this.#budget = new Budget();
    this.#pictureAt = Date.now();
    this.#goOn();
    try {
      this.#capture = capture({
        reveal,
        emit: (event) => this.#hearEvent(event),
        spent: (ms, isPicture) => this.#budget.spend(ms, isPicture, performance.now()),
        onFault: note,
      });
    } catch (fault) {
      this.#isOver = true;
      return note(fault);
    }
    if (this.#mode === "sessions") this.#openNow();
    this.#timer = setInterval(guard(() => this.#look()), CUT_EVERY_MS);
    this.#check();
  }

  /** What the page before in this tab had begun, where it was just now. */
  #goOn(): void {
    const { open, ring } = this.#tab;
    this.#tab.open = undefined;
    this.#tab.ring = [];
    const now = Date.now();
    if (open && open.until > now) this.#open = open;
    else this.#stretches = ring.filter(({ to }) => to > now - BEFORE_MS);
  }

  #hearEvent(event: ReplayEvent): void {
    const now = event.timestamp;
    const isByPerson = event.type === CHANGE && BY_PERSON.includes(event.data.source as number);
    const before = this.#lastByPerson;
    const wasIdle = now - before > IDLE_MS;
    if (isByPerson) this.#lastByPerson = now;
    if (event.type === CHANGE && wasIdle) {
      // Since then changes were left out: what follows needs the whole page before it.
      if (isByPerson) this.#wakeUp(now - before);
      return;
    }
    if (event.type === CHANGE && this.#awaitsPicture) return this.#pictureSoon();
    this.#ring.add(event);
    if (event.type === FULL) {
      this.#pictureAt = now;
      this.#isPictureDue = this.#awaitsPicture = false;
      this.#ring.cut();
      return;
    }
    const every = Math.max(this.#budget.pictureEvery, this.#open ? PICTURE_WHILE_SENT_MS : 0);
    if (event.type === CHANGE && now - this.#pictureAt > every) this.#pictureSoon();
    if (this.#budget.isPassed) queueMicrotask(this.#desk.guard(() => this.#check()));
  }

  #wakeUp(awayMs: number): void {
    if (awayMs > SESSION_ENDS_AFTER_MS) {
      this.#close();
      this.#newSession();
    }
    this.#beginAnew();
  }

  /** What follows is a recording of its own, or one of a page that was not looked at for a while. */
  #beginAnew(): void {
    this.#awaitsPicture = true;
    this.#pictureSoon();
  }

  #pictureSoon(): void {
    if (this.#isPictureDue || !this.#capture) return;
    const take = this.#desk.guard(() => {
      if (!this.#isPictureDue || !this.#capture) return;
      if (this.#check()) this.#picture(this.#capture);
      this.#check();
    });
    whenIdle(take);
    this.#isPictureDue = true;
  }

  #picture(capture: Capture): void {
    try {
      capture.picture();
      if (!this.#isPictureDue) return;
    } catch (fault) {
      this.#desk.note(fault);
    }
    // None came, or not all of what follows one: rrweb may hold back what it sees, and would gather it for ever.
    this.#end();
  }

  /** Whether recording may go on; where it may not, it ends. */
  #check(): boolean {
    if (!this.#capture) return false;
    const elements = Math.max(this.#capture.elements, document.getElementsByTagName("*").length);
    const reason: Reason | undefined = elements > MOST_ELEMENTS ? "too_many_elements" : this.#budget.isPassed ? "too_slow" : undefined;
    if (!reason) return true;
    if (reason === "too_slow") this.#isOver = true;
    else this.#refusedPath = location.pathname;
    this.#end();
    this.#skip(reason, elements);
    return false;
  }

  #skip(reason: Reason, elements?: number): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#desk.track("$replay_skipped", { reason, ...(elements !== undefined && { elements }) });
  }

  #moment(event: string): void {
    if (!this.#capture) return;
    const now = Date.now();
    this.#openNow();
    const open = this.#open!;
    if (open.moments++ < MOST_MOMENTS) this.#ring.note({ event, at: new Date(now).toISOString() });
    if (open.moments === 1) this.#ring.cut();
    open.until = Math.min(Math.max(open.until, now + AFTER_MS), open.started + this.#longest);
  }

  get #longest(): number {
    return this.#mode === "sessions" ? LONGEST_SESSION_MS : LONGEST_MS;
  }

  #openNow(): void {
    if (this.#open) return;
    const now = Date.now();
    const until = now + (this.#mode === "sessions" ? LONGEST_SESSION_MS : AFTER_MS);
    this.#open = { id: this.#desk.newId(), chunk: 0, started: now, until, bytes: 0, moments: 0 };
    this.#trim();
    this.#stretches.splice(0).forEach((each) => this.#send(each, this.#open!));
  }

  /** Every few seconds: send what there is, and end what is over. */
  #look(): void {
    this.#compareWho();
    this.#ring.cut();
    this.#trim();
    if (this.#open && (Date.now() >= this.#open.until || this.#open.bytes > MOST_BYTES)) {
      this.#close();
      if (this.#mode === "sessions") this.#openNow();
      this.#beginAnew();
    }
    this.#check();
  }

  #take(stretch: Stretch): void {
    const { piece, scene } = stretch;
    if (piece.length > MOST_STRETCH_BYTES || piece.deflated.length > MOST_CHUNK_BYTES) return this.#tooLarge();
    // While it was made small somebody else may have come, with a recording of their own.
    const isTheirs = scene.anonymousId === this.#who.anonymousId;
    const recording = stretch.recording ?? (isTheirs ? this.#open : undefined);
    if (recording) this.#send(stretch, recording);
    else if (this.#capture && isTheirs) this.#stretches.push(stretch);
  }

  #tooLarge(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { elements } = this.#capture ?? {};
    this.#end();
    this.#skip("too_large", elements);
  }

  /** Only what is needed to show the last half minute. */
  #trim(): void {
    const since = Date.now() - BEFORE_MS;
    const first = this.#stretches.map(({ begins, from }) => begins && from <= since).lastIndexOf(true);
    const least = this.#stretches.findIndex(({ begins }) => begins);
    if (Math.max(first, least) > 0) this.#stretches.splice(0, Math.max(first, least));
  }

  #send({ scene, piece, from, to, moments, last = false }: Stretch, recording: Recording): void {
    if (recording.isRefused) return;
    const head: Head = {
      ...scene,
      recording: recording.id,
      chunk: recording.chunk++,
      last,
      started: new Date(from).toISOString(),
      ended: new Date(to).toISOString(),
      moments,
    };
    recording.bytes += piece.deflated.length;
    this.#outbox.add({ head, piece });
    if (!this.#outbox.isFull) return;
    recording.isRefused = true;
    this.#outbox.drop(recording.id);
    this.#tooLarge();
  }

  /** The recording ends here, with all that was seen so far. */
  #close(): void {
    if (!this.#open) return;
    this.#ring.cut(true);
    this.#open = undefined;
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#capture?.stop();
    this.#capture = undefined;
    this.#isPictureDue = this.#awaitsPicture = false;
    this.#ring.discard();
    this.#stretches = [];
  }

  /** Record no more, until a reply says so again. What was recorded is sent. */
  #end(): void {
    this.#close();
    this.#stop();
  }

  #refused(how: Refused, id: string): void {
    const open = this.#open;
    const isThis = how === "off" || open?.id === id;
    if (open && isThis) {
      open.isRefused = true;
      this.#open = undefined;
    }
    if (how === "others" || (how === "large" && this.#mode === "moments")) {
      if (how === "large") this.#skip("too_large", this.#capture?.elements);
      if (this.#mode === "sessions" && this.#capture) this.#openNow();
      return this.#beginAnew();
    }
    this.#isOver = true;
    this.#stop();
    if (how === "large") this.#skip("too_large");
  }

  /** Somebody else is there: what is recorded of them is a recording of its own. */
  #compareWho(): void {
    const { anonymousId, userId } = this.#desk.who();
    const before = this.#who;
    if (anonymousId === before.anonymousId && userId === before.userId) return;
    const isSame = anonymousId === before.anonymousId && (before.userId === undefined || before.userId === userId);
    if (!isSame) this.#close();
    // What was gathered so far was done by whoever was there.
    this.#ring.cut();
    this.#who = { anonymousId, userId };
    if (isSame) return;
    this.#tab.anonymousId = anonymousId;
    this.#stretches = [];
    this.#newSession();
  }

  #newSession(): void {
    this.#tab.session = this.#desk.newId();
    if (!this.#capture) return;
    if (this.#mode === "sessions") this.#openNow();
    this.#beginAnew();
  }

  #watchPage(): void {
    const { guard, onRoute } = this.#desk;
    const options = { signal: this.#ended.signal };
    const off = onRoute(
      guard(() => {
        this.#ring.cut();
        if (this.#capture) this.#pictureSoon();
        else if (this.#mode !== "off") this.#beginSoon();
      }),
    );
    this.#ended.signal.addEventListener("abort", off);
    const hidden = guard(() => void (document.visibilityState === "hidden" && this.#ring.cut()));
    document.addEventListener("visibilitychange", hidden, options);
    addEventListener("pagehide", guard(() => this.#leave()), options);
    addEventListener("pageshow", guard(({ persisted }: PageTransitionEvent) => void (persisted && this.#comeBack())), options);
    addEventListener("online", guard(() => this.#outbox.hurry()), options);
    const fail = guard((event: Event) => void (isOfThePage(event) && this.#moment(ERROR)));
    addEventListener("error", fail, options);
    addEventListener("unhandledrejection", fail, options);
  }

  /** The page goes away. What cannot be sent at once is kept for the next page of the tab. */
  #leave(): void {
    const goesOn = this.#goesOn();
    if (this.#capture) {
      if (!goesOn) this.#moment(DROPPED);
      this.#ring.cutNow(!goesOn && this.#open !== undefined);
    }
    this.#tab.open = goesOn ? this.#open : undefined;
    this.#open = undefined;
    this.#outbox.leave();
    // Where nothing goes on, the next page need not look.
    const goesSomewhere = this.#mode !== "off" || this.#outbox.length > 0;
    keepTab(goesSomewhere ? { ...this.#tab, seen: Date.now() } : undefined, this.#outbox, goesOn ? this.#stretches : []);
    this.#stretches = [];
  }

  /** The page stood still in the browser's memory. */
  #comeBack(): void {
    this.#tab = takeTab(this.#who.anonymousId, this.#desk.newId, Date.now());
    this.#unpack();
    this.#open = this.#tab.open;
    this.#isPictureDue = false;
    if (this.#mode === "sessions" && this.#capture) this.#openNow();
    this.#beginAnew();
  }
}
