// Writes generated/content.ts, the TypeScript types of what travels to the browser, from the JSON Schemas.
import { mkdir, writeFile } from "node:fs/promises";
import { compileFromFile } from "json-schema-to-typescript";

const banner = "// Generated from the schemas by `npm run types`; change those instead.";

await mkdir("generated", { recursive: true });
await writeFile(
  process.argv[2] ?? "generated/content.ts",
  await compileFromFile("decision.schema.json", {
    additionalProperties: false,
    bannerComment: banner,
    cwd: process.cwd(),
    maxItems: -1,
    ignoreMinAndMaxItems: true,
    style: { printWidth: 120 },
  }),
);
