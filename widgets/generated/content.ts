// Generated from the schemas by `npm run types`; change those instead.

export type Content =
  | TooltipContent
  | HotspotContent
  | ModalContent
  | BannerContent
  | SlideoutContent
  | ChecklistContent
  | TourContent
  | SurveyContent
  | FeedbackContent;
export type Title = string | null;
/** A paragraph or another block of a text; never HTML. */
export type Block = ParagraphBlock | HeadingBlock | ListBlock | QuoteBlock | CodeBlock;
/** A piece of a line. */
export type Inline = TextInline | StrongInline | EmInline | CodeInline | LinkInline | BreakInline;
/** An address with an allowed scheme (http, https, mailto, tel) or one of the page that shows it. */
export type Url = string;
/** The text below the title, as blocks. @maxItems 200 */
export type Body = Block[];
/** Where an image or a video is. */
export type MediaUrl = string;
/** What a button does. */
export type Action = OpenAction | CompleteAction | DismissAction | SnoozeAction | StartAction | TrackAction;
/** @maxItems 6 */
export type Buttons = Button[];
/** The language of the words (BCP 47); null for the source text, whose language nobody stated. */
export type Language = string | null;
export type Direction = "ltr" | "rtl";
/** What the questions stand in. */
export type SurveyFrame = SlideoutFrame | ModalFrame | BannerFrame | TooltipFrame;
/** A question of any type. */
export type Question =
  | NpsQuestion
  | EffortQuestion
  | CsatQuestion
  | RatingQuestion
  | ChoiceQuestion
  | ChoicesQuestion
  | RankQuestion
  | TextQuestion
  | EmailQuestion
  | DateQuestion
  | ConsentQuestion;
/** Whether a question is asked. Speaks of earlier answers; unknown where one was skipped. */
export type Expression = AllExpression | AnyExpression | NotExpression | Comparison;
/** Where to go after the question; forward only. */
export type Jump = EndJump | AskJump;
/** @minItems 1 @maxItems 50 */
export type Choices = Choice[];
/** What the browser waits for before it asks the server to confirm. */
export type Wait = IdleWait | VisibleWait | ScrolledWait | ExitIntentWait | OnPageWait | ElapsedWait;

