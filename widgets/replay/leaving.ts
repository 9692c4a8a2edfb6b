/** Whether somebody who leaves the page leaves the product, or only goes on to another page of it. */

/** A link or a form that was used leads to the next page so soon. */
const WITHIN_MS = 10_000;

interface Navigate extends Event {
  readonly destination?: { readonly url: string; readonly sameDocument: boolean };
  readonly downloadRequest?: string | null;
}

function isOfThisSite(url: string): boolean {
  try {
    return new URL(url, location.href).origin === location.origin;
  } catch {
    return false;
  }
}

/** Call the answer when the page goes away: whether the next page is one of this site, as far as that can be known. */
export function watchLeaving(guard: <A extends unknown[]>(call: (...args: A) => void) => (...args: A) => void, signal: AbortSignal): () => boolean {
  let ledOnAt = -Infinity;
  let ledTo: string | undefined;
  const leads = (url: string, isReload = false) => {
    ledOnAt = isOfThisSite(url) ? performance.now() : -Infinity;
    ledTo = isReload ? undefined : new URL(url, location.href).href;
  };
  const { navigation } = window as { navigation?: EventTarget };
  // Where a browser has none, an element of that id has its name.
  if (navigation instanceof Object && "currentEntry" in navigation) {
    const onNavigate = guard(({ destination, downloadRequest }: Navigate) => {
      const stays = !destination || destination.sameDocument || typeof downloadRequest === "string";
      if (!stays) leads(destination.url, destination.url === location.href);
    });
    navigation.addEventListener("navigate", onNavigate as (event: Event) => void, { signal });
    // An application that goes there without leaving the document.
    navigation.addEventListener("navigatesuccess", () => (ledOnAt = -Infinity), { signal });
  } else {
    const options = { capture: true, passive: true, signal };
    const onClick = guard((event: MouseEvent) => {
      const link = event.composedPath().find((each) => each instanceof HTMLAnchorElement);
      if (event.isTrusted && link && link.target !== "_blank") leads(link.href);
    });
    addEventListener("click", onClick, options);
    const onSubmit = guard(({ target }: Event) => void (target instanceof HTMLFormElement && leads(target.action)));
    addEventListener("submit", onSubmit, options);
  }
  // No browser tells of a reload that is asked for with its own means.
  const onKey = guard(({ key, ctrlKey, metaKey }: KeyboardEvent) => {
    if (key === "F5" || (key === "r" && (ctrlKey || metaKey))) leads(location.href, true);
  });
  addEventListener("keydown", onKey, { capture: true, passive: true, signal });
  // Where it led is where we are: an application went there without leaving the document.
  return () => performance.now() - ledOnAt < WITHIN_MS && ledTo !== location.href;
}
