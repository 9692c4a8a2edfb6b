/** A card beside one element, with a point that shows which, and a ring around it. */
import { Fragment, h, type ComponentChildren, type VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Announcement, announced, CloseButton, MessageBody, naming } from "../drawing/card";
import { followTarget } from "../drawing/following";
import { raise, returnFocus, useLayer } from "../drawing/layer";
import { bringIntoView, keepPlaced } from "../drawing/place";
import type { Showing } from "../drawing/showing";
import { wordsFor } from "../drawing/words";
import type { TooltipContent } from "../generated/content";

export interface FrameProps {
  showing: Showing;
  name: { "aria-labelledby"?: string; "aria-label"?: string };
  announce: string;
  children: ComponentChildren;
  /** Out of the way for a moment, and back as it was. */
  isAway?: boolean;
  /** More classes for the card. */
  look?: string;
}

export function TooltipFrame(props: FrameProps & { selector?: string; onEscape?: () => void; target?: Element }): VNode {
  const { showing, name, announce, children, selector, look = "" } = props;
  const target = props.target ?? showing.target!;
  const card = useRef<HTMLDivElement>(null);
  const ring = useRef<HTMLDivElement>(null);
  const close = () => showing.dismiss("close");
  useLayoutEffect(() => raise(ring.current), []);
  useLayer(showing, card, props.onEscape ?? (() => showing.dismiss("escape")));
  useLayoutEffect(() => {
    returnFocus(showing);
    bringIntoView(target);
    const place = (beside: Element) => keepPlaced(showing.host, beside, card.current!);
    let stopPlacing = place(target);
    const stopFollowing = followTarget(showing, target, selector, (found) => {
      stopPlacing();
      stopPlacing = place(found);
    });
    return () => {
      stopPlacing();
      stopFollowing();
    };
  }, [target]);
  return (
    <Fragment>
      <div ref={ring} class="layer ring" popover="manual" />
      <div ref={card} class={`layer card float tooltip ${look}`} popover="manual" role="dialog" {...name}>
        <div class="point" />
        <div class="inner">{children}</div>
        <CloseButton label={wordsFor(showing.decision.content.language).close} onClose={close} />
      </div>
      <Announcement text={announce} />
    </Fragment>
  );
}

export function Tooltip({ content, showing }: { content: TooltipContent; showing: Showing }): VNode {
  return (
    <TooltipFrame showing={showing} name={naming(content)} announce={announced(content)} selector={content.target.selector}>
      <MessageBody message={content} showing={showing} />
    </TooltipFrame>
  );
}
