// packages/openfeature/src/index.ts
import {
  ErrorCode,
  FlagNotFoundError,
  GeneralError,
  InvalidContextError,
  OpenFeatureEventEmitter,
  ProviderEvents,
  ProviderFatalError,
  StandardResolutionReasons as StandardResolutionReasons2,
  TargetingKeyMissingError,
  TypeMismatchError
} from "@openfeature/web-sdk";

// packages/openfeature/src/asking.ts
var Refused = class extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
  status;
};
var Unreachable = class extends Error {
};
async function ask(url, body, timeout) {
  let status;
  let told;
  try {
    const answer = await fetch(url, {
      method: "POST",
      body: JSON.stringify(body),
      // Needs no pre-flight.
      headers: { "Content-Type": "text/plain" },
      credentials: "omit",
      signal: AbortSignal.timeout(timeout)
    });
    status = answer.status;
    told = await answer.json();
  } catch (error) {
    const isLate = error instanceof Error && error.name === "TimeoutError";
    throw new Unreachable(isLate ? `the server did not answer within ${timeout} ms` : "the server cannot be reached");
  }
  if (status === 408 || status === 429 || status >= 500) throw new Unreachable(`the server answered ${status}`);
  if (status !== 200) throw new Refused(detailOf(told) ?? `the server answered ${status}`, status);
  const flags = isObject(told) ? told.flags : void 0;
  if (!isObject(told) || typeof told.revision !== "string" || !Array.isArray(flags)) {
    throw new Unreachable("something else than Waypost answered");
  }
  return { revision: told.revision, flags: new Map(flags.filter(isAnswer).map((each) => [each.key, each])) };
}
function isObject(value) {
  return typeof value === "object" && value !== null;
}
function isAnswer(value) {
  return isObject(value) && typeof value.key === "string" && typeof value.value === "boolean" && typeof value.reason === "string";
}
function detailOf(told) {
  return isObject(told) && typeof told.detail === "string" ? told.detail : void 0;
}

// packages/openfeature/src/reasons.ts
import { StandardResolutionReasons } from "@openfeature/web-sdk";
var WORDS = {
  TARGETING_MATCH: StandardResolutionReasons.TARGETING_MATCH,
  WAITING_FOR_BROWSER: StandardResolutionReasons.TARGETING_MATCH,
  SPLIT: StandardResolutionReasons.SPLIT,
  NOT_IN_ROLLOUT: StandardResolutionReasons.SPLIT,
  HELD_OUT: StandardResolutionReasons.SPLIT,
  DISABLED: StandardResolutionReasons.DISABLED,
  PAUSED: StandardResolutionReasons.DISABLED,
  DRAFT: StandardResolutionReasons.DISABLED,
  ERROR: StandardResolutionReasons.ERROR
};
function wordOf(reason) {
  return Object.hasOwn(WORDS, reason) ? WORDS[reason] : StandardResolutionReasons.DEFAULT;
}

