/** What a text may look like that nobody may see, and what stands in the place of text. Knows nothing of pages. */

const PLACEHOLDER = "x";

/** As long as the text was, with white space where it was, and nothing else of it. */
export function mask(text: string): string {
  return text.replace(/\S/g, PLACEHOLDER);
}

/** In the place of what is typed into a field for a secret: says that there is something, not how long it is. */
export const HIDDEN = PLACEHOLDER.repeat(8);

// None of these may look at a long word again from each place in it: a page may reveal a whole file in one piece.
const EMAIL = /(?<![^\s@<>"'`(),;:[\]{}])[^\s@<>"'`(),;:[\]{}]+@[^\s@<>"'`(),;:[\]{}]+/g;
/** Numbers of cards and accounts, in groups or in one piece. */
const LONG_NUMBER = /\d(?:[\s\u00a0.\-/]?\d){11,}/g;
const SOCIAL_SECURITY = /\b\d{3}[-\s]\d{2}[-\s]\d{4}\b/g;
const IBAN = /\b[A-Z]{2}\d{2}(?:[\s\u00a0]?[A-Z0-9]){6,}\b/g;
/** What of an address may say who asks, or let somebody in. */
const URL_TAIL = /(?=[/?#])(?<=\b[a-z][a-z\d+.-]*:\/\/[^\s/?#]*)[/?#]\S+|[?&#][\w.~-]+=\S*/gi;
const LABELLED = /\b(?:pass(?:word|code|phrase)?|pwd|secret|token|api[ _-]?key|otp|pin|cvc|cvv|code)\b\s*(?:[:=]|\bis\b)\s*\S+/gi;
const KNOWN_KEY = /\b(?:sk|pk|rk|wp|whsec|gh[a-z]|github_pat|glpat|xox[a-z]|AKIA|ASIA|AIza|ya29|eyJ)[-_.]?[a-zA-Z_.~+/=-]{0,200}\d[\w.~+/=-]*/g;
/** Digits among letters in one long piece: keys, tokens, hashes, identifiers. */
const TOKEN = /(?<![\w+/=~.-])(?=[\w+/=~.-]*\d)(?=[\w+/=~.-]*[a-z])[\w+/=~.-]{16,}/gi;

const SECRETS = [EMAIL, URL_TAIL, LABELLED, KNOWN_KEY, IBAN, LONG_NUMBER, SOCIAL_SECURITY, TOKEN];

/** Of texts that stand side by side: what may go on from one to the next. */
export function withoutSecretsInPieces(text: string): string {
  return [EMAIL, IBAN, LONG_NUMBER, SOCIAL_SECURITY].reduce((left, pattern) => left.replace(pattern, mask), text);
}

/** A text that may be seen, without what nobody may see; as long as it was. */
export function withoutSecrets(text: string): string {
  return SECRETS.reduce((left, pattern) => left.replace(pattern, mask), text);
}

export function hasLongNumber(text: string): boolean {
  return text.search(LONG_NUMBER) >= 0;
}

const PIECE_OF_A_TOKEN = /(?=\w*\d)(?=\w*[a-z])[a-z\d]{16,}|\d{9,}|[a-f\d]{20,}|[a-z]{40,}/i;

/** A name in a page's own code, such as a class; not what looks like somebody's address, number or key. */
export function isName(text: string): boolean {
  if (text.length > 100 || PIECE_OF_A_TOKEN.test(text)) return false;
  return !/@[\w-]+\\?\./.test(text) && text.replace(KNOWN_KEY, "") === text;
}

function readable(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const UUID = /^[\da-f]{8}-?(?:[\da-f]{4}-?){3}[\da-f]{12}$/i;
/** Words change from letters to digits, or from small to large, now and then; what was drawn by lot does all the time. */
const CHANGES = /[a-z](?=\d)|\d(?=[a-z])/gi;
const CHANGES_OF_CASE = /[a-z](?=[A-Z])/g;
const MOST_CHANGES = 4;

/** Words and numbers of the product's own addresses, as far as they can be told from somebody's secrets. */
function isPathWord(text: string): boolean {
  const plain = readable(text);
  if (plain.includes("@") || UUID.test(plain) || !isName(plain) || hasLongNumber(plain)) return false;
  return [CHANGES, CHANGES_OF_CASE].every((pattern) => (plain.match(pattern) ?? []).length < MOST_CHANGES);
}

/** Where a page is, without query and fragment; a `*` where a part of the path looks like a secret. */
export function scrubbedUrl(address: string): string {
  try {
    const { origin, protocol, host, pathname } = new URL(address);
    const home = origin === "null" ? `${protocol}//${host}` : origin;
    return home + pathname.split("/").map((part) => (isPathWord(part) ? part : "*")).join("/");
  } catch {
    return "about:blank";
  }
}
