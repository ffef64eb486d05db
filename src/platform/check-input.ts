// A platform from what its file says, or from an object of the same shape.

import * as v from "valibot";
import { inOrder, objectAs, type Problem, problemOf, type Written, withoutEchoes } from "../written/index.ts";
import { checkPlatform } from "./checks.ts";
import { PlatformError } from "./error.ts";
import { fillDefaults } from "./fill.ts";
import { platformSchema } from "./schema.ts";
import type { Platform } from "./types.ts";

export const WHOLE = "the platform";

/** A platform, or what a platform file would say, as an object. */
export function checkObject(input: object, name = "platform"): Platform {
  return checkInput(objectAs(input, name, WHOLE));
}

/** Throws a PlatformError that names every problem. */
export function checkInput(source: Written): Platform {
  const problems: Problem[] = [];
  const parsed = v.safeParse(platformSchema, source.input);
  if (!parsed.success) {
    for (const issue of withoutEchoes(parsed.issues)) problems.push(problemOf(issue, source));
  } else {
    const filled = fillDefaults(parsed.output);
    checkPlatform(parsed.output, filled, (path, found, allowed) => {
      problems.push({ ...source.place(path, "value"), found, allowed });
    });
    if (problems.length === 0) return filled.platform;
  }
  throw new PlatformError(source.file, inOrder(problems));
}
