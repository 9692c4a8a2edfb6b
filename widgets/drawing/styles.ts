/** The one style sheet of everything we draw: the theme, and what each widget adds to it. */
import banner from "../banner/banner.css";
import checklist from "../checklist/checklist.css";
import feedback from "../feedback/feedback.css";
import hotspot from "../hotspot/hotspot.css";
import modal from "../modal/modal.css";
import slideout from "../slideout/slideout.css";
import questions from "../survey/questions/questions.css";
import survey from "../survey/survey.css";
import tooltip from "../tooltip/tooltip.css";
import tour from "../tour/tour.css";
import parts from "./parts.css";
import theme from "./theme.css";

export const sheetText = [theme, parts, tooltip, hotspot, modal, slideout, banner, survey, questions, checklist, tour, feedback].join("");
