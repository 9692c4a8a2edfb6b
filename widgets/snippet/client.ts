/** One project's client in one page: who, what happened, what to show. */
import type { Decision } from "../generated/content";
import { Consent, type Word } from "./consent";
import type {
  Click,
  ClicksModule,
  Desk,
  DrawingModule,
  Listener,
  PanelModule,
  PickerModule,
  Presentable,
  Properties,
  Replay,
  ReplayModule,
  SensorsModule,
} from "./contract";
import { Guard } from "./guard";
import { Guidance, type Reply } from "./guidance";
import { Identity } from "./identity";
import { newId } from "./ids";
import { toJson } from "./json";
import { Memory } from "./memory";
import { commonContext, pageFacts, watchRoutes } from "./page";
import { post, Queue, Refusal } from "./queue";
import { Remembered } from "./remembered";
import type { Part, Settings } from "./settings";
import { TRAIL_KEPT_AS } from "./trail";
import { keepVigil } from "./vigil";

/** Where the drawing keeps what goes on on the next page of the tab, by the guides' names. */
const KEPT_AS: typeof import("../drawing/life").KEPT_AS = "waypost:kept";

/** Where session replay keeps what goes on on the next page of the tab. */
const REPLAY_KEPT_AS: typeof import("../replay/kept_as").KEPT_AS = "waypost:replay";

/** Where the element picker keeps the link that this tab was opened with. */
export const PICKING = "waypost:picker";

/** What is in storage, besides what the visitor said about consent. */
const STORED = ["id", "unsent", "last", "seen", "clicks"];

interface KnownClicks {
  revision: string;
  clicks: Click[];
}

/** The answer takes it out again. */
function kept<T>(calls: Set<T>, call: T): () => void {
  calls.add(call);
  return () => void calls.delete(call);
}

/** The browser's own word against being watched: honoured for behaviour, not for what the page reports itself. */
function objectsToBeingWatched(): boolean {
  const { doNotTrack, globalPrivacyControl } = navigator as { doNotTrack?: string | null; globalPrivacyControl?: boolean };
  return doNotTrack === "1" || globalPrivacyControl === true;
}

export class Client {
  /** The guides in the page's hands, where it draws them itself. */
  readonly presented = new Map<string, Presentable>();
  readonly #memory: Memory;
  readonly #consent: Consent;
  readonly #identity: Identity;
  readonly #remembered: Remembered;
  readonly #queue: Queue<Reply>;
  readonly #guidance: Guidance;
  readonly #routeCalls = new Set<() => void>();
  readonly #takenCalls = new Set<() => void>();
  /** This tab's own mark: its question for a place, asked again, gets the same yes. */
  readonly #holder = newId();
  #context = toJson(commonContext());
  #known: KnownClicks = { revision: "", clicks: [] };
  #watchClicks: ((clicks: Click[]) => void) | undefined;
  #unwatch: (() => void) | undefined;
  #replay: Promise<Replay | undefined> | undefined;

  readonly #settings: Settings;
  readonly #load: (part: Part) => Promise<unknown>;
  readonly #listeners: Map<string, Set<Listener>>;
  readonly #guard: Guard;

