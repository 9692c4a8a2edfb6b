/**
 * Style sheets without what they may say: comments, strings, addresses and names that look like secrets. What is left
 * draws the page as it was, but for its pictures and fonts.
 */
import { hasLongNumber, isName, mask } from "./secrets";

/** How much cleaned text is kept at hand: the same sheets come again with each snapshot. */
const MOST_KEPT_CHARACTERS = 4_000_000;

const STRING = String.raw`"(?:[^"\\\n]|\\[\s\S])*(?:"|$)|'(?:[^'\\\n]|\\[\s\S])*(?:'|$)`;
/** A rule that counts as one and does nothing, so that the numbers of those after it stay right. */
export const NO_RULE = "@media not all {}";

const PARTS = new RegExp(
  [
    String.raw`(?<comment>\/\*[\s\S]*?(?:\*\/|$))`,
    String.raw`(?<statement>@(?:import|namespace|charset)\b(?:${STRING}|[^;"'])*;?)`,
    String.raw`(?<custom>(?<![\w\\.#-])--[\w-]+\s*:(?!:)(?:${STRING}|[^;{}"'])*)`,
    String.raw`(?<font>\bfont(?:-family)?\s*:(?:${STRING}|[^;{}"'])*)`,
    String.raw`(?<address>\b(?:url|src)\(\s*(?:${STRING}|(?:[^)\\]|\\.)*)\s*\))`,
    String.raw`(?<attribute>\[\s*[\w\\|:*-]+\s*[~|^$*]?=\s*(?:${STRING}|[^\]\s]*)\s*[is]?\s*\])`,
    `(?<string>${STRING})`,
    String.raw`(?<email>[\w.+-]+\\?@[\w\\.-]+)`,
    String.raw`(?<long>[\w\\]{16,})`,
  ].join("|"),
  "gi",
);

const CUSTOM_PARTS = new RegExp(
  [
    `(?<string>${STRING})`,
    String.raw`(?<address>\b(?:url|src)\((?:${STRING}|[^)])*\))`,
    String.raw`(?<name>--[\w-]+)`,
    String.raw`(?<color>#[\da-f]{3,8}\b)`,
    String.raw`(?<number>(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?:[a-z]{1,5}|%)?(?![\w-]))`,
    String.raw`(?<ident>[^\s()[\]{},;:/*+!<>=#%.&|"'-][^\s()[\]{},;:/*+!<>=&|"'#%]*)`,
  ].join("|"),
  "gi",
);

const FUNCTIONS =
  /^(?:var|env|calc|min|max|clamp|round|rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|color-mix|light-dark|translate[xyz3d]*|rotate[xyz3d]*|scale[xyz3d]*|skew[xy]?|matrix(?:3d)?|perspective|(?:repeating-)?(?:linear|radial|conic)-gradient|cubic-bezier|steps|blur|brightness|contrast|drop-shadow|grayscale|hue-rotate|invert|opacity|saturate|sepia|minmax|repeat|fit-content)$/i;
const KEYWORDS =
  /^(?:inherit|initial|unset|revert|none|auto|normal|solid|dashed|dotted|double|inset|outset|ease|linear|ease-in|ease-out|ease-in-out|all|both|forwards|infinite|bold|bolder|lighter|italic|left|right|top|bottom|center|start|end|flex|grid|block|inline|inline-block|hidden|visible|sans-serif|serif|monospace|system-ui|ui-sans-serif|ui-serif|ui-monospace|uppercase|lowercase|capitalize|nowrap|wrap|row|column|absolute|relative|fixed|sticky|to|from|at|in|srgb|oklab|oklch|important|true|false|currentcolor|transparent)$/i;

/** Fonts that are on people's computers; a page's own are not loaded where a recording is shown. */
const FAMILIES =
  /^(?:-apple-system|blinkmacsystemfont|segoe ui|segoe|ui|roboto|helvetica neue|helvetica|neue|arial|noto sans|noto|sans|ubuntu|cantarell|inter|verdana|tahoma|trebuchet ms|georgia|times new roman|times|new|roman|courier new|courier|menlo|monaco|consolas|sf mono|sfmono-regular|liberation mono|lucida grande|system-ui|caption|icon|menu|medium|small|large|x-large|xx-large|x-small|larger|smaller|oblique|condensed|math|emoji|cursive|fantasy)$/i;

const colors = new Map<string, boolean>();

function isColor(word: string): boolean {
  if (word.length > 24) return false;
  let known = colors.get(word);
  if (known === undefined) {
    known = CSS.supports("color", word);
    if (colors.size < 1000) colors.set(word, known);
  }
  return known;
}

