// Asking the service's own interface, as the person who is signed in, about the project of the page.
import { NO_NETWORK, tell, tellStatus } from "./telling";

export interface Problem {
  status: number;
  code: string;
  detail: string;
  errors?: { path: string; message: string }[];
}

export interface Answer {
  ok: boolean;
  status: number;
  /** The document of the answer; a problem where it is not ok; null where nothing came. */
  body: unknown;
}

const body = document.body;

async function send(method: string, address: string, sent: unknown): Promise<Answer> {
  const headers: Record<string, string> = {
    "X-CSRF-Token": body.dataset.csrf ?? "",
    "Waypost-Project": body.dataset.project ?? "",
  };
  const asked: RequestInit = { method, headers };
  if (sent instanceof FormData || sent instanceof Blob) {
    asked.body = sent;
  } else if (sent !== undefined) {
    headers["Content-Type"] = "application/json";
    asked.body = JSON.stringify(sent);
  }
  const answer = await fetch(address, asked);
  const text = await answer.text();
  const isJson = (answer.headers.get("Content-Type") ?? "").includes("json");
  return { ok: answer.ok, status: answer.status, body: isJson && text !== "" ? JSON.parse(text) : text };
}

/** Whoever signed in anew in another tab has another token: true where this page has it now. */
async function renewed(): Promise<boolean> {
  const answer = await fetch("/api/v1/me");
  if (!answer.ok) return false;
  const me = (await answer.json()) as { csrf: string; email: string };
  if (me.csrf === body.dataset.csrf || me.email !== body.dataset.person) return false;
  body.dataset.csrf = me.csrf;
  return true;
}

/** Ask, and once more after somebody signed in anew elsewhere. Never throws: without a network the status is 0. */
export async function ask(method: string, address: string, sent?: unknown): Promise<Answer> {
  try {
    const first = await send(method, address, sent);
    const refused = first.status === 401 || (first.body as Problem | null)?.code === "forged_request";
    return refused && (await renewed()) ? await send(method, address, sent) : first;
  } catch {
    return { ok: false, status: 0, body: null };
  }
}

/** Say why an answer is a refusal. */
export function tellRefusal(answer: Answer): void {
  if (answer.status === 0) tell(NO_NETWORK);
  else tellStatus(answer.status, (answer.body as Problem | null)?.detail);
}
