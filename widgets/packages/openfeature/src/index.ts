/**
 * Waypost as a provider for OpenFeature's web SDK.
 *
 * All flags that the project lets browsers ask are fetched for the user at once, when the provider is set and when the
 * context changes; asking one is then a look at what was fetched. Whatever goes wrong gives the default with its code.
 */
import {
  ErrorCode,
  type EvaluationContext,
  FlagNotFoundError,
  GeneralError,
  InvalidContextError,
  type JsonValue,
  type Logger,
  OpenFeatureEventEmitter,
  type OpenFeatureError,
  type Provider,
  ProviderEvents,
  ProviderFatalError,
  type ResolutionDetails,
  StandardResolutionReasons,
  TargetingKeyMissingError,
  TypeMismatchError,
} from "@openfeature/web-sdk";
import { type Answer, type Answers, ask, Refused, Unreachable } from "./asking";
import { wordOf } from "./reasons";

export interface WaypostOptions {
  /** The public key of the project, `wp_pub_…`. Never a secret one. */
  key: string;
  /** Where the server is: `https://waypost.example.com`. */
  host: string;
  /** Your server's signature for the user, where the project insists on it; or what gets one. */
  userToken?: string | (() => string | undefined | Promise<string | undefined>);
  /** Milliseconds between two looks whether anything changed; 0 for none. A page in the background does not look. */
  refreshEvery?: number;
  /** Milliseconds for which the last answers stand in while the server cannot be asked. */
  keptFor?: number;
  /** Milliseconds to wait for an answer. */
  timeout?: number;
  /** What the time is, in milliseconds: for your own tests. */
  now?: () => number;
}

const REFRESH_EVERY = 60_000;
const KEPT_FOR = 300_000;
const TIMEOUT = 5_000;

type Kind = "boolean" | "object" | "string" | "number";

/** What each kind of flag can be asked as, by the word before the colon of its key. */
const KINDS: Readonly<Record<string, readonly Kind[]>> = {
  segment: ["boolean"],
  persona: ["boolean"],
  guide: ["boolean", "object"],
};

export class WaypostProvider implements Provider {
  readonly runsOn = "client";
  readonly metadata = { name: "waypost" };
  readonly events = new OpenFeatureEventEmitter();