// packages/openfeature/src/index.ts
var REFRESH_EVERY = 6e4;
var KEPT_FOR = 3e5;
var TIMEOUT = 5e3;
var KINDS = {
  segment: ["boolean"],
  persona: ["boolean"],
  guide: ["boolean", "object"]
};
var WaypostProvider = class {
  runsOn = "client";
  metadata = { name: "waypost" };
  events = new OpenFeatureEventEmitter();
  #options;
  #context = {};
  #answers;
  #at = 0;
  /** Why the server could not be asked the last time; undefined where it could. */
  #trouble;
  #round = 0;
  /** What a start or another context waits for. */
  #coming;
  #timer;
  constructor({ key, host, userToken, refreshEvery = REFRESH_EVERY, keptFor = KEPT_FOR, timeout = TIMEOUT, now = Date.now }) {
    if (!key || !host) throw new Error("WaypostProvider needs `key` and `host`");
    if (key.startsWith("wp_sec_")) {
      throw new Error("this is a secret key and must never stand in a web page: withdraw it, and use the public key");
    }
    this.#options = { key, host: host.replace(/\/+$/, ""), userToken, refreshEvery, keptFor, timeout, now };
  }
  async initialize(context = {}) {
    this.#context = context;
    if (this.#options.refreshEvery > 0) {
      clearInterval(this.#timer);
      this.#timer = setInterval(() => void this.refresh(), this.#options.refreshEvery);
      this.#timer.unref?.();
    }
    await this.#come(context);
  }
  /** The answers were another user's, or of another page: until the new ones are here none is given. */
  async onContextChange(_, context) {
    this.#context = context;
    this.#answers = void 0;
    await this.#come(context);
  }
  async onClose() {
    clearInterval(this.#timer);
    this.#timer = void 0;
    this.#answers = void 0;
    this.#trouble = void 0;
    this.#coming = void 0;
    this.#round += 1;
  }
  /** Ask again now, such as after something happened that changes who the user is to the rules. Never throws. */
  async refresh() {
    if (typeof document !== "undefined" && document.visibilityState === "hidden") return;
    if (this.#coming) return this.#coming.catch(() => void 0);
    const before = this.#answers;
    const had = this.#trouble;
    const round = ++this.#round;
    try {
      const answers = await this.#ask(this.#context);
      if (round !== this.#round) return;
      this.#keep(answers);
      if (had !== void 0) this.events.emit(ProviderEvents.Ready);
      const changed = before === void 0 ? [] : changedBetween(before, answers);
      if (changed.length || before !== void 0 && before.revision !== answers.revision) {
        this.events.emit(ProviderEvents.ConfigurationChanged, {
          flagsChanged: changed,
          message: "other answers are in force",
          metadata: { revision: answers.revision }
        });
      }
    } catch (error) {
      if (round !== this.#round) return;
      this.#stumble(faultOf(error), had);
    }
  }
  resolveBooleanEvaluation(key, fallback) {
    return this.#resolve(key, fallback, "boolean", (answer) => answer.value);
  }
  resolveObjectEvaluation(key, fallback) {
    return this.#resolve(key, fallback, "object", (answer) => answer.value ? answer.content ?? fallback : fallback);
  }
  resolveStringEvaluation(key, fallback, _, __) {
    return this.#resolve(key, fallback, "string", () => fallback);
  }
  resolveNumberEvaluation(key, fallback, _, __) {
    return this.#resolve(key, fallback, "number", () => fallback);
  }
  #resolve(key, fallback, kind, read) {
    const [word = "", ...name] = key.split(":");
    const kinds = Object.hasOwn(KINDS, word) ? KINDS[word] : void 0;
    if (kinds === void 0 || !name.join(":")) {
      return failed(fallback, new FlagNotFoundError(`\`${key}\` is no flag: write \`segment:NAME\`, \`persona:NAME\` or \`guide:NAME\``));
    }
    if (!kinds.includes(kind)) {
      return failed(fallback, new TypeMismatchError(`\`${key}\` is a ${kinds.join(" or an ")}, and was asked as ${kind}`));
    }
    if (this.#answers === void 0 || this.#isTooOld()) {
      return failed(fallback, this.#trouble ?? new GeneralError("the server has not answered yet"));
    }
    const answer = this.#answers.flags.get(key);
    if (answer === void 0) {
      return failed(
        fallback,
        new FlagNotFoundError(`browsers may not ask \`${key}\`, or the rules in force have no such flag: see Settings → Snippet`)
      );
    }
    const { kind: flagKind, reason, revision, variant, widget } = answer;
    const flagMetadata = { reason, revision, kind: flagKind, ...widget === null ? {} : { widget } };
    if (reason === "ERROR") {
      return { ...failed(fallback, new GeneralError(`the rule of \`${key}\` failed`)), flagMetadata };
    }
    return {
      value: read(answer),
      variant: variant ?? (answer.value ? "on" : "off"),
      reason: this.#trouble === void 0 ? wordOf(reason) : StandardResolutionReasons2.STALE,
      flagMetadata
    };
  }
  async #come(context) {
    const coming = this.#coming = this.#fetchFor(context);
    try {
      await coming;
    } finally {
      if (this.#coming === coming) this.#coming = void 0;
    }
  }
  async #fetchFor(context) {
    const round = ++this.#round;
    try {
      const answers = await this.#ask(context);
      if (round === this.#round) this.#keep(answers);
    } catch (error) {
      if (round !== this.#round) return;
      const fault = faultOf(error);
      this.#trouble = fault;
      throw fault;
    }
  }
  async #ask(context) {
    const { targetingKey, anonymousId, ...rest } = context;
    if (!targetingKey && typeof anonymousId !== "string") {
      throw new TargetingKeyMissingError("flags are asked for a user: put the user id into the targeting key, or an `anonymousId` into the context");
    }
    const { key, host, timeout, userToken } = this.#options;
    const token = typeof userToken === "function" ? await userToken() : userToken;
    const body = { writeKey: key, userId: targetingKey || null, anonymousId: anonymousId ?? null, userToken: token ?? null, context: nested(rest) };
    return ask(`${host}/v1/flags`, body, timeout);
  }
  #keep(answers) {
    this.#answers = answers;
    this.#at = this.#options.now();
    this.#trouble = void 0;
  }
  #isTooOld() {
    return this.#trouble !== void 0 && this.#options.now() - this.#at > this.#options.keptFor;
  }
  #stumble(fault, had) {
    this.#trouble = fault;
    if (this.#answers !== void 0 && !this.#isTooOld()) {
      if (had === void 0) this.events.emit(ProviderEvents.Stale, { message: fault.message });
      return;
    }
    this.#answers = void 0;
    this.events.emit(ProviderEvents.Error, { message: fault.message, errorCode: fault.code });
  }
};
function failed(value, fault) {
  return { value, reason: StandardResolutionReasons2.ERROR, errorCode: fault.code, errorMessage: fault.message };
}
function faultOf(error) {
  if (error instanceof Refused) {
    if (error.status === 401 || error.status === 403) return new ProviderFatalError(error.message);
    if (error.status === 400 || error.status === 422) return new InvalidContextError(error.message);
    return new GeneralError(error.message);
  }
  if (error instanceof Unreachable) return new GeneralError(error.message);
  if (error instanceof Error && "code" in error && Object.values(ErrorCode).includes(error.code)) {
    return error;
  }
  return new GeneralError(error instanceof Error ? error.message : String(error));
}
function changedBetween(before, after) {
  const keys = /* @__PURE__ */ new Set([...before.flags.keys(), ...after.flags.keys()]);
  const said = (answer) => JSON.stringify({ ...answer, revision: "" });
  return [...keys].filter((key) => said(before.flags.get(key)) !== said(after.flags.get(key)));
}
function nested(attributes) {
  const found = {};
  for (const [name, value] of Object.entries(attributes)) if (!name.includes(".")) found[name] = value;
  for (const [name, value] of Object.entries(attributes)) {
    const [first = "", ...rest] = name.split(".");
    if (!rest.length) continue;
    const inner = found[first];
    found[first] = { ...typeof inner === "object" && inner !== null ? inner : {}, [rest.join(".")]: value };
  }
  return found;
}
export {
  WaypostProvider,
  nested
};
