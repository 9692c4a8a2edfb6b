/** Which renderer draws which content: one line for each folder of `widgets/` (a test compares). */
import { h, type VNode } from "preact";
import { Banner } from "../banner/banner";
import { Checklist } from "../checklist/checklist";
import type { Content } from "../generated/content";
import { Feedback } from "../feedback/feedback";
import { Hotspot } from "../hotspot/hotspot";
import { Modal } from "../modal/modal";
import { Slideout } from "../slideout/slideout";
import { Survey } from "../survey/survey";
import { Tooltip } from "../tooltip/tooltip";
import { Tour } from "../tour/tour";
import type { Showing } from "./showing";

export function drawn(content: Content, showing: Showing): VNode {
  switch (content.widget) {
    case "tooltip":
      return <Tooltip content={content} showing={showing} />;
    case "hotspot":
      return <Hotspot content={content} showing={showing} />;
    case "modal":
      return <Modal content={content} showing={showing} />;
    case "banner":
      return <Banner content={content} showing={showing} />;
    case "slideout":
      return <Slideout content={content} showing={showing} />;
    case "checklist":
      return <Checklist content={content} showing={showing} />;
    case "tour":
      return <Tour content={content} showing={showing} />;
    case "feedback":
      return <Feedback content={content} showing={showing} />;
    case "survey":
      return <Survey content={content} showing={showing} />;
    default: {
      // A newer server may know more widgets than this page's copy of the script.
      const unknown: never = content;
      throw new Error(`no renderer for ${(unknown as Content).widget}`);
    }
  }
}
