// A platform from the text of its file. The reader of YAML is a quarter of the core: only what has a text needs this file.

import { type Problem, readDocument } from "../written/index.ts";
import { checkInput, WHOLE } from "./check-input.ts";
import { PlatformError } from "./error.ts";
import type { Platform } from "./types.ts";

/** The text of a platform file. Throws a PlatformError that names every problem. */
export function parsePlatform(text: string, fileName = "platform"): Platform {
  const refuse = (problems: readonly Problem[], options?: ErrorOptions) =>
    new PlatformError(fileName, problems, options);
  return checkInput(readDocument(text, fileName, WHOLE, refuse));
}
