/**
 * What may leave the page of what rrweb recorded. Every event is built anew out of what is known to be harmless:
 * what this does not know is left out, whatever a later rrweb adds. Options only reveal.
 */
import {
  cleanAttributes,
  isForSecrets,
  isTick,
  keptAttribute,
  MASK,
  oneSelector,
  rememberPassword,
  REVEAL,
  typed,
  type Looked,
} from "./elements";
import { isName, mask, scrubbedUrl, withoutSecrets, withoutSecretsInPieces } from "./secrets";
import { NO_RULE, StyleCleaner } from "./styles";
import type { Attributes, ReplayEvent, SerializedNode } from "./wire";

export { takeSnapshot } from "./capture";

/** The kinds of events, nodes and changes that rrweb numbers. */
const Kind = { Loading: 0, Loaded: 1, Full: 2, Change: 3, Meta: 4 } as const;
const NodeKind = { Document: 0, Doctype: 1, Element: 2, Text: 3, Data: 4, Comment: 5 } as const;
const Source = {
  Nodes: 0,
  Pointer: 1,
  Press: 2,
  Scroll: 3,
  Size: 4,
  Input: 5,
  Touch: 6,
  Rules: 8,
  Drag: 12,
  Declaration: 13,
  Adopted: 15,
} as const;

/** Elements of which nothing is said but that they are there. */
const SILENT = new Set(["script", "noscript", "template", "meta", "base", "title", "desc", "metadata", "iframe", "object", "embed"]);
const TAG = /^[a-z][a-z\d-]{0,40}$/i;
/** Parts of a text that stand side by side are looked at together: a number may be cut in pieces. */
const BLOCK =
  "p,li,td,th,dt,dd,h1,h2,h3,h4,h5,h6,label,button,a,option,summary,figcaption,caption,legend,pre,blockquote,div,section,article,main,form,body";
const MOST_TOGETHER = 5000;

type Told = Record<string, unknown>;

/** rrweb's list of nodes by their numbers. */
export interface Mirror {
  getNode(id: number): Node | null;
}

export interface MaskingOptions {
  mirror: Mirror;
  document: Document;
  /** Selectors of what may be seen, besides elements with `data-waypost-reveal`. */
  reveal?: readonly string[];
}

/** The texts of a block: where each begins in all of them, and what may be seen of all. */
interface Together {
  begins: ReadonlyMap<Node, number>;
  seen: string;
}

/** Nothing that could be looked at together. */
const NOTHING: Together = { begins: new Map(), seen: "" };

function isElement(node: Node | null | undefined): node is Element {
  return node?.nodeType === Node.ELEMENT_NODE;
}

const tags = new Map<string, string>();

function tagName(name: string): string {
  let found = tags.get(name);
  if (found === undefined) {
    found = TAG.test(name) && isName(name) ? name : "div";
    if (tags.size < 500) tags.set(name, found);
  }
  return found;
}

function isSilent(element: Element): boolean {
  return SILENT.has(element.localName);
}

function above(node: Node): Element | null {
  const parent = node.parentNode;
  return isElement(parent) ? parent : parent instanceof ShadowRoot ? parent.host : null;
}

const list = (value: unknown): Told[] => (Array.isArray(value) ? (value as Told[]) : []);

/** Only the numbers, by name. */
function numbers(given: Told, ...names: string[]): Told {
  return Object.fromEntries(names.filter((name) => typeof given[name] === "number" || given[name] === null).map((name) => [name, given[name]]));
}

/** An index of a rule: a number, or its places from the outside in. */
function place(index: unknown): number | number[] | undefined {
  if (typeof index === "number") return index;
  return Array.isArray(index) ? index.filter((each) => typeof each === "number") : undefined;
}

/** The elements that a page reveals, as one selector. */
export function revealing(reveal: readonly string[] = []): string {
  return oneSelector([`[${REVEAL}]`, ...reveal]);
}

