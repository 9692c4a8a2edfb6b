// Builds files that stand alone, each under a name with the hash of what is in it; and makes any file smaller.
import { createHash } from "node:crypto";
import { basename } from "node:path";
import * as esbuild from "esbuild";
import { minify } from "terser";

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** What esbuild leaves to be saved, about a fortieth: terser looks at the whole of a file several times. */
export async function smaller(text, { isModule }) {
  const compress = { passes: 3, keep_fargs: false };
  const { code } = await minify(text, { module: isModule, ecma: 2022, compress, format: { comments: false } });
  return code;
}

/** The hash that stands in a file's name. */
export function hashOf(...texts) {
  const digest = createHash("sha256");
  for (const text of texts) digest.update(`${text}\0`);
  return [...digest.digest().subarray(0, 8)].map((byte) => DIGITS[byte % 32]).join("");
}

/** The files by their names; entries: their sources. */
export async function buildSingle(common, entries, format) {
  const { outputFiles } = await esbuild.build({
    ...common,
    entryPoints: entries,
    format,
    outdir: common.absWorkingDir,
    write: false,
  });
  const made = outputFiles.map(async ({ path, text }) => {
    const name = basename(path, ".js");
    const packed = await smaller(text, { isModule: format === "esm" });
    return [name, { file: `${name}-${hashOf(packed)}.js`, text: packed }];
  });
  return Object.fromEntries(await Promise.all(made));
}
