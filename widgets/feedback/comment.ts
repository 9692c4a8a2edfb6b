import { baseLanguage } from "../drawing/words";
import type { Question } from "../generated/content";

const ENGLISH = "What would you like to tell us?";
const TEXTS: Readonly<Record<string, string>> = {
  ar: "ماذا تود أن تقول لنا؟",
  de: "Was möchten Sie uns sagen?",
  es: "¿Qué le gustaría decirnos?",
  fr: "Que souhaitez-vous nous dire ?",
};

/** What is asked where the author left it to us, in the language of the guide or else of the page. */
export function commentQuestion(language: string | null): Question {
  const plain = { optional: false, shuffled: false, scale: null, limit: null, if: null, then: null, choices: [] } as const;
  const text = TEXTS[baseLanguage(language)] ?? ENGLISH;
  return { id: "comment", type: "text", text, ...plain, choices: [] };
}
