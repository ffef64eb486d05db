// How much a page loads before it has a machine: node .ci/size.mjs, after a build. Ends with 1 above the limit.
// Counted, each file gzipped by itself: what esbuild makes of CORE for a page, minified, as far as it is loaded at once, and
// build/mpam.wasm. Not counted: what is loaded when it is asked for (traces in files, made-up traces, packings, threads).

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { pastDoors } from "./doors.mjs";

const LIMIT = 200_000;
const CORE = "Machine, Driver, Resctrl, loadPlatform, openTrace";
const HERE = fileURLToPath(new URL("..", import.meta.url));
const PAGE = {
  bundle: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  splitting: true,
  write: false,
  metafile: true,
  outdir: "/core",
  absWorkingDir: HERE,
  logLevel: "error",
};

const packed = (bytes) => gzipSync(bytes, { level: 9 }).length;
const kb = (bytes) => `${(bytes / 1000).toFixed(1)} KB`.padStart(9);

const { atOnce, later } = split(await core("./dist/esm/index.js"));
const wasm = packed(readFileSync(new URL("../build/mpam.wasm", import.meta.url)));
const code = atOnce.reduce((sum, { contents }) => sum + packed(contents), 0);
const total = code + wasm;
console.log(`core: ${kb(total).trim()} gzipped of ${kb(LIMIT).trim()}: { ${CORE} }`);
console.log(`${kb(code)}  JavaScript, ${atOnce.length} files`);
console.log(`${kb(wasm)}  build/mpam.wasm`);
console.log(`${kb(later.reduce((sum, { contents }) => sum + packed(contents), 0))}  more, when it is asked for`);
console.log("of the JavaScript, minified and not gzipped:");
for (const [room, bytes] of await rooms()) console.log(`${kb(bytes)}  ${room}`);
if (total > LIMIT) {
  console.error(`core: ${total} bytes are more than ${LIMIT}`);
  process.exitCode = 1;
}

/** The core as a page would import it from `file`. */
function core(file, plugins = []) {
  const stdin = { contents: `export { ${CORE} } from "${file}";`, resolveDir: HERE, sourcefile: "core.js" };
  return build({ ...PAGE, plugins, stdin });
}

/** Files that are loaded with the entry, and the others. */
function split({ outputFiles, metafile }) {
  const byName = new Map(
    Object.entries(metafile.outputs).map(([path, one], i) => [path, { ...one, ...outputFiles[i] }]),
  );
  const seen = new Set();
  const visit = (path) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const { path: to, kind } of byName.get(path).imports) if (kind === "import-statement") visit(to);
  };
  for (const [path, { entryPoint }] of byName) if (entryPoint === "core.js") visit(path);
  const files = (wanted) => [...byName].filter(([path]) => seen.has(path) === wanted).map(([, file]) => file);
  return { atOnce: files(true), later: files(false) };
}

/** Bytes of each room and package, largest first. The package is made of chunks, so the sources are asked. */
async function rooms() {
  const noFiles = {
    name: "no-files",
    setup: ({ onLoad }) => onLoad({ filter: /read-file\.ts$/ }, () => ({ contents: "" })),
  };
  const { atOnce } = split(await core("./src/index.ts", [noFiles, pastDoors()]));
  const sums = new Map();
  for (const { inputs } of atOnce) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const room = /(?<=node_modules\/)(@[^/]+\/)?[^/]+|src\/[^/]+|assembly\/regs|build/.exec(path)?.[0] ?? "core";
      sums.set(room, (sums.get(room) ?? 0) + bytesInOutput);
    }
  }
  return [...sums].filter(([, bytes]) => bytes > 0).sort(([, a], [, b]) => b - a);
}
