// snippet/guard.ts
var Guard = class {
  faults = [];
  note(fault) {
    this.faults.push(String(fault));
    if (this.faults.length > 20) this.faults.shift();
  }
  /** The same function, without its exceptions. */
  wrap = (call) => {
    return (...args) => {
      try {
        const result = call(...args);
        if (result instanceof Promise) result.catch((fault) => this.note(fault));
        return result;
      } catch (fault) {
        this.note(fault);
        return void 0;
      }
    };
  };
};

// snippet/guidance.ts
var SHORTEST_TTL_S = 30;
var Guidance = class {
  constructor(desk, load, ask, onFault) {
    this.desk = desk;
    this.load = load;
    this.ask = ask;
    this.onFault = onFault;
    document.addEventListener("visibilitychange", desk.guard(() => this.askIfDue()));
  }
  desk;
  load;
  ask;
  onFault;
  stage;
  seen = /* @__PURE__ */ new Set();
  timer;
  dueAt = Infinity;
  take(reply) {
    for (const decision of reply.decisions ?? []) {
      if (!this.seen.has(decision.id)) void this.draw(decision);
    }
    if (reply.ttl) this.askIn(Math.max(SHORTEST_TTL_S, reply.ttl));
  }
  async draw(decision) {
    this.seen.add(decision.id);
    try {
      this.stage ??= this.load().then((drawing) => drawing.openStage(this.desk));
      (await this.stage).offer(decision);
    } catch (fault) {
      this.stage = void 0;
      this.seen.delete(decision.id);
      this.onFault(fault);
    }
  }
  askIn(seconds) {
    clearTimeout(this.timer);
    this.dueAt = Date.now() + seconds * 1e3;
    this.timer = setTimeout(() => this.askIfDue(), Math.min(seconds * 1e3, 2 ** 31 - 1));
  }
  clear() {
    clearTimeout(this.timer);
    this.dueAt = Infinity;
    void this.stage?.then((stage) => stage.clear());
  }
  /** A page that nobody looks at does not ask. */
  askIfDue() {
    if (document.visibilityState !== "visible" || Date.now() < this.dueAt) return;
    this.dueAt = Infinity;
    this.ask();
  }
};

// snippet/ids.ts
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let now = Date.now();
  for (let place2 = 5; place2 >= 0; place2--) {
    bytes[place2] = now % 256;
    now = Math.floor(now / 256);
  }
  bytes[6] = bytes[6] & 15 | 112;
  bytes[8] = bytes[8] & 63 | 128;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// snippet/identity.ts
var Identity = class {
  constructor(memory) {
    this.memory = memory;
    this.ids = memory.read("id") ?? { anonymousId: newId() };
    this.keep();
    memory.onChange("id", () => {
      this.ids = memory.read("id") ?? this.ids;
    });
  }
  memory;
  ids;
  get anonymousId() {
    return this.ids.anonymousId;
  }
  get userId() {
    return this.ids.userId;
  }
  get groupId() {
    return this.ids.groupId;
  }
  /** A second known user on the same browser begins with a new anonymous id, so that the two are never merged. */
  becomes(userId) {
    if (this.ids.userId !== void 0 && this.ids.userId !== userId) this.ids = { anonymousId: newId() };
    this.ids.userId = userId;
    this.keep();
  }
  joins(groupId) {
    this.ids.groupId = groupId;
    this.keep();
  }
  forget() {
    this.ids = { anonymousId: newId() };
    this.keep();
  }
  get isOut() {
    return this.memory.read("out") === true;
  }
  set isOut(out) {
    this.memory.write("out", out || void 0);
  }
  keep() {
    this.memory.write("id", this.ids);
  }
};

// snippet/memory.ts
var Memory = class {
  constructor(prefix) {
    this.prefix = prefix;
  }
  prefix;
  spare = /* @__PURE__ */ new Map();
  read(name) {
    try {
      const text = this.text(name);
      return text ? JSON.parse(text) : void 0;
    } catch {
      return void 0;
    }
  }
  /** Keep a value; `undefined` forgets it. */
  write(name, value) {
    const key = this.prefix + name;
    const text = value === void 0 ? void 0 : JSON.stringify(value);
    if (text === void 0) this.spare.delete(key);
    else this.spare.set(key, text);
    try {
      if (text === void 0) localStorage.removeItem(key);
      else localStorage.setItem(key, text);
    } catch {
    }
  }
  /** Call back when another tab changed the value. */
  onChange(name, call) {
    addEventListener("storage", (event) => {
      if (event.key === this.prefix + name) call();
    });
  }
  text(name) {
    try {
      return localStorage.getItem(this.prefix + name);
    } catch {
      return this.spare.get(this.prefix + name);
    }
  }
};