  constructor(
    settings: Settings,
    load: (part: Part) => Promise<unknown>,
    listeners: Map<string, Set<Listener>>,
    guard: Guard,
  ) {
    this.#settings = settings;
    this.#load = load;
    this.#listeners = listeners;
    this.#guard = guard;
    const memory = (this.#memory = new Memory(`waypost:${settings.key}:`));
    this.#consent = new Consent(memory, settings.consent, guard.wrap((now, before) => this.#consented(now, before)));
    this.#identity = new Identity(memory);
    this.#remembered = new Remembered(memory);
    this.#queue = new Queue({
      url: `${settings.host}/v1/batch`,
      memory,
      envelope: (decide, userId) => {
        const sentAt = new Date().toISOString();
        const { key: writeKey } = settings;
        const asks = decide && { decide, revision: this.#revision };
        const members = { writeKey, sentAt, userToken: this.#identity.tokenOf(userId), ...asks };
        return `${toJson(members).slice(1, -1)},"context":${this.#context}`;
      },
      onReply: guard.wrap((reply: Reply, last: string) => {
        this.#receive(reply, (JSON.parse(last) as { anonymousId: string }).anonymousId);
        this.#takenCalls.forEach((call) => guard.wrap(call)());
      }),
      onFault: guard.wrap((fault: unknown) => this.#falter(fault)),
      guard: guard.wrap,
    });
    this.#guidance = new Guidance(
      this.#desk(),
      () => load(settings.headless ? "headless" : "drawing") as Promise<DrawingModule>,
      () => this.#ask(),
      (fault) => guard.note(fault),
    );
    this.#watchPage();
  }

  /** The first page view, after the calls that the page made before we were there. */
  begin(hasPage: boolean): void {
    if (this.#settings.pages && !hasPage) this.page();
    this.#guard.wrap(() => this.#pick())();
    if (this.#consent.isGiven) this.#open();
  }

  identify(userId: unknown, traits?: Properties, { token }: { token?: string } = {}): void {
    // `identify({plan: "trial"})` adds to what is known without saying who it is, as in Segment's library.
    if (typeof userId === "object") return this.#send({ type: "identify", traits: userId as Properties });
    if (userId === undefined || userId === "") return;
    this.#identity.becomes(String(userId), token);
    this.#send({ type: "identify", traits: traits ?? {} });
  }

  group(groupId: unknown, traits?: Properties): void {
    this.#identity.joins(String(groupId));
    this.#send({ type: "group", groupId: String(groupId), traits: traits ?? {} });
  }

  track(event: string, properties?: Properties): void {
    this.#send({ type: "track", event: String(event), properties: properties ?? {} });
  }

  page(name?: string, properties?: Properties): void {
    this.#send({ type: "page", name, properties: { ...pageFacts(), ...properties } });
  }

  /** The user is looking at this step (`activation.verify_domain`, or the step alone). */
  step(id: string): void {
    const [journey, step] = /^(.+?)\.(.+)$/.exec(id)?.slice(1) ?? [undefined, id];
    this.track("$step", { journey, step });
  }

  /** Draw a decision that the page holds in its hands, or ask the server for a guide by its name. */
  show(guide: string | Decision): void {
    if (typeof guide === "object") void this.#guidance.draw({ ...guide, preview: true } as Decision);
    else this.#ask(guide);
  }

  /** Close what is shown, or this guide alone, as the user would. */
  dismiss(guide?: string): void {
    this.#guidance.dismiss(guide);
  }

  /** The language that guidance is wanted in, where it is not the browser's. */
  setLocale(locale?: string): void {
    this.#context = toJson(commonContext(locale && String(locale)));
    this.#ask();
  }

  reset(): void {
    this.#guard.wrap(() => this.#guidance.clear())();
    this.#remembered.forget();
    this.#identity.forget();
    this.#tellReplay((replay) => replay.hear({ type: "reset" }));
  }

  optOut(): void {
    this.#consent.say("denied");
  }

  optIn(): void {
    this.#consent.say("granted");
  }

  snapshot(): Properties {
    const { anonymousId, userId, groupId } = this.#identity;
    const { host, key } = this.#settings;
    const ids = { anonymousId, userId, groupId, isSigned: this.#identity.tokenOf(userId) !== undefined };
    const consent = this.#consent.word;
    return { version: VERSION, host, key, ...ids, consent, isOut: consent === "denied", queued: this.#queue.length };
  }

  /** Who, where and why, in the corner of the page. */
  async openPanel(report: () => Properties): Promise<void> {
    const { openPanel } = (await this.#load("panel")) as PanelModule;
    await openPanel(report, async () => {
      if (!this.#consent.isGiven) return {};
      const { anonymousId } = this.#identity;
      const reply = await this.#call<Reply>("/v1/decide", { explain: true, revision: this.#revision });
      this.#receive(reply, anonymousId);
      return reply;
    });
  }

  /** Somebody who writes rules opened this tab with a link to the element picker. */
  async #pick(): Promise<void> {
    if (!/[#&]waypost-picker=/.test(location.hash) && !sessionStorage.getItem(PICKING)) return;
    const { openPicker } = (await this.#load("picker")) as PickerModule;
    const { host, key, theme, reveal } = this.#settings;
    const pictures = async () => {
      const { takeSnapshot } = (await this.#load("replay")) as ReplayModule;
      return () => takeSnapshot(document, reveal);
    };
    await openPicker({ host, key, theme, guard: this.#guard.wrap as Desk["guard"], pictures });
  }

  /** What may happen once the visitor has agreed. */
  #open(): void {
    this.#resume();
    this.#queue.release();
    if (!this.#settings.pages) this.#ask();
    this.#heed(this.#memory.read<KnownClicks>("clicks") ?? this.#known);
    if (this.#settings.sensors && !objectsToBeingWatched()) this.#unwatch ??= this.#keepVigil();
  }

  #keepVigil(): () => void {
    const { guard, onRoute, track } = this.#desk();
    const countsClicks = this.#settings.clicks;
    return keepVigil({
      guard,
      onRoute,
      isEager: countsClicks,
      begin: async (vigil) => {
        const { watch } = (await this.#load("sensors")) as SensorsModule;
        return watch({ ...vigil, guard, onRoute, track, countsClicks });
      },
    });
  }

  #consented(now: Word, before: Word): void {
    if (now === "granted") {
      this.#identity.settle();
      if (before === "denied" && this.#settings.pages) this.page();
      this.#open();
      return;
    }
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#tellReplay((replay) => replay.drop());
    this.#replay = undefined;
    this.#queue.forget();
    this.#memory.clear(STORED);
    // What ends writes down that nothing goes on.
    const forget = () => [KEPT_AS, TRAIL_KEPT_AS, REPLAY_KEPT_AS].forEach((name) => sessionStorage.removeItem(name));
    this.#guard.wrap(() => this.#guidance.clear().finally(forget))();
  }

  /** Of which rules the clicks are known; undefined where they are not watched for. */
  get #revision(): string | undefined {
    return objectsToBeingWatched() ? undefined : this.#known.revision;
  }

  #heed(known: KnownClicks): void {
    this.#known = known;
    if (this.#watchClicks) return this.#watchClicks(known.clicks);
    if (!known.clicks.length || objectsToBeingWatched()) return;
    const watch = async () => {
      const { watchClicks } = (await this.#load("clicks")) as ClicksModule;
      this.#watchClicks ??= watchClicks(this.#desk());
      this.#watchClicks(this.#known.clicks);
    };
    this.#guard.wrap(watch)();
  }

  #send(message: { type: string } & Properties): void {
    if (this.#consent.word === "denied") return;
    const { anonymousId, userId, groupId } = this.#identity;
    this.#queue.add(
      toJson({
        messageId: newId(),
        timestamp: new Date().toISOString(),
        anonymousId,
        userId,
        ...message,
        context: { page: pageFacts(), groupId },
      }),
    );
    this.#tellReplay((replay) => replay.hear(message));
  }

  /** A tour or a checklist that was left by following a link goes on here. */
  #resume(): void {
    try {
      const kept = Object.values(JSON.parse(sessionStorage.getItem(KEPT_AS) ?? "{}") as Record<string, Decision>);
      kept.forEach((each) => void this.#guidance.draw(each));
    } catch (fault) {
      this.#guard.note(fault);
    }
  }

  /** Ask for guidance without an event. */
  #ask(guide?: string): void {
    if (!this.#consent.isGiven) return;
    const { anonymousId } = this.#identity;
    this.#call<Reply>("/v1/decide", { guide, revision: this.#revision }).then(
      this.#guard.wrap((reply) => this.#receive(reply, anonymousId, guide === undefined)),
      this.#guard.wrap((fault: unknown) => this.#falter(fault)),
    );
  }

  #call<T>(path: string, more: Properties): Promise<T> {
    const { anonymousId, userId } = this.#identity;
    const context = { ...(JSON.parse(this.#context) as Properties), page: pageFacts() };
    const userToken = this.#identity.tokenOf(userId);
    const body = toJson({ writeKey: this.#settings.key, anonymousId, userId, userToken, context, ...more });
    return post<T>(this.#settings.host + path, body);
  }

  /** whose: the visitor that it was asked for; isWhole: the reply to a question for whatever is to be shown. */
  #receive(reply: Reply, whose: string, isWhole = true): void {
    const { rejected, decisions, degraded, revision, clicks } = reply;
    rejected?.forEach((rejection) => this.#guard.note(toJson(rejection)));
    if (!this.#consent.isGiven) return;
    if (revision && clicks) {
      this.#memory.write("clicks", { revision, clicks });
      this.#heed({ revision, clicks });
    }
    // Somebody else is here by now: what was decided is nobody's.
    if (!this.#identity.isStill(whose)) return;
    if (isWhole && decisions && !degraded) this.#remembered.keep(decisions);
    this.#guidance.take(reply);
    if (reply.record && !objectsToBeingWatched()) this.#guard.wrap(() => this.#record(reply))();
  }

  /** Loaded where something is recorded, or where the page before left something to send. */
  #record(reply: Reply): void {
    if (!this.#replay && reply.record === "off" && !sessionStorage.getItem(REPLAY_KEPT_AS)) return;
    const { host, key, reveal } = this.#settings;
    const identity = this.#identity;
    const open = (part: unknown) =>
      (part as ReplayModule).openReplay({
        ...this.#desk(),
        host,
        key,
        reveal,
        who: () => identity,
        tokenOf: (userId) => identity.tokenOf(userId),
        note: (fault) => this.#guard.note(fault),
      });
    this.#replay ??= this.#load("replay")
      .then(open)
      .catch((fault) => {
        // The file may be there the next time, and what it is made of.
        this.#guard.note(fault);
        return (this.#replay = undefined);
      });
    this.#tellReplay((replay) => replay.heed(reply));
  }

  #tellReplay(call: (replay: Replay) => void): void {
    this.#replay?.then(this.#guard.wrap((replay) => replay && call(replay)));
  }

  /** Something did not work. Where nobody answered, what was decided last may still be shown. */
  #falter(fault: unknown): void {
    this.#guard.note(fault);
    if (!(fault instanceof Refusal)) this.#guidance.offer(this.#remembered.recall());
  }

  #emit(event: string, properties: Properties | Presentable): void {
    this.#listeners.get(event)?.forEach((call) => this.#guard.wrap(call)(properties));
  }

  #desk(): Desk {
    const guard = this.#guard;
    return {
      contract: CONTRACT,
      theme: this.#settings.theme,
      guard: guard.wrap as Desk["guard"],
      newId,
      track: (event, properties) => this.track(event, properties),
      report: (event, properties) => {
        this.#remembered.note(event, properties);
        this.track(event, properties);
        this.#emit(event.slice(1), properties);
      },
      present: (guide) => {
        this.presented.delete(guide.id);
        if (guide.isOpen) this.presented.set(guide.id, guide);
        this.#emit("guide", guide);
      },
      start: (guide) => this.#ask(guide),
      askAgain: (seconds) => this.#guidance.askIn(seconds),
      confirm: async (decision) => {
        await this.#queue.settled();
        try {
          const path = `/v1/decisions/${encodeURIComponent(decision)}/confirm`;
          return (await this.#call<{ show: boolean }>(path, { holder: this.#holder })).show === true;
        } catch (fault) {
          guard.note(fault);
          return !(fault instanceof Refusal) && this.#remembered.recall().some(({ id }) => id === decision);
        }
      },
      onRoute: (call) => kept(this.#routeCalls, call),
      onTaken: (call) => kept(this.#takenCalls, call),
    };
  }

  #watchPage(): void {
    const { wrap } = this.#guard;
    watchRoutes(
      wrap(() => {
        this.#routeCalls.forEach((call) => wrap(call)());
        if (this.#settings.pages) this.page();
        else this.#ask();
        if (this.#queue.isStuck) this.#guidance.offer(this.#remembered.recall());
      }),
    );
    // Later than the drawing's own listeners, which may have a last word to say.
    const leave = wrap(() => this.#queue.leave());
    const come = wrap(() => this.#queue.fetch());
    const last = wrap(() => queueMicrotask(leave));
    addEventListener("pagehide", last);
    addEventListener("pageshow", come);
    document.addEventListener("visibilitychange", () =>
      document.visibilityState === "hidden" ? last() : come(),
    );
    addEventListener("online", wrap(() => this.#queue.hurry()));
  }
}
