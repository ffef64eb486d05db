// Which mpam this is.

import { readFileSync } from "node:fs";
import { bundled } from "./bundled.ts";

export function version(): string {
  return (JSON.parse(readFileSync(bundled("package.json"), "utf8")) as { version: string }).version;
}
