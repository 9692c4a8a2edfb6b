/**
 * The one script that a page loads. It takes over the calls that the page queued in `window.waypost` before it was
 * there, or wrote down in a block of data, and answers to the same names afterwards.
 */
import { takePlace, type Call } from "./api";
import { tag } from "./settings";

/** What a page without a script of its own has to say: `<script type="application/json" data-waypost>[["identify", …]]`. */
function written(): Call[] {
  return Array.from(document.querySelectorAll("script[data-waypost]")).flatMap((block) => {
    try {
      return JSON.parse(block.textContent ?? "") as Call[];
    } catch {
      return [];
    }
  });
}

try {
  const isFirst = !(window as { waypost?: { loaded?: string } }).waypost?.loaded;
  const origin = tag();
  const api = takePlace(() => origin);
  if (isFirst) written().forEach((call) => api.push!(call));
  // Where a bundled core was quicker, it may still be waiting for the key.
  api.init!(origin.given);
} catch {
  // A page that forbids even this goes on without us.
}
