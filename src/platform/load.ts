// Platforms by path: where files can be read.

import { PlatformError } from "./error.ts";
import { checkObject, parsePlatform } from "./parse.ts";
import type { Platform } from "./types.ts";

/**
 * A checked platform with every default filled in. Takes the path or file URL of a YAML file, or an object of the same
 * shape (a checked platform among them). Throws PlatformError.
 */
export async function loadPlatform(source: string | URL | object): Promise<Platform> {
  if (typeof source !== "string" && !(source instanceof URL)) return checkObject(source);
  // Loaded only when there is a file to read: a browser page has none.
  const { readTextFile } = await import("./read-file.ts");
  let text: string;
  try {
    text = await readTextFile(source);
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? String(cause);
    const problem = {
      line: 0,
      column: 0,
      found: `cannot be read (${code})`,
      allowed: "the path of a platform file is needed",
    };
    throw new PlatformError(String(source), [problem], { cause });
  }
  return parsePlatform(text, String(source));
}