// snippet/page.ts
var POLL_MS = 1e3;
function pageFacts() {
  const { pathname, href, search } = location;
  return { path: pathname, url: href, title: document.title, referrer: document.referrer, search };
}
function deviceFacts() {
  const agent = navigator.userAgent;
  const first = (names) => agent.match(new RegExp(names))?.[0];
  const isTablet = /iPad|Tablet|Android(?!.*Mobile)/.test(agent);
  const os = first("Windows|Android|iPhone|iPad|CrOS|Mac OS X|Linux");
  const browser = first("Edg|OPR|SamsungBrowser|Firefox|FxiOS|CriOS|Chrome|Safari");
  return {
    type: isTablet ? "tablet" : /Mobi|iPhone/.test(agent) ? "mobile" : "desktop",
    os: os?.replace(/iPhone|iPad/, "iOS").replace("Mac OS X", "macOS").replace("CrOS", "ChromeOS"),
    browser: browser?.replace("Edg", "Edge").replace("OPR", "Opera").replace("FxiOS", "Firefox").replace("CriOS", "Chrome")
  };
}
function commonContext() {
  return {
    library: { name: "waypost.js", version: "0.1.0" },
    locale: navigator.language,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    userAgent: navigator.userAgent,
    device: deviceFacts()
  };
}
function route() {
  const { pathname, search, hash } = location;
  return pathname + search + (/^#[!/]/.test(hash) ? hash : "");
}
function watchRoutes(call) {
  let last = route();
  const compare = () => {
    if (route() === last) return;
    last = route();
    setTimeout(call);
  };
  const navigation = window.navigation;
  if (navigation) {
    navigation.addEventListener("currententrychange", compare);
    return;
  }
  addEventListener("popstate", compare);
  addEventListener("hashchange", compare);
  setInterval(compare, POLL_MS);
}

// snippet/queue.ts
var MOST_MESSAGES = 1e3;
var MOST_CHARACTERS = 1e6;
var BATCH_MESSAGES = 50;
var BATCH_CHARACTERS = 3e5;
var BEACON_CHARACTERS = 3e4;
var KEPT_CHARACTERS = 2e5;
var TIMEOUT_MS = 1e4;
var FIRST_WAIT_MS = 1e3;
var LONGEST_WAIT_MS = 6e4;
var MOST_REPLY_CHARACTERS = 2e6;
var Refusal = class extends Error {
  constructor(status) {
    super(`the server answered ${status}`);
    this.status = status;
  }
  status;
};
var Setback = class extends Error {
  constructor(message, waitMs = 0) {
    super(message);
    this.waitMs = waitMs;
  }
  waitMs;
};
function retryAfter(header) {
  if (!header) return 0;
  const wait = Number(header) * 1e3 || Date.parse(header) - Date.now();
  return wait > 0 ? wait : 0;
}
async function post(url, body) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      headers: { "Content-Type": "text/plain" },
      credentials: "omit",
      signal: abort.signal
    });
    const { status } = response;
    if (status === 429 || status === 408 || status >= 500) {
      throw new Setback(`the server answered ${status}`, retryAfter(response.headers.get("Retry-After")));
    }
    if (!response.ok) throw new Refusal(status);
    const text = await response.text();
    if (text.length > MOST_REPLY_CHARACTERS) throw new Setback("the answer is too long");
    const reply = JSON.parse(text);
    if (typeof reply !== "object" || reply === null) throw new Setback("the answer is no object");
    return reply;
  } finally {
    clearTimeout(timer);
  }
}
var Queue = class {
  constructor(options) {
    this.options = options;
    this.waiting = options.memory.read("unsent") ?? [];
    options.memory.write("unsent", void 0);
    if (this.waiting.length) this.sendIn(0);
  }
  options;
  waiting = [];
  inFlight = [];
  attempts = 0;
  most = BATCH_MESSAGES;
  timer;
  whenIdle = [];
  get length() {
    return this.waiting.length + this.inFlight.length;
  }
  add(message) {
    this.waiting.push(message);
    let characters = this.waiting.reduce((sum, text) => sum + text.length, 0);
    while (this.waiting.length > MOST_MESSAGES || characters > MOST_CHARACTERS) {
      characters -= this.waiting.shift()?.length ?? characters;
    }
    if (!this.attempts) this.sendIn(0);
  }
  /** Send now what a setback is holding back. */
  hurry() {
    if (this.attempts) this.sendIn(0);
  }
  /** Resolves when nothing is on its way any more, or the server cannot be reached. */
  settled() {
    if (!this.length || this.attempts) return Promise.resolve();
    return new Promise((resolve) => this.whenIdle.push(resolve));
  }
  forget() {
    this.waiting = [];
    this.options.memory.write("unsent", void 0);
  }
  /** The page goes away: beacons for what fits, storage for the rest and for what the server did not take before. */
  leave() {
    const all = [...this.inFlight, ...this.waiting];
    this.waiting = [];
    while (all.length && !this.attempts) {
      const batch = this.cut(all, BEACON_CHARACTERS);
      if (!navigator.sendBeacon?.(this.options.url, this.body(batch, false))) break;
      all.splice(0, batch.length);
    }
    if (all.length) this.options.memory.write("unsent", this.cut(all, KEPT_CHARACTERS, MOST_MESSAGES));
  }
  sendIn(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.send(), ms);
  }
  /** As many from the front as fit, and at least one. */
  cut(messages, characters, most = this.most) {
    let count = 0;
    let sum = 0;
    while (count < messages.length && count < most) {
      sum += messages[count].length;
      if (count && sum > characters) break;
      count++;
    }
    return messages.slice(0, count);
  }
  body(batch, decide) {
    return `{${this.options.envelope(decide)},"batch":[${batch.join()}]}`;
  }
  async send() {
    if (this.inFlight.length || !this.waiting.length) return;
    this.inFlight = this.cut(this.waiting, BATCH_CHARACTERS);
    this.waiting.splice(0, this.inFlight.length);
    let pauseMs = 0;
    try {
      const reply = await post(this.options.url, this.body(this.inFlight, true));
      this.attempts = 0;
      this.most = BATCH_MESSAGES;
      this.inFlight = [];
      this.options.onReply(reply);
    } catch (fault) {
      this.options.onFault(fault);
      pauseMs = this.afterFault(fault);
    }
    if (this.waiting.length) this.sendIn(pauseMs);
    if (!this.waiting.length || this.attempts) this.whenIdle.splice(0).forEach((resolve) => resolve());
  }
  /** A refused batch is dropped, since it would be refused again; anything else goes back. Answers the pause in ms. */
  afterFault(fault) {
    const batch = this.inFlight;
    this.inFlight = [];
    if (fault instanceof Refusal) {
      this.attempts = 0;
      if (fault.status === 413 && batch.length > 1) {
        this.most = batch.length >> 1;
        this.waiting.unshift(...batch);
      }
      return 0;
    }
    this.waiting.unshift(...batch);
    const jitter = Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.attempts++);
    return Math.max(jitter, fault instanceof Setback ? fault.waitMs : 0);
  }
};

