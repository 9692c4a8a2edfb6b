/** A bar along the top or the bottom of the window. It lies over the page, so that nothing of it moves. */
import { Fragment, h, type VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Announcement, announced, CloseButton, MessageBody, naming } from "../drawing/card";
import { returnFocus, useLayer } from "../drawing/layer";
import type { Showing } from "../drawing/showing";
import { wordsFor } from "../drawing/words";
import type { BannerContent } from "../generated/content";
import type { FrameProps } from "../tooltip/tooltip";

export function BannerFrame({ showing, name, announce, children, side, look = "" }: FrameProps & { side: "top" | "bottom" }): VNode {
  const card = useRef<HTMLDivElement>(null);
  useLayer(showing, card, () => showing.dismiss("escape"));
  useLayoutEffect(() => returnFocus(showing), []);
  return (
    <Fragment>
      <div ref={card} class={`layer card banner ${side} ${look}`} popover="manual" role="region" {...name}>
        <div class="inner">{children}</div>
        <CloseButton label={wordsFor(showing.decision.content.language).close} onClose={() => showing.dismiss("close")} />
      </div>
      <Announcement text={announce} />
    </Fragment>
  );
}

export function Banner({ content, showing }: { content: BannerContent; showing: Showing }): VNode {
  return (
    <BannerFrame showing={showing} name={naming(content)} announce={announced(content)} side={content.side}>
      <MessageBody message={content} showing={showing} />
    </BannerFrame>
  );
}
