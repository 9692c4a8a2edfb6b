/** What asks: surveys, and feedback, which asks by a survey. One file; what is alike in them is sent once. */
import { css as feedbackCss, Feedback } from "../feedback/feedback";
import { css as surveyCss, Survey } from "../survey/survey";

export const feedback = { Drawn: Feedback, css: feedbackCss };
export const survey = { Drawn: Survey, css: surveyCss };
