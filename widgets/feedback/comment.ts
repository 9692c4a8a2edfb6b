import type { Question } from "../generated/content";

/** What is asked where the author left it to us. */
export function commentQuestion(text: string): Question {
  const plain = { optional: false, shuffled: false, scale: null, limit: null, if: null, then: null, choices: [] } as const;
  return { id: "comment", type: "text", text, ...plain, choices: [] };
}
