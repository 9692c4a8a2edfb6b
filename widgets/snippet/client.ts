/** One project's client in one page: who, what happened, what to show. */
import type { Decision } from "../generated/content";
import type { Desk, DrawingModule, Json, Listener, Presentable, Properties, SensorsModule } from "./contract";
import { Guard } from "./guard";
import { Guidance, type Reply } from "./guidance";
import { Identity } from "./identity";
import { newId } from "./ids";
import { Memory } from "./memory";
import { commonContext, pageFacts, watchRoutes } from "./page";
import { post, Queue } from "./queue";
import type { Part, Settings } from "./settings";

/** Where the drawing keeps what goes on on the next page of the tab, by the guides' names. */
const KEPT_AS: typeof import("../drawing/life").KEPT_AS = "waypost:kept";

/** The answer takes it out again. */
function kept<T>(calls: Set<T>, call: T): () => void {
  calls.add(call);
  return () => void calls.delete(call);
}

/** The browser's own word against being watched: honoured for behaviour, not for what the page reports itself. */
function objectsToSensors(): boolean {
  const { doNotTrack, globalPrivacyControl } = navigator as { doNotTrack?: string | null; globalPrivacyControl?: boolean };
  return doNotTrack === "1" || globalPrivacyControl === true;
}

export class Client {
  /** The guides in the page's hands, where it draws them itself. */
  readonly presented = new Map<string, Presentable>();
  private readonly identity: Identity;
  private readonly queue: Queue<Reply>;
  private readonly guidance: Guidance;
  private readonly routeCalls = new Set<() => void>();
  private readonly takenCalls = new Set<() => void>();
  /** This tab's own mark: its question for a place, asked again, gets the same yes. */
  private readonly holder = newId();
  private readonly context = JSON.stringify(commonContext());

  constructor(
    private readonly settings: Settings,
    private readonly load: (part: Part) => Promise<unknown>,
    private readonly listeners: Map<string, Set<Listener>>,
    private readonly guard: Guard,
  ) {
    const memory = new Memory(`waypost:${settings.key}:`);
    this.identity = new Identity(memory);
    this.queue = new Queue({
      url: `${settings.host}/v1/batch`,
      memory,
      envelope: (decide) =>
        `"writeKey":${JSON.stringify(settings.key)},"sentAt":"${new Date().toISOString()}",` +
        `"context":${this.context}${decide ? ',"decide":true' : ""}`,
      onReply: guard.wrap((reply: Reply) => {
        this.receive(reply);
        this.takenCalls.forEach((call) => guard.wrap(call)());
      }),
      onFault: (fault) => guard.note(fault),
    });
    this.guidance = new Guidance(
      this.desk(),
      () => load(settings.headless ? "headless" : "drawing") as Promise<DrawingModule>,
      () => this.ask(),
      (fault) => guard.note(fault),
    );
    this.watchPage();
  }

  /** The first page view, after the calls that the page made before we were there. */
  begin(hasPage: boolean): void {
    this.resume();
    if (!this.settings.pages) this.ask();
    else if (!hasPage) this.page();
    if (this.settings.sensors && !objectsToSensors()) this.whenQuiet(() => void this.startSensors());
  }

  identify(userId: unknown, traits?: Properties): void {
    // `identify({plan: "trial"})` adds to what is known without saying who it is, as in Segment's library.
    if (typeof userId === "object") return this.send({ type: "identify", traits: userId as Properties });
    if (userId === undefined || userId === "") return;
    this.identity.becomes(String(userId));
    this.send({ type: "identify", traits: traits ?? {} });
  }

  group(groupId: unknown, traits?: Properties): void {
    this.identity.joins(String(groupId));
    this.send({ type: "group", groupId: String(groupId), traits: traits ?? {} });
  }

  track(event: string, properties?: Properties): void {
    this.send({ type: "track", event: String(event), properties: properties ?? {} });
  }

  page(name?: string, properties?: Properties): void {
    this.send({ type: "page", name, properties: { ...pageFacts(), ...properties } });
  }

  /** The user is looking at this step (`activation.verify_domain`, or the step alone). */
  step(id: string): void {
    const [journey, step] = /^(.+?)\.(.+)$/.exec(id)?.slice(1) ?? [undefined, id];
    this.track("$step", { journey, step });
  }

  /** Draw a decision that the page holds in its hands, or ask the server for a guide by its name. */
  show(guide: string | Decision): void {
    if (typeof guide === "object") void this.guidance.draw({ ...guide, preview: true } as Decision);
    else this.ask(guide);
  }

