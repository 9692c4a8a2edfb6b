// snippet/consent.ts
var KEPT = "out";
var Consent = class {
  #now;
  #memory;
  #onChange;
  constructor(memory, given, onChange) {
    this.#memory = memory;
    this.#onChange = onChange;
    const isOut = memory.noted(KEPT);
    this.#now = isOut === true ? "denied" : given === "pending" && isOut === false ? "granted" : given;
    memory.lasts = this.isGiven;
    memory.onChange(KEPT, () => {
      const isOut2 = memory.noted(KEPT);
      if (isOut2 !== void 0) this.#become(isOut2 === true ? "denied" : "granted");
    });
  }
  get word() {
    return this.#now;
  }
  get isGiven() {
    return this.#now === "granted";
  }
  /** Said by the visitor, and remembered. */
  say(word) {
    this.#memory.note(KEPT, word === "denied");
    this.#become(word);
  }
  #become(word) {
    const before = this.#now;
    if (word === before) return;
    this.#now = word;
    this.#memory.lasts = this.isGiven;
    this.#onChange(word, before);
  }
};

// snippet/guard.ts
var Guard = class {
  faults = [];
  note(fault) {
    try {
      this.faults.push(String(fault));
      if (this.faults.length > 20) this.faults.shift();
    } catch {
    }
  }
  /** The same function, without its exceptions. */
  wrap = (call) => {
    return (...args) => {
      try {
        const result = call(...args);
        result?.then?.(void 0, (fault) => this.note(fault));
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
  #stage;
  #seen = /* @__PURE__ */ new Set();
  #timer;
  #dueAt = Infinity;
  #desk;
  #load;
  #ask;
  #onFault;
  constructor(desk, load, ask, onFault) {
    this.#desk = desk;
    this.#load = load;
    this.#ask = ask;
    this.#onFault = onFault;
    document.addEventListener("visibilitychange", desk.guard(() => this.#askIfDue()));
  }
  take(reply) {
    this.offer(reply.decisions ?? []);
    if (reply.ttl) this.askIn(Math.max(SHORTEST_TTL_S, reply.ttl));
  }
  /** Each decision once. */
  offer(decisions) {
    for (const decision of decisions) {
      if (!this.#seen.has(decision?.id)) void this.draw(decision);
    }
  }
  async draw(decision) {
    if (!decision?.id) return this.#onFault("not a decision");
    this.#seen.add(decision.id);
    try {
      this.#stage ??= this.#load().then((drawing) => drawing.openStage(this.#desk));
      const stage = await this.#stage;
      this.#desk.guard(() => stage.offer(decision))();
    } catch (fault) {
      this.#stage = void 0;
      this.#seen.delete(decision.id);
      this.#onFault(fault);
    }
  }
  askIn(seconds) {
    clearTimeout(this.#timer);
    this.#dueAt = Date.now() + seconds * 1e3;
    this.#timer = setTimeout(this.#desk.guard(() => this.#askIfDue()), Math.min(seconds * 1e3, 2 ** 31 - 1));
  }
  dismiss(guide) {
    this.#desk.guard(() => this.#stage?.then((stage) => stage.dismiss(guide)))();
  }
  async clear() {
    clearTimeout(this.#timer);
    this.#dueAt = Infinity;
    (await this.#stage)?.clear();
  }
  /** A page that nobody looks at does not ask. */
  #askIfDue() {
    if (document.visibilityState !== "visible" || Date.now() < this.#dueAt) return;
    this.#dueAt = Infinity;
    this.#ask();
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
  let digits = "";
  for (const byte of bytes) digits += byte.toString(16).padStart(2, "0");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// snippet/identity.ts
var Identity = class {
  #ids;
  /** What the visitor went by on this page, before it was known that they have an id. */
  #before;
  /** By the users of this page: what one of them did last is sent when the next one is there already. */
  #tokens = /* @__PURE__ */ new Map();
  #memory;
  constructor(memory) {
    this.#memory = memory;
    this.#ids = this.#stored() ?? { anonymousId: newId() };
    this.#keep();
    memory.onChange("id", () => {
      const ids = this.#stored() ?? this.#ids;
      if (ids.anonymousId !== this.#ids.anonymousId) this.#before = void 0;
      this.#ids = ids;
      this.#remember();
    });
  }
  /** As it was kept, where that is one. */
  #stored() {
    const ids = this.#memory.read("id");
    return typeof ids?.anonymousId === "string" ? ids : void 0;
  }
  get anonymousId() {
    return this.#ids.anonymousId;
  }
  get userId() {
    return this.#ids.userId;
  }
  get groupId() {
    return this.#ids.groupId;
  }
  /** Whether it is the one who had this id. */
  isStill(anonymousId) {
    return [this.#ids.anonymousId, this.#before].includes(anonymousId);
  }
  /** The proof that a page gave for a user, if it did. */
  tokenOf(userId) {
    return userId === void 0 ? void 0 : this.#tokens.get(userId);
  }
  /**
   * A second known user on the same browser begins with a new anonymous id, so that the two are never merged. A token
   * stays until there is another one.
   */
  becomes(userId, token) {
    if (this.#ids.userId !== void 0 && this.#ids.userId !== userId) this.#begin();
    this.#ids.userId = userId;
    if (token) this.#ids.token = token;
    this.#keep();
  }
  joins(groupId) {
    this.#ids.groupId = groupId;
    this.#keep();
  }
  forget() {
    this.#begin();
    this.#keep();
  }
  /** Ids may be stored from now on. Those of another tab are the visitor's too, unless this page knows better. */
  settle() {
    this.#before = this.#ids.anonymousId;
    if (this.#ids.userId === void 0) this.#ids = this.#stored() ?? this.#ids;
    this.#keep();
  }
  /** Somebody of whom nothing is known. */
  #begin() {
    this.#ids = { anonymousId: newId() };
    this.#before = void 0;
  }
  #keep() {
    this.#remember();
    this.#memory.write("id", this.#ids);
  }
  #remember() {
    const { userId, token } = this.#ids;
    if (userId !== void 0 && token) this.#tokens.set(userId, token);
  }
};

// snippet/json.ts
function asItStands(name, value) {
  const found = this[name];
  return Array.isArray(found) ? found : value;
}
function toJson(value) {
  return JSON.stringify(value, asItStands);
}

// snippet/memory.ts
var Memory = class {
  #spare = /* @__PURE__ */ new Map();
  #isLasting = false;
  #prefix;
  constructor(prefix) {
    this.#prefix = prefix;
  }
  /** Whether anything may be stored. What was kept for the page is stored then, unless another tab was first. */
  set lasts(isLasting) {
    if (isLasting === this.#isLasting) return;
    this.#isLasting = isLasting;
    if (isLasting) this.#spare.forEach((text, name) => this.#stored(name) ?? this.#store(name, text));
  }
  read(name) {
    return parsed((this.#isLasting ? this.#stored(name) : void 0) ?? this.#spare.get(name));
  }
  /** Keep a value; `undefined` forgets it. */
  write(name, value) {
    const text = value === void 0 ? void 0 : toJson(value);
    if (text === void 0) this.#spare.delete(name);
    else this.#spare.set(name, text);
    if (this.#isLasting) this.#store(name, text);
  }
  /** What stands in storage whether or not anything else may. */
  noted(name) {
    return parsed(this.#stored(name));
  }
  note(name, value) {
    this.#store(name, toJson(value));
  }
  /** Take everything out of storage, of this page and of others. */
  clear(names) {
    names.forEach((name) => this.#store(name, void 0));
  }
  /** Call back when another tab changed the value. */
  onChange(name, call) {
    addEventListener("storage", (event) => {
      if (event.key === this.#prefix + name) call();
    });
  }
  #stored(name) {
    try {
      return localStorage.getItem(this.#prefix + name) ?? void 0;
    } catch {
      return void 0;
    }
  }
  #store(name, text) {
    try {
      if (text === void 0) localStorage.removeItem(this.#prefix + name);
      else localStorage.setItem(this.#prefix + name, text);
    } catch {
    }
  }
};
function parsed(text) {
  try {
    return text ? JSON.parse(text) : void 0;
  } catch {
    return void 0;
  }
}

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
function timezone() {
  const { Temporal } = window;
  return Temporal?.Now?.timeZoneId?.() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}
function commonContext(locale) {
  return {
    library: { name: "waypost.js", version: "0.1.0" },
    locale: locale || navigator.language,
    timezone: timezone(),
    userAgent: navigator.userAgent,
    device: deviceFacts()
  };
}
function fragment() {
  return /^#[!/]/.test(location.hash) ? location.hash : "";
}
function route() {
  return location.pathname + location.search + fragment();
}
function watchRoutes(call) {
  let last = route();
  const compare = () => {
    if (route() === last) return;
    last = route();
    setTimeout(call);
  };
  const { navigation } = window;
  if (navigation?.currentEntry !== void 0) {
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
function beacon(url, body) {
  try {
    return navigator.sendBeacon(url, body);
  } catch {
    return false;
  }
}
function isMessage(text) {
  try {
    return typeof text === "string" && typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}
function userOf(message) {
  return JSON.parse(message).userId;
}
var Queue = class {
  #waiting = [];
  #inFlight = [];
  #attempts = 0;
  #most = BATCH_MESSAGES;
  #timer;
  #whenIdle = [];
  /** Nothing goes out, or into storage: the visitor has not agreed yet. */
  #isHeld = true;
  #options;
  constructor(options) {
    this.#options = options;
  }
  get length() {
    return this.#waiting.length + this.#inFlight.length;
  }
  add(message) {
    this.#waiting.push(message);
    let characters = this.#waiting.join("").length;
    while (this.#waiting.length > MOST_MESSAGES || characters > MOST_CHARACTERS) {
      characters -= this.#waiting.shift()?.length ?? characters;
    }
    if (!this.#attempts) this.#sendIn(0);
  }
  /** True while the server cannot be reached. */
  get isStuck() {
    return this.#attempts > 0;
  }
  /** From now on messages go out. */
  release() {
    this.#isHeld = false;
    this.fetch();
    if (this.#waiting.length) this.#sendIn(0);
  }
  /** What this page or another one could not send as it went away. */
  fetch() {
    if (this.#isHeld) return;
    const kept2 = this.#kept();
    if (!kept2.length) return;
    this.#options.memory.write("unsent", void 0);
    this.#waiting.unshift(...kept2);
    if (!this.#attempts) this.#sendIn(0);
  }
  /** Send now what a setback is holding back. */
  hurry() {
    if (this.#attempts) this.#sendIn(0);
  }
  /** Resolves when nothing is on its way any more, or the server cannot be reached. */
  settled() {
    if (!this.length || this.#attempts || this.#isHeld) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }
  /** Let nothing out any more, and drop what waits. */
  forget() {
    this.#isHeld = true;
    this.#waiting = [];
    this.#options.memory.write("unsent", void 0);
  }
  /** The page goes away: beacons for what fits, storage for the rest and for what the server did not take before. */
  leave() {
    if (this.#isHeld) return;
    const all = [...this.#inFlight, ...this.#waiting];
    this.#waiting = [];
    while (all.length && !this.#attempts) {
      const batch = this.#batch(all, BEACON_CHARACTERS);
      if (!beacon(this.#options.url, this.#body(batch, false))) break;
      all.splice(0, batch.length);
    }
    if (all.length) this.#options.memory.write("unsent", this.#cut([...this.#kept(), ...all], KEPT_CHARACTERS, MOST_MESSAGES));
  }
  #kept() {
    const kept2 = this.#options.memory.read("unsent");
    return Array.isArray(kept2) ? kept2.filter(isMessage) : [];
  }
  #sendIn(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#options.guard(() => this.#send()), ms);
  }
  /** As many from the front as fit, and at least one. */
  #cut(messages, characters, most = this.#most) {
    let count = 0;
    let sum = 0;
    while (count < messages.length && count < most) {
      sum += messages[count].length;
      if (count && sum > characters) break;
      count++;
    }
    return messages.slice(0, count);
  }
  /** Messages of one known user at the most: what proves who they are is theirs alone. */
  #batch(messages, characters) {
    const found = this.#cut(messages, characters);
    const user = found.map(userOf).find((each) => each !== void 0);
    const next = found.findIndex((each) => ![user, void 0].includes(userOf(each)));
    return next < 0 ? found : found.slice(0, next);
  }
  #body(batch, decide) {
    const user = batch.map(userOf).find((each) => each !== void 0);
    return `{${this.#options.envelope(decide, user)},"batch":[${batch.join()}]}`;
  }
  async #send() {
    if (this.#isHeld || this.#inFlight.length || !this.#waiting.length) return;
    this.#inFlight = this.#batch(this.#waiting, BATCH_CHARACTERS);
    this.#waiting.splice(0, this.#inFlight.length);
    let pauseMs = 0;
    const last = this.#inFlight.at(-1);
    try {
      const reply = await post(this.#options.url, this.#body(this.#inFlight, true));
      this.#attempts = 0;
      this.#most = BATCH_MESSAGES;
      this.#inFlight = [];
      this.#options.onReply(reply, last);
    } catch (fault) {
      this.#options.onFault(fault);
      pauseMs = this.#afterFault(fault);
    }
    if (this.#waiting.length) this.#sendIn(pauseMs);
    if (!this.#waiting.length || this.#attempts) this.#whenIdle.splice(0).forEach((resolve) => resolve());
  }
  /** A refused batch is dropped, since it would be refused again; anything else goes back. Answers the pause in ms. */
  #afterFault(fault) {
    const batch = this.#isHeld ? [] : this.#inFlight;
    this.#inFlight = [];
    if (fault instanceof Refusal) {
      this.#attempts = 0;
      if (fault.status === 413 && batch.length > 1) {
        this.#most = batch.length >> 1;
        this.#waiting.unshift(...batch);
      }
      return 0;
    }
    this.#waiting.unshift(...batch);
    const jitter = Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#attempts++);
    return Math.max(jitter, fault instanceof Setback ? fault.waitMs : 0);
  }
};

// snippet/remembered.ts
var DAY_MS = 864e5;
var MOST_CHARACTERS2 = 1e5;
var MOST_GUIDES = 50;
var MOST_TIMES = 20;
var ENDS = ["answered", "completed", "dismissed"];
function isUsedUp({ every, times, per }, seen, at, now) {
  const last = seen.times.at(-1);
  if (last === void 0 || last < at) return false;
  if (every !== null && now < last + every * 1e3) return true;
  const counted = per === null ? seen.times : seen.times.filter((time) => time > now - per * 1e3);
  return times !== null && counted.length >= times;
}
var Remembered = class {
  #memory;
  constructor(memory) {
    this.#memory = memory;
  }
  /** A good reply came: it replaces the one before, also where it shows nothing. */
  keep(decisions) {
    const lasting = decisions.filter(({ keep }) => keep);
    const kept2 = { at: Date.now(), path: location.pathname, decisions: lasting };
    const isWorthIt = lasting.length > 0 && toJson(kept2).length <= MOST_CHARACTERS2;
    if (isWorthIt || this.#memory.read("last")) this.#memory.write("last", isWorthIt ? kept2 : void 0);
  }
  /** A guide was shown here, or came to an end. */
  note(event, { guide, how, seconds }) {
    const kind = event.slice(1);
    if (kind !== "shown" && kind !== "snoozed" && !ENDS.includes(kind)) return;
    const { [String(guide)]: one, ...others } = this.#seen();
    const seen = one ?? { times: [], ended: [], until: 0 };
    const now = Date.now();
    if (kind === "shown") seen.times = [...seen.times, now].slice(-MOST_TIMES);
    else if (kind === "snoozed") seen.until = now + Number(seconds) * 1e3;
    else if (how !== "outside") seen.ended.push(kind);
    const rest = Object.entries(others).slice(1 - MOST_GUIDES);
    this.#memory.write("seen", Object.fromEntries([...rest, [String(guide), seen]]));
  }
  /** What may be shown on this page now. */
  recall() {
    const kept2 = this.#memory.read("last");
    const now = Date.now();
    if (!kept2 || now - kept2.at > DAY_MS) return [];
    const all = this.#seen();
    return kept2.decisions.filter(({ guide, keep, expires }) => {
      if (!keep || keep.page && kept2.path !== location.pathname) return false;
      const seen = all[guide] ?? { times: [], ended: [], until: 0 };
      const isOver = seen.ended.some((each) => keep.ends.includes(each)) || seen.until > now;
      return !isOver && (expires === null || Date.parse(expires) > now) && !isUsedUp(keep, seen, kept2.at, now);
    });
  }
  forget() {
    this.#memory.write("last", void 0);
    this.#memory.write("seen", void 0);
  }
  #seen() {
    return this.#memory.read("seen") ?? {};
  }
};

// snippet/trail.ts
var TRAIL_KEPT_AS = "waypost:trail";
var MOST_VIEWS = 20;
var BACK_WITHIN = 5;
var Trail = class {
  views = [];
  attempts = [];
  /** Hear of each page that the visitor comes to. */
  onView;
  constructor() {
    this.read();
  }
  /** Of pages that this tab showed in the meantime. */
  read() {
    try {
      const { views, attempts } = JSON.parse(sessionStorage.getItem(TRAIL_KEPT_AS) ?? "");
      this.views = [...views];
      this.attempts = [...attempts];
    } catch {
    }
  }
  /** Write down what changed. */
  keep() {
    try {
      sessionStorage.setItem(TRAIL_KEPT_AS, toJson(this));
    } catch {
    }
  }
  /** The visitor is on the page of the address; whether they were there a few pages ago. */
  arrive(at) {
    const path = location.pathname + fragment();
    if (this.views.at(-1)?.path === path) return false;
    this.views = [...this.views, { path, at }].slice(-MOST_VIEWS);
    this.keep();
    this.onView?.();
    return this.views.slice(-BACK_WITHIN, -1).some((each) => each.path === path);
  }
};

// sensors/messages.ts
var MESSAGES = "[role=alert]:not(:empty),[aria-invalid=true]";

// snippet/vigil.ts
var DOINGS = ["pointerdown", "click", "keydown", "input", "submit", "invalid"];
var ASIDES = ["focusin", "focusout", "blur", "visibilitychange", "error", "unhandledrejection"];
var MOST_EARLY = 200;
var SWEEP_PX = 10;
var TURNS = 3;
var TURNS_WITHIN_MS = 1500;
var LOOK_AFTER_MS = 100;
var LOOK_AFTER_MOST_MS = 1e3;
var LOOKS_SHARE = 1 / 400;
function whenQuiet(call) {
  if ("requestIdleCallback" in window) requestIdleCallback(call, { timeout: 3e3 });
  else setTimeout(call, 500);
}
function keepVigil({ guard, onRoute, isEager, begin }) {
  const trail = new Trail();
  const early = [];
  const sleep = new AbortController();
  let isAwake = false;
  let isOver = false;
  let end;
  let hadMessages;
  const hasMessages = () => !!document.querySelector(MESSAGES);
  const wake = guard(async () => {
    if (isAwake) return;
    isAwake = true;
    hadMessages ??= hasMessages();
    observer.disconnect();
    end = await begin({ early, hadMessages, trail });
    sleep.abort();
    if (isOver) end();
  });
  const on = (name, call) => addEventListener(name, guard(call), { capture: true, passive: true, signal: sleep.signal });
  const keep = (event) => {
    if (isAwake && early.length < MOST_EARLY) early.push({ event, path: event.composedPath() });
  };
  ASIDES.forEach((name) => on(name, keep));
  DOINGS.forEach(
    (name) => on(name, (event) => {
      if (event.isTrusted) wake();
      keep(event);
    })
  );
  let way = [0, 0];
  let turns = [];
  on("pointermove", ({ movementX: x, movementY: y, timeStamp: at }) => {
    if (Math.hypot(x, y) < SWEEP_PX) return;
    if (x * way[0] + y * way[1] < 0) turns = [...turns.filter((each) => at - each < TURNS_WITHIN_MS), at];
    way = [x, y];
    if (turns.length >= TURNS) wake();
  });
  let timer;
  let pause = LOOK_AFTER_MS;
  const look = guard(() => {
    timer = void 0;
    const began = performance.now();
    if (hasMessages()) wake();
    pause = Math.min(Math.max(LOOK_AFTER_MS, (performance.now() - began) / LOOKS_SHARE), LOOK_AFTER_MOST_MS);
  });
  const observer = new MutationObserver(guard(() => void (timer ??= setTimeout(look, pause))));
  const arrive = (at) => trail.arrive(at) && whenQuiet(wake);
  const begins = guard(() => {
    if (isAwake) return;
    hadMessages = hasMessages();
    if (hadMessages || isEager) return wake();
    const attributeFilter = ["role", "aria-invalid"];
    observer.observe(document, { subtree: true, childList: true, characterData: true, attributeFilter });
  });
  if (document.readyState === "loading") on("DOMContentLoaded", () => whenQuiet(begins));
  else whenQuiet(begins);
  arrive(Math.round(performance.timeOrigin));
  const off = onRoute(() => arrive(Date.now()));
  const come = guard(({ persisted }) => {
    if (!persisted || isOver) return;
    trail.read();
    arrive(Date.now());
  });
  addEventListener("pageshow", come);
  return () => {
    isAwake = isOver = true;
    observer.disconnect();
    sleep.abort();
    off();
    end?.();
  };
}

// snippet/client.ts
var KEPT_AS = "waypost:kept";
var REPLAY_KEPT_AS = "waypost:replay";
var PICKING = "waypost:picker";
var STORED = ["id", "unsent", "last", "seen", "clicks"];
function kept(calls, call) {
  calls.add(call);
  return () => void calls.delete(call);
}
function objectsToBeingWatched() {
  const { doNotTrack, globalPrivacyControl } = navigator;
  return doNotTrack === "1" || globalPrivacyControl === true;
}
var Client = class {
  /** The guides in the page's hands, where it draws them itself. */
  presented = /* @__PURE__ */ new Map();
  #memory;
  #consent;
  #identity;
  #remembered;
  #queue;
  #guidance;
  #routeCalls = /* @__PURE__ */ new Set();
  #takenCalls = /* @__PURE__ */ new Set();
  /** This tab's own mark: its question for a place, asked again, gets the same yes. */
  #holder = newId();
  #context = toJson(commonContext());
  #known = { revision: "", clicks: [] };
  #watchClicks;
  #unwatch;
  #replay;
  #settings;
  #load;
  #listeners;
  #guard;
  constructor(settings, load, listeners, guard) {
    this.#settings = settings;
    this.#load = load;
    this.#listeners = listeners;
    this.#guard = guard;
    const memory = this.#memory = new Memory(`waypost:${settings.key}:`);
    this.#consent = new Consent(memory, settings.consent, guard.wrap((now, before) => this.#consented(now, before)));
    this.#identity = new Identity(memory);
    this.#remembered = new Remembered(memory);
    this.#queue = new Queue({
      url: `${settings.host}/v1/batch`,
      memory,
      envelope: (decide, userId) => {
        const sentAt = (/* @__PURE__ */ new Date()).toISOString();
        const { key: writeKey } = settings;
        const asks = decide && { decide, revision: this.#revision };
        const members = { writeKey, sentAt, userToken: this.#identity.tokenOf(userId), ...asks };
        return `${toJson(members).slice(1, -1)},"context":${this.#context}`;
      },
      onReply: guard.wrap((reply, last) => {
        this.#receive(reply, JSON.parse(last).anonymousId);
        this.#takenCalls.forEach((call) => guard.wrap(call)());
      }),
      onFault: guard.wrap((fault) => this.#falter(fault)),
      guard: guard.wrap
    });
    this.#guidance = new Guidance(
      this.#desk(),
      () => load(settings.headless ? "headless" : "drawing"),
      () => this.#ask(),
      (fault) => guard.note(fault)
    );
    this.#watchPage();
  }
  /** The first page view, after the calls that the page made before we were there. */
  begin(hasPage) {
    if (this.#settings.pages && !hasPage) this.page();
    this.#guard.wrap(() => this.#pick())();
    if (this.#consent.isGiven) this.#open();
  }
  identify(userId, traits, { token } = {}) {
    if (typeof userId === "object") return this.#send({ type: "identify", traits: userId });
    if (userId === void 0 || userId === "") return;
    this.#identity.becomes(String(userId), token);
    this.#send({ type: "identify", traits: traits ?? {} });
  }
  group(groupId, traits) {
    this.#identity.joins(String(groupId));
    this.#send({ type: "group", groupId: String(groupId), traits: traits ?? {} });
  }
  track(event, properties) {
    this.#send({ type: "track", event: String(event), properties: properties ?? {} });
  }
  page(name, properties) {
    this.#send({ type: "page", name, properties: { ...pageFacts(), ...properties } });
  }
  /** The user is looking at this step (`activation.verify_domain`, or the step alone). */
  step(id) {
    const [journey, step] = /^(.+?)\.(.+)$/.exec(id)?.slice(1) ?? [void 0, id];
    this.track("$step", { journey, step });
  }
  /** Draw a decision that the page holds in its hands, or ask the server for a guide by its name. */
  show(guide) {
    if (typeof guide === "object") void this.#guidance.draw({ ...guide, preview: true });
    else this.#ask(guide);
  }
  /** Close what is shown, or this guide alone, as the user would. */
  dismiss(guide) {
    this.#guidance.dismiss(guide);
  }
  /** The language that guidance is wanted in, where it is not the browser's. */
  setLocale(locale) {
    this.#context = toJson(commonContext(locale && String(locale)));
    this.#ask();
  }
  reset() {
    this.#guard.wrap(() => this.#guidance.clear())();
    this.#remembered.forget();
    this.#identity.forget();
    this.#tellReplay((replay) => replay.hear({ type: "reset" }));
  }
  optOut() {
    this.#consent.say("denied");
  }
  optIn() {
    this.#consent.say("granted");
  }
  snapshot() {
    const { anonymousId, userId, groupId } = this.#identity;
    const { host, key } = this.#settings;
    const ids = { anonymousId, userId, groupId, isSigned: this.#identity.tokenOf(userId) !== void 0 };
    const consent = this.#consent.word;
    return { version: "0.1.0", host, key, ...ids, consent, isOut: consent === "denied", queued: this.#queue.length };
  }
  /** Who, where and why, in the corner of the page. */
  async openPanel(report) {
    const { openPanel } = await this.#load("panel");
    await openPanel(report, async () => {
      if (!this.#consent.isGiven) return {};
      const { anonymousId } = this.#identity;
      const reply = await this.#call("/v1/decide", { explain: true, revision: this.#revision });
      this.#receive(reply, anonymousId);
      return reply;
    });
  }
  /** Somebody who writes rules opened this tab with a link to the element picker. */
  async #pick() {
    if (!/[#&]waypost-picker=/.test(location.hash) && !sessionStorage.getItem(PICKING)) return;
    const { openPicker } = await this.#load("picker");
    const { host, key, theme, reveal } = this.#settings;
    const pictures = async () => {
      const { takeSnapshot } = await this.#load("replay");
      return () => takeSnapshot(document, reveal);
    };
    await openPicker({ host, key, theme, guard: this.#guard.wrap, pictures });
  }
  /** What may happen once the visitor has agreed. */
  #open() {
    this.#resume();
    this.#queue.release();
    if (!this.#settings.pages) this.#ask();
    this.#heed(this.#memory.read("clicks") ?? this.#known);
    if (this.#settings.sensors && !objectsToBeingWatched()) this.#unwatch ??= this.#keepVigil();
  }
  #keepVigil() {
    const { guard, onRoute, track } = this.#desk();
    const countsClicks = this.#settings.clicks;
    return keepVigil({
      guard,
      onRoute,
      isEager: countsClicks,
      begin: async (vigil) => {
        const { watch } = await this.#load("sensors");
        return watch({ ...vigil, guard, onRoute, track, countsClicks });
      }
    });
  }
  #consented(now, before) {
    if (now === "granted") {
      this.#identity.settle();
      if (before === "denied" && this.#settings.pages) this.page();
      this.#open();
      return;
    }
    this.#unwatch?.();
    this.#unwatch = void 0;
    this.#tellReplay((replay) => replay.drop());
    this.#replay = void 0;
    this.#queue.forget();
    this.#memory.clear(STORED);
    const forget = () => [KEPT_AS, TRAIL_KEPT_AS, REPLAY_KEPT_AS].forEach((name) => sessionStorage.removeItem(name));
    this.#guard.wrap(() => this.#guidance.clear().finally(forget))();
  }
  /** Of which rules the clicks are known; undefined where they are not watched for. */
  get #revision() {
    return objectsToBeingWatched() ? void 0 : this.#known.revision;
  }
  #heed(known) {
    this.#known = known;
    if (this.#watchClicks) return this.#watchClicks(known.clicks);
    if (!known.clicks.length || objectsToBeingWatched()) return;
    const watch = async () => {
      const { watchClicks } = await this.#load("clicks");
      this.#watchClicks ??= watchClicks(this.#desk());
      this.#watchClicks(this.#known.clicks);
    };
    this.#guard.wrap(watch)();
  }
  #send(message) {
    if (this.#consent.word === "denied") return;
    const { anonymousId, userId, groupId } = this.#identity;
    this.#queue.add(
      toJson({
        messageId: newId(),
        timestamp: (/* @__PURE__ */ new Date()).toISOString(),
        anonymousId,
        userId,
        ...message,
        context: { page: pageFacts(), groupId }
      })
    );
    this.#tellReplay((replay) => replay.hear(message));
  }
  /** A tour or a checklist that was left by following a link goes on here. */
  #resume() {
    try {
      const kept2 = Object.values(JSON.parse(sessionStorage.getItem(KEPT_AS) ?? "{}"));
      kept2.forEach((each) => void this.#guidance.draw(each));
    } catch (fault) {
      this.#guard.note(fault);
    }
  }
  /** Ask for guidance without an event. */
  #ask(guide) {
    if (!this.#consent.isGiven) return;
    const { anonymousId } = this.#identity;
    this.#call("/v1/decide", { guide, revision: this.#revision }).then(
      this.#guard.wrap((reply) => this.#receive(reply, anonymousId, guide === void 0)),
      this.#guard.wrap((fault) => this.#falter(fault))
    );
  }
  #call(path, more) {
    const { anonymousId, userId } = this.#identity;
    const context = { ...JSON.parse(this.#context), page: pageFacts() };
    const userToken = this.#identity.tokenOf(userId);
    const body = toJson({ writeKey: this.#settings.key, anonymousId, userId, userToken, context, ...more });
    return post(this.#settings.host + path, body);
  }
  /** whose: the visitor that it was asked for; isWhole: the reply to a question for whatever is to be shown. */
  #receive(reply, whose, isWhole = true) {
    const { rejected, decisions, degraded, revision, clicks } = reply;
    rejected?.forEach((rejection) => this.#guard.note(toJson(rejection)));
    if (!this.#consent.isGiven) return;
    if (revision && clicks) {
      this.#memory.write("clicks", { revision, clicks });
      this.#heed({ revision, clicks });
    }
    if (!this.#identity.isStill(whose)) return;
    if (isWhole && decisions && !degraded) this.#remembered.keep(decisions);
    this.#guidance.take(reply);
    if (reply.record && !objectsToBeingWatched()) this.#guard.wrap(() => this.#record(reply))();
  }
  /** Loaded where something is recorded, or where the page before left something to send. */
  #record(reply) {
    if (!this.#replay && reply.record === "off" && !sessionStorage.getItem(REPLAY_KEPT_AS)) return;
    const { host, key, reveal } = this.#settings;
    const identity = this.#identity;
    const open = (part) => part.openReplay({
      ...this.#desk(),
      host,
      key,
      reveal,
      who: () => identity,
      tokenOf: (userId) => identity.tokenOf(userId),
      note: (fault) => this.#guard.note(fault)
    });
    this.#replay ??= this.#load("replay").then(open).catch((fault) => {
      this.#guard.note(fault);
      return this.#replay = void 0;
    });
    this.#tellReplay((replay) => replay.heed(reply));
  }
  #tellReplay(call) {
    this.#replay?.then(this.#guard.wrap((replay) => replay && call(replay)));
  }
  /** Something did not work. Where nobody answered, what was decided last may still be shown. */
  #falter(fault) {
    this.#guard.note(fault);
    if (!(fault instanceof Refusal)) this.#guidance.offer(this.#remembered.recall());
  }
  #emit(event, properties) {
    this.#listeners.get(event)?.forEach((call) => this.#guard.wrap(call)(properties));
  }
  #desk() {
    const guard = this.#guard;
    return {
      contract: 1,
      theme: this.#settings.theme,
      guard: guard.wrap,
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
          return (await this.#call(path, { holder: this.#holder })).show === true;
        } catch (fault) {
          guard.note(fault);
          return !(fault instanceof Refusal) && this.#remembered.recall().some(({ id }) => id === decision);
        }
      },
      onRoute: (call) => kept(this.#routeCalls, call),
      onTaken: (call) => kept(this.#takenCalls, call)
    };
  }
  #watchPage() {
    const { wrap } = this.#guard;
    watchRoutes(
      wrap(() => {
        this.#routeCalls.forEach((call) => wrap(call)());
        if (this.#settings.pages) this.page();
        else this.#ask();
        if (this.#queue.isStuck) this.#guidance.offer(this.#remembered.recall());
      })
    );
    const leave = wrap(() => this.#queue.leave());
    const come = wrap(() => this.#queue.fetch());
    const last = wrap(() => queueMicrotask(leave));
    addEventListener("pagehide", last);
    addEventListener("pageshow", come);
    document.addEventListener(
      "visibilitychange",
      () => document.visibilityState === "hidden" ? last() : come()
    );
    addEventListener("online", wrap(() => this.#queue.hurry()));
  }
};

// snippet/settings.ts
function complete(given) {
  const { key, host, pages = true, sensors = true, clicks = false, headless = false } = given;
  const { consent = "granted", theme = "auto" } = given;
  const reveal = [given.reveal].flat().filter((each) => typeof each === "string");
  const settings = { pages, sensors, clicks, headless, consent, theme, reveal };
  return key && host ? { key, host: host.replace(/\/+$/, ""), ...settings } : void 0;
}

// snippet/api.ts
var VERBS = ["identify", "group", "track", "page", "step", "show", "dismiss", "setLocale", "reset", "optIn", "optOut"];
var MOST_EARLY2 = 1e3;
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
  const report = () => ({ ...client?.snapshot(), faults: [...guard.faults] });
  const init2 = (given = {}) => {
    if (client) return;
    isOff = given.enabled === false;
    if (isOff) early = [];
    hasPage = early.some(([verb]) => verb === "page");
    const settings = !isOff && complete({ ...first, ...given });
    if (!settings) return;
    if (document.prerendering) {
      return document.addEventListener("prerenderingchange", () => isOff || api2.init(given), { once: true });
    }
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
    debug: guard.wrap((opensPanel = true) => {
      if (opensPanel && client) guard.wrap(() => client?.openPanel(report))();
      return report();
    }),
    push: guard.wrap(([name, ...args]) => void api2[name]?.(...args))
  };
  for (const verb of VERBS) {
    api2[verb] = guard.wrap((...args) => {
      hasPage ||= verb === "page";
      if (client) call([verb, ...args]);
      else if (!isOff && early.length < MOST_EARLY2) early.push([verb, ...args]);
    });
  }
  return api2;
}
function takePlace(origin2) {
  const page = window;
  const before = page.waypost;
  if (typeof before?.loaded === "string") return before;
  const api2 = openApi(origin2());
  page.waypost = api2;
  if (before && Symbol.iterator in before) {
    for (const each of before) api2.push(each);
    before.push = api2.push;
  }
  return api2;
}

// packages/js/src/index.ts
var origin = { given: {}, partAt: (part, { host }) => `${host}/sdk/${part}.js?contract=${1}` };
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
function debug(opensPanel) {
  return api()?.debug(opensPanel) ?? { faults: [] };
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
