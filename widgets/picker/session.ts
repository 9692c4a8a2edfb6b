/** The link that the picker was opened with, and what the server says to it. */
import type { PickerDesk } from "../snippet/contract";
import type { Picked } from "./text";

/** Where the core looks for it too. It lasts for the tab, so that the picker goes along to the next page. */
const KEPT_AS: typeof import("../snippet/client").PICKING = "waypost:picker";
const IN_ADDRESS = /[#&]waypost-picker=([\w-]+)/;
const LATER = "The server cannot be reached; try again.";

/** The token of the address or of this tab. It is taken out of the address, which people copy. */
export function tokenHere(): string | undefined {
  const inAddress = IN_ADDRESS.exec(location.hash);
  if (inAddress) {
    const rest = location.hash.replace(inAddress[0], "");
    history.replaceState(history.state, "", location.pathname + location.search + (rest.length > 1 ? rest : ""));
  }
  try {
    if (inAddress) sessionStorage.setItem(KEPT_AS, inAddress[1]!);
    return inAddress?.[1] ?? sessionStorage.getItem(KEPT_AS) ?? undefined;
  } catch {
    // Without storage it is for this page alone.
    return inAddress?.[1];
  }
}

export function forgetToken(): void {
  try {
    sessionStorage.removeItem(KEPT_AS);
  } catch {
    // It was never there.
  }
}

async function packed(text: string): Promise<Blob> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Response(stream).blob();
}

export class Session {
  readonly #desk: PickerDesk;
  readonly #token: string;

  constructor(desk: PickerDesk, token: string) {
    this.#desk = desk;
    this.#token = token;
  }

  /** Until when elements may be picked. Throws with a sentence for the reader. */
  async open(): Promise<Date> {
    const { expires } = await this.#ask<{ expires: string }>("/v1/picker", {});
    return new Date(expires);
  }

  /** Hand it back; the answer is what stands in the rules. Throws with a sentence for the reader. */
  async hand(picked: Picked): Promise<string> {
    return (await this.#ask<{ way: string }>("/v1/picker/picks", { ...picked })).way;
  }

  /** Hand over a masked picture of pages that fit the pattern. Throws with a sentence for the reader. */
  async picture(page: string, events: object[]): Promise<void> {
    await this.#ask("/v1/picker/snapshots", { page, events }, packed);
  }

  async #ask<T>(path: string, more: object, pack: (text: string) => Promise<BodyInit> = async (text) => text): Promise<T> {
    const { host, key: writeKey } = this.#desk;
    let response: Response;
    try {
      const body = await pack(JSON.stringify({ writeKey, token: this.#token, ...more }));
      response = await fetch(host + path, { method: "POST", body, headers: { "Content-Type": "text/plain" }, credentials: "omit" });
    } catch {
      throw new Error(LATER);
    }
    const answer = (await response.json().catch(() => ({}))) as T & { detail?: string };
    if (!response.ok) throw new Error(answer.detail ?? LATER);
    return answer;
  }
}