/** One piece of guidance for one user, as it travels to the browser. */
export interface Decision {
  id: string;
  guide: string;
  kind: string;
  variant: string | null;
  content: Content;
  wait: Wait | null;
  priority: number;
  expires: string | null;
  keep?: Keep | null;
}
/** A card that points at one element. */
export interface TooltipContent {
  widget: "tooltip";
  target: Target;
  side: null;
  title: Title;
  body: Body;
  image: Image | null;
  video: MediaUrl | null;
  buttons: Buttons;
  language: Language;
  direction: Direction;
}
/** The element of the page that the widget stands beside. */
export interface Target {
  selector: string;
}
export interface ParagraphBlock {
  type: "paragraph";
  /** @maxItems 1000 */
  children: Inline[];
}
export interface TextInline {
  type: "text";
  text: string;
}
export interface StrongInline {
  type: "strong";
  /** @maxItems 1000 */
  children: Inline[];
}
export interface EmInline {
  type: "em";
  /** @maxItems 1000 */
  children: Inline[];
}
export interface CodeInline {
  type: "code";
  text: string;
}
export interface LinkInline {
  type: "link";
  href: Url;
  /** @maxItems 1000 */
  children: Inline[];
}
export interface BreakInline {
  type: "break";
}
export interface HeadingBlock {
  type: "heading";
  level: number;
  /** @maxItems 1000 */
  children: Inline[];
}
export interface ListBlock {
  type: "list";
  ordered: boolean;
  /** @maxItems 200 */
  items: Block[][];
}
export interface QuoteBlock {
  type: "quote";
  /** @maxItems 200 */
  children: Block[];
}
export interface CodeBlock {
  type: "code";
  text: string;
}
/** A picture and its words for those who cannot see it. */
export interface Image {
  src: MediaUrl;
  alt: string;
}
export interface Button {
  text: string;
  action: Action;
}
export interface OpenAction {
  type: "open";
  url: Url;
}
export interface CompleteAction {
  type: "complete";
}
export interface DismissAction {
  type: "dismiss";
}
export interface SnoozeAction {
  type: "snooze";
  seconds: number;
}
export interface StartAction {
  type: "start";
  guide: string;
}
export interface TrackAction {
  type: "track";
  event: string;
}
/** A pulsing mark at an element that opens a card. */
export interface HotspotContent {
  widget: "hotspot";
  target: Target;
  side: null;
  title: Title;
  body: Body;
  image: Image | null;
  video: MediaUrl | null;
  buttons: Buttons;
  language: Language;
  direction: Direction;
}
/** A dialog in the middle of the window. */
export interface ModalContent {
  widget: "modal";
  target: null;
  side: null;
  title: Title;
  body: Body;
  image: Image | null;
  video: MediaUrl | null;
  buttons: Buttons;
  language: Language;
  direction: Direction;
}
/** A bar along the top or the bottom of the window. */
export interface BannerContent {
  widget: "banner";
  target: null;
  side: "top" | "bottom";
  title: Title;
  body: Body;
  image: Image | null;
  video: MediaUrl | null;
  buttons: Buttons;
  language: Language;
  direction: Direction;
}
/** A card in the corner of the window. */
export interface SlideoutContent {
  widget: "slideout";
  target: null;
  side: null;
  title: Title;
  body: Body;
  image: Image | null;
  video: MediaUrl | null;
  buttons: Buttons;
  language: Language;
  direction: Direction;
}
/** Things to do, ticked off by conditions. */
export interface ChecklistContent {
  widget: "checklist";
  title: Title;
  body: Body;
  /** @minItems 1 @maxItems 30 */
  items: ChecklistItem[];
  buttons: Buttons;
  language: Language;
  direction: Direction;
}
/** One thing to do; the server says whether its condition holds. */
export interface ChecklistItem {
  text: string;
  done: boolean;
  action: Action | null;
}
/** Cards in a row, over one page or several. */
export interface TourContent {
  widget: "tour";
  /** @minItems 1 @maxItems 50 */
  steps: TourStep[];
  language: Language;
  direction: Direction;
}
/** One card of a tour. */
export interface TourStep {
  target: Target | null;
  /** The pattern of the page's path that the step is on; null for any. */
  page: string | null;
  title: Title;
  body: Body;
  image: Image | null;
  video: MediaUrl | null;
  buttons: Buttons;
}
/** Questions, asked one at a time. */
export interface SurveyContent {
  widget: "survey";
  show: SurveyFrame;
  /** @minItems 1 @maxItems 50 */
  questions: Question[];
  thanks: string | null;
  language: Language;
  direction: Direction;
}
export interface SlideoutFrame {
  widget: "slideout";
  target: null;
  side: null;
}
export interface ModalFrame {
  widget: "modal";
  target: null;
  side: null;
}
export interface BannerFrame {
  widget: "banner";
  target: null;
  side: "top" | "bottom";
}
export interface TooltipFrame {
  widget: "tooltip";
  target: Target;
  side: null;
}
/** Net promoter score, 0 to 10. */
export interface NpsQuestion {
  id: string;
  type: "nps";
  text: string;
  optional: boolean;
  shuffled: false;
  scale: Scale;
  limit: null;
  if: Expression | null;
  then: Jump | null;
  /** @maxItems 0 */
  choices: Choice[];
}
export interface Scale {
  low: number;
  high: number;
  style: "numbers" | "stars" | "faces";
}
export interface AllExpression {
  /** @minItems 1 */
  all: Expression[];
}
export interface AnyExpression {
  /** @minItems 1 */
  any: Expression[];
}
export interface NotExpression {
  not: Expression;
}
export interface Comparison {
  question: string;
  op:
    | "is"
    | "is not"
    | "is one of"
    | "is none of"
    | "is set"
    | "is not set"
    | "include"
    | "include any of"
    | "include all of"
    | "include none of"
    | ">="
    | ">"
    | "<="
    | "<"
    | "between"
    | "contains"
    | "does not contain"
    | "starts with"
    | "ends with"
    | "before"
    | "after";
  value: string | number | boolean | (string | number)[] | null;
  ignore_case?: boolean;
}
export interface EndJump {
  end: true;
}
export interface AskJump {
  ask: string;
}
export interface Choice {
  id: string;
  /** Null for an `other` without words of its own. */
  text: string | null;
  other: boolean;
  then: Jump | null;
}
/** Customer effort score, 1 to 7. */
export interface EffortQuestion {
  id: string;
  type: "effort";
  text: string;
  optional: boolean;
  shuffled: false;
  scale: Scale;
  limit: null;
  if: Expression | null;
  then: Jump | null;
  /** @maxItems 0 */
  choices: Choice[];
}
/** Customer satisfaction, 1 to 5. */
export interface CsatQuestion {
  id: string;
  type: "csat";
  text: string;
  optional: boolean;
  shuffled: false;
  scale: Scale;
  limit: null;
  if: Expression | null;
  then: Jump | null;
  /** @maxItems 0 */
  choices: Choice[];
}
/** A rating in stars, numbers or faces. */
export interface RatingQuestion {
  id: string;
  type: "rating";
  text: string;
  optional: boolean;
  shuffled: false;
  scale: Scale;
  limit: null;
  if: Expression | null;
  then: Jump | null;
  /** @maxItems 0 */
  choices: Choice[];
}
/** One of several answers. */
export interface ChoiceQuestion {
  id: string;
  type: "choice";
  text: string;
  optional: boolean;
  shuffled: boolean;
  scale: null;
  limit: null;
  if: Expression | null;
  then: Jump | null;
  choices: Choices;
}
/** Any of several answers, at most `limit` of them. */
export interface ChoicesQuestion {
  id: string;
  type: "choices";
  text: string;
  optional: boolean;
  shuffled: boolean;
  scale: null;
  limit: number | null;
  if: Expression | null;
  then: Jump | null;
  choices: Choices;
}
/** Several answers put in order. */
export interface RankQuestion {
  id: string;
  type: "rank";
  text: string;
  optional: boolean;
  shuffled: boolean;
  scale: null;
  limit: null;
  if: Expression | null;
  then: Jump | null;
  choices: Choices;
}
/** An answer in the user's own words, at most `limit` characters. */
export interface TextQuestion {
  id: string;
  type: "text";
  text: string;
  optional: boolean;
  shuffled: false;
  scale: null;
  limit: number | null;
  if: Expression | null;
  then: Jump | null;
  /** @maxItems 0 */
  choices: Choice[];
}
/** An e-mail address. */
export interface EmailQuestion {
  id: string;
  type: "email";
  text: string;
  optional: boolean;
  shuffled: false;
  scale: null;
  limit: null;
  if: Expression | null;
  then: Jump | null;
  /** @maxItems 0 */
  choices: Choice[];
}
/** A day. */
export interface DateQuestion {
  id: string;
  type: "date";
  text: string;
  optional: boolean;
  shuffled: false;
  scale: null;
  limit: null;
  if: Expression | null;
  then: Jump | null;
  /** @maxItems 0 */
  choices: Choice[];
}
/** A box to tick. */
export interface ConsentQuestion {
  id: string;
  type: "consent";
  text: string;
  optional: boolean;
  shuffled: false;
  scale: null;
  limit: null;
  if: Expression | null;
  then: Jump | null;
  /** @maxItems 0 */
  choices: Choice[];
}
/** A launcher that is always there, and the questions that it opens. */
export interface FeedbackContent {
  widget: "feedback";
  /** The words on the launcher. */
  label: string;
  show: SurveyFrame;
  /** Without any, the browser asks for a comment in its own words, with the id `comment`. @maxItems 50 */
  questions: Question[];
  thanks: string | null;
  language: Language;
  direction: Direction;
}
export interface IdleWait {
  until: "idle";
  seconds: number;
}
export interface VisibleWait {
  until: "visible";
  selector: string;
  seconds: number;
}
export interface ScrolledWait {
  until: "scrolled";
  percent: number;
}
export interface ExitIntentWait {
  until: "exit_intent";
}
export interface OnPageWait {
  until: "on_page";
  seconds: number;
}
export interface ElapsedWait {
  until: "elapsed";
  seconds: number;
}
/** How often a browser may show it on its own while the server cannot be reached; in seconds. */
export interface Keep {
  /** Only on the page for which it was decided. */
  page: boolean;
  every: number | null;
  times: number | null;
  per: number | null;
  /** @maxItems 3 */
  ends: ("answered" | "completed" | "dismissed")[];
}
