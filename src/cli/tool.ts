// What made a result: the version, and a hash of the code that ran, since results of other code are other results.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bundled } from "./bundled.ts";
import { version } from "./version.ts";

/** "mpam-emulator 0.1.0 (5e8f0c1d2b3a)". */
export function tool(): string {
  const hash = createHash("sha256");
  for (const file of [...scripts(bundled("dist/esm")), bundled("build/mpam.wasm")]) hash.update(readFileSync(file));
  return `mpam-emulator ${version()} (${hash.digest("hex").slice(0, 12)})`;
}

function scripts(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".js"));
  return names.sort().map((name) => join(folder, name));
}
