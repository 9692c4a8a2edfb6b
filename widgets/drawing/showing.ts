/** One guide on the page as we draw it: its life, its place in the page, and the element that it stands beside. */
import type { Desk } from "../snippet/contract";
import type { Host } from "./host";
import { Life, type Offered } from "./life";

export class Showing extends Life {
  constructor(
    offered: Offered,
    desk: Desk,
    readonly host: Host,
    readonly target: Element | undefined,
  ) {
    super(offered, desk);
    // The first to be put up is the last to be taken down.
    this.onEnd(() => host.leave());
  }
}
