// Makes dist/: the package's entries as ES modules that share their chunks, the benchmarks and the random search.

import { chmod, copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const SHEBANG = "#!/usr/bin/env node\n";

// Dependencies stay imports. node: modules are loaded where they exist, so no entry is tied to a platform.
// Another target than es2022 writes Uint8Array.fromBase64 for the wasm in ./inline, which Node 20 lacks.
const common = {
  bundle: true,
  format: "esm",
  target: "es2022",
  platform: "neutral",
  packages: "external",
  external: ["node:*"],
  loader: { ".wasm": "binary" },
  logLevel: "warning",
};

await rm("dist", { recursive: true, force: true });

// src/machine names ../../build/mpam.wasm by URL: that holds from dist/esm too, where all chunks lie.
await build({
  ...common,
  splitting: true,
  outdir: "dist/esm",
  entryPoints: { index: "src/index.ts", inline: "src/inline.ts", cli: "src/cli/main.ts" },
});

const command = "dist/esm/cli.js";
const text = await readFile(command, "utf8");
if (!text.startsWith("#!")) await writeFile(command, SHEBANG + text);
await chmod(command, 0o755);

// Without minifySyntax a bundle looks up constants where they are used, and a plain JavaScript twin pays for that.
await build({ ...common, minifySyntax: true, outfile: "dist/bench/main.js", entryPoints: ["bench/main.ts"] });
await build({ ...common, outfile: "dist/fuzz/main.js", entryPoints: ["test/fuzz/main.ts"] });

// Declarations in dist/types name the generated ones of the hardware where the sources do.
await mkdir("dist/types/build", { recursive: true });
await copyFile("build/mpam.d.ts", "dist/types/build/mpam.d.ts");
