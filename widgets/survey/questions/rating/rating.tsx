import { h, type VNode } from "preact";
import type { RatingQuestion } from "../../../generated/content";
import type { QuestionProps } from "../question";
import { ScaleView } from "../scale";

export function RatingView(props: QuestionProps<RatingQuestion>): VNode {
  return <ScaleView {...props} ends={props.words.rating} />;
}
