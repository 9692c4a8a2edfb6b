/** What all cards are made of: picture, title, text, buttons, and the cross in the corner. */
import { Fragment, h, type VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Block, Button, Image } from "../generated/content";
import { Icon } from "./icons";
import { plainText, RichText } from "./richtext";
import type { Showing } from "./showing";
import { linkTarget, safeUrl } from "./url";
import { wordsFor } from "./words";

/** The id of the title inside its shadow root, which names the card. */
export const TITLE_ID = "title";

export interface Message {
  title: string | null;
  body: Block[];
  image: Image | null;
  video: string | null;
  buttons: Button[];
}

export function CloseButton({ label, onClose }: { label: string; onClose: () => void }): VNode {
  return (
    <button type="button" class="close" aria-label={label} onClick={onClose}>
      <Icon name="close" />
    </button>
  );
}

/** The first thing to do stands out; what puts off steps back. */
export function rank(buttons: Button[]): ("primary" | "secondary" | "quiet")[] {
  const acts = buttons.findIndex(({ action }) => action.type !== "snooze" && action.type !== "dismiss");
  const first = acts < 0 ? 0 : acts;
  return buttons.map(({ action }, place) =>
    place === first ? "primary" : action.type === "snooze" || action.type === "dismiss" ? "quiet" : "secondary",
  );
}

export function Buttons({ buttons, showing }: { buttons: Button[]; showing: Showing }): VNode | null {
  if (!buttons.length) return null;
  const ranks = rank(buttons);
  return (
    <div class="buttons">
      {buttons.map(({ text, action }, place) => {
        const press = () => showing.press(text, action);
        const look = `button ${ranks[place]}`;
        if (action.type !== "open") return <button key={place} type="button" class={look} onClick={press}>{text}</button>;
        const href = safeUrl(action.url);
        return href === undefined ? null : <a key={place} class={look} href={href} {...linkTarget(href)} onClick={press}>{text}</a>;
      })}
    </div>
  );
}

export function Picture({ image }: { image: Image | null }): VNode | null {
  const src = image && safeUrl(image.src);
  return src ? <img class="picture" src={src} alt={image.alt} decoding="async" /> : null;
}

export function Video({ address, label }: { address: string | null; label: string }): VNode | null {
  const href = address ? safeUrl(address) : undefined;
  if (href === undefined) return null;
  return (
    <a class="video" href={href} target="_blank" rel="noopener">
      <span class="disc"><Icon name="play" /></span>
      {label}
    </a>
  );
}

/** Title, text and buttons in their usual order. */
export function MessageBody({ message, showing }: { message: Message; showing: Showing }): VNode {
  const { title, body, image, video, buttons } = message;
  const words = wordsFor(showing.decision.content.language);
  return (
    <Fragment>
      <Picture image={image} />
      <div class="words">
        {title && <h2 id={TITLE_ID} class="title" tabIndex={-1}>{title}</h2>}
        {body.length > 0 && <RichText body={body} />}
        <Video address={video} label={words.video} />
      </div>
      <Buttons buttons={buttons} showing={showing} />
    </Fragment>
  );
}

/** How a card without a title is called. */
export function naming({ title, body }: Pick<Message, "title" | "body">): { "aria-labelledby"?: string; "aria-label"?: string } {
  return title ? { "aria-labelledby": TITLE_ID } : { "aria-label": plainText(body).slice(0, 100) };
}

/** Said once to those who hear the page, since nothing takes their focus: a live region must be there before its words. */
export function Announcement({ text }: { text: string }): VNode {
  const [said, say] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => say(text), 100);
    return () => clearTimeout(timer);
  }, [text]);
  return <p class="unseen" role="status">{said}</p>;
}

export function announced({ title, body }: Pick<Message, "title" | "body">): string {
  return [title, plainText(body)].filter(Boolean).join(". ");
}
