import { h, type VNode } from "preact";
import type { NpsQuestion } from "../../../generated/content";
import type { QuestionProps } from "../question";
import { ScaleView } from "../scale";

export function NpsView(props: QuestionProps<NpsQuestion>): VNode {
  return <ScaleView {...props} ends={props.words.nps} />;
}
