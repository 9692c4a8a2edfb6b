/** Which view asks which question: one line for each folder beside this file (a test compares). */
import { h, type VNode } from "preact";
import type { Question } from "../../generated/content";
import { ChoiceView } from "./choice/choice";
import { ChoicesView } from "./choices/choices";
import { ConsentView } from "./consent/consent";
import { CsatView } from "./csat/csat";
import { DateView } from "./date/date";
import { EffortView } from "./effort/effort";
import { EmailView } from "./email/email";
import { NpsView } from "./nps/nps";
import type { QuestionProps } from "./question";
import { RankView } from "./rank/rank";
import { RatingView } from "./rating/rating";
import { TextView } from "./text/text";

export function QuestionView({ question, ...rest }: QuestionProps<Question>): VNode {
  switch (question.type) {
    case "nps":
      return <NpsView {...rest} question={question} />;
    case "effort":
      return <EffortView {...rest} question={question} />;
    case "csat":
      return <CsatView {...rest} question={question} />;
    case "rating":
      return <RatingView {...rest} question={question} />;
    case "choice":
      return <ChoiceView {...rest} question={question} />;
    case "choices":
      return <ChoicesView {...rest} question={question} />;
    case "rank":
      return <RankView {...rest} question={question} />;
    case "text":
      return <TextView {...rest} question={question} />;
    case "email":
      return <EmailView {...rest} question={question} />;
    case "date":
      return <DateView {...rest} question={question} />;
    case "consent":
      return <ConsentView {...rest} question={question} />;
    default: {
      const unknown: never = question;
      throw new Error(`no view for ${(unknown as Question).type}`);
    }
  }
}
