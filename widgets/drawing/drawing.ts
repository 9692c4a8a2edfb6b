/**
 * The drawing as it is loaded: the stage, and what the widgets that are loaded later are made of. Those import it from
 * here, so that a page has each of these once (build.mjs sees to it, and says which name is missing).
 */
export { Fragment, h, render } from "preact";
export { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
export { BannerFrame } from "../banner/banner";
export { ModalFrame } from "../modal/modal";
export { SlideoutFrame } from "../slideout/slideout";
export { TooltipFrame } from "../tooltip/tooltip";
export { Announcement, announced, Buttons, CloseButton, MessageBody, naming, TITLE_ID } from "./card";
export { hold, inView, listen } from "./hold";
export { Host } from "./host";
export { Icon } from "./icons";
export { focusFirst, raise, returnFocus, useLayer } from "./layer";
export { openDialog } from "./page_dialogs";
export { bringIntoView, follow, keepRinged } from "./place";
export { RichText } from "./richtext";
export { openStage } from "./stage";
export { nameOf, roleOf } from "../targeting/roles";
export { matches } from "../targeting/selector";
export { awaitTarget, isVisible } from "./target";
export { linkTarget, safeUrl } from "./url";
export { baseLanguage, wordsFor } from "./words";
