// Reads a JSON list of formulas, and writes a list of [place, message] for those that KaTeX refuses.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const katex = createRequire(`${process.argv[2]}/`)("katex");
const options = { displayMode: true, strict: "error", throwOnError: true, trust: false };
const faults = [];
JSON.parse(readFileSync(0, "utf8")).forEach((formula, place) => {
  try {
    katex.renderToString(formula, options);
  } catch (error) {
    faults.push([place, String(error.message ?? error)]);
  }
});
process.stdout.write(JSON.stringify(faults));
