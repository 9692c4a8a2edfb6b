/**
 * The types of `window.waypost` for pages that load Waypost by a script tag:
 * `"types": ["@waypost/js/global"]` in `tsconfig.json`, or `import type {} from "@waypost/js/global"`.
 */
import type { Waypost } from "@waypost/js";

declare global {
  interface Window {
    waypost: Waypost;
  }
  var waypost: Waypost;
}
