// Saying what went wrong, so that it stays until it is read.
import { make } from "./dom";

export const SIGNED_OUT =
  "You are signed out. Sign in in another tab and send this again: nothing is lost, what you typed is still here.";
export const STALE = "Somebody else changed this meanwhile. Nothing was saved; what you typed is still here.";
export const NO_NETWORK = "The server cannot be reached. Nothing was saved; what you typed is still here.";

const told = document.querySelector<HTMLElement>("#told");

/** Say something, with a link to where it can be put right; without words, be silent again. */
export function tell(words: string, link?: { href: string; text: string }, tone: "bad" | "good" = "bad"): void {
  if (told === null) return;
  told.textContent = words;
  told.hidden = words === "";
  told.dataset.tone = tone;
  if (link === undefined) return;
  told.append(" ", make("a", { href: link.href, target: "_blank" }, link.text));
}

/** What a status means to somebody who just sent something. */
export function tellStatus(status: number, detail = ""): void {
  if (status === 401) tell(SIGNED_OUT, { href: document.body.dataset.signIn ?? "/", text: "Sign in" });
  else if (status === 409) tell(STALE, { href: location.href, text: "See how it is now" });
  else tell(detail === "" ? `This did not work (${status}). Nothing was saved; what you typed is still here.` : detail);
}
