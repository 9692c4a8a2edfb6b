/** Asks a server for the flags of a user. */

/** What a flag is for the user, and why. */
export interface Answer {
  key: string;
  kind: string;
  value: boolean;
  reason: string;
  revision: string;
  variant: string | null;
  widget: string | null;
  content: unknown;
}

/** All flags that browsers may ask, for one user. */
export interface Answers {
  revision: string;
  flags: ReadonlyMap<string, Answer>;
}

/** The server answered, and refused. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** The server did not answer, or something else did in its place. */
export class Unreachable extends Error {}

export async function ask(url: string, body: unknown, timeout: number): Promise<Answers> {
  let status: number;
  let told: unknown;
  try {
    const answer = await fetch(url, {
      method: "POST",
      body: JSON.stringify(body),
      // Needs no pre-flight.
      headers: { "Content-Type": "text/plain" },
      credentials: "omit",
      signal: AbortSignal.timeout(timeout),
    });
    status = answer.status;
    told = await answer.json();
  } catch (error) {
    const isLate = error instanceof Error && error.name === "TimeoutError";
    throw new Unreachable(isLate ? `the server did not answer within ${timeout} ms` : "the server cannot be reached");
  }
  if (status === 408 || status === 429 || status >= 500) throw new Unreachable(`the server answered ${status}`);
  if (status !== 200) throw new Refused(detailOf(told) ?? `the server answered ${status}`, status);
  const flags = isObject(told) ? told.flags : undefined;
  if (!isObject(told) || typeof told.revision !== "string" || !Array.isArray(flags)) {
    throw new Unreachable("something else than Waypost answered");
  }
  return { revision: told.revision, flags: new Map(flags.filter(isAnswer).map((each) => [each.key, each])) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isAnswer(value: unknown): value is Answer {
  return isObject(value) && typeof value.key === "string" && typeof value.value === "boolean" && typeof value.reason === "string";
}

function detailOf(told: unknown): string | undefined {
  return isObject(told) && typeof told.detail === "string" ? told.detail : undefined;
}
