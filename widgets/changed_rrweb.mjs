// What we change in rrweb as it is built in, so that recording leaves no mark on the page. Each line has to be there once:
// a newer rrweb that reads otherwise stops the build.
import { readFile } from "node:fs/promises";

const CHANGES = [
  // An attribute is an inline style, which a strict policy refuses and reports; the browser's own object is none.
  ['old.setAttribute("style", m.oldValue);', "old.style.cssText = m.oldValue;"],
  // Fields that were for passwords are known without a mark in the page.
  ['target.setAttribute("data-rr-is-password", "true");', ""],
  // A page that put another `Array.from` in place keeps it.
  ["if (Array.from([1], (x) => x * 2)[0] !== 2) {", "if (false) {"],
  // Frames are never recorded, so nothing in them is read, listened to or replaced.
  ['if (serializedNode.type === NodeType.Element && serializedNode.tagName === "iframe") {', "if (false) {"],
  // Each picture observes the shadow roots anew: what was kept of them for the picture before goes, and all at the end.
  [
    "this.restoreHandlers.push(() => observer.disconnect());",
    `const buffer = mutationBuffers.at(-1);
    this.restoreHandlers.push(() => {
      observer.disconnect();
      const place = mutationBuffers.indexOf(buffer);
      if (place >= 0) mutationBuffers.splice(place, 1);
    });`,
  ],
  ["mutationBuffers.forEach((b) => b.reset());", "mutationBuffers.splice(0).forEach((b) => b.reset());"],
  // Recording may have ended by the time that a shadow root's sheets are looked at.
  [
    "setTimeout(() => {\n      if (shadowRoot2.adoptedStyleSheets &&",
    "setTimeout(() => {\n      if (!this.shadowDoms.has(shadowRoot2)) return;\n      if (shadowRoot2.adoptedStyleSheets &&",
  ],
  // Where it cannot begin it takes back what it has done by then, and tells us rather than the console.
  [
    "console.warn(error);\n  }\n}\nrecord.addCustomEvent",
    "shadowDomManager.reset();\n    mutationBuffers.length = 0;\n    errorHandler2?.(error);\n  }\n}\nrecord.addCustomEvent",
  ],
  // What a page has put in front in the meantime stays; what is left behind it does nothing once recording has ended.
  [
    "return () => {\n      source[name] = original;",
    "return () => {\n      if (source[name] === wrapped) source[name] = original;",
  ],
  ["if (shadowRootEl && inDom(this))", "if (shadowRootEl && manager.restoreHandlers.length && inDom(this))"],
];

export const changedRrweb = {
  name: "changed-rrweb",
  setup(build) {
    build.onLoad({ filter: /@rrweb[\\/]record[\\/]dist[\\/]record\.js$/ }, async ({ path }) => {
      let contents = await readFile(path, "utf8");
      for (const [before, after] of CHANGES) {
        if (contents.split(before).length !== 2) throw new Error(`rrweb has changed: ${before}`);
        contents = contents.replace(before, () => after);
      }
      return { contents, loader: "js" };
    });
  },
};
