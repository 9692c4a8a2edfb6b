/** Which renderer draws which content: one line for each folder of `widgets/` (a test compares). */
import type { FunctionComponent } from "preact";
import { Banner } from "../banner/banner";
import type { Content } from "../generated/content";
import { Hotspot } from "../hotspot/hotspot";
import { Modal } from "../modal/modal";
import { Slideout } from "../slideout/slideout";
import { Tooltip } from "../tooltip/tooltip";
import type { Showing } from "./showing";

type Widget = Content["widget"];

/** How a widget is drawn, and what it adds to the style sheet. */
export interface Renderer<W extends Widget = Widget> {
  Drawn: FunctionComponent<{ content: Extract<Content, { widget: W }>; showing: Showing }>;
  css?: string;
}

/** What is more than a card is loaded with the first guide that needs it. */
const RENDERERS: { readonly [W in Widget]: () => Renderer<W> | Promise<Renderer<W>> } = {
  tooltip: () => ({ Drawn: Tooltip }),
  hotspot: () => ({ Drawn: Hotspot }),
  modal: () => ({ Drawn: Modal }),
  banner: () => ({ Drawn: Banner }),
  slideout: () => ({ Drawn: Slideout }),
  checklist: () => import("./leading").then(({ checklist }) => checklist),
  tour: () => import("./leading").then(({ tour }) => tour),
  feedback: () => import("./asking").then(({ feedback }) => feedback),
  survey: () => import("./asking").then(({ survey }) => survey),
};

export async function rendererOf({ widget }: Content): Promise<Renderer> {
  // A newer server may know more widgets than this page's copy of the script.
  if (!Object.hasOwn(RENDERERS, widget)) throw new Error(`no renderer for ${widget}`);
  return (await RENDERERS[widget]()) as Renderer;
}
