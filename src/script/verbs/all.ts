// All there is for a line to begin with, in the order in which it is told.

import { expect } from "./expect.ts";
import { fault, unfault } from "./faults.ts";
import { mkdir, read, rename, rmdir, write } from "./files.ts";
import { capture, cpu } from "./hardware.ts";
import type { Verb } from "./verb.ts";

export const VERBS: ReadonlyMap<string, Verb> = new Map(
  Object.entries({ write, read, mkdir, rmdir, rename, expect, cpu, capture, fault, unfault }),
);
