// Builds api/console/static: what the console's pages load. The output is committed; a test builds and compares it.
// Modules of single pages share no code with each other, only with what every page has loaded.
import { copyFile, mkdir, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const out = process.argv[2] ?? join(here, "../static");
const common = {
  absWorkingDir: here,
  preserveSymlinks: true,
  bundle: true,
  minify: true,
  target: ["chrome111", "firefox113", "safari16.4"],
  charset: "utf8",
  legalComments: "none",
};

await mkdir(out, { recursive: true });
await esbuild.build({ ...common, entryPoints: ["src/console.ts"], format: "iife", outfile: join(out, "console.js") });
await esbuild.build({ ...common, entryPoints: ["src/charts.ts"], format: "esm", outfile: join(out, "charts.js") });
for (const name of await readdir(join(here, "src/modules"))) {
  const outfile = join(out, `${basename(name, ".ts")}.js`);
  await esbuild.build({ ...common, entryPoints: [`src/modules/${name}`], format: "esm", outfile });
}
// The page in which a guide is drawn has parts of its own: nothing of the console is in it.
await esbuild.build({ ...common, entryPoints: ["src/preview.ts"], format: "iife", outfile: join(out, "preview.js") });
await esbuild.build({ ...common, entryPoints: ["preview.css"], outfile: join(out, "preview.css") });
await esbuild.build({ ...common, entryPoints: ["console.css"], outfile: join(out, "console.css") });
await copyFile(join(here, "node_modules/htmx.org/dist/htmx.min.js"), join(out, "htmx.js"));
