/**
 * The one element that we add to a page: outside its body, with an open shadow root and one constructed style sheet,
 * so that neither side's styles reach the other and no inline style is needed under a strict policy.
 */
import type { Direction } from "../generated/content";
import type { Theme } from "../snippet/contract";
import { sheetText } from "./styles";

/** What a page listens for to close its menus or to run its shortcuts: none of it is about our own controls. */
const KEPT_IN = ["keydown", "keyup", "keypress", "click", "pointerdown", "pointerup", "mousedown", "mouseup", "focusin"];

const SYSTEM_FONT = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif';
/** The fonts of a page that chose none. */
const NO_FONT = /^"?(Times|serif|-webkit-standard)/i;

/** How bright a colour is, 0 to 1, or undefined where it is see-through (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance, without the gamma: a half is a half). */
function brightness(color: string): number | undefined {
  const [r, g, b, alpha = 1] = (color.match(/[\d.]+/g) ?? []).map(Number);
  if (r === undefined || g === undefined || b === undefined || alpha < 0.5) return undefined;
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
}

/** A card in the page's own colours: what the page looks like says more than what the system prefers. */
function isDark(theme: Theme): boolean {
  if (theme !== "auto") return theme === "dark";
  for (const element of [document.body, document.documentElement]) {
    const shade = element && brightness(getComputedStyle(element).backgroundColor);
    if (shade !== undefined) return shade < 0.5;
  }
  const schemes = getComputedStyle(document.documentElement).colorScheme;
  return schemes.includes("dark") && (!schemes.includes("light") || matchMedia("(prefers-color-scheme: dark)").matches);
}

function pageFont(): string {
  const font = document.body ? getComputedStyle(document.body).fontFamily : "";
  return !font || NO_FONT.test(font) ? SYSTEM_FONT : font;
}

/** A host in the page, and the parts of it that a widget needs. */
export class Host {
  readonly element = document.createElement("waypost-guide");
  /** Everything is drawn in here. */
  readonly root = document.createElement("div");
  readonly #places = new CSSStyleSheet();

  /** css: what the widget adds to the style sheet. */
  constructor(look: { theme: Theme; direction: Direction; language: string | null }, css = "") {
    const shadow = this.element.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(sheetText + css);
    shadow.adoptedStyleSheets = [sheet, this.#places];
    this.root.dir = look.direction;
    if (look.language) this.root.lang = look.language;
    shadow.append(this.root);
    const blendIn = () => {
      this.root.className = isDark(look.theme) ? "root dark" : "root";
      this.place(".root", { "--page-font": pageFont() });
    };
    blendIn();
    // The page's style sheets may come after us.
    if (document.readyState !== "complete") addEventListener("load", blendIn, { once: true });
    KEPT_IN.forEach((name) => shadow.addEventListener(name, (event) => event.stopPropagation()));
  }

  /** Into the page; into the dialog that holds the target, since the rest of the page is inert beside it. */
  enter(parent: Element = document.documentElement): void {
    parent.append(this.element);
  }

  leave(): void {
    this.element.remove();
  }

  /** Set properties of a class whose values are only known when it is drawn, in a rule instead of in its markup. */
  place(selector: string, properties: Record<string, string>): void {
    const rules = this.#places.cssRules;
    let rule = Array.from(rules).find((each) => (each as CSSStyleRule).selectorText === selector) as CSSStyleRule;
    rule ??= rules[this.#places.insertRule(`${selector}{}`, rules.length)] as CSSStyleRule;
    for (const [name, value] of Object.entries(properties)) rule.style.setProperty(name, value);
  }
}
