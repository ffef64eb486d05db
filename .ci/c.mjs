// The library of C: built as it is shipped and with sanitizers, its smoke tests, and C against Node. node .ci/c.mjs, after a build.
// One line says what is missing where it cannot be built.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { install, isHere } from "./apt.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** gcc, libc6-dev and make come where a compiler is; wabt has wasm2c and wasm-rt.h. */
const PACKAGES = { wasm2c: ["wabt"], cc: ["gcc", "libc6-dev"], make: ["make"] };

install(Object.entries(PACKAGES).flatMap(([program, packages]) => (isHere(program) ? [] : packages)));
const missing = Object.keys(PACKAGES).filter((program) => !isHere(program));
if (missing.length > 0) {
  const packages = missing.flatMap((program) => PACKAGES[program]).join(" ");
  console.log(`c: NOT RUN, the library was not built: ${missing.join(", ")} not here (apt-get install ${packages})`);
  process.exit(0);
}

const version = spawnSync("wasm2c", ["--version"], { encoding: "utf8" }).stdout.trim();
if (version !== "1.0.32") {
  console.log(`c: NOT RUN, the library was not built: wasm2c is of wabt ${version}, and c/ is written for 1.0.32`);
  process.exit(0);
}

make("-s", "STRICT=1", "all");
checkNames();
run("build/c/smoke", "--rate");
run("build/c/device");
run("build/c/limits");
process.env.MPAM_C_COMPARE = `${ROOT}build/c/compare`;
run("npx", "--no-install", "vitest", "run", "test/c/");
// Address and undefined-behaviour sanitizers; without their libraries a line says so.
if (compilesSanitized()) {
  const build = `${ROOT}build/c-sanitized`;
  make("-s", "STRICT=1", "SANITIZE=1", "CFLAGS=-O1 -g", `BUILD=${build}`, "check");
  process.env.MPAM_C_COMPARE = `${build}/compare`;
  process.env.MPAM_SEED = "1000";
  run("npx", "--no-install", "vitest", "run", "test/c/compare.test.ts");
} else console.log("c: NOT RUN with sanitizers: cc -fsanitize=address,undefined does not link here");

function compilesSanitized() {
  const options = ["-fsanitize=address,undefined", "-x", "c", "-", "-o", "/dev/null"];
  return spawnSync("cc", options, { input: "int main(void) { return 0; }\n" }).status === 0;
}

/** A program that links the library may have modules of wasm2c, and wabt's runtime, of its own. */
function checkNames() {
  const { stdout } = spawnSync("nm", ["-g", "--defined-only", `${ROOT}build/c/libmpam.a`], { encoding: "utf8" });
  const names = [...stdout.matchAll(/^[0-9a-f]+ [A-Z] (\w+)$/gm)].map(([, name]) => name);
  const foreign = names.filter((name) => !/^(mpam_|Z_mpam)/.test(name));
  if (names.includes("mpam_create") && foreign.length === 0) return;
  console.error(`c: build/c/libmpam.a defines what is not its own: ${foreign.join(", ") || "nothing"}`);
  process.exit(1);
}

function make(...args) {
  run("make", "--no-print-directory", "-C", "c", ...args);
}

function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: "inherit" });
  if (status === 0) return;
  console.error(`c: ${[command, ...args].join(" ")} ended with ${error?.message ?? status}`);
  process.exit(1);
}
