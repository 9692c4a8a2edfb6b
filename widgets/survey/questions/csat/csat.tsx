import { h, type VNode } from "preact";
import type { CsatQuestion } from "../../../generated/content";
import type { QuestionProps } from "../question";
import { ScaleView } from "../scale";

export function CsatView(props: QuestionProps<CsatQuestion>): VNode {
  return <ScaleView {...props} ends={props.words.csat} />;
}
