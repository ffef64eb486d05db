// The traces of a plan as units name them: where they lie from anywhere on this machine, and what is in them.

import { openTrace, parseTraceArgument, renamedTrace } from "../../trace/index.ts";
import type { TraceNamed } from "../unit.ts";

const isSynthetic = (name: string) => name.startsWith("synth:");
const isUrl = (name: string) => /^https?:\/\//.test(name);

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

/** Throws what looking at it throws. Nothing of a file is read, and a URL is not asked. */
export async function checkTrace(argument: string): Promise<void> {
  const { name } = parseTraceArgument(argument);
  if (isUrl(name)) return;
  if (isSynthetic(name)) {
    await openTrace(name);
    return;
  }
  const { access, constants, stat } = await import("node:fs/promises");
  await access(name, constants.R_OK);
  if ((await stat(name)).isDirectory()) throw new Error("it is a folder");
}

/** SHA-256 and bytes of each file, read once. Throws what reading throws. */
export class TraceHashes {
  readonly #known = new Map<string, Promise<Pick<TraceNamed, "sha256" | "bytes">>>();
  readonly #fetched: ((argument: string) => Promise<TraceNamed>) | undefined;

  /** `fetched` names what lies behind a URL. */
  constructor(fetched?: (argument: string) => Promise<TraceNamed>) {
    this.#fetched = fetched;
  }

  async named(argument: string): Promise<TraceNamed> {
    const { name } = parseTraceArgument(argument);
    if (isSynthetic(name)) return { argument };
    const known = this.#known.get(name) ?? this.#look(argument, name);
    this.#known.set(name, known);
    return { argument, ...(await known) };
  }

  async #look(argument: string, name: string): Promise<Pick<TraceNamed, "sha256" | "bytes">> {
    if (!isUrl(name)) return hashOf(name);
    if (!this.#fetched) throw new Error("nothing here fetches URLs");
    const { sha256, bytes } = await this.#fetched(argument);
    return { ...(sha256 === undefined ? {} : { sha256 }), ...(bytes === undefined ? {} : { bytes }) };
  }
}

async function hashOf(path: string): Promise<{ sha256: string; bytes: number }> {
  const [{ open }, { createHash }] = await Promise.all([import("node:fs/promises"), import("node:crypto")]);
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const piece of (await open(path)).createReadStream({ highWaterMark: 2 ** 20 })) {
    hash.update(piece);
    bytes += piece.length;
  }
  return { sha256: hash.digest("hex"), bytes };
}
