/** The style sheet of everything we draw: the theme, and the cards. A widget that is loaded later brings what it adds. */
import banner from "../banner/banner.css";
import hotspot from "../hotspot/hotspot.css";
import modal from "../modal/modal.css";
import slideout from "../slideout/slideout.css";
import tooltip from "../tooltip/tooltip.css";
import parts from "./parts.css";
import theme from "./theme.css";

export const sheetText = [theme, parts, tooltip, hotspot, modal, slideout, banner].join("");
