/**
 * Our own few words; everything else that is read comes from the guide. English where a language is missing; each of
 * the others is loaded with the first guide in it.
 */

const ENGLISH = {
  close: "Close",
  back: "Back",
  next: "Next",
  send: "Send",
  skip: "Skip",
  done: "Done",
  other: "Something else",
  otherHint: "Tell us more",
  textHint: "Type your answer",
  optional: "optional",
  video: "Watch the video",
  thanks: "Thank you!",
  more: "Show a hint",
  up: "Move up",
  down: "Move down",
  fold: "Fold away",
  email: "name@example.com",
  emailWrong: "This does not look like an e-mail address.",
  left: "characters left",
  agree: "Yes, I agree",
  step: "{n} of {all}",
  about: "What it is about",
  wholePage: "This page",
  oneElement: "One element",
  pick: "Click what you mean, or move with the arrow keys and press Enter.",
  cancel: "Cancel",
  effort: ["Very hard", "Very easy"],
  nps: ["Not at all likely", "Extremely likely"],
  csat: ["Very unsatisfied", "Very satisfied"],
  rating: ["Poor", "Excellent"],
} as const;

type Loose<T> = { readonly [K in keyof T]: T[K] extends string ? string : readonly [string, string] };
export type Words = Loose<typeof ENGLISH>;

const LANGUAGES: Readonly<Record<string, () => Promise<{ words: Words }>>> = {
  ar: () => import("./words/arabic"),
  de: () => import("./words/german"),
  es: () => import("./words/spanish"),
  fr: () => import("./words/french"),
};
const learnt: Record<string, Words> = {};

/** The language of a text; where nobody stated it, that of the page. */
export function baseLanguage(language: string | null): string {
  return (language ?? document.documentElement.lang).slice(0, 2).toLowerCase();
}

/** Have the words that go with a text; a guide is not kept back for want of them. */
export async function learnWords(language: string | null): Promise<void> {
  const base = baseLanguage(language);
  try {
    const { words } = (await LANGUAGES[base]?.()) ?? {};
    if (words) learnt[base] = words;
  } catch {
    // English is better than nothing.
  }
}

/** The words that go with a text, once they were learnt. */
export function wordsFor(language: string | null): Words {
  return learnt[baseLanguage(language)] ?? ENGLISH;
}
