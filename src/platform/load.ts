// Platforms by path: where files can be read.

import { checkObject } from "./check-input.ts";
import { PlatformError } from "./error.ts";
import type { Platform } from "./types.ts";

/**
 * A checked platform with every default filled in. Takes the path or file URL of a YAML file, or an object of the same
 * shape (a checked platform among them). A page has no files: it takes an object, or gives text to parsePlatform.
 * Throws a PlatformError that names every problem.
 */
export async function loadPlatform(source: string | URL | object): Promise<Platform> {
  if (typeof source !== "string" && !(source instanceof URL)) return checkObject(source);
  const refuse = (found: string, allowed: string, options?: ErrorOptions) =>
    new PlatformError(String(source), [{ line: 0, column: 0, found, allowed }], options);
  const { readPlatform } = await import("./read-file.ts");
  // What a bundle for pages has in its place is empty.
  if (!readPlatform)
    throw refuse("is a file, and a page has none", "an object is needed, or parsePlatform with the text");
  try {
    return await readPlatform(source);
  } catch (cause) {
    if (cause instanceof PlatformError) throw cause;
    const code = (cause as { code?: string }).code ?? String(cause);
    throw refuse(`cannot be read (${code})`, "the path of a platform file is needed", { cause });
  }
}
