/** What a page can say to Waypost and hear of it. Types only. */
import type { Decision } from "../../../generated/content";
import type { Guide } from "../../../headless/guide";
import type { Json, Properties } from "../../../snippet/contract";
import type { InitOptions } from "../../../snippet/settings";

export type {
  Action,
  BannerContent,
  Block,
  Button,
  ChecklistContent,
  Choice,
  Content,
  Decision,
  HotspotContent,
  Inline,
  ModalContent,
  Question,
  SlideoutContent,
  SurveyContent,
  TooltipContent,
  TourContent,
  TourStep,
} from "../../../generated/content";
export type { AnswerMore, Guide } from "../../../headless/guide";
export type { Json, Properties, Theme } from "../../../snippet/contract";
export type { InitOptions } from "../../../snippet/settings";
export type { Answer, Value } from "../../../survey/flow";

/**
 * What your rules know by name. Empty until `waypost types rules/ > waypost-events.d.ts` fills it in; then every call
 * is checked against it.
 */
export interface Catalog {}

type Known<Name extends string, Otherwise> = Catalog extends Record<Name, infer Named> ? Named : Otherwise;

/** Events by their names, with their properties. */
export type Events = Known<"events", Record<string, Properties>>;
export type EventName = keyof Events & string;
/** `journey.step`. */
export type StepName = Known<"steps", string>;
/** Guides and surveys. */
export type GuideName = Known<"guides", string>;
/** Attributes of a user; those that no rule declares may be sent too. */
export type Traits = Known<"attributes", unknown> & Given;
/** Attributes of an account. */
export type AccountTraits = Known<"accountAttributes", unknown> & Given;

type Given = { [name: string]: Json | Date };

/** What the life of guides is told by, and with what. */
export interface LifeEvents {
  /** Only with `headless`: a guide to draw, again after each change, and once more at its end. */
  guide: Guide;
  shown: { guide: string; variant?: string; decision: string };
  started: { guide: string };
  answered: {
    guide: string;
    question: string;
    value: string | number | boolean | string[];
    text?: string;
    /** The ids of the choices in the order that this user saw, where they were shuffled. */
    order?: string[];
    language?: string;
    /** Of feedback about one element: which. */
    selector?: string;
    submission: string;
  };
  skipped: { guide: string; question: string };
  completed: { guide: string };
  dismissed: { guide: string; how: "close" | "escape" | "button" | "outside" };
  snoozed: { guide: string; seconds: number };
  clicked: { guide: string; button: string };
  abandoned: { guide: string };
  target_missing: { guide: string; reason: string };
}

/** Who the visitor is, and what went wrong lately. */
export interface Report {
  version?: string;
  host?: string;
  key?: string;
  anonymousId?: string;
  userId?: string;
  groupId?: string;
  /** Whether a token was given for the user. */
  isSigned?: boolean;
  consent?: "granted" | "pending" | "denied";
  isOut?: boolean;
  queued?: number;
  faults: string[];
}

/** Every call is safe at any time, before `init` and on a server too; none of them throws. */
export interface Waypost {
  /** Begin; whatever was called before is made up for. Another `init` in the same page does nothing. */
  init(options: InitOptions): void;
  /** token: what your server signed for the user, where the project insists on it. */
  identify(userId: string | number, traits?: Traits, options?: { token?: string }): void;
  identify(traits: Traits): void;
  group(accountId: string | number, traits?: AccountTraits): void;
  track<Name extends EventName>(event: Name, properties?: Events[Name]): void;
  page(name?: string, properties?: Properties): void;
  step(id: StepName): void;
  show(guide: GuideName | Decision): void;
  /** Close what is shown, or this guide alone, as the user would. */
  dismiss(guide?: GuideName): void;
  /** The language that guidance is wanted in (`de-AT`), where it is not the browser's. */
  setLocale(locale?: string): void;
  reset(): void;
  optIn(): void;
  optOut(): void;
  on<Name extends keyof LifeEvents>(event: Name, listener: (heard: LifeEvents[Name]) => void): void;
  off<Name extends keyof LifeEvents>(event: Name, listener: (heard: LifeEvents[Name]) => void): void;
  /** Who, where and why: opens a panel in the page, unless told not to. */
  debug(opensPanel?: boolean): Report;
}
