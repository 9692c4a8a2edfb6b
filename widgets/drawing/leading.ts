/** What leads through several steps: tours and checklists. One file; what is alike in them is sent once. */
import { Checklist, css as checklistCss } from "../checklist/checklist";
import { css as tourCss, Tour } from "../tour/tour";

export const checklist = { Drawn: Checklist, css: checklistCss };
export const tour = { Drawn: Tour, css: tourCss };
