/** Which question comes next; pure, so that a table of cases can test it. */
import type { Comparison, Expression, Jump, Question } from "../generated/content";

export type Value = string | number | boolean | string[];

export interface Answer {
  value: Value;
  /** What was typed beside `other`. */
  text?: string;
}

/** By the id of the question; a skipped one is not in it. */
export type Answers = ReadonlyMap<string, Answer>;

/** True, false, or undefined where it cannot be known (Kleene). */
type Truth = boolean | undefined;

function fold(sides: Truth[], decisive: boolean): Truth {
  if (sides.includes(decisive)) return decisive;
  return sides.includes(undefined) ? undefined : !decisive;
}

const MOMENTS: string[] = ["before", "after"];
const ORDERED: string[] = [...MOMENTS, "between", ">=", ">", "<=", "<"];
const WORDED: string[] = ["contains", "does not contain", "starts with", "ends with"];

/**
 * Text without its case, so that two texts are the same here exactly where they are on the server (`str.casefold`): ß is
 * ss, both small sigmas are one, and only the dotless ı is nobody else's.
 */
export function folded(text: string): string {
  const parts = text.split("ı").map((part) => part.toLowerCase().toUpperCase().toLowerCase());
  return parts.join("ı").replaceAll("ς", "σ");
}

function compares({ op, value: wanted, ignore_case }: Comparison, answer: Value): Truth {
  const plain = (value: unknown) => (ignore_case && typeof value === "string" ? folded(value) : value);
  const value = plain(answer);
  const one = plain(wanted);
  const many = (Array.isArray(wanted) ? wanted : [wanted]).map(plain);
  const has = (each: unknown) => Array.isArray(answer) && answer.map(plain).includes(each);
  // Times are compared as instants, everything else that has an order as numbers. An answer of another kind than the
  // operator compares decides nothing, as on the server.
  const read = (each: unknown) => (MOMENTS.includes(op) ? Date.parse(String(each)) : typeof each === "number" ? each : NaN);
  const [a, b] = [read(value), read(one)];
  if (ORDERED.includes(op) && Number.isNaN(a)) return undefined;
  if (WORDED.includes(op) && typeof value !== "string") return undefined;
  if (op.startsWith("include") && !Array.isArray(answer)) return undefined;
  const text = String(value);
  switch (op) {
    case "is":
      return value === one;
    case "is not":
      return value !== one;
    case "is one of":
      return many.includes(value as string);
    case "is none of":
      return !many.includes(value as string);
    case "include":
      return has(one);
    case "include any of":
      return many.some(has);
    case "include all of":
      return many.every(has);
    case "include none of":
      return !many.some(has);
    case "contains":
      return text.includes(String(one));
    case "does not contain":
      return !text.includes(String(one));
    case "starts with":
      return text.startsWith(String(one));
    case "ends with":
      return text.endsWith(String(one));
    case "between":
      return Number(many[0]) <= a && a <= Number(many[1]);
    case ">=":
      return a >= b;
    case "<=":
      return a <= b;
    case ">":
    case "after":
      return a > b;
    case "<":
    case "before":
      return a < b;
    default:
      return undefined;
  }
}

export function holds(expression: Expression, answers: Answers): Truth {
  if ("all" in expression) return fold(expression.all.map((each) => holds(each, answers)), false);
  if ("any" in expression) return fold(expression.any.map((each) => holds(each, answers)), true);
  if ("not" in expression) {
    const inner = holds(expression.not, answers);
    return inner === undefined ? undefined : !inner;
  }
  const answer = answers.get(expression.question);
  if (expression.op === "is set") return answer !== undefined;
  if (expression.op === "is not set") return answer === undefined;
  return answer && compares(expression, answer.value);
}

/** A choice says where to go when it is chosen, a question wherever the answer was. */
function jumpAfter(question: Question, answer: Answer | undefined): Jump | null {
  const value = answer?.value;
  const chosen = question.choices.find(({ id, then }) => then && (Array.isArray(value) ? value.includes(id) : value === id));
  return chosen?.then ?? question.then;
}

/** The place of the question to ask after the one at `place` (-1 for the first); as many as there are at the end. */
export function nextPlace(questions: Question[], place: number, answers: Answers): number {
  let next = place + 1;
  const left = questions[place];
  const jump = left && jumpAfter(left, answers.get(left.id));
  if (jump && "end" in jump) return questions.length;
  // Forward only: a jump back could go round for ever.
  if (jump) next = questions.findIndex(({ id }, each) => each > place && id === jump.ask);
  if (next < 0) return questions.length;
  while (next < questions.length) {
    const condition = questions[next]!.if;
    if (condition === null || holds(condition, answers) === true) break;
    next++;
  }
  return next;
}

/** Numbers from a text, always the same: a reload shows the same order (cyrb53's mixing, mulberry32's steps). */
function randomFrom(seed: string): () => number {
  let state = 0x9e3779b9;
  for (const letter of seed) state = Math.imul(state ^ letter.codePointAt(0)!, 0x85ebca6b) ^ (state >>> 13);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Fisher and Yates: every order is as likely as any other. What is `other` stays at the end. */
export function shuffled<T extends { other: boolean }>(items: T[], seed: string): T[] {
  const random = randomFrom(seed);
  const mixed = items.filter(({ other }) => !other);
  for (let last = mixed.length - 1; last > 0; last--) {
    const place = Math.floor(random() * (last + 1));
    [mixed[last], mixed[place]] = [mixed[place]!, mixed[last]!];
  }
  return [...mixed, ...items.filter(({ other }) => other)];
}
