// Writes generated/content.ts, the TypeScript types of what travels to the browser, from the JSON Schemas.
import { mkdir, writeFile } from "node:fs/promises";
import { compileFromFile } from "json-schema-to-typescript";

const banner = "// Generated from the schemas by `npm run types`; change those instead.";

const types = await compileFromFile("decision.schema.json", {
  additionalProperties: false,
  bannerComment: banner,
  cwd: process.cwd(),
  maxItems: -1,
  ignoreMinAndMaxItems: true,
  style: { printWidth: 120 },
});
// What fits on one line stands on one, as in the rest of the sources.
const short = types
  .replace(/(@minItems \d+)\n *\* (@maxItems)/g, "$1 $2")
  .replace(/\n *\*\n *\* (@m(?:ax|in)Items \d+)/g, " $1")
  .replace(/\/\*\*\n *\* (.*)\n *\*\//g, (long, text) => (text.length > 105 ? long : `/** ${text} */`));

await mkdir("generated", { recursive: true });
await writeFile(process.argv[2] ?? "generated/content.ts", short);