// snippet/client.ts
var KEPT_AS = "waypost:kept";
function kept(calls, call) {
  calls.add(call);
  return () => void calls.delete(call);
}
function objectsToSensors() {
  const { doNotTrack, globalPrivacyControl } = navigator;
  return doNotTrack === "1" || globalPrivacyControl === true;
}
var Client = class {
  constructor(settings, load, listeners, guard) {
    this.settings = settings;
    this.load = load;
    this.listeners = listeners;
    this.guard = guard;
    const memory = new Memory(`waypost:${settings.key}:`);
    this.identity = new Identity(memory);
    this.queue = new Queue({
      url: `${settings.host}/v1/batch`,
      memory,
      envelope: (decide) => `"writeKey":${JSON.stringify(settings.key)},"sentAt":"${(/* @__PURE__ */ new Date()).toISOString()}","context":${this.context}${decide ? ',"decide":true' : ""}`,
      onReply: guard.wrap((reply) => {
        this.receive(reply);
        this.takenCalls.forEach((call) => guard.wrap(call)());
      }),
      onFault: (fault) => guard.note(fault)
    });
    this.guidance = new Guidance(
      this.desk(),
      () => load(settings.headless ? "headless" : "drawing"),
      () => this.ask(),
      (fault) => guard.note(fault)
    );
    this.watchPage();
  }
  settings;
  load;
  listeners;
  guard;
  /** The guides in the page's hands, where it draws them itself. */
  presented = /* @__PURE__ */ new Map();
  identity;
  queue;
  guidance;
  routeCalls = /* @__PURE__ */ new Set();
  takenCalls = /* @__PURE__ */ new Set();
  /** This tab's own mark: its question for a place, asked again, gets the same yes. */
  holder = newId();
  context = JSON.stringify(commonContext());
  /** The first page view, after the calls that the page made before we were there. */
  begin(hasPage) {
    this.resume();
    if (!this.settings.pages) this.ask();
    else if (!hasPage) this.page();
    if (this.settings.sensors && !objectsToSensors()) this.whenQuiet(() => void this.startSensors());
  }
  identify(userId, traits) {
    if (typeof userId === "object") return this.send({ type: "identify", traits: userId });
    if (userId === void 0 || userId === "") return;
    this.identity.becomes(String(userId));
    this.send({ type: "identify", traits: traits ?? {} });
  }
  group(groupId, traits) {
    this.identity.joins(String(groupId));
    this.send({ type: "group", groupId: String(groupId), traits: traits ?? {} });
  }
  track(event, properties) {
    this.send({ type: "track", event: String(event), properties: properties ?? {} });
  }
  page(name, properties) {
    this.send({ type: "page", name, properties: { ...pageFacts(), ...properties } });
  }
  /** The user is looking at this step (`activation.verify_domain`, or the step alone). */
  step(id) {
    const [journey, step] = /^(.+?)\.(.+)$/.exec(id)?.slice(1) ?? [void 0, id];
    this.track("$step", { journey, step });
  }
  /** Draw a decision that the page holds in its hands, or ask the server for a guide by its name. */
  show(guide) {
    if (typeof guide === "object") void this.guidance.draw({ ...guide, preview: true });
    else this.ask(guide);
  }
  reset() {
    this.guidance.clear();
    this.identity.forget();
  }
  optOut() {
    this.identity.isOut = true;
    this.queue.forget();
    this.guidance.clear();
  }
  optIn() {
    this.identity.isOut = false;
  }
  snapshot() {
    const { anonymousId, userId, groupId, isOut } = this.identity;
    const { host, key } = this.settings;
    return { version: "0.1.0", host, key, anonymousId, userId, groupId, isOut, queued: this.queue.length };
  }
  send(message) {
    if (this.identity.isOut) return;
    const { anonymousId, userId, groupId } = this.identity;
    this.queue.add(
      JSON.stringify({
        messageId: newId(),
        timestamp: (/* @__PURE__ */ new Date()).toISOString(),
        anonymousId,
        userId,
        ...message,
        context: { page: pageFacts(), groupId }
      })
    );
  }
  /** A tour or a checklist that was left by following a link goes on here. */
  resume() {
    try {
      const kept2 = Object.values(JSON.parse(sessionStorage.getItem(KEPT_AS) ?? "{}"));
      if (!this.identity.isOut) kept2.forEach((each) => void this.guidance.draw(each));
    } catch (fault) {
      this.guard.note(fault);
    }
  }
  /** Ask for guidance without an event. */
  ask(guide) {
    if (this.identity.isOut) return;
    const { guard } = this;
    this.call("/v1/decide", { guide }).then(
      guard.wrap((reply) => this.receive(reply)),
      (fault) => guard.note(fault)
    );
  }
  call(path, more) {
    const { anonymousId, userId } = this.identity;
    const context = { ...JSON.parse(this.context), page: pageFacts() };
    const body = JSON.stringify({ writeKey: this.settings.key, anonymousId, userId, context, ...more });
    return post(this.settings.host + path, body);
  }
  receive(reply) {
    reply.rejected?.forEach((rejection) => this.guard.note(JSON.stringify(rejection)));
    if (!this.identity.isOut) this.guidance.take(reply);
  }
  emit(event, properties) {
    this.listeners.get(event)?.forEach((call) => this.guard.wrap(call)(properties));
  }
  desk() {
    const { guard, settings, routeCalls, takenCalls } = this;
    return {
      theme: settings.theme,
      guard: guard.wrap,
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
          return (await this.call(path, { holder: this.holder })).show === true;
        } catch (fault) {
          guard.note(fault);
          return false;
        }
      },
      onRoute: (call) => kept(routeCalls, call),
      onTaken: (call) => kept(takenCalls, call)
    };
  }
  watchPage() {
    const { wrap } = this.guard;
    watchRoutes(
      wrap(() => {
        this.routeCalls.forEach((call) => wrap(call)());
        if (this.settings.pages) this.page();
        else this.ask();
      })
    );
    const leave = wrap(() => this.queue.leave());
    addEventListener("pagehide", () => queueMicrotask(leave));
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && queueMicrotask(leave));
    addEventListener("online", wrap(() => this.queue.hurry()));
  }
  async startSensors() {
    const sensors = await this.load("sensors");
    sensors.watch({
      track: (event, properties) => this.track(event, properties),
      guard: this.guard.wrap,
      onRoute: this.desk().onRoute
    });
  }
  whenQuiet(call) {
    const guarded = this.guard.wrap(call);
    if ("requestIdleCallback" in window) requestIdleCallback(guarded, { timeout: 3e3 });
    else setTimeout(guarded, 500);
  }
};

