/** A dialog in the middle. The browser's own: it keeps the focus, makes the page inert, and gives the focus back. */
import { h, type VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { CloseButton, MessageBody, naming } from "../drawing/card";
import { focusFirst } from "../drawing/layer";
import type { Showing } from "../drawing/showing";
import { wordsFor } from "../drawing/words";
import type { ModalContent } from "../generated/content";
import type { FrameProps } from "../tooltip/tooltip";

export function ModalFrame(props: FrameProps & { closesOutside?: boolean }): VNode {
  const { showing, name, children, isAway, look = "", closesOutside } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    if (isAway) return;
    const element = dialog.current!;
    element.showModal();
    // The browser would begin with the first control.
    focusFirst(element);
    showing.seen(element);
    // While it is still in the page: only then does the focus go back.
    return () => element.close();
  }, [isAway]);
  const onCancel = (event: Event) => {
    event.preventDefault();
    showing.dismiss("escape");
  };
  const onClick = (event: MouseEvent) => {
    if (closesOutside && event.target === dialog.current) showing.dismiss("outside");
  };
  return (
    <dialog ref={dialog} class={`card modal ${look}`} tabIndex={-1} {...name} onCancel={onCancel} onClick={onClick}>
      <div class="inner">{children}</div>
      <CloseButton label={wordsFor(showing.decision.content.language).close} onClose={() => showing.dismiss("close")} />
    </dialog>
  );
}

export function Modal({ content, showing }: { content: ModalContent; showing: Showing }): VNode {
  return (
    <ModalFrame showing={showing} name={naming(content)} announce="" closesOutside>
      <MessageBody message={content} showing={showing} />
    </ModalFrame>
  );
}
