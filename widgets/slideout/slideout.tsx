/** A card in the corner; the page stays usable and keeps the focus. */
import { Fragment, h, type VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Announcement, announced, CloseButton, MessageBody, naming } from "../drawing/card";
import { returnFocus, useLayer } from "../drawing/layer";
import type { Showing } from "../drawing/showing";
import { wordsFor } from "../drawing/words";
import type { SlideoutContent } from "../generated/content";
import type { FrameProps } from "../tooltip/tooltip";

export function SlideoutFrame({ showing, name, announce, children, look = "" }: FrameProps): VNode {
  const card = useRef<HTMLDivElement>(null);
  useLayer(showing, card, () => showing.dismiss("escape"));
  useLayoutEffect(() => returnFocus(showing), []);
  return (
    <Fragment>
      <div ref={card} class={`layer card slideout ${look}`} popover="manual" role="dialog" {...name}>
        <div class="inner">{children}</div>
        <CloseButton label={wordsFor(showing.decision.content.language).close} onClose={() => showing.dismiss("close")} />
      </div>
      <Announcement text={announce} />
    </Fragment>
  );
}

export function Slideout({ content, showing }: { content: SlideoutContent; showing: Showing }): VNode {
  return (
    <SlideoutFrame showing={showing} name={naming(content)} announce={announced(content)}>
      <MessageBody message={content} showing={showing} />
    </SlideoutFrame>
  );
}
