// Builds the drawing and the widgets that are loaded later, as a family of modules that share what the drawing is made
// of. They name each other, so no name can hold the hash of its own file alone: all of them hold that of the family.
import { join, relative, resolve } from "node:path";
import * as esbuild from "esbuild";
import { hashOf, smaller } from "./single.mjs";

/** As long as a hash: it stands in the names until the hash is known. */
const LATER = "00000000";
const EXTENSIONS = [".ts", ".tsx"];
const NAMES = /\b(import|export)\{([^}]*)\}from"\.\/([\w-]+)-0{8}\.js"/g;

const fileOf = (name) => `./${name}-${LATER}.js`;

/** Imports of other members stay imports; `members`: their names by their sources. */
function apart(members) {
  return {
    name: "apart",
    setup(build) {
      build.onResolve({ filter: /^[^/]/ }, ({ path, resolveDir, kind }) => {
        if (kind === "entry-point") return undefined;
        const whole = path.startsWith(".") ? resolve(resolveDir, path) : path;
        const name = ["", ...EXTENSIONS].map((extension) => members.get(whole + extension)).find(Boolean);
        return name ? { path: fileOf(name), external: true } : undefined;
      });
    },
  };
}

/** One statement for all that is imported of another member; there is one for each of the sources that want something. */
function together(text) {
  const wanted = new Map();
  const rest = text.replace(NAMES, (whole, how, list, from) => {
    if (how === "export") return whole;
    wanted.set(from, [...(wanted.get(from) ?? []), list]);
    return "";
  });
  const imports = [...wanted].map(([from, lists]) => `import{${lists.join()}}from"${fileOf(from)}"`);
  return [...imports, rest.replace(/^;+/, "")].join(";");
}

async function built(common, name, source, members) {
  const { outputFiles, metafile } = await esbuild.build({
    ...common,
    plugins: [...common.plugins, apart(members)],
    entryPoints: { [name]: source },
    format: "esm",
    outdir: common.absWorkingDir,
    write: false,
    metafile: true,
  });
  const [{ exports }] = Object.values(metafile.outputs);
  return { text: await smaller(together(outputFiles[0].text), { isModule: true }), exports, inputs: Object.keys(metafile.inputs) };
}

/** Every name that one member imports of another is there: the browser would load neither otherwise. */
function refuseMissing(parts) {
  for (const [name, { text }] of parts) {
    for (const [, , list, from] of text.matchAll(NAMES)) {
      const wanted = list.split(",").map((each) => each.split(" as ")[0]);
      const missing = wanted.filter((each) => !parts.get(from).exports.includes(each));
      if (missing.length) throw new Error(`${name} wants ${missing} of ${from}, which does not export it`);
    }
  }
}

/** `export{a as Fragment}` of the last statement. */
const EXPORTS = /export\{([^}]*)\};?$/;

/** By long name a short one: for what members name each other by, which nobody else does. */
function shortNames(parts) {
  const texts = [...parts.values()].map(({ text }) => text);
  const imported = texts.flatMap((text) => [...text.matchAll(NAMES)].flatMap(([, , list]) => list.split(",").map((each) => each.split(" as ")[0])));
  return new Map([...new Set(imported)].sort().map((name, place) => [name, `$${place.toString(36)}`]));
}

/** Names that only the family knows are as short as can be; what the core asks a member for keeps its own. */
function shortened(text, short) {
  const called = (name) => short.get(name) ?? name;
  const imports = text.replace(NAMES, (whole, how, list, from) => {
    if (how === "export") return whole;
    const names = list.split(",").map((each) => each.split(" as ")).map(([name, own = name]) => `${called(name)} as ${own}`);
    return `import{${names.join()}}from"${fileOf(from)}"`;
  });
  return imports.replace(EXPORTS, (_, list) => {
    const names = list.split(",").map((each) => each.split(" as ")).map(([own, name = own]) => `${own} as ${called(name)}`);
    return `export{${names.join()}};`;
  });
}

/**
 * The files by their names. first: name and source of the one that is loaded first; later: the sources of the others by
 * name, each loaded with `import()` or by one of the others.
 */
export async function buildFamily(common, [name, source], later) {
  const here = common.absWorkingDir;
  const sources = Object.entries(later).map(([each, path]) => [join(here, path), each]);
  const parts = new Map();
  const first = await built(common, name, source, new Map(sources));
  parts.set(name, first);
  // Packages by the name that they are imported by, files by their place.
  const packages = first.inputs.flatMap((path) => /node_modules\/(.+)\/dist\//.exec(path)?.[1] ?? []);
  const shared = [...first.inputs.map((path) => join(here, path)), ...packages].map((each) => [each, name]);
  for (const [path, each] of sources) {
    const others = [...shared, ...sources].filter(([, member]) => member !== each);
    parts.set(each, await built(common, each, relative(here, path), new Map(others)));
  }
  refuseMissing(parts);
  const short = shortNames(parts);
  for (const part of parts.values()) part.text = shortened(part.text, short);
  const hash = hashOf(...[...parts].flatMap(([each, { text }]) => [each, text]));
  return Object.fromEntries([...parts].map(([each, { text }]) => [each, { file: `${each}-${hash}.js`, text: text.replaceAll(`-${LATER}.js`, `-${hash}.js`) }]));
}
