// Builds api/console/static: what the console's pages load. The output is committed; a test builds and compares it.
// Modules of single pages share no code with each other, only with what every page has loaded.
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
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
// So have the stage of recordings, which runs apart from everything, and the page around it.
for (const name of ["player", "stage"]) {
  await esbuild.build({ ...common, entryPoints: [`src/${name}.ts`], format: "iife", outfile: join(out, `${name}.js`) });
  await esbuild.build({ ...common, entryPoints: [`${name}.css`], outfile: join(out, `${name}.css`) });
}
// And the stage of heat maps, which becomes the page that it shows.
await esbuild.build({ ...common, entryPoints: ["src/heat_stage.ts"], format: "iife", outfile: join(out, "heat_stage.js") });
await esbuild.build({ ...common, entryPoints: ["console.css"], outfile: join(out, "console.css") });
await copyFile(join(here, "node_modules/htmx.org/dist/htmx.min.js"), join(out, "htmx.js"));

// What is built in says whose it is: the licences and notices that have to go along with it.
const { packages } = JSON.parse(await readFile(join(here, "package-lock.json"), "utf8"));
const texts = [];
for (const [path, { version, dev }] of Object.entries(packages)) {
  if (path === "" || dev) continue;
  const files = (await readdir(join(here, path), { recursive: true, withFileTypes: true }))
    .filter((file) => file.isFile() && /^(LICEN[CS]E|NOTICE|CopyrightNotice)/i.test(file.name))
    .map((file) => join(file.parentPath ?? file.path, file.name))
    .filter((file) => !file.slice(join(here, path).length).includes("node_modules"))
    .sort();
  // The packages of rrweb are published without the text; it is the one of their repository.
  if (/node_modules\/(@rrweb\/|rr)/.test(path) && files.length === 0) files.push(join(here, "licences/rrweb.txt"));
  if (!files.some((file) => /LICEN[CS]E/i.test(basename(file)) || file.startsWith(join(here, "licences")))) throw new Error(`${path} has no licence to go along`);
  const said = await Promise.all(files.map((file) => readFile(file, "utf8")));
  texts.push(`${path.replace("node_modules/", "")} ${version}\n\n${said.map((text) => text.trim()).join("\n\n")}\n`);
}
await writeFile(join(out, "third-party.txt"), `Built into Waypost's console:\n\n${texts.join("\n")}`);
