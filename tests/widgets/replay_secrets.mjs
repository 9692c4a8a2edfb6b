// What may be seen of texts and addresses, as the browser says: reads {texts, addresses, long}, writes what is left of each,
// and of `long`, a piece and what comes after many of it, how long looking took, in ms.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const widgets = new URL("../../widgets/", import.meta.url);
const { buildSync } = createRequire(new URL("package.json", widgets))("esbuild");
const entryPoints = [new URL("replay/secrets.ts", widgets).pathname];
const built = buildSync({ entryPoints, bundle: true, format: "esm", write: false });
const { withoutSecrets, scrubbedUrl } = await import(`data:text/javascript,${encodeURIComponent(built.outputFiles[0].text)}`);

const { texts, addresses, long } = JSON.parse(readFileSync(0, "utf8"));

const took = ([piece, end]) => {
  const text = piece.repeat(200_000 / piece.length) + end;
  const begun = performance.now();
  withoutSecrets(text);
  return performance.now() - begun;
};
console.log(JSON.stringify({ texts: texts.map(withoutSecrets), addresses: addresses.map(scrubbedUrl), took: long.map(took) }));
