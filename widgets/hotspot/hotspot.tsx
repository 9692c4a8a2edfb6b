/** A mark that pulses at the corner of an element, and a card when somebody asks what it is. */
import { h, type VNode } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { announced, MessageBody, naming } from "../drawing/card";
import { followTarget, markAway } from "../drawing/following";
import { focusFirst, raise, returnFocus } from "../drawing/layer";
import { follow } from "../drawing/place";
import type { Showing } from "../drawing/showing";
import { wordsFor } from "../drawing/words";
import type { HotspotContent } from "../generated/content";
import { TooltipFrame } from "../tooltip/tooltip";

export function Hotspot({ content, showing }: { content: HotspotContent; showing: Showing }): VNode {
  const [isOpen, open] = useState(false);
  const mark = useRef<HTMLButtonElement>(null);
  const target = useRef(showing.target!);
  useLayoutEffect(() => returnFocus(showing), []);
  useLayoutEffect(() => {
    const element = mark.current;
    // Whoever asked for the card is led into it: the mark that had the focus is gone.
    if (isOpen) focusFirst(showing.host.root);
    if (!element) return;
    const { host } = showing;
    raise(element);
    showing.seen(element);
    const half = element.offsetWidth / 2;
    const stay = (beside: Element) => {
      const unfollow = follow(beside, ({ left, top, width }) => {
        const corner = element.matches(":dir(rtl)") ? left : left + width;
        host.place(".mark", { left: `${Math.round(corner - half)}px`, top: `${Math.round(top - half)}px` });
      });
      const unmark = markAway(beside, element);
      return () => {
        unfollow();
        unmark();
      };
    };
    let leave = stay(target.current);
    const stopFollowing = followTarget(showing, target.current, content.target.selector, (found) => {
      leave();
      target.current = found;
      leave = stay(found);
    });
    return () => {
      leave();
      stopFollowing();
    };
  }, [isOpen]);
  const begin = () => {
    showing.start();
    open(true);
  };
  const words = wordsFor(content.language);
  if (!isOpen) {
    const label = content.title ? `${words.more}: ${content.title}` : words.more;
    return <button ref={mark} type="button" class="layer mark" popover="manual" aria-label={label} onClick={begin} />;
  }
  return (
    <TooltipFrame
      showing={showing}
      name={naming(content)}
      announce={announced(content)}
      selector={content.target.selector}
      target={target.current}
    >
      <MessageBody message={content} showing={showing} />
    </TooltipFrame>
  );
}