export class Masking {
  /** How many elements the last whole picture of the page had. */
  elements = 0;
  #counted = 0;
  readonly #mirror: Mirror;
  readonly #document: Document;
  readonly #revealed: string;
  /** Nothing is revealed by selectors, which take longer to look for. */
  readonly #isPlain: boolean;
  readonly #turning: string;
  readonly #styles = new StyleCleaner(keptAttribute);
  readonly #blocks = new Map<Element, Together>();

  constructor({ mirror, document, reveal }: MaskingOptions) {
    this.#mirror = mirror;
    this.#document = document;
    this.#revealed = revealing(reveal);
    this.#isPlain = !reveal?.length;
    this.#turning = `[${MASK}],${this.#revealed}`;
  }

  /** The event as it may leave the page, or undefined: none of it may. */
  mask({ type, timestamp, data }: ReplayEvent): ReplayEvent | undefined {
    this.#blocks.clear();
    const told = this.#told(type, data);
    return told && { type, timestamp, data: told };
  }

  #told(type: number, data: Told): Told | undefined {
    switch (type) {
      case Kind.Loading:
      case Kind.Loaded:
        return {};
      case Kind.Meta:
        return { href: scrubbedUrl(String(data.href)), ...numbers(data, "width", "height") };
      case Kind.Full: {
        this.#counted = 0;
        const node = this.#tree(data.node as SerializedNode, false);
        this.elements = this.#counted;
        return node && { node, initialOffset: numbers((data.initialOffset ?? {}) as Told, "left", "top") };
      }
      case Kind.Change: {
        const change = this.#change(data);
        return change && { source: data.source, ...change };
      }
      default:
        return undefined;
    }
  }

  #change(data: Told): Told | undefined {
    switch (data.source) {
      case Source.Nodes:
        return data.isAttachIframe ? undefined : this.#nodes(data);
      case Source.Pointer:
      case Source.Touch:
      case Source.Drag: {
        const here = list(data.positions).filter(({ id }) => this.#node(id));
        return here.length ? { positions: here.map((each) => numbers(each, "x", "y", "id", "timeOffset")) } : undefined;
      }
      case Source.Press:
        return this.#node(data.id) && numbers(data, "type", "id", "x", "y", "pointerType");
      case Source.Scroll:
        return this.#node(data.id) && numbers(data, "id", "x", "y");
      case Source.Size:
        return numbers(data, "width", "height");
      case Source.Input:
        return this.#input(data);
      case Source.Rules:
        return this.#rules(data);
      case Source.Declaration:
        return this.#declaration(data);
      case Source.Adopted:
        return this.#adopted(data);
      default:
        return undefined;
    }
  }

  /** A node of this document: what happens in the frames of a page is not recorded. */
  #node(id: unknown): Node | undefined {
    const node = typeof id === "number" ? this.#mirror.getNode(id) : null;
    return node && (node === this.#document || node.ownerDocument === this.#document) ? node : undefined;
  }

  /** Whether what stands in an element may be seen: the nearest word of its ancestors counts. */
  #isRevealed(from: Element | null): boolean {
    for (let element = from; element; ) {
      const found: Element | null = element.closest(this.#turning);
      if (found) return this.#turns(found, false);
      const root: Node = element.getRootNode();
      element = root instanceof ShadowRoot ? root.host : null;
    }
    return false;
  }

  #turns(element: Element, before: boolean): boolean {
    if (element.hasAttribute(MASK)) return false;
    return before || (this.#isPlain ? element.hasAttribute(REVEAL) : element.matches(this.#revealed));
  }

  #tree(given: SerializedNode, before: boolean): SerializedNode | undefined {
    const node = this.#node(given.id);
    if (!node) return undefined;
    const { id, type } = given;
    switch (type) {
      case NodeKind.Document: {
        const compatMode = given.compatMode === "BackCompat" ? { compatMode: given.compatMode } : {};
        return { type, id, childNodes: this.#children(given, before), ...compatMode };
      }
      case NodeKind.Doctype:
        return { type, id, name: "html", publicId: "", systemId: "" } as SerializedNode;
      case NodeKind.Text:
        return { type, id, textContent: this.#text(given.textContent ?? "", node, before), ...shadow(given) };
      case NodeKind.Data:
      case NodeKind.Comment:
        return { type, id, textContent: "", ...shadow(given) };
      case NodeKind.Element:
        return isElement(node) ? this.#element(given, node, before) : undefined;
      default:
        return undefined;
    }
  }

  #element(given: SerializedNode, element: Element, before: boolean): SerializedNode {
    this.#counted++;
    const { id, type } = given;
    const isRevealed = this.#turns(element, before);
    const name = String(given.tagName);
    const isMute = isSilent(element);
    const look = { element, isRevealed, styles: this.#styles };
    return {
      type,
      id,
      tagName: tagName(name),
      attributes: isMute ? box(given.attributes) : this.#attributes(given.attributes ?? {}, look),
      childNodes: isMute ? [] : this.#children(given, isRevealed),
      ...(given.isSVG && { isSVG: true }),
      ...(given.isShadowHost && { isShadowHost: true }),
      ...(given.isCustom && { isCustom: true }),
      ...shadow(given),
    };
  }

  #attributes(given: Attributes, looked: Looked): Attributes {
    rememberPassword(looked.element);
    const kept = cleanAttributes(given, looked);
    // Which of its choices is taken is an answer, unless the choices may be seen.
    if (looked.element.tagName === "SELECT") {
      delete kept.value;
      if (looked.isRevealed) kept.value = this.#choice(looked.element as HTMLSelectElement);
    }
    return kept;
  }

  #children(given: SerializedNode, isRevealed: boolean): SerializedNode[] {
    const children: SerializedNode[] = [];
    for (const each of given.childNodes ?? []) {
      const child = this.#tree(each, isRevealed);
      if (child) children.push(child);
    }
    return children;
  }

  #text(text: string, node: Node, isRevealed: boolean): string {
    const parent = above(node);
    if (!parent || isSilent(parent) || parent.tagName === "TEXTAREA") return mask(text);
    if (parent.tagName === "STYLE" || parent.localName === "style") return text.trim() ? this.#styles.written(text) : text;
    const isTyped = (parent as HTMLElement).isContentEditable || this.#document.designMode === "on";
    if (!isRevealed || isTyped) return mask(text);
    return this.#shown(text, node, parent);
  }

  /** A text that may be seen, without what nobody may see, also where only the texts beside it make it that. */
  #shown(text: string, node: Node, parent: Element): string {
    const alone = withoutSecrets(text);
    const block = parent.closest(BLOCK);
    const { begins, seen } = block ? this.#together(block) : NOTHING;
    const at = begins.get(node);
    if (at === undefined || node.textContent !== text) return alone;
    return Array.from({ length: text.length }, (_, each) => (alone[each] === text[each] ? seen[at + each] : alone[each])).join("");
  }

  /** Looked at once for all the texts in it that an event tells of. */
  #together(block: Element): Together {
    const known = this.#blocks.get(block);
    if (known) return known;
    const whole = block.textContent ?? "";
    const begins = new Map<Node, number>();
    const found = whole.length > MOST_TOGETHER ? NOTHING : { begins, seen: withoutSecretsInPieces(whole) };
    this.#blocks.set(block, found);
    if (found === NOTHING) return found;
    const walker = this.#document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    for (let at = 0; walker.nextNode(); at += walker.currentNode.textContent!.length) begins.set(walker.currentNode, at);
    return found;
  }

  #choice(select: HTMLSelectElement): string {
    return withoutSecrets(select.selectedOptions[0]?.text ?? "");
  }

  #nodes(data: Told): Told | undefined {
    const texts = list(data.texts).flatMap(({ id, value }) => {
      const node = this.#node(id);
      return node ? [{ id, value: typeof value === "string" ? this.#text(value, node, this.#isRevealed(above(node))) : "" }] : [];
    });
    const attributes = list(data.attributes).flatMap(({ id, attributes }) => {
      const element = this.#node(id);
      if (!isElement(element) || isSilent(element)) return [];
      const look = { element, isRevealed: this.#isRevealed(element), styles: this.#styles };
      const kept = this.#attributes(attributes as Attributes, look);
      return Object.keys(kept).length ? [{ id, attributes: kept }] : [];
    });
    const removes = list(data.removes).map((each) => ({ ...numbers(each, "parentId", "id"), ...(each.isShadow === true && { isShadow: true }) }));
    const adds = list(data.adds).flatMap((each) => {
      const given = each.node as SerializedNode;
      const real = this.#node(given.id);
      const parent = real && above(real);
      if (parent && isSilent(parent)) return [];
      const node = this.#tree(given, this.#isRevealed(parent ?? null));
      return node ? [{ ...numbers(each, "parentId", "nextId", "previousId"), node }] : [];
    });
    const isEmpty = !texts.length && !attributes.length && !removes.length && !adds.length;
    return isEmpty ? undefined : { texts, attributes, removes, adds };
  }

  #input({ id, text, isChecked }: Told): Told | undefined {
    const element = this.#node(id);
    if (!isElement(element)) return undefined;
    const isSeen = this.#isRevealed(element) && !isForSecrets(element);
    if (isTick(element)) return isSeen ? { id, text: "on", isChecked: isChecked === true } : undefined;
    if (element.tagName === "SELECT") {
      return isSeen ? { id, text: this.#choice(element as HTMLSelectElement), isChecked: false } : undefined;
    }
    return { id, text: typed(element, String(text ?? "")), isChecked: false };
  }

  /** Whose sheet it is: an element's or one without. */
  #sheet(data: Told): Told | undefined {
    if (typeof data.id === "number" && data.id > 0 && !this.#node(data.id)) return undefined;
    return numbers(data, "id", "styleId");
  }

  #rules(data: Told): Told | undefined {
    const rule = ({ rule, index }: Told) => ({ rule: this.#styles.written(String(rule), true) || NO_RULE, index: place(index) });
    const whole = (name: string) => (typeof data[name] === "string" ? { [name]: this.#styles.written(data[name]) } : {});
    const sheet = this.#sheet(data);
    return (
      sheet && {
        ...sheet,
        ...(data.adds ? { adds: list(data.adds).map(rule) } : {}),
        ...(data.removes ? { removes: list(data.removes).map(({ index }) => ({ index: place(index) })) } : {}),
        ...whole("replace"),
        ...whole("replaceSync"),
      }
    );
  }

  #declaration(data: Told): Told | undefined {
    const sheet = this.#sheet(data);
    if (!sheet) return undefined;
    const { property, value, priority } = (data.set ?? data.remove ?? {}) as Told;
    const name = String(property);
    if (data.remove) return isName(name) ? { ...sheet, index: place(data.index), remove: { property: name } } : undefined;
    const found = this.#styles.value(name, String(value ?? ""));
    const set = { property: name, value: found, ...(priority === "important" && { priority }) };
    return found === undefined ? undefined : { ...sheet, index: place(data.index), set };
  }

  #adopted(data: Told): Told | undefined {
    const node = this.#node(data.id);
    const rules = (given: unknown) => list(given).map(({ rule, index }) => ({ rule: this.#styles.sheet(String(rule)), index: place(index) }));
    const styles = list(data.styles).map((each) => ({ ...numbers(each, "styleId"), rules: rules(each.rules) }));
    const ids = list(data.styleIds).filter((each) => typeof each === "number");
    return node && { ...numbers(data, "id"), styleIds: ids, ...(styles.length ? { styles } : {}) };
  }
}

function shadow({ isShadow }: SerializedNode): { isShadow?: true } {
  return isShadow ? { isShadow: true } : {};
}

/** Only how large it stands there. */
function box(given: Attributes = {}): Attributes {
  const sizes = ["rr_width", "rr_height"].filter((name) => /^\d+(?:\.\d+)?px$/.test(String(given[name])));
  return Object.fromEntries(sizes.map((name) => [name, given[name]!]));
}
