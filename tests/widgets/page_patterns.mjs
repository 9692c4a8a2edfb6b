// Which addresses fit which patterns, as the browser says: reads {patterns, addresses}, writes a table of true and false.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const widgets = new URL("../../widgets/", import.meta.url);
const { buildSync } = createRequire(new URL("package.json", widgets))("esbuild");
const entryPoints = [new URL("sensors/clicks.ts", widgets).pathname];
const built = buildSync({ entryPoints, bundle: true, format: "esm", write: false });
const { fits } = await import(`data:text/javascript,${encodeURIComponent(built.outputFiles[0].text)}`);

const { patterns, addresses } = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(patterns.map((pattern) => addresses.map((address) => fits(pattern, address)))));
