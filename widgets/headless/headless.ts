/**
 * Guides for a page that draws them itself: the same line, the same waits and the same events as where we draw. Loaded
 * instead of the drawing when the first decision arrives.
 */
import { Life, type Offered } from "../drawing/life";
import { openLine } from "../drawing/line";
import { awaitTarget } from "../drawing/target";
import type { Content, Question, TourStep } from "../generated/content";
import type { Desk, Stage } from "../snippet/contract";
import { nextPlace, shuffled, type Answer, type Value } from "../survey/flow";
import { isOn } from "../tour/pages";
import type { AnswerMore, Guide } from "./guide";

/** A guide in the page's hands, and how far it is. */
class Presented extends Life {
  private answers = new Map<string, Answer>();
  private submission: string;
  /** The places of the questions asked so far; the last is the one that is asked now. */
  private path: number[] = [];
  private at: number;
  private content: Content;
  private search = new AbortController();
  /** False while a tour's step waits for its page or its element. */
  private isHere = true;

  constructor(
    offered: Offered,
    desk: Desk,
    private element: Element | undefined,
  ) {
    super(offered, desk);
    this.content = offered.content;
    this.submission = desk.newId();
    this.at = Math.min(offered.at ?? 0, (this.steps?.length ?? 1) - 1);
    this.ask();
    this.onUpdate = (content) => {
      this.content = content;
      this.hand();
    };
    // The launcher of a feedback stays, and asks anew.
    if ((this.content.widget as string) === "feedback") {
      this.onClose = () => {
        this.submission = desk.newId();
        this.answers = new Map();
        this.ask();
        this.hand();
      };
    }
    this.onEnd(() => {
      this.search.abort();
      desk.present(this.guide(false));
    });
    if (this.steps) {
      this.onEnd(desk.onRoute(() => this.hasMoved() && this.find()));
      this.find();
    } else this.hand();
  }

  private get steps(): TourStep[] | undefined {
    return this.content.widget === "tour" ? this.content.steps : undefined;
  }

  private get questions(): Question[] {
    return "questions" in this.content ? this.content.questions : [];
  }

  /** The question that is asked now, its choices in the order in which this user is to see them. */
  private get question(): Question | undefined {
    const question = this.questions[this.path.at(-1)!];
    if (!question?.shuffled) return question;
    return { ...question, choices: shuffled(question.choices, this.decision.id + question.id) } as Question;
  }

  private ask(): void {
    this.path = [nextPlace(this.questions, -1, this.answers)];
  }

  /** Hand the page what is to be drawn now. */
  private hand(): void {
    if (this.signal.aborted) return;
    const { content } = this;
    // A list whose every item is done is completed by that, whoever draws it.
    if (content.widget === "checklist" && content.items.every(({ done }) => done)) this.complete();
    this.desk.present(this.guide(this.isHere));
  }

  private guide(isOpen: boolean): Guide {
    const { id, guide, kind, variant } = this.decision;
    const { content, element, question, at, isCompleted } = this;
    const facts = { id, guide, kind, variant, content, element, question, at, isOpen, isCompleted };
    return {
      ...facts,
      step: this.steps?.[at],
      answer: question && this.answers.get(question.id),
      hasBack: at > 0 || this.path.length > 1,
      shown: this.live((part?: Element) => (part ? this.seen(part) : this.saw())),
      started: this.live(() => this.start()),
      answered: this.live((value: Value, more?: AnswerMore) => this.take(value, more)),
      skipped: this.live(() => this.skip()),
      next: this.live(() => this.steps && this.go(this.at + 1)),
      back: this.live(() => this.back()),
      pressed: this.live<Parameters<Guide["pressed"]>>(({ text, action }) => action && this.press(text, action)),
      completed: this.live(() => {
        this.complete();
        this.close();
      }),
      dismissed: this.live<Parameters<Guide["dismissed"]>>((how = "close") => this.dismiss(how)),
      aside: this.live(() => this.stepAside()),
      ended: this.live(() => this.end()),
    };
  }

  /** A call of the page's: it never throws, and after the end it does nothing. */
  private live<A extends unknown[]>(call: (...args: A) => unknown): (...args: A) => void {
    return this.desk.guard((...args: A) => {
      if (!this.signal.aborted) call(...args);
    });
  }

  private take(value: Value, { text, selector }: AnswerMore = {}): void {
    const { question, submission } = this;
    if (!question) return;
    this.start();
    this.answers.set(question.id, { value, ...(text && { text }) });
    const order = question.shuffled ? question.choices.map(({ id }) => id) : undefined;
    const { language } = this.content;
    const how = { value, text, order, language: language ?? undefined, submission };
    this.report("$answered", { question: question.id, ...how, ...(selector && { selector }) });
    this.advance();
  }

  private skip(): void {
    const { question } = this;
    if (!question) return;
    this.start();
    this.answers.delete(question.id);
    this.report("$skipped", { question: question.id });
    this.advance();
  }

  private advance(): void {
    const next = nextPlace(this.questions, this.path.at(-1)!, this.answers);
    this.path = [...this.path, next];
    if (next >= this.questions.length) this.complete();
    this.hand();
  }

  private back(): void {
    if (this.steps) return this.at > 0 ? this.go(this.at - 1) : undefined;
    if (this.path.length < 2) return;
    this.path = this.path.slice(0, -1);
    this.hand();
  }

  private go(to: number): void {
    this.start();
    if (to < this.steps!.length) {
      this.at = to;
      return this.find();
    }
    this.complete();
    this.end();
  }

  /** Whether a change of route took the tour's step away, or may have brought it. */
  private hasMoved(): boolean {
    return !this.isHere || !isOn(this.steps![this.at]!.page, location.pathname) || this.element?.isConnected === false;
  }

  /** Of a tour: show the step once its page is there, and its element. */
  private find(): void {
    const step = this.steps![this.at]!;
    this.keep(this.at);
    this.search.abort();
    this.element = undefined;
    this.isHere = isOn(step.page, location.pathname) && !step.target;
    this.hand();
    if (!step.target || !isOn(step.page, location.pathname)) return;
    const { signal } = (this.search = new AbortController());
    const found = this.desk.guard((target: Element | string) => {
      if (signal.aborted) return;
      if (typeof target !== "string") {
        this.element = target;
        this.isHere = true;
        return this.hand();
      }
      this.report("$target_missing", { reason: target });
      // A step that cannot be shown is passed over, so that the rest of the tour is not lost.
      if (++this.at < this.steps!.length) return this.find();
      this.end();
    });
    void awaitTarget(step.target.selector, signal).then(found);
  }
}

/** Hand one guide to the page, whatever else it has in its hands. */
export function present(offered: Offered, desk: Desk, target?: Element): Life {
  return new Presented(offered, desk, target);
}

/** The page's own dialogs are its own affair: it draws where it likes. */
const atOnce = () => Promise.resolve();

export function openStage(desk: Desk): Stage {
  return openLine(desk, present, atOnce);
}
