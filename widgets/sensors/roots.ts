/** The document and the open shadow roots in it, which an observer of the document does not see into. */
import { wayOf } from "./element";
import type { Watch } from "./watch";

export type Root = Document | ShadowRoot;

export interface Roots {
  all(): Root[];
  /** The page as it stood when watching began has not been looked through yet. */
  readonly isFirstWalk: boolean;
  /** Hear of each root, now and when one is found. */
  onRoot(call: (root: Root) => void): void;
  /** Look for roots in what was added, a little later. */
  look(added: Iterable<Node>): void;
}

/** As many elements are looked at before the page has its turn again. */
const ELEMENTS_AT_ONCE = 500;
const MOST_WAITING = 1000;
const PAUSE_MS = 50;

export function watchRoots(watch: Watch): Roots {
  const known = new Set<Root>();
  const calls: ((root: Root) => void)[] = [];
  let waiting: Node[] = [];
  let walker: TreeWalker | undefined;
  let isWalking = false;
  let isFirstWalk = true;

  const find = (root: Root) => {
    if (known.has(root) || (root instanceof ShadowRoot && /^waypost-/.test(root.host.localName))) return;
    known.add(root);
    calls.forEach((call) => call(root));
    waiting.push(root);
  };

  const walk = () => {
    isWalking = false;
    for (let count = 0; count < ELEMENTS_AT_ONCE; count++) {
      if (!walker) {
        const next = waiting.shift();
        if (!next) {
          isFirstWalk = false;
          return;
        }
        if (!next.isConnected) continue;
        walker = document.createTreeWalker(next, NodeFilter.SHOW_ELEMENT);
      }
      const { currentNode } = walker;
      if (currentNode instanceof Element && currentNode.shadowRoot) find(currentNode.shadowRoot);
      if (!walker.nextNode()) walker = undefined;
    }
    begin();
  };

  const begin = () => {
    if (isWalking) return;
    isWalking = true;
    watch.later(PAUSE_MS, walk);
  };

  find(document);
  begin();
  // Where the user is, a root is known at once, even if the element got it late.
  for (const name of ["pointerdown", "focusin"] as const) {
    watch.on(name, (event) => {
      wayOf(event).forEach((each) => each instanceof ShadowRoot && find(each));
      if (waiting.length) begin();
    });
  }

  return {
    get isFirstWalk() {
      return isFirstWalk;
    },
    all() {
      for (const root of known) if (!root.isConnected) known.delete(root);
      return [...known];
    },
    onRoot(call) {
      calls.push(call);
      known.forEach(call);
    },
    look(added) {
      for (const node of added) if (node instanceof Element) waiting.push(node);
      // More than that is quicker looked through as a whole.
      if (waiting.length > MOST_WAITING) waiting = [...known];
      if (waiting.length) begin();
    },
  };
}
