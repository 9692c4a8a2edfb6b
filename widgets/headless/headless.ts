/**
 * Guides for a page that draws them itself: the same line, the same waits and the same events as where we draw. Loaded
 * instead of the drawing when the first decision arrives.
 */
import { Life, type Offered } from "../drawing/life";
import { openLine } from "../drawing/line";
import { awaitTarget } from "../drawing/target";
import { commentQuestion } from "../feedback/comment";
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
  /** The page on which a tour was last seen. */
  private stoodOn: string | undefined;
  private isAside: boolean;

  constructor(
    offered: Offered,
    desk: Desk,
    private element: Element | undefined,
  ) {
    super(offered, desk);
    this.content = offered.content;
    this.submission = offered.given?.submission ?? desk.newId();
    this.answers = new Map(offered.given?.answers);
    this.at = this.steps ? Math.min(offered.at ?? 0, this.steps.length - 1) : 0;
    this.ask();
    this.onUpdate = (content) => {
      this.content = content;
      this.hand();
    };
    this.isAside = this.content.widget === "checklist" && offered.at === 1;
    this.stoodOn = offered.path;
    this.onEnd(() => {
      this.search.abort();
      desk.present(this.guide(false));
    });
    switch (this.content.widget) {
      case "tour":
        this.isHere = false;
        this.onEnd(desk.onRoute(() => this.move()));
        this.move();
        return;
      case "checklist":
        this.keepTicking();
        break;
      case "feedback":
        this.askAnew();
    }
    this.hand();
  }

  /** Whatever happened may have ticked something off; the server says so to whoever asks for the list by its name. */
  private keepTicking(): void {
    const { decision, desk } = this;
    this.onElsewhere = () => this.fold();
    if (this.isAside) this.stepAside();
    this.keep(this.isAside ? 1 : 0);
    if (decision.preview) return;
    const ask = () => this.isCompleted || desk.start(decision.guide);
    if (decision.at !== undefined) ask();
    this.onEnd(desk.onTaken(ask));
  }

  /** The launcher of a feedback stays, and can be asked again. */
  private askAnew(): void {
    this.onClose = () => {
      this.submission = this.desk.newId();
      this.answers = new Map();
      this.ask();
      this.hand();
    };
  }

  private get steps(): TourStep[] | undefined {
    return this.content.widget === "tour" ? this.content.steps : undefined;
  }

  private get questions(): Question[] {
    const { content } = this;
    if (!("questions" in content)) return [];
    const isLeftToUs = content.widget === "feedback" && !content.questions.length;
    return isLeftToUs ? [commentQuestion(content.language)] : content.questions;
  }

  /** The question that is asked now, its choices in the order in which this user is to see them. */
  private get question(): Question | undefined {
    const question = this.questions[this.path.at(-1)!];
    if (!question?.shuffled) return question;
    return { ...question, choices: shuffled(question.choices, this.decision.id + question.id) } as Question;
  }

  private ask(): void {
    this.path = this.decision.given?.path ?? [nextPlace(this.questions, -1, this.answers)];
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
    const isList = content.widget === "checklist";
    return {
      ...facts,
      isAside: this.isAside,
      step: this.steps?.[at],
      answer: question && this.answers.get(question.id),
      hasBack: this.steps ? at > 0 : this.path.length > 1,
      shown: this.live((part?: Element) => (part ? this.seen(part) : this.saw())),
      started: this.live(() => this.start()),
      answered: this.live((value: Value, more?: AnswerMore) => this.take(value, more)),
      skipped: this.live(() => this.skip()),
      next: this.live(() => this.steps && this.go(this.at + 1)),
      back: this.live(() => this.back()),
      pressed: this.live<Parameters<Guide["pressed"]>>(({ text, action }) => {
        if (isList) this.start();
        if (action) this.press(text, action);
      }),
      completed: this.live(() => {
        this.complete();
        this.close();
      }),
      dismissed: this.live<Parameters<Guide["dismissed"]>>((how = "close") => this.dismiss(how)),
      aside: this.live(() => this.fold()),
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
    this.keepGiven();
  }

  private back(): void {
    if (this.steps) return this.at > 0 ? this.go(this.at - 1) : undefined;
    if (this.path.length < 2) return;
    this.path = this.path.slice(0, -1);
    this.keepGiven();
  }

  /** What was answered so far, for the page after a reload; and hand on what comes now. */
  private keepGiven(): void {
    const { submission, path, answers } = this;
    this.keep(path.at(-1)!, undefined, { submission, path, answers: [...answers] });
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

  private fold(): void {
    this.isAside = true;
    this.stepAside();
    if (this.content.widget === "checklist") this.keep(1);
    this.hand();
  }

  /** A tour's page may have come or gone; who has followed a link to where the next step is has taken it. */
  private move(): void {
    const path = location.pathname;
    const [step, next] = this.steps!.slice(this.at);
    const hasLeft = this.stoodOn !== undefined && this.stoodOn !== path;
    if (hasLeft && next?.page && isOn(next.page, path) && !(step!.page && isOn(step!.page, path))) this.at++;
    else if (this.isHere && this.stoodOn !== undefined && isOn(step!.page, path) && this.element?.isConnected !== false) return;
    this.find();
  }

  /** Of a tour: show the step once its page is there, and its element. */
  private find(): void {
    const step = this.steps![this.at]!;
    this.search.abort();
    this.element = undefined;
    this.isHere = isOn(step.page, location.pathname) && !step.target;
    this.stand();
    if (!step.target || !isOn(step.page, location.pathname)) return;
    const { signal } = (this.search = new AbortController());
    const found = this.desk.guard((target: Element | string) => {
      if (signal.aborted) return;
      if (typeof target !== "string") {
        this.element = target;
        this.isHere = true;
        return this.stand();
      }
      this.report("$target_missing", { reason: target });
      // A step that cannot be shown is passed over, so that the rest of the tour is not lost.
      if (++this.at < this.steps!.length) return this.find();
      this.end();
    });
    void awaitTarget(step.target.selector, signal).then(found);
  }

  private stand(): void {
    if (this.isHere) this.stoodOn = location.pathname;
    this.keep(this.at, this.stoodOn);
    this.hand();
  }
}

/** Hand one guide to the page, whatever else it has in its hands. */
export function present(offered: Offered, desk: Desk, target?: Element): Life {
  return new Presented(offered, desk, target);
}

/** The page's own dialogs are its own affair: it draws where it likes. */
const atOnce = () => Promise.resolve();

export function openStage(desk: Desk): Stage {
  return openLine(desk, atOnce, present, atOnce);
}
