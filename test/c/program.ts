// The program of c/test/compare.c: one that is there (MPAM_C_COMPARE), or built for this run into a folder that goes afterwards.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NEEDED = ["build/mpam.scalar.wasm", "dist/esm/cli.js"];
const GIVEN = process.env.MPAM_C_COMPARE;

/** Why there is no program, and none can be built; undefined: there is one. */
export function whyNot(): string | undefined {
  if (GIVEN !== undefined) return existsSync(GIVEN) ? undefined : `MPAM_C_COMPARE is ${GIVEN}, which is not there`;
  const missing = ["cc", "make", "wasm2c"].filter((program) => said(program, "--version") === undefined);
  if (missing.length > 0) return `${missing.join(", ")} not here (c/README.md says what is needed)`;
  const version = said("wasm2c", "--version");
  if (version !== "1.0.32") return `wasm2c is of wabt ${version}, and c/ is written for 1.0.32`;
  const unbuilt = NEEDED.filter((path) => !existsSync(join(ROOT, path)));
  return unbuilt.length > 0 ? `${unbuilt.join(", ")} not built: npm run build` : undefined;
}

export interface Program {
  readonly path: string;
  readonly remove: () => void;
}

export function buildProgram(): Program {
  if (GIVEN !== undefined) return { path: GIVEN, remove: () => undefined };
  const folder = mkdtempSync(join(tmpdir(), "mpam-c-"));
  const path = join(folder, "compare");
  const remove = () => rmSync(folder, { recursive: true });
  const { status, stderr } = spawnSync("make", ["-s", "-C", "c", `BUILD=${folder}`, "CFLAGS=-O1", path], {
    cwd: ROOT,
    encoding: "utf8",
  });
  if (status === 0) return { path, remove };
  remove();
  throw new Error(`make -C c ended with ${status}: ${stderr}`);
}

function said(program: string, ...args: string[]): string | undefined {
  const { status, stdout } = spawnSync(program, args, { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}
