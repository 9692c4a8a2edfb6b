// Builds packages/*/dist: modules that a bundler takes into an application, and their types. Not minified, since the
// application's own build does that, and because people read what they install.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import * as esbuild from "esbuild";

const PACKAGES = {
  js: { entries: ["index", "mock"], external: [] },
  openfeature: { entries: ["index"], external: ["@openfeature/web-sdk"] },
  react: { entries: ["index"], external: ["react", "@waypost/js"], banner: '"use client";' },
};
const RELATIVE = /(from|import\()\s*"(\.[^"]*)"/g;

/** The declarations that an entry needs, side by side in one folder and with the endings that Node asks for. */
async function writeTypes(entry, out) {
  const waiting = [entry];
  const done = new Set();
  while (waiting.length) {
    const path = waiting.pop();
    if (done.has(path)) continue;
    done.add(path);
    const source = await readFile(path, "utf8");
    const text = source.replace(RELATIVE, (_, how, target) => {
      waiting.push(`${join(dirname(path), target)}.d.ts`);
      return `${how}${how === "from" ? " " : ""}"./${basename(target)}.js"`;
    });
    await writeFile(join(out, basename(path)), text);
  }
}

export async function buildPackages({ here, out, version, contract, target }) {
  const types = await mkdtemp(join(tmpdir(), "types-"));
  try {
    const entries = Object.entries(PACKAGES).flatMap(([name, { entries }]) =>
      entries.map((entry) => join(here, "packages", name, "src", `${entry}.ts`)),
    );
    await declare(here, types, entries);
    for (const [name, { entries, external, banner = "" }] of Object.entries(PACKAGES)) {
      const folder = join(out, name, "dist");
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      await esbuild.build({
        absWorkingDir: here,
        bundle: true,
        format: "esm",
        target,
        charset: "utf8",
        legalComments: "none",
        banner: { js: banner },
        define: { VERSION: JSON.stringify(version), CONTRACT: contract },
        external,
        entryPoints: Object.fromEntries(entries.map((entry) => [entry, `packages/${name}/src/${entry}.ts`])),
        outdir: folder,
      });
      for (const entry of entries) await writeTypes(join(types, "packages", name, "src", `${entry}.d.ts`), folder);
    }
  } finally {
    await rm(types, { recursive: true });
  }
}

async function declare(here, out, entries) {
  const project = join(out, "tsconfig.json");
  const options = { declaration: true, emitDeclarationOnly: true, noEmit: false, rootDir: here, outDir: out };
  const paths = {
    "@openfeature/web-sdk": [join(here, "node_modules/@openfeature/web-sdk")],
    "@waypost/js": [join(here, "packages/js/src/index.ts")],
    react: [join(here, "node_modules/@types/react")],
  };
  const files = [join(here, "snippet/globals.d.ts"), ...entries];
  const config = { extends: join(here, "tsconfig.json"), compilerOptions: { ...options, paths }, files, include: [] };
  await writeFile(project, JSON.stringify(config));
  const tsc = join(here, "node_modules/typescript/bin/tsc");
  try {
    await promisify(execFile)(process.execPath, [tsc, "-p", project]);
  } catch (fault) {
    // The declarations are written all the same; `npm run check` is where types are judged.
    console.warn(fault.stdout || fault.message);
  }
}
