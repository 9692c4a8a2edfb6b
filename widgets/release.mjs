// Keeps the files of this release beside those of earlier ones: pages that name a file with its hash go on finding it.
import { copyFile, readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const from = fileURLToPath(new URL("dist/", import.meta.url));
const to = process.argv[2] ?? fileURLToPath(new URL("released/", import.meta.url));
const files = (await readdir(from)).filter((name) => /-[A-Z0-9]{8}\.js$/.test(name));
await Promise.all(files.map((name) => copyFile(from + name, `${to}/${name}`)));
// Applications with an older core in them ask for the newest parts that keep its contract.
const { contract } = JSON.parse(await readFile(`${from}manifest.json`, "utf8"));
await copyFile(`${from}manifest.json`, `${to}/contract-${contract}.json`);
console.log(`kept ${files.length} files in ${to}`);
