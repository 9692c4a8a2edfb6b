// Builds widgets/dist: the core as a classic script, the drawing and the sensors as modules that it loads when needed.
// The output is the same, byte for byte, from run to run; it is committed, and the tests build and compare it.
// Then the packages for applications with a bundler, from the same sources: see packages/build.mjs.
import { createHash } from "node:crypto";
import { readdir, readFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { changedRrweb } from "./changed_rrweb.mjs";
import { buildFamily } from "./family.mjs";
import { buildPackages } from "./packages/build.mjs";
import { buildSingle } from "./single.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const out = process.argv[2] ?? join(here, "dist");
const packages = process.argv[3] ?? join(here, "packages");
const { version } = JSON.parse(await readFile(join(here, "package.json"), "utf8"));
const [, contract] = /^export type Contract = (\d+);$/m.exec(await readFile(join(here, "snippet/contract.ts"), "utf8"));
const target = ["chrome111", "firefox113", "safari16.4"];

/** `import css from "./x.css"` is its text, minified: it goes into a constructed style sheet. */
const cssAsText = {
  name: "css-as-text",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const { code } = await esbuild.transform(source, { loader: "css", minify: true, target });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

const common = {
  absWorkingDir: here,
  // The names of the files do not depend on where the packages are installed.
  preserveSymlinks: true,
  bundle: true,
  minify: true,
  target,
  charset: "utf8",
  legalComments: "none",
  jsxFactory: "h",
  jsxFragment: "Fragment",
  define: { VERSION: JSON.stringify(version), CONTRACT: contract },
  plugins: [cssAsText, changedRrweb],
};

await mkdir(out, { recursive: true });
for (const file of await readdir(out)) await rm(join(out, file));

// What the core loads, each a file of its own.
const SINGLE = {
  clicks: "sensors/clicks.ts",
  headless: "headless/headless.ts",
  panel: "panel/panel.ts",
  replay: "replay/replay.ts",
  sensors: "sensors/sensors.ts",
};
// What the drawing is made of, and loads.
const LATER = {
  asking: "drawing/asking.ts",
  leading: "drawing/leading.ts",
  picker: "picker/picker.tsx",
  waits: "drawing/waits.ts",
  "words-ar": "drawing/words/arabic.ts",
  "words-de": "drawing/words/german.ts",
  "words-es": "drawing/words/spanish.ts",
  "words-fr": "drawing/words/french.ts",
};

const single = await buildSingle(common, SINGLE, "esm");
const family = await buildFamily(common, ["drawing", "drawing/drawing.ts"], LATER);
const parts = Object.fromEntries(
  // The picker is loaded by the core, and made of what the drawing is made of.
  [...Object.entries(single), ["drawing", family.drawing], ["picker", family.picker]].map(([name, { file }]) => [name, file]),
);
const later = Object.fromEntries(Object.keys(LATER).map((name) => [name, family[name].file]));
const withParts = { ...common, define: { ...common.define, PARTS: JSON.stringify(parts) } };
const { waypost: core } = await buildSingle(withParts, { waypost: "snippet/waypost.ts" }, "iife");
// The name that is always the newest, and the one whose content never changes, for pages that name its hash too.
const newest = { file: "waypost.js", text: core.text };
for (const { file, text } of [...Object.values(single), ...Object.values(family), core, newest]) {
  await writeFile(join(out, file), text);
}

/** The licence of a package of the lock file, as it is installed; rrweb's packages bring none along. */
async function licenceOf(path) {
  const file = (await readdir(join(here, path))).find((name) => /^licen[cs]e/i.test(name));
  if (!file && !/^node_modules\/(@rrweb\/|rr)/.test(path)) throw new Error(`${path} has no licence to go along`);
  return readFile(file ? join(here, path, file) : join(here, "licences/rrweb.txt"), "utf8");
}

const { packages: locked } = JSON.parse(await readFile(join(here, "package-lock.json"), "utf8"));
const licences = await Promise.all(
  Object.entries(locked)
    .filter(([path, { dev }]) => path && !dev)
    .map(async ([path, { version: number }]) => {
      const text = await licenceOf(path);
      return `${path.replace(/^.*node_modules\//, "")} ${number}\n\n${text.trim()}\n`;
    }),
);
await writeFile(join(out, "third-party.txt"), `Built into Waypost's snippet, or into what is built into it:\n\n${licences.join("\n")}`);

const files = {};
for (const file of (await readdir(out)).filter((name) => name.endsWith(".js")).sort()) {
  files[file] = `sha384-${createHash("sha384").update(await readFile(join(out, file))).digest("base64")}`;
}
const manifest = { version, contract: Number(contract), parts: { waypost: core.file, ...parts, ...later }, files };
await writeFile(join(out, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);

await buildPackages({ here, out: packages, version, contract, target });
