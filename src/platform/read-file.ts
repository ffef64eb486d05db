// The one thing of platforms that needs files. A bundle for pages leaves it out (`browser` in package.json), and the reader of YAML with it.

import { PlatformError } from "./error.ts";
import { parsePlatform } from "./parse.ts";
import type { Platform } from "./types.ts";

/** More than anybody writes; what has no end, such as a device, ends there. */
const MOST_BYTES = 16 * 2 ** 20;

/** Throws what node:fs throws, and PlatformError: for more than 16 MiB too. */
export async function readPlatform(source: string | URL): Promise<Platform> {
  const { open } = await import("node:fs/promises");
  const file = await open(source);
  const pieces: string[] = [];
  let bytes = 0;
  for await (const piece of file.createReadStream({ encoding: "utf8" })) {
    bytes += piece.length;
    if (bytes > MOST_BYTES) {
      throw new PlatformError(String(source), [
        { line: 0, column: 0, found: "is longer than 16 MiB", allowed: "no platform file is" },
      ]);
    }
    pieces.push(piece);
  }
  return parsePlatform(pieces.join(""), String(source));
}
