// What a plan says of a trace, so that whoever runs its units has the same one: bytes and SHA-256 of its file.

import { type MarkedSource, openTrace, parseTraceArgument } from "../../trace/index.ts";
import type { TraceNamed } from "../unit.ts";
import { defaultCacheFolder } from "./cache-folder.ts";
import { fetchNow } from "./fetched.ts";
import { hashOf, look } from "./files.ts";
import { TraceOutOfReach } from "./out-of-reach.ts";
import { isUrl, parseTraceUrl, shownArgument } from "./trace-url.ts";
import type { Patience } from "./transfer.ts";

export interface DescribeOptions {
  /** Of files that are fetched. Default: a folder of the user's own. */
  readonly cacheFolder?: string;
  readonly signal?: AbortSignal;
  readonly patience?: Partial<Patience>;
}

/** Fetches what is named by a URL. Throws what openTrace throws where there is no such file, and a TraceOutOfReach. */
export async function describeTrace(argument: string, options: DescribeOptions = {}): Promise<TraceNamed> {
  const { cacheFolder = defaultCacheFolder(), signal = new AbortController().signal, patience } = options;
  shownArgument(argument);
  const { name } = parseTraceArgument(argument);
  if (name.startsWith("synth:")) {
    await openTrace(name);
    return { argument };
  }
  if (isUrl(name)) {
    const { sha256, bytes } = await fetchNow(parseTraceUrl(name), {
      cacheFolder,
      signal,
      ...(patience ? { patience } : {}),
    });
    return { argument, sha256, bytes };
  }
  const seen = await look(name);
  // It says which file may be meant.
  if (!seen) return noFile(await openTrace(name));
  const sha256 = await hashOf(name, seen, signal);
  return { argument, sha256, bytes: seen.bytes };
}

function noFile({ name }: MarkedSource): never {
  throw new TraceOutOfReach("ESTALE", `${name}: comes and goes`);
}
