/** A card beside one element, with a point that shows which, and a ring around it. */
import { Fragment, h, type ComponentChildren, type VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Announcement, announced, CloseButton, MessageBody, naming } from "../drawing/card";
import { raise, returnFocus, useLayer } from "../drawing/layer";
import { bringIntoView, keepPlaced } from "../drawing/place";
import type { Showing } from "../drawing/showing";
import { findTarget, isVisible } from "../drawing/target";
import { wordsFor } from "../drawing/words";
import type { TooltipContent } from "../generated/content";

const LOOK_EVERY_MS = 400;
/** Lists are drawn anew, menus close and open again: a target may be away for a moment. */
const AWAY_LOOKS = 5;

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

/** A target that is drawn anew is found again; one that stays away takes its card along. */
function followTarget(showing: Showing, selector: string | undefined, onFound: (target: Element) => void): () => void {
  let target = showing.target!;
  let away = 0;
  const timer = setInterval(
    showing.desk.guard(() => {
      if (isVisible(target)) away = 0;
      else {
        const found = selector === undefined ? undefined : findTarget(selector);
        if (found instanceof Element) onFound((target = found));
        else if (!target.isConnected && ++away >= AWAY_LOOKS) showing.lose("removed");
      }
    }),
    LOOK_EVERY_MS,
  );
  return () => clearInterval(timer);
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
    const stopFollowing = followTarget(showing, selector, (found) => {
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
