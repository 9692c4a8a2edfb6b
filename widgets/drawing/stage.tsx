/** Guides as we draw them. Loaded when the first decision arrives. */
import { Component, h, render, type ComponentChildren } from "preact";
import type { Content } from "../generated/content";
import type { Desk, Stage } from "../snippet/contract";
import { Host } from "./host";
import type { Offered } from "./life";
import { openLine } from "./line";
import { hostDialog, pageIsFree } from "./page_dialogs";
import "./rendering";
import { Showing } from "./showing";
import { rendererOf, type Renderer } from "./widgets";
import { learnWords } from "./words";

/** A widget that fails is taken away; the page never hears of it. */
class Boundary extends Component<{ onFault: (fault: unknown) => void; children: ComponentChildren }> {
  override componentDidCatch(fault: unknown): void {
    this.props.onFault(fault);
  }

  render(): ComponentChildren {
    return this.props.children;
  }
}

/** What it takes to draw this, and the words that go with it. */
async function prepare(content: Content): Promise<Renderer> {
  const [renderer] = await Promise.all([rendererOf(content), learnWords(content.language)]);
  return renderer;
}

function put(offered: Offered, desk: Desk, target: Element | undefined, { Drawn, css }: Renderer): Showing {
  const { content } = offered;
  const host = new Host({ theme: desk.theme, direction: content.direction, language: content.language }, css);
  const showing = new Showing(offered, desk, host, target);
  const onFault = (fault: unknown) => {
    showing.end();
    desk.guard(() => {
      throw fault;
    })();
  };
  showing.onEnd(() => render(null, host.root));
  host.enter(target && hostDialog(target));
  try {
    render(<Boundary onFault={onFault}><Drawn content={content as never} showing={showing} /></Boundary>, host.root);
  } catch (fault) {
    onFault(fault);
  }
  return showing;
}

export function openStage(desk: Desk): Stage {
  return openLine(desk, prepare, put, pageIsFree);
}
