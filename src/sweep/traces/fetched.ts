// Traces by URL as files of the cache folder: each under its SHA-256, there only when it is whole and right.

import { createHash } from "node:crypto";
import { readFile, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../errno/index.ts";
import { makeCacheFolder, writeBeside } from "./cache-folder.ts";
import { hashOf, look } from "./files.ts";
import { type Asking, ask, sizeOf, Unreachable, versionOf } from "./http-ask.ts";
import { hasChanged, hasOtherSize, noRoom, TraceOutOfReach } from "./out-of-reach.ts";
import { Part } from "./part.ts";
import type { TraceUrl } from "./trace-url.ts";
import { PATIENCE, type Patience, transfer } from "./transfer.ts";

export interface FetchOptions {
  readonly cacheFolder: string;
  readonly signal: AbortSignal;
  readonly patience?: Partial<Patience>;
  /** Of a file whose size nobody knows. Default: half of what is free in the cache folder. */
  readonly mostBytes?: number;
}

export interface Fetched {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** How often a process looks whether another one has the file, ms. */
const LOOK_AGAIN_MS = 200;

/** Fetches the file with this hash, where it is not here. Throws a TraceOutOfReach. */
export async function fetchNamed(
  from: TraceUrl,
  { sha256, bytes }: { readonly sha256: string; readonly bytes?: number },
  options: FetchOptions,
): Promise<Fetched> {
  const path = join(options.cacheFolder, sha256);
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw outOfReach(from, `'${sha256}' is no SHA-256`);
  if (bytes === 0) throw outOfReach(from, "an empty file is no trace");
  return owned(options, sha256, from, async (claim) => {
    const here = await kept(path, sha256, options.signal);
    if (here) {
      if (bytes !== undefined && here.bytes !== bytes) throw hasOtherSize(from.shown, here.bytes, bytes);
      return here;
    }
    const part = await claim();
    if (!part) return undefined;
    const joined = part.begun.have > 0;
    const got = await fill(from, part, options, bytes, true);
    if (!got) return undefined;
    if (got.sha256 !== sha256) {
      await part.drop();
      // Pieces of what was left may have been of another version.
      if (joined) return undefined;
      throw hasChanged(from.shown, got.sha256, sha256);
    }
    return (await part.finish(path)) ? { path, ...got } : undefined;
  });
}

/** Finds out size and hash of what is there now, by fetching it, or by asking whether it is still what was fetched. */
export async function fetchNow(from: TraceUrl, options: FetchOptions): Promise<Fetched> {
  // Credentials and queries stay out of names.
  const key = `url-${createHash("sha256").update(from.url.href).digest("hex")}`;
  return owned(options, key, from, async (claim) => {
    const known = await unchanged(from, join(options.cacheFolder, key), options);
    if (known) return known;
    const part = await claim();
    if (!part) return undefined;
    const got = await fill(from, part, options, undefined, false);
    if (!got) return undefined;
    if (got.bytes === 0) {
      await part.drop();
      throw outOfReach(from, "the file is empty");
    }
    const path = join(options.cacheFolder, got.sha256);
    const { version } = part.begun;
    if (!(await part.finish(path))) return undefined;
    if (version !== undefined) await remember(join(options.cacheFolder, key), { version, ...got });
    return { path, ...got };
  });
}

/** Calls `attempt` until it has an answer; it has none while another process or thread fetches the same. */
async function owned(
  { cacheFolder, signal }: FetchOptions,
  key: string,
  from: TraceUrl,
  attempt: (claim: () => Promise<Part | undefined>) => Promise<Fetched | undefined>,
): Promise<Fetched> {
  try {
    await makeCacheFolder(cacheFolder);
    for (;;) {
      signal.throwIfAborted();
      const done = await attempt(() => Part.claim(cacheFolder, key));
      if (done) return done;
      await sleep(LOOK_AGAIN_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  } catch (error) {
    if (signal.aborted || error instanceof TraceOutOfReach) throw error;
    // What a file system says names a path of the cache; the trace it was for says more.
    throw outOfReach(from, `cannot be kept in ${cacheFolder}: ${messageOf(error)}`);
  }
}

/** The file that is here already, if it is the right one; what is damaged goes. */
async function kept(path: string, sha256: string, signal: AbortSignal): Promise<Fetched | undefined> {
  const seen = await look(path);
  if (!seen) return undefined;
  if ((await hashOf(path, seen, signal)) === sha256) return { path, sha256, bytes: seen.bytes };
  await rm(path, { force: true });
  return undefined;
}

/** Gets the rest of a part. Undefined where another one has taken it, who was given up too early. */
async function fill(
  from: TraceUrl,
  part: Part,
  { cacheFolder, signal, patience = {}, mostBytes }: FetchOptions,
  bytes: number | undefined,
  checked: boolean,
): Promise<{ sha256: string; bytes: number } | undefined> {
  try {
    const { bavail, bsize } = await statfs(cacheFolder);
    const free = bavail * bsize + part.begun.have;
    const most = bytes === undefined ? (mostBytes ?? Math.floor(free / 2)) : free;
    if (bytes !== undefined && bytes > most) throw noRoom(from.shown, most, bytes);
    await transfer({
      ...from,
      signal,
      file: part.file,
      begun: part.begun,
      ...(bytes === undefined ? {} : { bytes }),
      checked,
      most,
      patience: { ...PATIENCE, ...patience },
      onVersion: (version) => part.onVersion(version),
      onTry: () => part.touch(),
    });
    const seen = await look(part.bytes);
    if (!seen) {
      await part.drop();
      return undefined;
    }
    return { sha256: await hashOf(part.bytes, seen, signal), bytes: seen.bytes };
  } catch (error) {
    // A disk that is full shall not stay so.
    const isFull = error instanceof TraceOutOfReach && error.code === "ENOSPC";
    await (isFull ? part.drop() : part.leave());
    throw error;
  }
}

interface Known {
  readonly version: string;
  readonly sha256: string;
  readonly bytes: number;
}

async function remember(path: string, known: Known): Promise<void> {
  await writeBeside(path, async (beside) => writeFile(beside, JSON.stringify(known), { mode: 0o600 }));
}

/** What was fetched before, where the server still names the same version of it. */
async function unchanged(from: TraceUrl, record: string, options: FetchOptions): Promise<Fetched | undefined> {
  const known = await readFile(record, "utf8").then(
    (text) => JSON.parse(text) as Known,
    () => undefined,
  );
  if (!known || !/^[0-9a-f]{64}$/.test(known.sha256)) return undefined;
  const path = join(options.cacheFolder, known.sha256);
  const here = await kept(path, known.sha256, options.signal);
  if (here?.bytes !== known.bytes) return undefined;
  const asking: Asking = { ...from, signal: options.signal, patience: { ...PATIENCE, ...options.patience } };
  try {
    const answer = await ask(asking, { range: "bytes=0-0" });
    await answer.close();
    const { headers, status } = answer;
    const size =
      status === 206
        ? sizeOf(/\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1])
        : sizeOf(headers.get("content-length"));
    return versionOf(headers) === known.version && size === known.bytes ? here : undefined;
  } catch (error) {
    // Fetching will find out, and try more than once.
    if (error instanceof Unreachable) return undefined;
    throw error;
  }
}

function outOfReach(from: TraceUrl, what: string): TraceOutOfReach {
  return new TraceOutOfReach("EIO", `${from.shown}: ${what}`);
}
