// mpam: the command line.

import { run } from "./program.ts";

void run(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
