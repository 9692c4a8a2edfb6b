/** The guides in the application's hands, as React wants to read them: a list that is a new one after each change. */
import type { Guide, Waypost } from "@waypost/js";

export interface OpenGuides {
  subscribe(changed: () => void): () => void;
  current(): readonly Guide[];
}

export function openGuides(client: Waypost): OpenGuides {
  let guides: readonly Guide[] = [];
  const readers = new Set<() => void>();
  const hear = (guide: Guide) => {
    const isHere = guides.some(({ id }) => id === guide.id);
    // In its old place where it had one, so that nothing on the page changes its order.
    if (!guide.isOpen) guides = guides.filter(({ id }) => id !== guide.id);
    else guides = isHere ? guides.map((each) => (each.id === guide.id ? guide : each)) : [...guides, guide];
    readers.forEach((changed) => changed());
  };
  return {
    subscribe(changed) {
      readers.add(changed);
      if (readers.size === 1) client.on("guide", hear);
      return () => {
        readers.delete(changed);
        if (readers.size) return;
        client.off("guide", hear);
        guides = [];
      };
    },
    current: () => guides,
  };
}
