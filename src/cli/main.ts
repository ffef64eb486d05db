// mpam: the command line.

import module from "node:module";

// Node 22.1 and later keep what they have compiled, where a program asks for it before it loads anything: the next run starts sooner.
(module as { enableCompileCache?: () => unknown }).enableCompileCache?.();

// Who reads may have seen enough, as head has.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

void import("./program.ts")
  .then(({ run }) => run(process.argv.slice(2)))
  .then((code) => {
    process.exitCode = code;
  });
