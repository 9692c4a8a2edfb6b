/**
 * Signs of friction that only the browser sees. Loaded when there may be one (`snippet/vigil.ts`) and the visitor has
 * agreed; reads, never changes. What counts is in `thresholds.json`.
 */
import type { SensorDesk } from "../snippet/contract";
import { watchDeadClicks } from "./dead_click";
import { watchElementClicks } from "./element_clicks";
import { watchErrorClicks } from "./error_click";
import { watchErrorsShown } from "./error_shown";
import { watchReentry } from "./field_reentered";
import { watchFields } from "./fields";
import { watchForms } from "./form_abandoned";
import { watchHesitation } from "./hesitation";
import { watchLoops } from "./loop";
import { watchQuickBacks } from "./quick_back";
import { watchRageClicks } from "./rage_click";
import { watchRequests } from "./requests";
import { watchRetries } from "./retry";
import { watchRoots } from "./roots";
import { watchScrollDepth } from "./scroll_depth";
import { watchThrash } from "./thrash";
import { watchTrail } from "./trail";
import { beginWatch } from "./watch";

/** Begin to watch; the answer ends it. */
export function watch(desk: SensorDesk): () => void {
  const { watch, replay, end } = beginWatch(desk);
  const trail = watchTrail(watch, desk.trail);
  const roots = watchRoots(watch);
  const requests = watchRequests(watch);
  // Tries first: what fails is known to be their failure.
  watchRetries(watch, trail);
  watchErrorClicks(watch);
  watchErrorsShown(watch, roots, trail, desk.hadMessages);
  watchRageClicks(watch);
  watchDeadClicks(watch, roots, requests);
  watchFields(watch, [watchForms(watch), watchReentry(watch), watchHesitation(watch)]);
  watchLoops(watch, trail);
  watchQuickBacks(watch, trail);
  watchThrash(watch);
  if (desk.countsClicks) {
    watchElementClicks(watch);
    watchScrollDepth(watch);
  }
  replay();
  return end;
}
