// A trace with its rows where replay can read them at once: what it would unpack or convert for each unit is done one time, into memory
// or into a file of the cache folder.

import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type MarkedSource,
  type Marker,
  MemorySink,
  openTrace,
  packTrace,
  type TraceMetadata,
  unwrapped,
} from "../../trace/index.ts";
import { OwnStock } from "../stock.ts";
import { makeCacheFolder, ownName, unpackedPath, writeBeside } from "./cache-folder.ts";
import { look } from "./files.ts";

/** Where rows may go. */
export interface Room {
  readonly cacheFolder: string;
  /** In memory at most; 0: into the cache folder. */
  readonly memoryBytes: number;
  readonly signal: AbortSignal;
}

/** Rows, and how many bytes of memory they take. */
export interface Unpacked {
  readonly source: MarkedSource;
  readonly bytes: number;
  /** The bytes, where they are in memory. */
  readonly data?: Uint8Array;
  /** Of the cache folder, where they are in one. */
  readonly file?: string;
}

/** Rows in memory as plain data: threads send them each other. */
export interface Rows extends Named {
  /** A file of ours. */
  readonly data: Uint8Array;
}

export function rowStock(bytes: number): OwnStock<Rows> {
  return new OwnStock({ madeFor: "first", bytesOf: ({ data }) => data.length, bytes });
}

/** The trace that they are the rows of. */
export async function fromRows({ name, hash, data }: Rows): Promise<Unpacked> {
  const source = new StandIn({ name, hash }, await openTrace({ name: "rows.arrow", data }));
  return { source, bytes: data.length, data };
}

/** What a trace is called, and the SHA-256 of its file. */
interface Named {
  readonly name: string;
  readonly hash: string;
}

/** A trace that is called what its file is called, with the rows of another file. */
class StandIn implements MarkedSource {
  readonly name: string;
  readonly hash: string;
  readonly records: number;
  readonly addressRule: MarkedSource["addressRule"];
  readonly pageBytes: number;
  readonly spaces: MarkedSource["spaces"];
  readonly requesters: MarkedSource["requesters"];
  readonly markers: readonly Marker[];
  readonly metadata: TraceMetadata | undefined;

  constructor(
    { name, hash }: Named,
    private readonly rows: MarkedSource,
  ) {
    this.name = name;
    this.hash = hash;
    this.records = rows.records;
    this.addressRule = rows.addressRule;
    this.pageBytes = rows.pageBytes;
    this.spaces = rows.spaces;
    this.requesters = rows.requesters;
    this.markers = rows.markers ?? [];
    // A file of ours cannot name itself among the files it was made from: this one was a user's, which says nothing of itself.
    this.metadata = rows.metadata?.sources.some(({ sha256 }) => sha256 === hash) ? undefined : rows.metadata;
  }

  batches(from?: number) {
    return this.rows.batches(from);
  }

  raw(from?: number) {
    return this.rows.raw?.(from);
  }
}

/** Whether replay reads its rows where they lie, or makes them. */
export async function isInPlace(trace: MarkedSource): Promise<boolean> {
  if (trace.synthetic || trace.parts) return true;
  const rows = trace.raw?.();
  await rows?.close();
  return rows !== undefined;
}

/** Whether a process of this host has unpacked it before. `sha256`: of the file. */
export async function wasUnpacked(name: string, sha256: string, room: Room): Promise<boolean> {
  return (await look(unpackedPath(room.cacheFolder, sha256, name))) !== undefined;
}

/** What it has unpacked; undefined where that is damaged, and has to be made again. */
export async function unpackedBefore(name: string, sha256: string, room: Room): Promise<Unpacked | undefined> {
  const file = unpackedPath(room.cacheFolder, sha256, name);
  const rows = await openTrace(file).catch(() => undefined);
  if (!rows || rows.parts || !(await isInPlace(rows))) return undefined;
  return { source: new StandIn({ name, hash: sha256 }, rows), bytes: 0, file };
}

/**
 * Unpacks what is in a file that is wrapped, and hashes the file on the way. Undefined where nothing is around it, or where its rows
 * are not to be had this way: opening the file as it is says more.
 */
export async function unwrap(path: string, name: string, room: Room): Promise<Unpacked | undefined> {
  const file = await unwrapped(path, name);
  if (!file) return undefined;
  let content: Uint8Array | string = "";
  try {
    content = await gather(file.chunks(), room);
    const hash = await file.digest();
    const rows = await openTrace(typeof content === "string" ? content : { name: "rows.arrow", data: content });
    // In a wrapped file they are refused.
    if (rows.parts) return undefined;
    if (!(await isInPlace(rows))) return await convert(rows, { name, hash }, room);
    if (typeof content !== "string") {
      return { source: new StandIn({ name, hash }, rows), bytes: content.length, data: content };
    }
    const kept = unpackedPath(room.cacheFolder, hash, name);
    await rename(content, kept);
    return { source: new StandIn({ name, hash }, await openTrace(kept)), bytes: 0, file: kept };
  } finally {
    await file.close();
    if (typeof content === "string" && content !== "") await rm(content, { force: true });
  }
}

/** All that comes: in memory, or the path of a file where that is too much. */
async function gather(chunks: AsyncIterable<Uint8Array>, room: Room): Promise<Uint8Array | string> {
  const memory = new MemorySink();
  let bytes = 0;
  let file: FileHandle | undefined;
  const path = `${ownName(join(room.cacheFolder, "content"))}.new`;
  try {
    for await (const chunk of chunks) {
      room.signal.throwIfAborted();
      bytes += chunk.length;
      if (!file && bytes > room.memoryBytes) {
        await makeCacheFolder(room.cacheFolder);
        file = await open(path, "wx", 0o600);
        await file.appendFile(memory.bytes());
        await memory.abort();
      }
      await (file ? file.appendFile(chunk) : memory.write(chunk));
    }
  } catch (error) {
    await file?.close();
    await rm(path, { force: true });
    throw error;
  }
  await file?.close();
  return file ? path : memory.bytes();
}

/** In which form nothing of its rows changes: packing would split accesses at lines. */
function formOf(trace: MarkedSource): "packed" | "columns" {
  return trace.metadata?.form ?? "columns";
}

const ROW_BYTES = { packed: 11, columns: 21 } as const;

/** What its rows take at most as a file of ours, bytes. */
function bytesOf(trace: MarkedSource): number {
  // Besides the rows: what stands in front and in the footer as JSON, and what each batch has around its columns.
  const told = 2 ** 16 + 1024 * (trace.requesters.length + trace.spaces.length + (trace.markers?.length ?? 0));
  const batches = Math.ceil(trace.records / 65536) + 1;
  return trace.records * ROW_BYTES[formOf(trace)] + batches * 2048 + told;
}

/** The rows of a trace as a file of ours that nothing wraps. */
export async function convert(rows: MarkedSource, named: Named, room: Room): Promise<Unpacked> {
  const trace = new StandIn(named, rows);
  const form = formOf(trace);
  if (bytesOf(trace) <= room.memoryBytes) {
    const sink = new MemorySink();
    await packTrace(trace, sink, { form });
    return await fromRows({ ...named, data: sink.bytes() });
  }
  await makeCacheFolder(room.cacheFolder);
  const kept = unpackedPath(room.cacheFolder, named.hash, named.name);
  await writeBeside(kept, (beside) => packTrace(trace, beside, { form }));
  return { source: new StandIn(named, await openTrace(kept)), bytes: 0, file: kept };
}
