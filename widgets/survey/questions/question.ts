/** What every question's view is given. */
import type { VNode } from "preact";
import type { Words } from "../../drawing/words";
import type { Answer } from "../flow";

export interface Submit {
  isReady: boolean;
  onSubmit: () => void;
}

export interface QuestionProps<Q> {
  question: Q;
  /** What was answered before, when somebody comes back to it. */
  before: Answer | undefined;
  words: Words;
  /** The same for the same showing: orders are drawn from it. */
  seed: string;
  /** `order` is the order that choices were shown in. */
  onAnswer: (answer: Answer, order?: string[]) => void;
  /** The line of buttons below; without `submit` the answer itself goes on. */
  foot: (submit?: Submit) => VNode | null;
}
