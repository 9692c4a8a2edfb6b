/** Where the visitor is and what with: read from the browser, never patched into it. */
import type { Properties } from "./contract";

const POLL_MS = 1000;

export function pageFacts(): Properties {
  const { pathname, href, search } = location;
  return { path: pathname, url: href, title: document.title, referrer: document.referrer, search };
}

function deviceFacts(): Properties {
  const agent = navigator.userAgent;
  const first = (names: string) => agent.match(new RegExp(names))?.[0];
  const isTablet = /iPad|Tablet|Android(?!.*Mobile)/.test(agent);
  const os = first("Windows|Android|iPhone|iPad|CrOS|Mac OS X|Linux");
  const browser = first("Edg|OPR|SamsungBrowser|Firefox|FxiOS|CriOS|Chrome|Safari");
  return {
    type: isTablet ? "tablet" : /Mobi|iPhone/.test(agent) ? "mobile" : "desktop",
    os: os?.replace(/iPhone|iPad/, "iOS").replace("Mac OS X", "macOS").replace("CrOS", "ChromeOS"),
    browser: browser?.replace("Edg", "Edge").replace("OPR", "Opera").replace("FxiOS", "Firefox").replace("CriOS", "Chrome"),
  };
}

/** Its name in the IANA database. The old way builds a whole formatter of dates, which takes longer than all else here. */
function timezone(): string {
  const { Temporal } = window as { Temporal?: { Now?: { timeZoneId?(): string } } };
  return Temporal?.Now?.timeZoneId?.() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** What is the same for all messages of a page. */
export function commonContext(locale?: string): Properties {
  return {
    library: { name: "waypost.js", version: VERSION },
    locale: locale || navigator.language,
    timezone: timezone(),
    userAgent: navigator.userAgent,
    device: deviceFacts(),
  };
}

/** Of the route, where a router put it there. */
export function fragment(): string {
  return /^#[!/]/.test(location.hash) ? location.hash : "";
}

function route(): string {
  return location.pathname + location.search + fragment();
}

/** Call back after each change of route, one task later, so that the page has had time to change its title. */
export function watchRoutes(call: () => void): void {
  let last = route();
  const compare = () => {
    if (route() === last) return;
    last = route();
    setTimeout(call);
  };
  // Not in the DOM types of every TypeScript release yet, and not in every browser.
  const { navigation } = window as { navigation?: EventTarget & { currentEntry?: unknown } };
  // An element of the page called `navigation` goes by that name where the browser has none.
  if (navigation?.currentEntry !== undefined) {
    navigation.addEventListener("currententrychange", compare);
    return;
  }
  addEventListener("popstate", compare);
  addEventListener("hashchange", compare);
  setInterval(compare, POLL_MS);
}
