// The traces of a plan as units name them: where they lie from anywhere on this machine, and what is in them.

import { openTrace, parseTraceArgument, renamedTrace } from "../../trace/index.ts";
import { describeTrace } from "../traces/describe-trace.ts";
import { isUrl, parseTraceUrl } from "../traces/trace-url.ts";
import type { TraceNamed } from "../unit.ts";

const isSynthetic = (name: string) => name.startsWith("synth:");

/** A path from a folder as one from the root; URLs and synthetic traces as they are. */
export async function absoluteTrace(argument: string, folder: string): Promise<string> {
  const { name } = parseTraceArgument(argument);
  if (isSynthetic(name) || isUrl(name)) return argument;
  const { resolve } = await import("node:path");
  return renamedTrace(argument, resolve(folder, name));
}

/** For people: without folders, and without what a URL may have that is nobody's business. */
export function shownTrace(argument: string): string {
  const { name } = parseTraceArgument(argument);
  if (isSynthetic(name)) return argument;
  const path = isUrl(name) ? name.replace(/[?#].*$/s, "") : name;
  return renamedTrace(argument, path.replace(/\/+$/, "").replace(/^.*\//s, ""));
}

/** Throws what looking at it throws. Nothing of a file is read, and no server is asked. */
export async function checkTrace(argument: string): Promise<void> {
  const { name } = parseTraceArgument(argument);
  if (isUrl(name)) {
    parseTraceUrl(name);
    return;
  }
  if (isSynthetic(name)) {
    await openTrace(name);
    return;
  }
  const { access, constants, stat } = await import("node:fs/promises");
  await access(name, constants.R_OK);
  if ((await stat(name)).isDirectory()) throw new Error("it is a folder");
}

/** SHA-256 and bytes of each file, read or fetched once. */
export class TraceHashes {
  readonly #known = new Map<string, Promise<TraceNamed>>();
  readonly #describe: (argument: string) => Promise<TraceNamed>;

  constructor(describe: (argument: string) => Promise<TraceNamed> = describeTrace) {
    this.#describe = describe;
  }

  /** Throws what reading throws. */
  async named(argument: string): Promise<TraceNamed> {
    const { name } = parseTraceArgument(argument);
    if (isSynthetic(name)) return { argument };
    const known = this.#known.get(name) ?? this.#describe(argument);
    this.#known.set(name, known);
    return { ...(await known), argument };
  }
}
