/** What an element is to those who do not see it, and how it is called: near enough to what browsers compute to find it by. */

/** Elements that have a role without saying so (https://www.w3.org/TR/html-aria/). */
const IMPLICIT: Readonly<Record<string, string>> = {
  button: "button,summary,input:is([type=button],[type=submit],[type=reset],[type=image])",
  link: "a[href],area[href]",
  textbox: "textarea,input:not([type]),input:is([type=text],[type=email],[type=tel],[type=url])",
  searchbox: "input[type=search]",
  checkbox: "input[type=checkbox]",
  radio: "input[type=radio]",
  slider: "input[type=range]",
  spinbutton: "input[type=number]",
  combobox: "select",
  heading: "h1,h2,h3,h4,h5,h6",
  img: "img[alt]:not([alt=''])",
  navigation: "nav",
  main: "main",
  dialog: "dialog",
  table: "table",
};

export function roleOf(element: Element): string | undefined {
  const stated = element.getAttribute("role")?.trim().split(/\s+/)[0];
  return stated || Object.keys(IMPLICIT).find((role) => element.matches(IMPLICIT[role]!));
}

/** Every element that may have the role; `roleOf` says of each whether it does. */
export function selectorOfRole(role: string): string {
  const stated = `[role~="${role}"]`;
  return Object.hasOwn(IMPLICIT, role) ? `${stated},${IMPLICIT[role]}` : stated;
}

const said = (text: string | null | undefined) => text?.trim().replace(/\s+/g, " ") || undefined;

/** What it is called: its label, or else its words. */
export function nameOf(element: Element): string {
  const attribute = (name: string) => said(element.getAttribute(name));
  const root = element.getRootNode() as Document;
  const labels = attribute("aria-labelledby")?.split(" ").map((id) => root.getElementById?.(id)?.textContent);
  const ownLabels = Array.from((element as HTMLInputElement).labels ?? [], ({ textContent }) => textContent);
  const isButton = element.matches("input:is([type=button],[type=submit],[type=reset])");
  return (
    said(labels?.join(" ")) ??
    attribute("aria-label") ??
    said(ownLabels.join(" ")) ??
    attribute("alt") ??
    (isButton ? attribute("value") : undefined) ??
    // What stands in a field is the user's.
    (element.matches("input,select,textarea") ? undefined : said(element.textContent)) ??
    attribute("title") ??
    attribute("placeholder") ??
    ""
  );
}
