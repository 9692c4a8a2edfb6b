// Builds widgets/dist: the core as a classic script, the drawing and the sensors as modules that it loads when needed.
// The output is the same, byte for byte, from run to run; it is committed, and the tests build and compare it.
import { readdir, readFile, mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const out = process.argv[2] ?? join(here, "dist");
const { version, dependencies } = JSON.parse(await readFile(join(here, "package.json"), "utf8"));
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
  bundle: true,
  minify: true,
  target,
  charset: "utf8",
  legalComments: "none",
  jsxFactory: "h",
  jsxFragment: "Fragment",
  define: { VERSION: JSON.stringify(version) },
  plugins: [cssAsText],
};

await mkdir(out, { recursive: true });
for (const file of await readdir(out)) await rm(join(out, file));

const lazy = await esbuild.build({
  ...common,
  entryPoints: { drawing: "drawing/stage.tsx", sensors: "sensors/sensors.ts" },
  entryNames: "[name]-[hash]",
  format: "esm",
  outdir: out,
  metafile: true,
});
const fileOf = (name) =>
  basename(Object.keys(lazy.metafile.outputs).find((path) => basename(path).startsWith(`${name}-`)));

await esbuild.build({
  ...common,
  define: {
    ...common.define,
    DRAWING_FILE: JSON.stringify(fileOf("drawing")),
    SENSORS_FILE: JSON.stringify(fileOf("sensors")),
  },
  entryPoints: ["snippet/waypost.ts"],
  format: "iife",
  outfile: join(out, "waypost.js"),
});

const licences = await Promise.all(
  Object.entries(dependencies).map(async ([name, number]) => {
    const text = await readFile(join(here, "node_modules", name, "LICENSE"), "utf8");
    return `${name} ${number}\n\n${text.trim()}\n`;
  }),
);
await writeFile(join(out, "third-party.txt"), `Built into Waypost's snippet:\n\n${licences.join("\n")}`);