  reset(): void {
    this.guidance.clear();
    this.identity.forget();
  }

  optOut(): void {
    this.identity.isOut = true;
    this.queue.forget();
    this.guidance.clear();
  }

  optIn(): void {
    this.identity.isOut = false;
  }

  snapshot(): Properties {
    const { anonymousId, userId, groupId, isOut } = this.identity;
    const { host, key } = this.settings;
    return { version: VERSION, host, key, anonymousId, userId, groupId, isOut, queued: this.queue.length };
  }

  private send(message: { type: string } & Properties): void {
    if (this.identity.isOut) return;
    const { anonymousId, userId, groupId } = this.identity;
    this.queue.add(
      JSON.stringify({
        messageId: newId(),
        timestamp: new Date().toISOString(),
        anonymousId,
        userId,
        ...message,
        context: { page: pageFacts(), groupId },
      }),
    );
  }

  /** A tour or a checklist that was left by following a link goes on here. */
  private resume(): void {
    try {
      const kept = Object.values(JSON.parse(sessionStorage.getItem(KEPT_AS) ?? "{}") as Record<string, Decision>);
      if (!this.identity.isOut) kept.forEach((each) => void this.guidance.draw(each));
    } catch (fault) {
      this.guard.note(fault);
    }
  }

  /** Ask for guidance without an event. */
  private ask(guide?: string): void {
    if (this.identity.isOut) return;
    const { guard } = this;
    this.call<Reply>("/v1/decide", { guide }).then(
      guard.wrap((reply) => this.receive(reply)),
      (fault) => guard.note(fault),
    );
  }

  private call<T>(path: string, more: Properties): Promise<T> {
    const { anonymousId, userId } = this.identity;
    const context = { ...(JSON.parse(this.context) as Properties), page: pageFacts() };
    const body = JSON.stringify({ writeKey: this.settings.key, anonymousId, userId, context, ...more });
    return post<T>(this.settings.host + path, body);
  }

  private receive(reply: Reply): void {
    reply.rejected?.forEach((rejection) => this.guard.note(JSON.stringify(rejection)));
    if (!this.identity.isOut) this.guidance.take(reply);
  }

  private emit(event: string, properties: Properties | Presentable): void {
    this.listeners.get(event)?.forEach((call) => this.guard.wrap(call)(properties));
  }

  private desk(): Desk {
    const { guard, settings, routeCalls, takenCalls } = this;
    return {
      theme: settings.theme,
      guard: guard.wrap as Desk["guard"],
      newId,
      track: (event) => this.track(event),
      report: (event, properties) => {
        this.track(event, properties);
        this.emit(event.slice(1), properties);
      },
      present: (guide) => {
        this.presented.delete(guide.id);
        if (guide.isOpen) this.presented.set(guide.id, guide);
        this.emit("guide", guide);
      },
      start: (guide) => this.ask(guide),
      askAgain: (seconds) => this.guidance.askIn(seconds),
      confirm: async (decision) => {
        await this.queue.settled();
        try {
          const path = `/v1/decisions/${encodeURIComponent(decision)}/confirm`;
          return (await this.call<{ show: boolean }>(path, { holder: this.holder })).show === true;
        } catch (fault) {
          guard.note(fault);
          return false;
        }
      },
      onRoute: (call) => kept(routeCalls, call),
      onTaken: (call) => kept(takenCalls, call),
    };
  }

  private watchPage(): void {
    const { wrap } = this.guard;
    watchRoutes(
      wrap(() => {
        this.routeCalls.forEach((call) => wrap(call)());
        if (this.settings.pages) this.page();
        else this.ask();
      }),
    );
    // Later than the drawing's own listeners, which may have a last word to say.
    const leave = wrap(() => this.queue.leave());
    addEventListener("pagehide", () => queueMicrotask(leave));
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && queueMicrotask(leave));
    addEventListener("online", wrap(() => this.queue.hurry()));
  }

  private async startSensors(): Promise<void> {
    const sensors = (await this.load("sensors")) as SensorsModule;
    sensors.watch({
      track: (event, properties) => this.track(event, properties as { [name: string]: Json }),
      guard: this.guard.wrap as Desk["guard"],
      onRoute: this.desk().onRoute,
    });
  }

  private whenQuiet(call: () => void): void {
    const guarded = this.guard.wrap(call);
    // Safari has none.
    if ("requestIdleCallback" in window) requestIdleCallback(guarded, { timeout: 3000 });
    else setTimeout(guarded, 500);
  }
}
