// A plan by path: where files can be read.

import { type Problem, WrittenError } from "../../written/index.ts";
import { parsePlan } from "./parse.ts";
import type { Plan } from "./plan.ts";

/** More than anybody writes; what has no end, such as a device, ends there. */
const MOST_BYTES = 2 * 2 ** 20;

/** Throws a WrittenError that names every problem, or says why the file cannot be read. */
export async function loadPlan(path: string): Promise<Plan> {
  return parsePlan(await textOf(path, "the path of a plan is needed"), path);
}

/** UTF-8. `wanted`: what is needed, for messages. */
export async function textOf(path: string, wanted: string): Promise<string> {
  const refuse = (found: string, cause?: unknown) => {
    const problem: Problem = { line: 0, column: 0, found, allowed: wanted };
    return new WrittenError(path, [problem], cause === undefined ? {} : { cause });
  };
  const { open } = await import("node:fs/promises");
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const piece of (await open(path)).createReadStream()) {
      bytes += piece.length;
      if (bytes > MOST_BYTES) throw refuse("is longer than 2 MiB");
      pieces.push(piece);
    }
  } catch (cause) {
    if (cause instanceof WrittenError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw refuse(code === "ENOENT" ? "there is no such file" : `cannot be read (${code})`, cause);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(
      await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer(),
    );
  } catch (cause) {
    throw refuse("is not UTF-8", cause);
  }
}