  readonly #options: Required<Omit<WaypostOptions, "userToken">> & Pick<WaypostOptions, "userToken">;
  #context: EvaluationContext = {};
  #answers: Answers | undefined;
  #at = 0;
  /** Why the server could not be asked the last time; undefined where it could. */
  #trouble: OpenFeatureError | undefined;
  #round = 0;
  /** What a start or another context waits for. */
  #coming: Promise<void> | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor({ key, host, userToken, refreshEvery = REFRESH_EVERY, keptFor = KEPT_FOR, timeout = TIMEOUT, now = Date.now }: WaypostOptions) {
    if (!key || !host) throw new Error("WaypostProvider needs `key` and `host`");
    if (key.startsWith("wp_sec_")) {
      throw new Error("this is a secret key and must never stand in a web page: withdraw it, and use the public key");
    }
    this.#options = { key, host: host.replace(/\/+$/, ""), userToken, refreshEvery, keptFor, timeout, now };
  }

  async initialize(context: EvaluationContext = {}): Promise<void> {
    this.#context = context;
    if (this.#options.refreshEvery > 0) {
      clearInterval(this.#timer);
      this.#timer = setInterval(() => void this.refresh(), this.#options.refreshEvery);
      // Node must not be kept alive by it.
      (this.#timer as { unref?: () => void }).unref?.();
    }
    await this.#come(context);
  }

  /** The answers were another user's, or of another page: until the new ones are here none is given. */
  async onContextChange(_: EvaluationContext, context: EvaluationContext): Promise<void> {
    this.#context = context;
    this.#answers = undefined;
    await this.#come(context);
  }

  async onClose(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#answers = undefined;
    this.#trouble = undefined;
    this.#coming = undefined;
    this.#round += 1;
  }

  /** Ask again now, such as after something happened that changes who the user is to the rules. Never throws. */
  async refresh(): Promise<void> {
    if (typeof document !== "undefined" && document.visibilityState === "hidden") return;
    // The same question is on its way already: a second one would only make its answer late.
    if (this.#coming) return this.#coming.catch(() => undefined);
    const before = this.#answers;
    const had = this.#trouble;
    const round = ++this.#round;
    try {
      const answers = await this.#ask(this.#context);
      if (round !== this.#round) return;
      this.#keep(answers);
      if (had !== undefined) this.events.emit(ProviderEvents.Ready);
      const changed = before === undefined ? [] : changedBetween(before, answers);
      if (changed.length || (before !== undefined && before.revision !== answers.revision)) {
        this.events.emit(ProviderEvents.ConfigurationChanged, {
          flagsChanged: changed,
          message: "other answers are in force",
          metadata: { revision: answers.revision },
        });
      }
    } catch (error) {
      if (round !== this.#round) return;
      this.#stumble(faultOf(error), had);
    }
  }

  resolveBooleanEvaluation(key: string, fallback: boolean): ResolutionDetails<boolean> {
    return this.#resolve(key, fallback, "boolean", (answer) => answer.value);
  }

  resolveObjectEvaluation<T extends JsonValue>(key: string, fallback: T): ResolutionDetails<T> {
    return this.#resolve(key, fallback, "object", (answer) => (answer.value ? ((answer.content ?? fallback) as T) : fallback));
  }

  resolveStringEvaluation(key: string, fallback: string, _: EvaluationContext, __: Logger): ResolutionDetails<string> {
    return this.#resolve(key, fallback, "string", () => fallback);
  }

  resolveNumberEvaluation(key: string, fallback: number, _: EvaluationContext, __: Logger): ResolutionDetails<number> {
    return this.#resolve(key, fallback, "number", () => fallback);
  }

  #resolve<T>(key: string, fallback: T, kind: Kind, read: (answer: Answer) => T): ResolutionDetails<T> {
    const [word = "", ...name] = key.split(":");
    const kinds = Object.hasOwn(KINDS, word) ? KINDS[word] : undefined;
    if (kinds === undefined || !name.join(":")) {
      return failed(fallback, new FlagNotFoundError(`\`${key}\` is no flag: write \`segment:NAME\`, \`persona:NAME\` or \`guide:NAME\``));
    }
    if (!kinds.includes(kind)) {
      return failed(fallback, new TypeMismatchError(`\`${key}\` is a ${kinds.join(" or an ")}, and was asked as ${kind}`));
    }
    if (this.#answers === undefined || this.#isTooOld()) {
      return failed(fallback, this.#trouble ?? new GeneralError("the server has not answered yet"));
    }
    const answer = this.#answers.flags.get(key);
    if (answer === undefined) {
      return failed(
        fallback,
        new FlagNotFoundError(`browsers may not ask \`${key}\`, or the rules in force have no such flag: see Settings → Snippet`),
      );
    }
    const { kind: flagKind, reason, revision, variant, widget } = answer;
    const flagMetadata = { reason, revision, kind: flagKind, ...(widget === null ? {} : { widget }) };
    if (reason === "ERROR") {
      return { ...failed(fallback, new GeneralError(`the rule of \`${key}\` failed`)), flagMetadata };
    }
    return {
      value: read(answer),
      variant: variant ?? (answer.value ? "on" : "off"),
      reason: this.#trouble === undefined ? wordOf(reason) : StandardResolutionReasons.STALE,
      flagMetadata,
    };
  }

  async #come(context: EvaluationContext): Promise<void> {
    const coming = (this.#coming = this.#fetchFor(context));
    try {
      await coming;
    } finally {
      if (this.#coming === coming) this.#coming = undefined;
    }
  }

  async #fetchFor(context: EvaluationContext): Promise<void> {
    const round = ++this.#round;
    try {
      const answers = await this.#ask(context);
      if (round === this.#round) this.#keep(answers);
    } catch (error) {
      if (round !== this.#round) return;
      const fault = faultOf(error);
      this.#trouble = fault;
      // The SDK makes of it the event and the status.
      throw fault;
    }
  }

  async #ask(context: EvaluationContext): Promise<Answers> {
    const { targetingKey, anonymousId, ...rest } = context;
    if (!targetingKey && typeof anonymousId !== "string") {
      throw new TargetingKeyMissingError("flags are asked for a user: put the user id into the targeting key, or an `anonymousId` into the context");
    }
    const { key, host, timeout, userToken } = this.#options;
    const token = typeof userToken === "function" ? await userToken() : userToken;
    const body = { writeKey: key, userId: targetingKey || null, anonymousId: anonymousId ?? null, userToken: token ?? null, context: nested(rest) };
    return ask(`${host}/v1/flags`, body, timeout);
  }

  #keep(answers: Answers): void {
    this.#answers = answers;
    this.#at = this.#options.now();
    this.#trouble = undefined;
  }

  #isTooOld(): boolean {
    return this.#trouble !== undefined && this.#options.now() - this.#at > this.#options.keptFor;
  }

  #stumble(fault: OpenFeatureError, had: OpenFeatureError | undefined): void {
    this.#trouble = fault;
    if (this.#answers !== undefined && !this.#isTooOld()) {
      if (had === undefined) this.events.emit(ProviderEvents.Stale, { message: fault.message });
      return;
    }
    this.#answers = undefined;
    this.events.emit(ProviderEvents.Error, { message: fault.message, errorCode: fault.code });
  }
}

function failed<T>(value: T, fault: OpenFeatureError): ResolutionDetails<T> {
  return { value, reason: StandardResolutionReasons.ERROR, errorCode: fault.code, errorMessage: fault.message };
}

/** What went wrong, as OpenFeature calls it. */
function faultOf(error: unknown): OpenFeatureError {
  if (error instanceof Refused) {
    if (error.status === 401 || error.status === 403) return new ProviderFatalError(error.message);
    if (error.status === 400 || error.status === 422) return new InvalidContextError(error.message);
    return new GeneralError(error.message);
  }
  if (error instanceof Unreachable) return new GeneralError(error.message);
  if (error instanceof Error && "code" in error && Object.values(ErrorCode).includes(error.code as ErrorCode)) {
    return error as OpenFeatureError;
  }
  return new GeneralError(error instanceof Error ? error.message : String(error));
}

/** The keys whose answers are others than before. */
function changedBetween(before: Answers, after: Answers): string[] {
  const keys = new Set([...before.flags.keys(), ...after.flags.keys()]);
  const said = (answer: Answer | undefined): string => JSON.stringify({ ...answer, revision: "" });
  return [...keys].filter((key) => said(before.flags.get(key)) !== said(after.flags.get(key)));
}

/** The attributes as a request's context: `page.path` may also be written as `path` within `page`. */
export function nested(attributes: Record<string, unknown>): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(attributes)) if (!name.includes(".")) found[name] = value;
  for (const [name, value] of Object.entries(attributes)) {
    const [first = "", ...rest] = name.split(".");
    if (!rest.length) continue;
    const inner = found[first];
    found[first] = { ...(typeof inner === "object" && inner !== null ? inner : {}), [rest.join(".")]: value };
  }
  return found;
}
