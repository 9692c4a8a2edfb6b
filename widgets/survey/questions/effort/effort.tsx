import { h, type VNode } from "preact";
import type { EffortQuestion } from "../../../generated/content";
import type { QuestionProps } from "../question";
import { ScaleView } from "../scale";

export function EffortView(props: QuestionProps<EffortQuestion>): VNode {
  return <ScaleView {...props} ends={props.words.effort} />;
}
