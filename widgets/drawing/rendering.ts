/** What preact is told of pages that changed what it stands on. */
import { options, type VNode } from "preact";

const everywhere = Object.prototype as unknown as Record<string, unknown>;

// It calls this from timers and events, where nobody catches.
options.debounceRendering = (draw) => {
  try {
    queueMicrotask(draw);
  } catch {
    setTimeout(draw);
  }
};

// What a page put on every object is no property of what we draw: preact copies what it can list, inherited or not.
options.vnode = (vnode: VNode<unknown>) => {
  // The properties of a text are the text.
  if (typeof vnode.props !== "object") return;
  const own = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(vnode.props!)) if (value !== everywhere[name]) own[name] = value;
  vnode.props = own as typeof vnode.props;
};