// snippet/settings.ts
function complete(given) {
  const { key, host, pages = true, sensors = true, headless = false, theme = "auto" } = given;
  return key && host ? { key, host: host.replace(/\/+$/, ""), pages, sensors, headless, theme } : void 0;
}

// snippet/api.ts
var VERBS = ["identify", "group", "track", "page", "step", "show", "reset", "optIn", "optOut"];
var MOST_EARLY = 1e3;
function openApi({ given: first, partAt }) {
  const guard = new Guard();
  const listeners = /* @__PURE__ */ new Map();
  let early = [];
  let isOff = false;
  let hasPage = false;
  let client;
  const call = ([verb, ...args]) => {
    client[verb](...args);
  };
  const init2 = (given = {}) => {
    if (client) return;
    isOff = given.enabled === false;
    if (isOff) early = [];
    hasPage = early.some(([verb]) => verb === "page");
    const settings = !isOff && complete({ ...first, ...given });
    if (!settings) return;
    const load = (part) => import(
      /* @vite-ignore */
      /* webpackIgnore: true */
      partAt(part, settings)
    );
    client = new Client(settings, load, listeners, guard);
    early.forEach((each) => guard.wrap(call)(each));
    early = [];
    queueMicrotask(guard.wrap(() => client?.begin(hasPage)));
  };
  const api2 = {
    loaded: "0.1.0",
    init: guard.wrap(init2),
    on: guard.wrap((event, listener) => {
      if (!listeners.has(event)) listeners.set(event, /* @__PURE__ */ new Set());
      listeners.get(event).add(listener);
      if (event === "guide") client?.presented.forEach((guide) => listener(guide));
    }),
    off: guard.wrap((event, listener) => void listeners.get(event)?.delete(listener)),
    debug: guard.wrap(() => ({ ...client?.snapshot(), faults: [...guard.faults] })),
    push: guard.wrap(([name, ...args]) => void api2[name]?.(...args))
  };
  for (const verb of VERBS) {
    api2[verb] = guard.wrap((...args) => {
      hasPage ||= verb === "page";
      if (client) call([verb, ...args]);
      else if (!isOff && early.length < MOST_EARLY) early.push([verb, ...args]);
    });
  }
  return api2;
}
function takePlace(origin2) {
  const page = window;
  const before = page.waypost;
  if (before && "loaded" in before) return before;
  const api2 = openApi(origin2());
  page.waypost = api2;
  if (before && Symbol.iterator in before) {
    for (const each of before) api2.push(each);
    before.push = api2.push;
  }
  return api2;
}

// packages/js/src/index.ts
var origin = { given: {}, partAt: (part, { host }) => `${host}/sdk/${part}.js` };
var place;
function api() {
  try {
    return typeof document === "undefined" ? void 0 : place ??= takePlace(() => origin);
  } catch {
    return void 0;
  }
}
function init(options) {
  const { key, host, enabled } = options;
  if (enabled !== false && !(key && host) && typeof document !== "undefined") {
    console.warn("waypost.init needs { key, host }: the project's public key, and where Waypost is served from");
  }
  api()?.init(options);
}
function debug() {
  return api()?.debug() ?? { faults: [] };
}
function forwarded() {
  const names = [...VERBS, "on", "off"];
  return Object.fromEntries(names.map((name) => [name, (...args) => void api()?.[name](...args)]));
}
var waypost = /* @__PURE__ */ Object.freeze({ ...forwarded(), init, debug });
var src_default = waypost;
var version = "0.1.0";
export {
  src_default as default,
  version,
  waypost
};
