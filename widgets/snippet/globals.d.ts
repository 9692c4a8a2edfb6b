/** Names of the lazy files beside `waypost.js`, put in by the build; the hash in them changes with their content. */
declare const PARTS: Record<"drawing" | "headless" | "sensors" | "clicks" | "panel" | "picker" | "replay", string>;
declare const VERSION: string;
/** As `Contract` of contract.ts; the build reads it there. */
declare const CONTRACT: import("./contract").Contract;

/** A style sheet as text, made small by the build. */
declare module "*.css" {
  const text: string;
  export default text;
}
