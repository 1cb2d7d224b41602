// Reads a JSON list of formulas, and writes a list of [place, message] for those that MathJax refuses.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const MathJax = createRequire(`${process.argv[2]}/`)("mathjax");
await MathJax.init({
  loader: { load: ["input/tex"] },
  // Its default bundle shows what it does not know, instead of refusing it.
  tex: {
    packages: { "[-]": ["noundefined", "noerrors"] },
    formatError: (_, error) => {
      throw error;
    },
  },
  startup: { typeset: false },
});
const faults = [];
for (const [place, formula] of JSON.parse(readFileSync(0, "utf8")).entries()) {
  try {
    const mathml = await MathJax.tex2mmlPromise(formula, { display: true });
    if (mathml.includes("<merror")) throw new Error("an merror");
  } catch (error) {
    faults.push([place, String(error.message ?? error)]);
  }
}
process.stdout.write(JSON.stringify(faults));
process.exit(0);
