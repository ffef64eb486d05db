// Makes dist/: the package's entries as ES modules that share their chunks, the benchmarks, the random search and the check in a browser.

import { chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { pastDoors } from "./.ci/doors.mjs";
import { licenses } from "./.ci/licenses.mjs";

const SHEBANG = "#!/usr/bin/env node\n";

// node: modules are loaded where they exist, so no entry is tied to a platform.
// Another target than es2022 writes Uint8Array.fromBase64 for the wasm in ./inline, which Node 20 lacks.
const common = {
  bundle: true,
  format: "esm",
  target: "es2022",
  platform: "neutral",
  loader: { ".wasm": "binary" },
  logLevel: "warning",
};

// Declarations and the page are made by others.
for (const name of await readdir("dist").catch(() => [])) {
  if (name !== "types" && name !== "page") await rm(`dist/${name}`, { recursive: true });
}

// Dependencies stay imported, and so do those that only some people have beside the package. Packages of many files are no
// dependencies but taken in, as far as they are used: finding their files takes longer than running them.
const { dependencies, peerDependencies } = JSON.parse(await readFile("package.json", "utf8"));

// src/machine names ../../build/mpam.wasm by URL: that holds from dist/esm too, where all chunks lie.
const { metafile } = await build({
  ...common,
  external: ["node:*", ...Object.keys(dependencies), ...Object.keys(peerDependencies)],
  mainFields: ["module"],
  splitting: true,
  plugins: [pastDoors()],
  metafile: true,
  outdir: "dist/esm",
  entryPoints: {
    index: "src/index.ts",
    inline: "src/inline.ts",
    cli: "src/cli/main.ts",
    mount: "src/fuse/index.ts",
    testing: "src/testing/index.ts",
    // Named in package.json: pages have an empty file in its place.
    "read-file": "src/platform/read-file.ts",
    // Found by name, from the threads that start them.
    "mount-worker": "src/cli/mount-worker.ts",
    "sweep-thread": "src/sweep/threads/thread.ts",
  },
});
// For tests: which file holds what and loads what.
await writeFile("dist/metafile.json", JSON.stringify(metafile));
await writeFile("dist/esm/LICENSES.txt", await licenses(Object.keys(metafile.inputs)));

const command = "dist/esm/cli.js";
const text = await readFile(command, "utf8");
if (!text.startsWith("#!")) await writeFile(command, SHEBANG + text);
await chmod(command, 0o755);

// Without minifySyntax a bundle looks up constants where they are used, and a plain JavaScript twin pays for that.
const ours = { ...common, packages: "external" };
await build({ ...ours, minifySyntax: true, outfile: "dist/bench/main.js", entryPoints: ["bench/main.ts"] });
await build({ ...ours, outfile: "dist/fuzz/main.js", entryPoints: ["test/fuzz/main.ts"] });
await build({ ...ours, outfile: "dist/transcripts/main.js", entryPoints: ["test/transcripts/on-mount.ts"] });
await build({
  ...ours,
  outdir: "dist/mount",
  entryPoints: ["test/mount/random.ts", "test/mount/worker.ts", "test/mount/client.ts"],
});

// JSON Schemas for editors, made from the schemas of the parsers.
await build({ ...ours, outfile: "dist/published/main.js", entryPoints: ["src/cli/published/main.ts"] });
await import("./dist/published/main.js");

// The check that needs a browser: what runs in Node, and a page of one file beside which the hardware lies in ../../build.
await build({ ...ours, outfile: "dist/browser/main.js", entryPoints: ["test/browser/main.ts"] });
await build({
  ...common,
  platform: "browser",
  // Modules of Node are empty there, and nothing asks for what they lack.
  logOverride: { "import-is-undefined": "silent" },
  outfile: "dist/browser/page.js",
  entryPoints: ["test/browser/page.ts"],
});

// The check of the page, which is built by itself.
await build({ ...ours, outfile: "dist/web-check/main.js", entryPoints: ["test/web/main.ts"] });

// Declarations in dist/types name the generated ones of the hardware where the sources do.
await mkdir("dist/types/build", { recursive: true });
await copyFile("build/mpam.d.ts", "dist/types/build/mpam.d.ts");
