// Reads cases from stdin and prints, for each, the questions that the browser's code asks: used by test_bundle.py.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const widgets = new URL("../../widgets/", import.meta.url);
const { buildSync } = createRequire(new URL("package.json", widgets))("esbuild");
const built = buildSync({
  entryPoints: [new URL("survey/flow.ts", widgets).pathname],
  bundle: true,
  format: "esm",
  write: false,
});
const { folded, holds, nextPlace, shuffled } = await import(`data:text/javascript,${encodeURIComponent(built.outputFiles[0].text)}`);

function path({ questions, answers }) {
  const given = new Map(Object.entries(answers).map(([id, value]) => [id, { value }]));
  const met = [];
  for (let place = nextPlace(questions, -1, given); place < questions.length; place = nextPlace(questions, place, given)) {
    met.push(questions[place].id);
    if (!given.has(questions[place].id)) break;
  }
  return met;
}

function orders(count) {
  const seen = {};
  const items = ["a", "b", "c", "d"].map((id) => ({ id, other: id === "d" }));
  for (let seed = 0; seed < count; seed++) {
    const order = shuffled(items, `dec_${seed}cause`).map(({ id }) => id).join("");
    seen[order] = (seen[order] ?? 0) + 1;
  }
  return seen;
}

function truth({ expression, answer }) {
  return holds(expression, new Map([["q", { value: answer }]])) ?? null;
}

const { cases = [], seeds = 0, conditions = [], letters = "" } = JSON.parse(readFileSync(0, "utf8"));
const told = { paths: cases.map(path), orders: orders(seeds), truths: conditions.map(truth) };
console.log(JSON.stringify({ ...told, folded: [...letters].map(folded) }));
