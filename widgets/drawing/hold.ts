/** Something that must stay true for a while; the ground of `visible for a second` and of all waits. */
export type Watch = (set: (isOn: boolean) => void) => () => void;

/** Resolves once what is watched has been on for `ms` without a break; never after the signal has aborted. */
export function hold(ms: number, signal: AbortSignal, watch: Watch): Promise<void> {
  return new Promise((resolve) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stop: (() => void) | undefined;
    let isDone = signal.aborted;
    const finish = () => {
      isDone = true;
      clearTimeout(timer);
      stop?.();
    };
    signal.addEventListener("abort", finish);
    const unwatch = watch((isOn) => {
      clearTimeout(timer);
      if (!isOn || isDone) return;
      timer = setTimeout(() => {
        signal.removeEventListener("abort", finish);
        finish();
        resolve();
      }, ms);
    });
    stop = unwatch;
    if (isDone) unwatch();
  });
}

/** Listen to several events of one thing at once; the answer stops it. */
export function listen(to: EventTarget, names: string[], call: (event: Event) => void): () => void {
  names.forEach((name) => to.addEventListener(name, call, { capture: true, passive: true }));
  return () => names.forEach((name) => to.removeEventListener(name, call, true));
}

/** On while at least half of the element is in view and the tab is looked at. */
export function inView(element: Element): Watch {
  return (set) => {
    let isInView = false;
    const tell = () => set(isInView && document.visibilityState === "visible");
    const observer = new IntersectionObserver(
      (entries) => {
        isInView = entries.at(-1)!.isIntersecting;
        tell();
      },
      { threshold: 0.5 },
    );
    observer.observe(element);
    const off = listen(document, ["visibilitychange"], tell);
    return () => {
      observer.disconnect();
      off();
    };
  };
}
