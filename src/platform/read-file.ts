// The one thing of platforms that needs files. A bundle for pages leaves it out (`browser` in package.json), and the reader of YAML with it.

import { parsePlatform } from "./parse.ts";
import type { Platform } from "./types.ts";

/** Throws what node:fs throws, and PlatformError. */
export async function readPlatform(source: string | URL): Promise<Platform> {
  const { readFile } = await import("node:fs/promises");
  return parsePlatform(await readFile(source, "utf8"), String(source));
}