function cleanFont(value: string): string {
  const known = (text: string) => FAMILIES.test(text) || KEYWORDS.test(text) || FUNCTIONS.test(text);
  return value.replace(new RegExp(String.raw`${STRING}|--[\w-]+|-?[a-z_\u0080-\uffff][\w\\\u0080-\uffff-]*`, "gi"), (text, at: number) => {
    if (/^["']/.test(text)) return known(text.slice(1, -1)) ? text : cleanString(text);
    if (text.startsWith("--")) return isName(text) ? text : "--x";
    const isUnit = /\d/.test(value[at - 1] ?? "");
    return isUnit || known(text) ? text : mask(text);
  });
}

/** Any text can stand in a custom property: only what is a value for certain stays. */
function cleanCustom(value: string): string {
  if (hasLongNumber(value)) return "0";
  return value.replace(CUSTOM_PARTS, (text: string, ...rest: unknown[]) => {
    const groups = rest.at(-1) as Record<string, string | undefined>;
    if (groups.string !== undefined) return cleanString(text);
    if (groups.address !== undefined) return "none";
    if (groups.color !== undefined) return text;
    if (groups.name !== undefined) return isName(text) ? text : "--x";
    if (groups.number !== undefined) return /\d{8,}/.test(text.replace(/\.\d+/, "")) ? "0" : text;
    return FUNCTIONS.test(text) || KEYWORDS.test(text) || isColor(text) ? text : mask(text);
  });
}

function quoted(text: string): string {
  return `"${mask(text).replace(/\s/g, " ")}"`;
}

/** Signs such as an arrow stay, words do not. */
function cleanString(text: string): string {
  return /[\p{L}\p{N}@]/u.test(text) ? quoted(text.slice(1, -1)) : text;
}

/** A part of the same document, such as a gradient; nothing else has an address here. */
function cleanAddress(text: string): string {
  const [, name] = /^url\(\s*["']?#([\w-]+)["']?\s*\)$/i.exec(text) ?? [];
  return name && isName(name) ? `url("#${name}")` : "none";
}

/** What a selector asks of an attribute; kept: what the recording keeps of such an attribute, if anything. */
type KeptAttribute = (name: string, value: string) => string | undefined;

function cleanAttribute(text: string, kept: KeptAttribute): string {
  const [, name = "", operator = "=", value = "", flag = ""] =
    /^\[\s*([\w\\|:*-]+)\s*([~|^$*]?=)\s*([\s\S]*?)\s*([is]?)\s*\]$/i.exec(text) ?? [];
  const bare = value.replace(/^["']|["']$/g, "");
  const found = bare === "" ? "" : kept(name.toLowerCase(), bare);
  const isSame = found === bare && /^[\w .:/-]*$/.test(bare);
  return `[${name}${operator}${isSame ? `"${bare}"` : quoted(bare)}${flag ? ` ${flag}` : ""}]`;
}

function clean(css: string, kept: KeptAttribute): string {
  return css.replace(PARTS, (text: string, ...rest: unknown[]) => {
    const groups = rest.at(-1) as Record<string, string | undefined>;
    if (groups.comment !== undefined) return "";
    if (groups.statement !== undefined) return NO_RULE;
    if (groups.custom !== undefined) {
      const colon = text.indexOf(":");
      const name = text.slice(0, colon).trim();
      return `${isName(name) ? name : "--x"}:${cleanCustom(text.slice(colon + 1))}`;
    }
    if (groups.font !== undefined) {
      const colon = text.indexOf(":");
      return text.slice(0, colon + 1) + cleanFont(text.slice(colon + 1));
    }
    if (groups.address !== undefined) return cleanAddress(text);
    if (groups.attribute !== undefined) return cleanAttribute(text, kept);
    if (groups.string !== undefined) return cleanString(text);
    if (groups.email !== undefined) return mask(text);
    return isName(text) ? text : mask(text);
  });
}

/** Cleans style sheets, and remembers what it made of each. */
export class StyleCleaner {
  readonly #kept: KeptAttribute;
  readonly #done = new Map<string, string>();
  #characters = 0;
  #probe: CSSStyleSheet | undefined;

  constructor(kept: KeptAttribute) {
    this.#kept = kept;
  }

  /** Rules as the browser reads them back: nothing in them that it does not understand. */
  sheet(css: string): string {
    return this.#once(`s${css}`, () => clean(css, this.#kept));
  }

  /** Rules as somebody wrote them. isOne: one rule, or an empty one in its place. */
  written(css: string, isOne = false): string {
    return this.#once(`${isOne ? 1 : 0}${css}`, () => {
      const probe = this.#sheet();
      probe.replaceSync(css);
      const rules = Array.from(probe.cssRules, (rule) => rule.cssText);
      return clean(isOne ? (rules[0] ?? NO_RULE) : rules.join("\n"), this.#kept);
    });
  }

  /** What stands in an attribute `style`. */
  declarations(css: string): string {
    return this.#once(`d${css}`, () => {
      const style = this.#style();
      style.cssText = css;
      return clean(style.cssText, this.#kept);
    });
  }

  /** The value of one property, or undefined where it is none. */
  value(property: string, value: string): string | undefined {
    if (!/^-{0,2}[\w-]+$/.test(property) || !isName(property)) return undefined;
    if (property.startsWith("--")) return cleanCustom(value);
    const style = this.#style();
    style.cssText = "";
    style.setProperty(property, value);
    const understood = style.getPropertyValue(property);
    if (understood === "") return undefined;
    return /^font(?:-family)?$/i.test(property) ? cleanFont(understood) : clean(understood, this.#kept);
  }

  #sheet(): CSSStyleSheet {
    return (this.#probe ??= new CSSStyleSheet());
  }

  #style(): CSSStyleDeclaration {
    const probe = this.#sheet();
    probe.replaceSync("a{}");
    return (probe.cssRules[0] as CSSStyleRule).style;
  }

  #once(css: string, make: () => string): string {
    let done = this.#done.get(css);
    if (done !== undefined) return done;
    done = make();
    this.#characters += css.length + done.length;
    if (this.#characters > MOST_KEPT_CHARACTERS) {
      this.#done.clear();
      this.#characters = css.length + done.length;
    }
    this.#done.set(css, done);
    return done;
  }
}
