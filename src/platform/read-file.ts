// The one file of this room that knows a file system.

import { readFile } from "node:fs/promises";

export function readTextFile(path: string | URL): Promise<string> {
  return readFile(path, "utf8");
}
