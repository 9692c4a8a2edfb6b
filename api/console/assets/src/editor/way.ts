// The colours of rules, from the TextMate grammar that the language writes of itself: no word of it stands here.
import { HighlightStyle, StreamLanguage, type StringStream } from "@codemirror/language";
import { tags } from "@lezer/highlight";
import grammar from "../../../../../editors/way.tmLanguage.json";

interface Rule {
  name?: string;
  match?: string;
  begin?: string;
  end?: string;
  include?: string;
  captures?: Record<string, { name: string }>;
  beginCaptures?: Record<string, { name: string }>;
  endCaptures?: Record<string, { name: string }>;
  patterns?: Rule[];
}

interface Compiled {
  scope: string | null;
  start: RegExp;
  captures: Record<string, { name: string }>;
  end: RegExp | null;
  endScope: string | null;
  inside: Compiled[];
}

interface Painted {
  to: number;
  scope: string | null;
}

interface State {
  /** How many braces are open. */
  depth: number;
  /** What is open, the innermost last. */
  open: Compiled[];
  /** What a match has painted and the stream has not passed yet. */
  ahead: Painted[];
}

const repository = grammar.repository as Record<string, { patterns: Rule[] }>;
const known = new Map<string, Compiled[]>();

function named(scope: string | undefined): string | null {
  return scope === undefined ? null : scope.replace(/\.waypost$/, "");
}

function included(name: string): Compiled[] {
  const found = known.get(name);
  if (found !== undefined) return found;
  const made: Compiled[] = [];
  // Kept before it is filled: a rule may hold its own group.
  known.set(name, made);
  made.push(...compiled(repository[name]?.patterns ?? []));
  return made;
}

function compiled(rules: Rule[]): Compiled[] {
  return rules.flatMap((rule) => {
    if (rule.include !== undefined) return included(rule.include.slice(1));
    return {
      scope: named(rule.name),
      start: new RegExp(rule.match ?? rule.begin ?? "", "duy"),
      captures: rule.captures ?? rule.beginCaptures ?? {},
      end: rule.end === undefined ? null : new RegExp(rule.end, "uy"),
      endScope: named(rule.endCaptures?.["0"]?.name ?? rule.name),
      inside: compiled(rule.patterns ?? []),
    };
  });
}

const ground = compiled(grammar.patterns as Rule[]);

function at(pattern: RegExp, stream: StringStream): RegExpExecArray | null {
  pattern.lastIndex = stream.pos;
  return pattern.exec(stream.string);
}

/** The stretches of a match: each captured group with its scope, what lies between with the rule's own. */
function painted(found: RegExpExecArray, rule: Compiled): Painted[] {
  const end = found.index + found[0].length;
  const whole = named(rule.captures["0"]?.name) ?? rule.scope;
  const stretches: Painted[] = [];
  let from = found.index;
  for (const [group, place] of [...(found.indices ?? [])].entries()) {
    if (group === 0 || place === undefined) continue;
    const [start, to] = place;
    if (start > from) stretches.push({ to: start, scope: whole });
    stretches.push({ to, scope: named(rule.captures[String(group)]?.name) ?? whole });
    from = to;
  }
  if (from < end) stretches.push({ to: end, scope: whole });
  return stretches;
}

function token(stream: StringStream, state: State): string | null {
  const next = state.ahead.shift();
  if (next !== undefined) {
    stream.pos = next.to;
    return next.scope;
  }
  const open = state.open.at(-1);
  const closing = open?.end ? at(open.end, stream) : null;
  if (open !== undefined && closing !== null && (closing[0] !== "" || stream.eol())) {
    stream.pos += closing[0].length;
    state.open.pop();
    return open.endScope;
  }
  for (const rule of open?.inside ?? ground) {
    const found = at(rule.start, stream);
    if (found === null || found[0] === "") continue;
    if (rule.end !== null) state.open.push(rule);
    const [first, ...rest] = painted(found, rule);
    state.ahead = rest;
    stream.pos = first?.to ?? stream.pos + found[0].length;
    return first?.scope ?? null;
  }
  const sign = stream.next();
  if (open === undefined && sign === "{") state.depth += 1;
  if (open === undefined && sign === "}") state.depth = Math.max(0, state.depth - 1);
  return open?.scope ?? null;
}

/** What ends at the end of a line is closed there: a text in one pair of quotes. */
function closeLine(state: State): void {
  while (state.open.at(-1)?.end?.source.endsWith("|$") === true) state.open.pop();
}

const TAGS = {
  comment: tags.comment,
  "string.regexp": tags.regexp,
  string: tags.string,
  "storage.type": tags.definitionKeyword,
  "entity.name": tags.definition(tags.name),
  "support.type": tags.typeName,
  "support.class": tags.typeName,
  "support.constant": tags.atom,
  "constant.language": tags.atom,
  "constant.character": tags.escape,
  "constant.numeric": tags.number,
  "keyword.operator": tags.operator,
  keyword: tags.keyword,
  "punctuation.section": tags.brace,
  "variable.other.path": tags.propertyName,
  "variable.other": tags.name,
} as const;

/** The longest head of a scope that has a colour. */
function coloured(scope: string | null): string | null {
  if (scope === null) return null;
  const parts = scope.split(".");
  for (let length = parts.length; length > 0; length -= 1) {
    const head = parts.slice(0, length).join(".");
    if (head in TAGS) return head.replaceAll(".", "-");
  }
  return null;
}

export const way = StreamLanguage.define<State>({
  name: "waypost",
  startState: () => ({ depth: 0, open: [], ahead: [] }),
  copyState: (state) => ({ depth: state.depth, open: [...state.open], ahead: [...state.ahead] }),
  token(stream, state) {
    if (stream.sol()) closeLine(state);
    return coloured(token(stream, state));
  },
  blankLine: closeLine,
  // A text over several lines keeps the indentation that it has.
  indent: (state, after, { unit }) =>
    state.open.length > 0 ? null : Math.max(0, state.depth - (after.trimStart().startsWith("}") ? 1 : 0)) * unit,
  languageData: {
    indentOnInput: /^\s*\}$/,
    commentTokens: { line: "#" }, closeBrackets: { brackets: ["{", "(", '"', "`"] } },
  tokenTable: Object.fromEntries(Object.entries(TAGS).map(([scope, tag]) => [scope.replaceAll(".", "-"), tag])),
});

export const colours = HighlightStyle.define([
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: tags.definitionKeyword, color: "var(--accent)", fontWeight: "600" },
  { tag: tags.keyword, color: "var(--accent)" },
  { tag: tags.operator, color: "var(--accent)" },
  { tag: tags.definition(tags.name), fontWeight: "600" },
  { tag: [tags.string, tags.regexp], color: "var(--good)" },
  { tag: [tags.escape, tags.brace], color: "var(--bad)" },
  { tag: [tags.number, tags.atom, tags.typeName], color: "var(--hue-number)" },
]);
